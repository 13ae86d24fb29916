"""The quality score: a geometric mean, its grade, and what caps the grade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure import lint as lint_measure
from ai_code_metrics.measure import quality
from ai_code_metrics.model import Quality, Unavailable
from ai_code_metrics.setting_kinds import DEFAULT_WEIGHTS
from support.summaries import complexity, coverage, lint, security, security_finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_code_metrics.model import Grade

_SCORE = st.floats(0, 100)
_SCORES = st.fixed_dictionaries(dict.fromkeys(DEFAULT_WEIGHTS, _SCORE))
_GONE = Unavailable(reason="not there")


def _measure(
    cov: float | None = 95,
    lin: float | None = 95,
    sec: float | None = 95,
    com: float | None = 95,
    *,
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
    grave: int = 0,
) -> Quality:
    found = [security_finding(severity="high", confidence="medium")] * grave
    part = quality.measure(
        coverage=_GONE if cov is None else coverage(percent=cov),
        lint=_GONE if lin is None else lint(score=lin),
        security=_GONE if sec is None else security(score=sec, findings=found),
        complexity=_GONE if com is None else complexity(score=com),
        weights=weights,
    )
    assert isinstance(part, Quality)
    return part


def test_score_is_the_weighted_geometric_mean() -> None:
    """90^.3 · 80^.3 · 70^.2 · 60^.2, computed by hand."""
    part = _measure(cov=90, sec=80, lin=70, com=60)
    assert part.score == pytest.approx(90**0.3 * 80**0.3 * 70**0.2 * 60**0.2)
    assert part.grade == "C"


@pytest.mark.parametrize(
    ("score", "grade"), [(100, "A"), (90, "A"), (89.999, "B"), (80, "B"), (70, "C"), (60, "D"), (59.999, "F"), (0, "F")]
)
def test_a_score_on_a_bound_has_the_better_grade(score: float, grade: str) -> None:
    """Four components of exactly 90 are an A: the logarithm's last bit doesn't decide."""
    assert _measure(score, score, score, score).grade == grade


def test_one_bad_component_can_not_be_made_up_for() -> None:
    """A component of 0 pulls the score far below the arithmetic mean of 75."""
    assert _measure(cov=0, lin=100, sec=100, com=100).score == pytest.approx(100**0.7)


def test_a_missing_component_caps_the_grade_and_is_named() -> None:
    """Without coverage the rest is renormalised, and the grade is at best B, marked as partial."""
    part = _measure(cov=None, lin=100, sec=100, com=100)
    assert (part.score, part.grade, part.partial, part.missing) == (100, "B", True, ["coverage"])
    assert part.components["coverage"] is None
    assert part.caps == ["at best B: coverage not measured"]


def test_a_component_of_no_weight_is_not_missed() -> None:
    """Who gives coverage no weight gets a whole grade without it."""
    part = _measure(cov=None, lin=95, sec=95, com=95, weights={**DEFAULT_WEIGHTS, "coverage": 0.0})
    assert (part.grade, part.partial, part.missing) == ("A", False, [])


def test_a_grave_finding_caps_the_grade() -> None:
    """A high finding of at least medium confidence makes the grade at best D, whatever the score."""
    part = _measure(100, 100, 100, 100, grave=2)
    assert (part.grade, part.grade_range) == ("D", ["D"])
    assert part.caps == ["at best D: 2 high security findings with at least medium confidence"]


def test_grade_range_shows_what_other_weights_would_say() -> None:
    """A score near a bound whose components differ reaches two grades when weights move by half."""
    part = _measure(cov=70, lin=98, sec=98, com=80)
    assert (part.grade, part.grade_range) == ("B", ["B"])
    near = _measure(cov=66, lin=98, sec=90, com=75)
    assert near.grade in near.grade_range
    assert len(near.grade_range) == 2


def test_nothing_measured_is_unavailable() -> None:
    """Without any component there is no score, and the reason names all of them."""
    part = quality.measure(coverage=_GONE, lint=_GONE, security=_GONE, complexity=_GONE, weights=DEFAULT_WEIGHTS)
    assert isinstance(part, Unavailable)
    assert "coverage, lint, security, complexity" in part.reason


@given(scores=_SCORES)
def test_score_lies_between_worst_and_best_component(scores: dict[str, float]) -> None:
    """A mean is never outside of what it is the mean of (components below 1 count as 1)."""
    total = quality.score(scores, DEFAULT_WEIGHTS)
    assert max(1, min(scores.values())) - 1e-6 <= total <= max(1, *scores.values()) + 1e-6


@given(scores=_SCORES, name=st.sampled_from(sorted(DEFAULT_WEIGHTS)), better=_SCORE)
def test_a_better_component_never_lowers_the_score(scores: dict[str, float], name: str, better: float) -> None:
    """Improving one component never costs score or grade."""
    improved = scores | {name: max(scores[name], better)}
    assert quality.score(improved, DEFAULT_WEIGHTS) >= quality.score(scores, DEFAULT_WEIGHTS)


@given(total=_SCORE, cap=st.sampled_from("ABCDF"))
def test_no_grade_is_better_than_its_cap(total: float, cap: Grade) -> None:
    """A cap is a cap for every score."""
    assert quality.grade(total, cap) >= cap


def test_moved_weights_move_one_weight_by_half() -> None:
    """Each weight is halved once and raised by half once, the others stay."""
    moved = list(quality.moved_weights({"a": 0.4, "b": 0.6}))
    assert moved == [("a", {"a": 0.2, "b": 0.6}), ("a", {"a": pytest.approx(0.6), "b": 0.6}),
                     ("b", {"a": 0.4, "b": 0.3}), ("b", {"a": 0.4, "b": pytest.approx(0.9)})]  # fmt: skip


@pytest.mark.parametrize(
    ("score", "letter"), [(100, "A"), (99, "B"), (70, "B"), (69, "C"), (50, "C"), (49, "D"), (1, "D"), (0.5, "F")]
)
def test_grades_follow_the_thresholds_that_were_set(score: float, letter: str) -> None:
    """A project that sets its own thresholds is graded by them; a score on a bound has the better grade."""
    assert quality.grade(score, thresholds={"A": 100.0, "B": 70.0, "C": 50.0, "D": 1.0}) == letter


def test_the_summary_says_by_which_thresholds_it_was_graded() -> None:
    """Who reads a letter can see what it means in this project."""
    bounds = {"A": 99.0, "B": 98.0, "C": 97.0, "D": 96.0}
    part = quality.assess(dict.fromkeys(DEFAULT_WEIGHTS, 98.5), DEFAULT_WEIGHTS, bounds)
    assert isinstance(part, Quality)
    assert (part.grade, part.thresholds) == ("B", bounds)


def test_grade_range_follows_the_thresholds_too() -> None:
    """The grades that other weights would give are those of the same thresholds."""
    components = {"coverage": 70.0, "lint": 98.0, "security": 98.0, "complexity": 80.0}
    part = quality.assess(components, DEFAULT_WEIGHTS, {"A": 86.4, "B": 80.0, "C": 70.0, "D": 60.0})
    assert isinstance(part, Quality)
    assert part.grade_range == ["A", "B"]


def test_a_weight_next_to_nothing_is_no_weight() -> None:
    """A weight that would vanish when it is halved neither counts nor divides by zero."""
    tiny = {"coverage": 5e-324, "lint": 1.0, "security": 0.0, "complexity": 0.0}
    part = _measure(cov=90, lin=None, sec=90, com=90, weights={**tiny, "security": 0.5})
    assert (part.score, part.missing) == (90, ["lint"])
    gone = quality.assess({"coverage": 90.0, "lint": None}, {"coverage": 5e-324, "lint": 1.0})
    assert isinstance(gone, Unavailable)


_WEIGHT = st.floats(0.01, 1)
_WEIGHTS = st.fixed_dictionaries(dict.fromkeys(DEFAULT_WEIGHTS, _WEIGHT))
_COMPONENTS = st.fixed_dictionaries(dict.fromkeys(DEFAULT_WEIGHTS, st.none() | _SCORE))
_BOUNDS = st.lists(_SCORE, min_size=4, max_size=4, unique=True).map(
    lambda found: dict(zip("ABCD", sorted(found, reverse=True), strict=True))
)


@given(scores=_SCORES, weights=_WEIGHTS, factor=st.floats(1, 10))
def test_more_weight_on_the_best_component_never_lowers_the_score(
    scores: dict[str, float], weights: dict[str, float], factor: float
) -> None:
    """Who weighs more what the project is best at gets a score at least as good."""
    best = max(scores, key=lambda name: scores[name])
    heavier = weights | {best: weights[best] * factor}
    assert quality.score(scores, heavier) >= quality.score(scores, weights) - 1e-6


@given(scores=_SCORES, weights=_WEIGHTS, factor=st.floats(0.1, 10))
def test_only_the_proportions_of_the_weights_count(
    scores: dict[str, float], weights: dict[str, float], factor: float
) -> None:
    """Weights of 3, 3, 2, 2 say the same as weights of 0.3, 0.3, 0.2, 0.2."""
    scaled = {name: weight * factor for name, weight in weights.items()}
    assert quality.score(scores, scaled) == pytest.approx(quality.score(scores, weights))


@given(scores=_SCORES, weights=_WEIGHTS, data=st.data())
def test_the_order_of_components_is_of_no_account(
    scores: dict[str, float], weights: dict[str, float], data: st.DataObject
) -> None:
    """A summary whose tables come back in another order has the same score."""
    names = data.draw(st.permutations(sorted(scores)))
    assert quality.score({name: scores[name] for name in names}, weights) == pytest.approx(
        quality.score(scores, weights)
    )


@given(total=_SCORE, cap=st.sampled_from("ABCDF"), bounds=_BOUNDS)
def test_a_cap_only_lowers(total: float, cap: Grade, bounds: dict[str, float]) -> None:
    """A cap never gives a better grade than the score alone, and changes nothing of a grade that is worse already."""
    alone, capped = quality.grade(total, thresholds=bounds), quality.grade(total, cap, bounds)
    assert capped >= alone
    assert capped == alone or capped == cap  # noqa: PLR1714 - two reasons


@given(total=_SCORE, bounds=_BOUNDS, letter=st.sampled_from("ABCD"), more=st.floats(0, 50))
def test_a_higher_threshold_never_gives_a_better_grade(
    total: float, bounds: dict[str, float], letter: str, more: float
) -> None:
    """Who asks more of a grade grades no project better."""
    stricter = bounds | {letter: bounds[letter] + more}
    if sorted(stricter.values(), reverse=True) == list(stricter.values()):
        assert quality.grade(total, thresholds=stricter) >= quality.grade(total, thresholds=bounds)


@given(components=_COMPONENTS, weights=_WEIGHTS, bounds=_BOUNDS, grave=st.integers(0, 3))
def test_no_part_that_is_missing_or_grave_gets_an_a(
    components: dict[str, float | None], weights: dict[str, float], bounds: dict[str, float], grave: int
) -> None:
    """Whatever the weights and thresholds: partial is at best B, a grave finding at best D, in the range too."""
    part = quality.assess(components, weights, bounds, grave=grave)
    if isinstance(part, Unavailable):
        assert not any(value is not None for value in components.values())
        return
    best = "D" if grave else "B" if None in components.values() else "A"
    assert 0 <= part.score <= 100
    assert part.grade in part.grade_range
    assert min(part.grade_range) >= best
    assert part.partial == bool(part.missing) == (None in components.values())


@given(components=_COMPONENTS, weights=_WEIGHTS, data=st.data())
def test_every_reachable_grade_is_in_the_range(
    components: dict[str, float | None], weights: dict[str, float], data: st.DataObject
) -> None:
    """No weight that moves by half reaches a grade that the summary doesn't name."""
    part = quality.assess(components, weights)
    name, factor = data.draw(st.sampled_from(sorted(weights))), data.draw(st.sampled_from([0.5, 1.5]))
    moved = quality.assess(components, weights | {name: weights[name] * factor})
    if isinstance(part, Quality) and isinstance(moved, Quality):
        assert moved.grade in part.grade_range


@given(covered=st.integers(0, 500), missing=st.integers(1, 500), others=_SCORE)
def test_one_more_covered_line_never_lowers_the_quality(covered: int, missing: int, others: float) -> None:
    """Writing a test is never punished: neither score nor grade falls."""
    before, after = (
        _measure(cov=100 * count / (covered + missing), lin=others, sec=others, com=others)
        for count in (covered, covered + 1)
    )
    assert after.score >= before.score
    assert after.grade <= before.grade


@given(
    counts=st.fixed_dictionaries({severity: st.integers(0, 50) for severity in lint_measure.SEVERITIES}),
    severity=st.sampled_from(lint_measure.SEVERITIES),
    statements=st.integers(1, 1_000),
    others=_SCORE,
)
def test_one_more_message_never_raises_the_quality(
    counts: dict[str, int], severity: str, statements: int, others: float
) -> None:
    """A further lint message lowers score and grade, or leaves them as they are."""
    more = counts | {severity: counts[severity] + 1}
    before, after = (
        _measure(cov=others, lin=lint_measure.score(found, statements), sec=others, com=others)
        for found in (counts, more)
    )
    assert after.score <= before.score
    assert after.grade >= before.grade
