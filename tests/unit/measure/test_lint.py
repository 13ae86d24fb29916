"""The lint part: pylint's own score on a scale of 100."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure import lint
from ai_code_metrics.model import Unavailable
from ai_code_metrics.records import LintReport
from support.summaries import finding

_COUNTS = st.fixed_dictionaries({severity: st.integers(0, 500) for severity in lint.SEVERITIES})


def _counts(**given_counts: int) -> dict[str, int]:
    return dict.fromkeys(lint.SEVERITIES, 0) | given_counts


@pytest.mark.parametrize(
    ("counts", "statements", "expected"),
    [
        (_counts(), 100, 100.0),
        (_counts(convention=10), 100, 90.0),
        (_counts(error=10), 100, 50.0),
        (_counts(error=1, warning=1, refactor=1, convention=1), 80, 90.0),
        (_counts(info=50), 100, 100.0),
        (_counts(error=100), 100, 0.0),
        (_counts(fatal=1), 100, 0.0),
        (_counts(), 0, 100.0),
        (_counts(convention=1), 0, 0.0),
    ],
)
def test_score_follows_the_evaluation_of_pylint(counts: dict[str, int], statements: int, expected: float) -> None:
    """Errors weigh five times, information nothing, a fatal message everything; no statements count as one."""
    assert lint.score(counts, statements) == pytest.approx(expected)


@given(counts=_COUNTS, statements=st.integers(0, 10_000))
def test_score_stays_within_its_bounds(counts: dict[str, int], statements: int) -> None:
    """Whatever was found, the score is between 0 and 100."""
    assert 0 <= lint.score(counts, statements) <= 100


@given(counts=_COUNTS, statements=st.integers(1, 10_000), severity=st.sampled_from(lint.SEVERITIES))
def test_one_more_message_never_raises_the_score(counts: dict[str, int], statements: int, severity: str) -> None:
    """The score falls or stays with each further message of any severity."""
    more = counts | {severity: counts[severity] + 1}
    assert lint.score(more, statements) <= lint.score(counts, statements)


@given(counts=_COUNTS, statements=st.integers(0, 10_000), more=st.integers(0, 10_000))
def test_more_code_with_the_same_messages_never_lowers_the_score(
    counts: dict[str, int], statements: int, more: int
) -> None:
    """Clean statements added beside the same messages can only help."""
    assert lint.score(counts, statements + more) >= lint.score(counts, statements)


@given(severities=st.lists(st.sampled_from(lint.SEVERITIES), max_size=30), data=st.data())
def test_the_order_of_messages_is_of_no_account(severities: list[str], data: st.DataObject) -> None:
    """The same messages give the same part, however pylint lists them."""
    orders = (severities, data.draw(st.permutations(severities)))
    reports = [LintReport(tuple(finding(severity=s) for s in order), 100, 1, ()) for order in orders]
    assert lint.measure(reports[0]) == lint.measure(reports[1])


@pytest.mark.parametrize(
    ("statements", "failed", "expected"), [(0, ["a.py"], True), (0, [], False), (5, ["a.py"], False)]
)
def test_what_is_unparsable(statements: int, failed: list[str], *, expected: bool) -> None:
    """Only a project without any statement that has a file which failed could not be parsed at all."""
    assert lint.is_unparsable(statements, failed) is expected


def test_messages_are_counted_and_listed_worst_first() -> None:
    """Every severity has a count, and the findings begin with the worst."""
    findings = (
        finding(severity="convention", path="a.py", line=1),
        finding(severity="error", path="b.py", line=9),
        finding(severity="error", path="b.py", line=2),
    )
    part = lint.measure(LintReport(findings=findings, statements=50, files=2, files_failed=()))
    assert not isinstance(part, Unavailable)
    assert part.messages == _counts(error=2, convention=1)
    assert [(found.severity, found.line) for found in part.findings] == [("error", 2), ("error", 9), ("convention", 1)]
    assert part.score == pytest.approx(100 - 100 * 11 / 50)


def test_a_project_that_can_not_be_parsed_at_all_scores_nothing() -> None:
    """Where every file is unparsable there is no statement to divide by, and the score is 0, not 100."""
    part = lint.measure(LintReport(findings=(), statements=0, files=1, files_failed=("broken.py",)))
    assert not isinstance(part, Unavailable)
    assert part.score == 0


def test_no_file_is_unavailable_not_perfect() -> None:
    """Without a file to lint there is no score."""
    assert isinstance(lint.measure(LintReport((), 0, 0, ())), Unavailable)
