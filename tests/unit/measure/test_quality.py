"""The quality score: a geometric mean, its grade, and what caps the grade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure import quality
from ai_code_metrics.model import Quality, Unavailable
from ai_code_metrics.setting_kinds import DEFAULT_WEIGHTS
from support.summaries import complexity, coverage, lint, security, security_finding

if TYPE_CHECKING:
    from collections.abc import Mapping

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
def test_no_grade_is_better_than_its_cap(total: float, cap: quality.Grade) -> None:
    """A cap is a cap for every score."""
    assert quality.grade(total, cap) >= cap


def test_moved_weights_move_one_weight_by_half() -> None:
    """Each weight is halved once and raised by half once, the others stay."""
    moved = list(quality.moved_weights({"a": 0.4, "b": 0.6}))
    assert moved == [{"a": 0.2, "b": 0.6}, {"a": pytest.approx(0.6), "b": 0.6}, {"a": 0.4, "b": 0.3},
                     {"a": 0.4, "b": pytest.approx(0.9)}]  # fmt: skip
