"""The summary that the gold files and the README show: its parts agree, as those of a real run do."""

from __future__ import annotations

import msgspec
import pytest

from ai_code_metrics import model
from ai_code_metrics.measure import commit_message, commit_rubric, gate, lint, quality, security
from support import summaries

SAMPLE = summaries.summary()
WEIGHTS = {"coverage": 0.3, "security": 0.3, "lint": 0.2, "complexity": 0.2}


def test_its_quality_is_that_of_its_components() -> None:
    """Score, grade, and the grades that other weights would give are what the measure makes of the other parts."""
    parts = {"coverage": SAMPLE.coverage, "lint": SAMPLE.lint, "security": SAMPLE.security}
    measured = quality.measure(**parts, complexity=SAMPLE.complexity, weights=WEIGHTS)  # type: ignore[arg-type]
    assert isinstance(measured, model.Quality)
    assert isinstance(SAMPLE.quality, model.Quality)
    assert round(measured.score, 2) == SAMPLE.quality.score
    assert msgspec.structs.replace(measured, score=91.73) == SAMPLE.quality


def test_its_gates_say_what_the_gates_say() -> None:
    """Results, values and reasons are those of the evaluation."""
    gates = gate.parse_gates([result.expression for result in SAMPLE.gates])
    assert gate.evaluate(gates, SAMPLE, "fail") == SAMPLE.gates


def test_its_findings_are_those_of_its_counts() -> None:
    """Findings, counts and scores of lint and security belong together."""
    assert isinstance(SAMPLE.lint, model.Lint)
    assert isinstance(SAMPLE.security, model.Security)
    assert [found.severity for found in SAMPLE.lint.findings] == [
        severity for severity in lint.SEVERITIES for _ in range(SAMPLE.lint.messages[severity])
    ]
    assert lint.score(SAMPLE.lint.messages, SAMPLE.lint.statements) == pytest.approx(SAMPLE.lint.score)
    assert security.score(SAMPLE.security.findings, SAMPLE.security.source_lines) == pytest.approx(
        SAMPLE.security.score
    )


@pytest.mark.parametrize("index", [0, 1])
def test_its_commits_score_what_their_parts_give(index: int) -> None:
    """A message scores its points of the points that apply, a commit 85 % of that and 15 % its size."""
    assert isinstance(SAMPLE.commits, model.Commits)
    item = SAMPLE.commits.items[index]
    parts = item.parts.values()
    message = 100 * sum(part.points for part in parts) / sum(part.max for part in parts)
    shape = float(commit_rubric.score_shape((336, 587)[index]))
    assert (item.message_score, item.shape_score) == (round(message, 2), round(shape, 2))
    assert item.score == round(0.85 * message + 0.15 * shape, 2)


def test_its_poor_commit_is_told_what_the_rubric_says() -> None:
    """The reasons are the rubric's own."""
    assert isinstance(SAMPLE.commits, model.Commits)
    item = SAMPLE.commits.items[1]
    message = commit_message.read(item.subject)
    told = {
        "what": commit_rubric.score_what(message),
        "why": commit_rubric.score_why(message, changed_lines=587, is_linked=False),
        "convention": commit_rubric.score_convention(message),
        "form": commit_rubric.score_form(message),
    }
    assert list(item.parts) == list(told)
    assert [(part.points, part.max, part.why) for part in item.parts.values()] == [
        (part.points, part.max, part.why) for part in told.values()
    ]


def test_tests_are_counted_where_they_gave_the_coverage() -> None:
    """Coverage of a report comes without counts, and a test that failed is a warning."""
    assert isinstance(SAMPLE.tests, model.Tests)
    assert isinstance(SAMPLE.coverage, model.Coverage)
    assert SAMPLE.coverage.source == f"{SAMPLE.tests.command} under coverage.py"
    assert SAMPLE.tests.exit_code
    assert [warning.code for warning in SAMPLE.warnings] == ["tests-failed"]
