from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ai_code_metrics import model
from ai_code_metrics.report import overview
from support import summaries

if TYPE_CHECKING:
    from ai_code_metrics.measure.gate import OnMissing


def gate(metric: str = "quality.score", **fields: Any) -> model.GateResult:
    """A passed gate."""
    values: dict[str, Any] = {"expression": f"{metric} >= 1", "required": ">= 1", "result": "passed", "actual": 2.0}
    return model.GateResult(**values | {"metric": metric} | fields)


def row(summary: model.Summary, label: str) -> overview.MetricRow:
    """The only row of that label."""
    (found,) = [row for row in overview.metric_rows(summary) if row.label == label]
    return found


FAILED = gate(result="failed")
MISSING = gate(result="not evaluated", actual=None, reason="no coverage")
GONE = model.Unavailable(reason="it broke")


@pytest.mark.parametrize(
    ("fields", "on_missing", "text"),
    [
        ({"gates": [gate(), gate()]}, "fail", "passed"),
        ({"gates": [gate(), FAILED]}, "fail", "failed (1 of 2 gates)"),
        ({"gates": [FAILED]}, "pass", "failed (1 of 1 gate)"),
        ({"gates": [gate(), MISSING]}, "fail", "failed (1 of 2 gates)"),
        ({"gates": [gate(), MISSING]}, "pass", "passed"),
        ({"gates": []}, "fail", "grade A (91.73)"),
        ({"gates": [], "quality": summaries.quality(partial=True, grade="B")}, "fail", "grade B (91.73, partial)"),
        ({"gates": [], "quality": GONE}, "fail", "quality not measured"),
    ],
)
def test_the_verdict_is_that_of_the_gates_or_without_them_the_grade(
    fields: dict[str, Any], on_missing: OnMissing, text: str
) -> None:
    """Nothing is called passed where no gate looked."""
    assert overview.verdict(summaries.summary(**fields), on_missing) == text


@pytest.mark.parametrize(
    ("label", "value", "detail"),
    [
        ("Quality score", "91.73", "grade A"),
        ("Coverage", "84.46 %", "812 of 950 statements, 210 of 260 branches; pytest under coverage.py"),
        ("Tests failed", "1", "128 passed, 2 skipped"),
        ("Lint", "99.15", "1 error, 2 warnings, 1 convention in 940 statements"),
        ("Security", "93.98", "1 medium, 1 low in 2,400 lines"),
        ("Complexity", "92.6", "2 of 96 functions over 10; max 23"),
        ("Commits, median", "64.2", "worst 33.5 of 2 commits; 1 not scored"),
        ("AI share, changes", "40 %", "48 of 120 lines; 18 by author, 30 by trailer"),
        ("AI share, tree", "24 %", "480 of 2,000 lines; 180 by author, 300 by trailer"),
    ],
)
def test_each_metric_shows_its_value_and_what_it_is_made_of(label: str, value: str, detail: str) -> None:
    """A figure can be traced to its numerator and denominator."""
    found = row(summaries.summary(), label)
    assert (found.value, found.detail) == (value, detail)


def _patch(**fields: Any) -> model.PatchQuality:
    values: dict[str, Any] = {
        "score": 88.25,
        "grade": "B",
        "components": {"coverage": 75.0, "lint": 96.5, "security": 100.0, "complexity": None},
        "reasons": {"complexity": "the change touches no function"},
        "caps": ["at best B: complexity not measured"],
        "files": 2,
        "lines": 1_200,
        "statements": 1_040,
        "statements_estimated": 0,
        "covered_lines": 780,
        "executable_lines": 1_040,
        "messages": {},
        "findings_by_severity": {},
        "functions": 0,
        "notes": [],
    }
    return model.PatchQuality(**values | fields)


@pytest.mark.parametrize(
    ("fields", "value", "detail"),
    [
        (
            {},
            "88.25",
            "grade B; lint 96.5, security 100; 1,040 new statements",
        ),
        (
            {"score": None, "grade": None, "statements": 1, "statements_estimated": 1, "reasons": {"score": "too few"}},
            "n/a",
            "too few; lint 96.5, security 100; about 1 new statement",
        ),
        (
            {"score": None, "grade": None, "components": {"lint": None}, "reasons": {"score": "no Python"}},
            "n/a",
            "no Python",
        ),
        ({"score": None, "grade": None, "components": {}, "reasons": {}}, "n/a", "n/a"),
    ],
)
def test_the_patch_has_a_row_of_its_own(fields: dict[str, Any], value: str, detail: str) -> None:
    """Score, letter and parts of the patch stand in one row, or why there is no score."""
    found = row(summaries.summary(quality=summaries.quality(patch=_patch(**fields))), "Quality, patch")
    assert (found.value, found.detail) == (value, detail)


@pytest.mark.parametrize("quality", [summaries.quality(), GONE])
def test_without_a_patch_there_is_no_row(quality: model.Quality | model.Unavailable) -> None:
    """A push to the default branch isn't told that its patch was not measured."""
    labels = [found.label for found in overview.metric_rows(summaries.summary(quality=quality))]
    assert "Quality, patch" not in labels


def test_a_grade_that_hangs_on_the_weights_says_so() -> None:
    """The grades that would be reached with other weights stand beside it, the best first."""
    of = summaries.summary(quality=summaries.quality(grade_range=["B", "A"]))
    assert row(of, "Quality score").detail == "grade A; A to B when a weight moves by half"


@pytest.mark.parametrize(
    ("label", "fields", "value", "detail"),
    [
        (
            "Quality score",
            {"quality": summaries.quality(partial=True, grade="B", missing=["coverage"], grade_range=["B"])},
            "91.73",
            "grade B (partial: coverage not measured)",
        ),
        ("Coverage", {"coverage": GONE}, "n/a", "it broke"),
        (
            "Coverage",
            {"coverage": summaries.coverage(covered_branches=0, num_branches=0, source="")},
            "85.47 %",
            "812 of 950 statements",
        ),
        (
            "Tests failed",
            {"tests": summaries.own_tests(failed=0, passed=0, skipped=0)},
            "0",
            "none passed; exit code 1",
        ),
        ("Lint", {"lint": summaries.lint(messages={"error": 0})}, "99.15", "no messages in 940 statements"),
        ("Commits, median", {"commits": summaries.commits(median=None, worst=None)}, "n/a", None),
        ("AI share, tree", {"attribution": summaries.attribution(surviving=GONE)}, "n/a", "it broke"),
        ("AI share", {"attribution": GONE}, "n/a", "it broke"),
    ],
)
def test_what_was_not_measured_says_why(label: str, fields: dict[str, Any], value: str, detail: str | None) -> None:
    """An unavailable metric is n/a with its reason, never a zero, and a partial one says what is missing."""
    found = row(summaries.summary(**fields), label)
    assert found.value == value
    assert found.detail == detail or (detail is None and found.detail)


@pytest.mark.parametrize(
    ("metric", "context", "label"),
    [
        ("quality.score", summaries.context(), "Quality score"),
        ("coverage.branches", summaries.context(), "Coverage"),
        ("commits.worst", summaries.context(), "Commits, median"),
        ("attribution.ai_share", summaries.context(), "AI share, changes"),
        ("attribution.ai_share", summaries.push_context(), "AI share, tree"),
        ("attribution.ai_share_surviving", summaries.context(), "AI share, tree"),
        ("attribution.ai_lines", summaries.push_context(), "AI share, tree"),
        ("of.a.later.version", summaries.context(), None),
    ],
)
def test_a_gate_stands_with_the_row_of_its_metric(metric: str, context: model.Context, label: str | None) -> None:
    """Each gate has at most one row: its own, or its family's."""
    rows = overview.metric_rows(summaries.summary(context=context, gates=[gate(metric)]))
    assert [row.label for row in rows if row.gates] == ([] if label is None else [label])


def test_warnings_name_files_that_a_tool_could_not_read() -> None:
    """The reader learns which tool left out which files, and no more than a handful of names."""
    failed = [f"src/f{number}.py" for number in range(7)]
    summary = summaries.summary(lint=summaries.lint(files_failed=failed), warnings=[])
    (line,) = overview.warning_lines(summary)
    assert line.startswith("pylint could not read 7 files, which its figures leave out: src/f0.py, src/f1.py,")
    assert line.endswith("src/f3.py, src/f4.py and 2 more")


def test_a_warning_is_said_once() -> None:
    """A text that two sources give, or that a metric's row shows already, is not repeated."""
    twice = model.MeasurementWarning(code="shallow", message="the clone is shallow")
    known = model.MeasurementWarning(code="coverage", message="coverage: it broke")
    view = summaries.attribution_view(warnings=["the clone is shallow", "notes are missing"])
    summary = summaries.summary(
        warnings=[twice, twice, known], coverage=GONE, attribution=summaries.attribution(changed=view)
    )
    assert overview.warning_lines(summary) == ["the clone is shallow", "notes are missing"]


def test_notes_say_what_limits_the_grade_and_the_ai_share() -> None:
    """Caps of the grade come first; the floor is said wherever a share is shown."""
    quality = summaries.quality(caps=["at best B: coverage not measured"])
    grade, floor = overview.note_lines(summaries.summary(quality=quality))
    assert grade == "The grade is at best B: coverage not measured."
    assert floor.startswith("The AI share is a floor")


def test_nothing_is_noted_where_nothing_was_measured() -> None:
    """No share, no floor; no grade, no cap."""
    assert overview.note_lines(summaries.unavailable_summary()) == []
