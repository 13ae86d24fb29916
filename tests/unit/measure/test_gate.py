"""Gates: the condition language, exact comparison, and what happens where there is nothing to compare."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics import model
from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure.gate import OPERATORS, evaluate, failures, overall, parse_gates, show
from ai_code_metrics.measure.gate_metrics import METRICS
from support import changes, summaries

if TYPE_CHECKING:
    from ai_code_metrics.measure.gate import OnMissing


def verdict(expression: str, summary: model.Summary | None = None, on_missing: OnMissing = "fail") -> model.GateResult:
    (result,) = evaluate(parse_gates([expression]), summary or summaries.summary(), on_missing)
    return result


@pytest.mark.parametrize(
    ("expression", "operator", "value", "required"),
    [
        ("quality.score >= 80", ">=", Fraction(80), ">= 80"),
        ("quality.score>=80", ">=", Fraction(80), ">= 80"),
        ("  quality.score  >  80.5  ", ">", Fraction(161, 2), "> 80.5"),
        ("quality.score >= 80%", ">=", Fraction(80), ">= 80"),
        ("coverage.percent >= 80 %", ">=", Fraction(80), ">= 80 %"),
        ("coverage.percent < 99.999", "<", Fraction(99999, 1000), "< 99.999 %"),
        ("attribution.ai_share <= 40%", "<=", Fraction(2, 5), "<= 40 %"),
        ("attribution.ai_share <= 0.4", "<=", Fraction(2, 5), "<= 40 %"),
        ("attribution.ai_share != 1", "!=", Fraction(1), "!= 100 %"),
        ("security.high == 0", "==", Fraction(0), "== 0"),
        ("complexity.max <= 100", "<=", Fraction(100), "<= 100"),
        ("coverage.delta >= -0.5", ">=", Fraction(-1, 2), ">= -0.5"),
        ("coverage.delta >= -0.5%", ">=", Fraction(-1, 2), ">= -0.5"),
        ("quality.delta > -100", ">", Fraction(-100), "> -100"),
        ("lint.delta >= -0", ">=", Fraction(0), ">= 0"),
    ],
)
def test_a_condition_is_read(expression: str, operator: str, value: Fraction, required: str) -> None:
    """Metric, operator and value; `%` of a share divides by 100, of a score or percent changes nothing."""
    (gate,) = parse_gates([expression])
    assert (gate.operator, gate.value, gate.required) == (operator, value, required)
    assert gate.expression == expression.strip()


@pytest.mark.parametrize(
    "expression",
    [
        "quality.score",
        "quality.score 80",
        "quality.score = 80",
        "quality.score => 80",
        "quality.score === 80",
        "quality.score >= eighty",
        "quality.score >= 1e2",
        "quality.score >= nan",
        "quality.score >= 80 %%",
        "quality.score >= 80; rm",
        ">= 80",
        "80 <= quality.score",
        "quality.score >= 80\nlint.score >= 80",
        "quality.score >= " + "8" * 1_000,
        "x" * 1_000_000,
    ],
)
def test_what_is_no_condition_is_a_usage_error(expression: str) -> None:
    """The error shows the expression, bounded, and how one is written."""
    with pytest.raises(UsageError, match=r"^gates: .* can't be read; write a metric, one of >= >") as caught:
        parse_gates([expression])
    assert repr(expression[:200])[:150] in str(caught.value)
    assert len(str(caught.value)) < 400


def test_an_unknown_metric_lists_the_known_ones() -> None:
    """The error names the expression, the nearest metric, and all of them."""
    with pytest.raises(UsageError) as caught:
        parse_gates(["lint.score >= 80", "coverage.precent >= 80"])
    text = str(caught.value)
    assert text.startswith("gates: 'coverage.precent >= 80' names an unknown metric; did you mean coverage.percent?")
    assert all(key in text for key in METRICS)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("quality.score >= 101", "does not fit quality.score: 0 to 100"),
        ("coverage.percent >= -1", "does not fit coverage.percent: 0 to 100"),
        ("attribution.ai_share <= 40", "a share is written between 0 and 1, or with %, as in `40%`"),
        ("attribution.ai_share <= 101%", "a share is written between 0 and 1"),
        ("security.high <= -1", "0 or more"),
        ("quality.patch >= -1", "does not fit quality.patch: 0 to 100"),
        ("attribution.ai_share >= -0.1", "a share is written between 0 and 1"),
        ("coverage.delta >= -100.1", "does not fit coverage.delta: -100 to 100"),
        ("coverage.delta >= 101", "does not fit coverage.delta: -100 to 100"),
        ("security.high <= 1%", "security.high is a count, which takes no %"),
    ],
)
def test_a_value_that_does_not_fit_is_a_usage_error(expression: str, reason: str) -> None:
    """A condition that could never change its result is a mistake, and is told so."""
    with pytest.raises(UsageError) as caught:
        parse_gates([expression])
    assert repr(expression) in str(caught.value)
    assert reason in str(caught.value)


def test_empty_conditions_are_left_out() -> None:
    """Blank lines of an input are no gates, and the order is kept."""
    gates = parse_gates(["", "lint.score >= 1", "  ", "quality.score >= 1"])
    assert [gate.metric.key for gate in gates] == ["lint.score", "quality.score"]


@pytest.mark.parametrize(
    ("operator", "results"),
    [
        (">=", ["failed", "passed", "passed"]),
        (">", ["failed", "failed", "passed"]),
        ("<=", ["passed", "passed", "failed"]),
        ("<", ["passed", "failed", "failed"]),
        ("==", ["failed", "passed", "failed"]),
        ("!=", ["passed", "failed", "passed"]),
    ],
)
def test_operators_compare(operator: str, results: list[str]) -> None:
    """Below, at and above the threshold."""
    found = [
        verdict(f"complexity.max {operator} 20", summaries.summary(complexity=summaries.complexity(max=value))).result
        for value in (19, 20, 21)
    ]
    assert found == results


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("quality.score", Fraction("91.73")),
        ("coverage.percent", Fraction(102200, 1210)),
        ("coverage.lines", Fraction(81200, 950)),
        ("coverage.branches", Fraction(21000, 260)),
        ("tests.passed", Fraction(128)),
        ("tests.failed", Fraction(1)),
        ("tests.errors", Fraction(0)),
        ("tests.skipped", Fraction(2)),
        ("lint.findings", Fraction(4)),
        ("lint.errors", Fraction(1)),
        ("lint.warnings", Fraction(2)),
        ("security.findings", Fraction(2)),
        ("security.high", Fraction(0)),
        ("security.medium", Fraction(1)),
        ("security.low", Fraction(1)),
        ("complexity.score", Fraction("92.6")),
        ("complexity.max", Fraction(23)),
        ("complexity.over_10", Fraction(2)),
        ("commits.median", Fraction("64.2")),
        ("commits.worst", Fraction("33.5")),
        ("attribution.ai_share", Fraction(48, 120)),
        ("attribution.ai_share_changed", Fraction(48, 120)),
        ("attribution.ai_share_surviving", Fraction(480, 2000)),
        ("attribution.ai_lines", Fraction(48)),
    ],
)
def test_metrics_have_their_exact_values(key: str, value: Fraction) -> None:
    """Ratios come from their counts, scores from their decimals."""
    assert METRICS[key].extract(summaries.summary()) == value


def test_scores_of_many_decimals_are_exact_too() -> None:
    """A score is taken as it is written in the summary."""
    assert METRICS["lint.score"].extract(summaries.summary(lint=summaries.lint(score=0.1))) == Fraction(1, 10)
    assert METRICS["security.score"].extract(summaries.summary(security=summaries.security(score=99.3))) == Fraction(
        "99.3"
    )


@pytest.mark.parametrize(
    ("covered", "total", "expression", "result"),
    [
        (2, 3, "coverage.lines >= 66.666666666666666", "passed"),
        (2, 3, "coverage.lines >= 66.666666666666667", "failed"),
        (57, 100, "coverage.lines >= 57", "passed"),
        (29, 100, "coverage.lines == 29", "passed"),
        (79_999_999, 100_000_000, "coverage.lines >= 80", "failed"),
        (80_000_000, 100_000_000, "coverage.lines >= 80", "passed"),
    ],
)
def test_thresholds_are_exact(covered: int, total: int, expression: str, result: str) -> None:
    """No binary fraction decides: 29/100 is 29 %, and 79.999999 % is below 80 %."""
    part = summaries.coverage(covered_lines=covered, num_statements=total)
    found = verdict(expression, summaries.summary(coverage=part))
    assert found.result == result


def test_the_reason_tells_a_value_from_its_threshold() -> None:
    """A value just below 80 is not shown as 80."""
    part = summaries.coverage(covered_lines=79_999_999, num_statements=100_000_000)
    found = verdict("coverage.lines >= 80", summaries.summary(coverage=part))
    assert found.reason == "coverage.lines is 79.999999 %, but required is >= 80 %"


def test_a_result_is_complete() -> None:
    """Expression, metric, requirement, value and reason, whatever the verdict."""
    assert verdict("attribution.ai_share <= 30%") == model.GateResult(
        expression="attribution.ai_share <= 30%",
        metric="attribution.ai_share",
        required="<= 30 %",
        result="failed",
        actual=0.4,
        reason="attribution.ai_share is 40 %, but required is <= 30 %",
    )
    assert verdict("quality.score >= 80").reason == "quality.score is 91.73, as required >= 80"


@pytest.mark.parametrize("key", METRICS)
def test_what_was_not_measured_is_not_evaluated(key: str) -> None:
    """Every metric of an unmeasured part names the part and its reason, and has no value."""
    found = verdict(f"{key} >= 0", summaries.unavailable_summary())
    part = key.partition(".")[0]
    assert (found.result, found.actual) == ("not evaluated", None)
    assert found.reason == f"{part}: {part}: {summaries.WHY} (which fails by gate-on-missing: fail)"


@pytest.mark.parametrize(
    ("expression", "parts", "reason"),
    [
        (
            "coverage.percent >= 0",
            {"coverage": summaries.coverage(covered_lines=0, num_statements=0, covered_branches=0, num_branches=0)},
            "coverage: there are no statements",
        ),
        (
            "coverage.branches >= 0",
            {"coverage": summaries.coverage(covered_branches=0, num_branches=0)},
            "coverage: the report has no branches",
        ),
        (
            "commits.worst >= 0",
            {"commits": summaries.commits(scored=0, median=None, worst=None)},
            "commits: no commit of the range was scored",
        ),
        (
            "attribution.ai_share >= 0",
            {
                "attribution": summaries.attribution(
                    changed=summaries.attribution_view(ai_share=None, ai_lines=0, untagged_lines=0, counted_lines=0)
                )
            },
            "attribution (changed): there are no counted lines",
        ),
        (
            "attribution.ai_share_surviving >= 0",
            {"attribution": summaries.attribution(surviving=model.Unavailable(reason="blobs are missing"))},
            "attribution (surviving): blobs are missing",
        ),
    ],
)
def test_nothing_of_nothing_is_not_evaluated(expression: str, parts: dict[str, object], reason: str) -> None:
    """0/0 is not applicable: never 0 and never 100."""
    found = verdict(expression, summaries.summary(**parts), "pass")
    assert (found.result, found.actual) == ("not evaluated", None)
    assert found.reason == f"{reason} (which passes by gate-on-missing: pass)"


def test_the_ai_share_is_the_headline_view() -> None:
    """On a push the gate judges the tree, on a pull request its lines."""
    pushed = summaries.summary(context=summaries.push_context())
    assert verdict("attribution.ai_share == 24%", pushed).result == "passed"
    assert verdict("attribution.ai_share == 40%").result == "passed"


@pytest.mark.parametrize(
    ("expressions", "on_missing", "expected", "failing"),
    [
        ([], "fail", "not-configured", 0),
        (["quality.score >= 80"], "fail", "passed", 0),
        (["quality.score >= 80", "quality.score >= 99"], "fail", "failed", 1),
        (["quality.score >= 80", "coverage.percent >= 1"], "fail", "failed", 1),
        (["quality.score >= 80", "coverage.percent >= 1"], "pass", "passed", 0),
        (["quality.score >= 99", "coverage.percent >= 1"], "pass", "failed", 1),
        (["quality.score >= 99", "coverage.percent >= 1"], "fail", "failed", 2),
    ],
)
def test_the_verdict_is_over_all(expressions: list[str], on_missing: OnMissing, expected: str, failing: int) -> None:
    """One failed gate fails the whole; one not evaluated does where the caller says so; none is not-configured."""
    summary = summaries.summary(coverage=model.Unavailable(reason="no tests"))
    results = evaluate(parse_gates(expressions), summary, on_missing)
    assert overall(results, on_missing) == expected
    assert len(failures(results, on_missing)) == failing


def test_a_hostile_reason_stays_in_bounds() -> None:
    """The longest reason that a summary can hold still gives a result that a summary can hold."""
    summary = summaries.summary(lint=model.Unavailable(reason="x" * 4_000))
    assert len(verdict("lint.score >= 1", summary).reason or "") <= 4_000


@pytest.mark.parametrize("key", ["coverage.patch", "coverage.patch_lines", "coverage.patch_branches"])
@pytest.mark.parametrize("on_missing", ["fail", "pass"])
def test_the_coverage_of_a_small_change_is_shown_and_not_enforced(key: str, on_missing: OnMissing) -> None:
    """Below 20 statements a condition has no verdict and fails nothing, whatever is done about what is missing."""
    found = verdict(f"{key} >= 80", changes.covered_change(1, 19, taken=1, branches=4), on_missing)
    assert (found.result, found.enforced) == ("not evaluated", False)
    assert found.actual is not None
    assert (found.reason or "").endswith(
        "but required is >= 80 %; the change adds 19 statements; below 20, conditions on its coverage are not enforced"
    )
    assert failures([found], on_missing) == []
    assert overall([found], on_missing) == "passed"


@pytest.mark.parametrize("key", ["coverage.patch", "coverage.patch_lines", "coverage.patch_branches"])
def test_a_change_that_adds_no_code_fails_no_condition_on_its_coverage(key: str) -> None:
    """A change of documentation has nothing to be covered: that is no missing measurement."""
    found = verdict(f"{key} >= 80", changes.covered_change(0, 0), "fail")
    assert (found.result, found.enforced, found.actual) == ("not evaluated", False, None)
    assert found.reason == (
        "coverage: the change adds nothing that could be covered; "
        "the change adds 0 statements; below 20, conditions on its coverage are not enforced"
    )
    assert overall([found], "fail") == "passed"


def test_a_change_without_branches_fails_no_condition_on_them() -> None:
    """However many statements it adds; with branches the condition holds or doesn't."""
    found = verdict("coverage.patch_branches >= 80", changes.covered_change(40, 40), "fail")
    assert (found.result, found.enforced) == ("not evaluated", False)
    assert "the change adds no branches" in (found.reason or "")
    assert verdict("coverage.patch_branches >= 80", changes.covered_change(40, 40, branches=2)).result == "failed"


@pytest.mark.parametrize(
    ("covered", "statements", "result"),
    [(15, 20, "failed"), (16, 20, "passed"), (79_999, 100_000, "failed"), (80_000, 100_000, "passed")],
)
def test_the_coverage_of_a_large_change_is_enforced(covered: int, statements: int, result: str) -> None:
    """From 20 statements on, and exactly."""
    found = verdict("coverage.patch >= 80", changes.covered_change(covered, statements))
    assert (found.result, found.enforced) == (result, True)


def test_the_score_of_a_small_change_is_not_enforced() -> None:
    """Below 20 statements it has none, which is no missing measurement; from there on it has to be there."""
    few = changes.patch_quality(score=None, grade=None, statements=3, reasons={"score": "the change adds 3 statements"})
    found = verdict("quality.patch >= 80", summaries.summary(quality=summaries.quality(patch=few), base=changes.base()))
    assert (found.result, found.enforced) == ("not evaluated", False)
    assert (found.reason or "").endswith(
        "the change adds 3 statements; below 20, conditions on its score are not enforced"
    )
    assert overall([found], "fail") == "passed"
    gone = changes.patch_quality(score=None, grade=None, reasons={"score": "no tool worked"})
    found = verdict("quality.patch >= 80", summaries.summary(quality=summaries.quality(patch=gone)))
    assert (found.result, found.enforced) == ("not evaluated", True)
    assert overall([found], "fail") == "failed"


def delta(covered: int, statements: int, before: tuple[int, int]) -> model.Summary:
    """A summary of 100 added statements, with so many covered statements now and before."""
    head = summaries.coverage(
        covered_lines=covered, num_statements=statements, covered_branches=0, num_branches=0,
        patch=changes.patch_coverage(100, 100),
    )  # fmt: skip
    return summaries.summary(coverage=head, base=changes.base(coverage=changes.base_coverage(*before)))


@pytest.mark.parametrize(
    ("covered", "expression", "result"),
    [
        (8_950, "coverage.delta >= -0.5", "passed"),
        (8_949, "coverage.delta >= -0.5", "failed"),
        (8_949, "coverage.delta >= -0.51", "passed"),
        (9_000, "coverage.delta >= 0", "passed"),
        (8_999, "coverage.delta >= 0", "failed"),
        (9_010, "coverage.delta == 0.1", "passed"),
    ],
)
def test_differences_are_held_against_negative_thresholds(covered: int, expression: str, result: str) -> None:
    """Exactly: half a point less is not more than half a point less."""
    found = verdict(expression, delta(covered, 10_000, (9_000, 10_000)))
    assert (found.result, found.enforced) == (result, True)


def test_removed_covered_code_is_tolerated() -> None:
    """Coverage drops though no more is uncovered: the condition passes, and says why."""
    found = verdict("coverage.delta >= 0", delta(800, 900, (900, 1_000)))
    assert (found.result, found.enforced) == ("passed", True)
    assert found.reason == (
        "coverage.delta is -1.11, but required is >= 0; "
        "covered code was removed, and no more is uncovered than before (100, it was 100)"
    )
    assert verdict("coverage.delta >= 0", delta(799, 900, (900, 1_000))).result == "failed"


def test_a_rise_that_is_too_small_is_no_removal() -> None:
    """A condition that asks for more coverage isn't met by removing code."""
    assert verdict("coverage.delta >= 5", delta(810, 890, (900, 1_000))).result == "failed"


@pytest.mark.parametrize(("on_missing", "expected"), [("fail", "failed"), ("pass", "passed")])
def test_a_base_that_is_not_there_is_not_evaluated(on_missing: OnMissing, expected: str) -> None:
    """A missing report is a missing measurement, and its gate goes the way that the caller chose."""
    whole = summaries.coverage(patch=changes.patch_coverage(90, 100))
    gone = model.Unavailable(reason="no report of the base branch is there")
    found = verdict(
        "coverage.delta >= 0", summaries.summary(coverage=whole, base=changes.base(coverage=gone)), on_missing
    )
    assert (found.result, found.enforced) == ("not evaluated", True)
    assert "coverage of the base: no report of the base branch is there" in (found.reason or "")
    assert overall([found], on_missing) == expected


def test_a_tiny_loss_is_not_shown_as_minus_zero() -> None:
    """It has as many decimals as it takes to tell it from the threshold, and no sign where it shows as zero."""
    tiny = delta(8_999_999, 10_000_000, (9_000_000, 10_000_000))
    assert verdict("coverage.delta >= -0.5", tiny).reason == "coverage.delta is 0, as required >= -0.5"
    assert verdict("coverage.delta >= 0", tiny).reason == "coverage.delta is -0.00001, but required is >= 0"


@given(value=st.fractions(-100, 100), other=st.none() | st.fractions(-100, 100, max_denominator=1_000))
def test_differences_are_shown_as_they_are(value: Fraction, other: Fraction | None) -> None:
    """To two decimals or more, with the sign of what is shown."""
    shown = show(value, "points", other)
    assert abs(Fraction(shown) - value) <= Fraction(1, 200)
    assert shown.startswith("-") == (Fraction(shown) < 0)


@given(
    covered=st.integers(0, 10_000),
    missing=st.integers(0, 10_000),
    threshold=st.decimals(0, 100, places=3),
    operator=st.sampled_from(sorted(OPERATORS)),
)
def test_every_comparison_is_that_of_integers(covered: int, missing: int, threshold: object, operator: str) -> None:
    """Covered statements times 100 against the threshold times all statements, without division."""
    total = covered + missing + 1
    part = summaries.coverage(covered_lines=covered, num_statements=total)
    found = verdict(f"coverage.lines {operator} {threshold}", summaries.summary(coverage=part))
    thousandths = round(Fraction(str(threshold)) * 1_000)
    expected = OPERATORS[operator](Fraction(covered * 100 * 1_000), Fraction(thousandths * total))
    assert found.result == ("passed" if expected else "failed")
    assert found.reason


@given(value=st.fractions(0, 100), other=st.fractions(0, 100, max_denominator=1_000))
def test_what_differs_is_shown_differently(value: Fraction, other: Fraction) -> None:
    """Two values that differ by more than the last shown decimal never look the same."""
    shown = show(value, "score", other)
    if abs(value - other) > Fraction(1, 10**14):
        assert Fraction(shown) != other
    assert abs(Fraction(shown) - value) <= Fraction(1, 200)
