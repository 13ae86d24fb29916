"""The figures of a change: exact, or the reason for none."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics import model
from ai_code_metrics.measure import change
from support import changes, summaries

GONE = model.Unavailable(reason="not there")
NO_PATCH = "the event has no base"


def test_the_coverage_of_a_patch_is_that_of_its_counts() -> None:
    """Lines and branches together, and each alone."""
    summary = changes.covered_change(2, 3, taken=1, branches=4)
    assert change.patch_coverage(summary) == Fraction(300, 7)
    assert change.patch_lines(summary) == Fraction(200, 3)
    assert change.patch_branches(summary) == Fraction(25)


def test_the_score_of_a_patch_is_the_written_one() -> None:
    """Where there is none its own reason is told."""
    scored = summaries.summary(quality=summaries.quality(patch=changes.patch_quality(score=0.1)))
    assert change.patch_score(scored) == Fraction(1, 10)
    few = changes.patch_quality(score=None, grade=None, reasons={"score": "the change adds 3 statements"})
    assert change.patch_score(summaries.summary(quality=summaries.quality(patch=few))) == (
        "quality: the change adds 3 statements"
    )


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        (change.patch_score, "quality"),
        (change.patch_coverage, "coverage"),
        (change.patch_lines, "coverage"),
        (change.patch_branches, "coverage"),
        (change.new_lint(), "lint"),
        (change.new_security("high"), "security"),
    ],
)
def test_without_a_base_nothing_is_known_of_a_patch(measure: Any, name: str) -> None:
    """The reason is that for which there is no base."""
    assert measure(summaries.summary(base=model.Unavailable(reason=NO_PATCH))) == f"{name}: {NO_PATCH}"


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        (change.quality_delta, "quality"),
        (change.lint_delta, "lint"),
        (change.security_delta, "security"),
        (change.complexity_delta, "complexity"),
        (change.coverage_delta, "coverage"),
    ],
)
def test_a_difference_needs_both_sides(measure: Any, name: str) -> None:
    """The reason tells which side is missing."""
    whole = summaries.summary(base=changes.base())
    assert measure(whole) == 0
    assert measure(summaries.summary(**{name: GONE}, base=changes.base())) == f"{name}: not there"
    assert measure(summaries.summary(base=changes.base(**{name: GONE}))) == f"{name} of the base: not there"
    assert measure(summaries.summary(base=GONE)) == f"{name} of the base: not there"


def test_differences_of_scores_are_decimal() -> None:
    """0.3 less 0.1 is 0.2, as a person would have it, and a loss is negative."""
    summary = summaries.summary(
        lint=summaries.lint(score=0.3), quality=summaries.quality(score=80.1), base=changes.base(
            lint=summaries.lint(score=0.1), quality=summaries.quality(score=90.2)
        ),
    )  # fmt: skip
    assert change.lint_delta(summary) == Fraction(1, 5)
    assert change.quality_delta(summary) == Fraction(-101, 10)


def test_the_difference_of_coverage_is_that_of_counts() -> None:
    """Not of rounded percentages; branches count on both sides."""
    head = summaries.coverage(covered_lines=2, num_statements=3, covered_branches=0, num_branches=0)
    summary = summaries.summary(
        coverage=head, base=changes.base(coverage=changes.base_coverage(1, 2, taken=1, branches=2))
    )
    assert change.coverage_delta(summary) == Fraction(200, 3) - Fraction(200, 4)


def test_coverage_of_nothing_has_no_difference() -> None:
    """0/0 on either side."""
    nothing = summaries.coverage(covered_lines=0, num_statements=0, covered_branches=0, num_branches=0)
    for summary in (
        summaries.summary(coverage=nothing, base=changes.base()),
        summaries.summary(base=changes.base(coverage=changes.base_coverage(0, 0))),
    ):
        assert change.coverage_delta(summary) == "coverage: there are no statements"


@pytest.mark.parametrize(("statements", "words"), [(0, "0 statements"), (1, "1 statement"), (19, "19 statements")])
def test_a_small_change_is_named(statements: int, words: str) -> None:
    """Below 20 statements one line would decide."""
    expected = f"the change adds {words}; below 20, conditions on its coverage are not enforced"
    assert change.few_statements(changes.covered_change(0, statements)) == expected


def test_a_change_of_20_statements_is_not_small() -> None:
    """Nor is one of which nothing is known."""
    assert change.few_statements(changes.covered_change(0, 20)) == ""
    assert change.few_statements(summaries.summary()) == ""
    assert change.few_statements(summaries.summary(coverage=GONE)) == ""


def _removal(now: tuple[int, int], before: tuple[int, int]) -> model.Summary:
    head = summaries.coverage(covered_lines=now[0], num_statements=now[1], covered_branches=0, num_branches=0)
    return summaries.summary(coverage=head, base=changes.base(coverage=changes.base_coverage(*before)))


@pytest.mark.parametrize(
    ("now", "before", "tolerated"),
    [
        ((80, 90), (90, 100), True),  # ten covered lines are gone
        ((70, 79), (90, 100), True),  # and one that was not
        ((79, 90), (90, 100), False),  # another line isn't covered any more
        ((80, 100), (90, 100), False),  # nothing was removed
        ((80, 91), (80, 90), False),
        ((90, 95), (90, 100), False),  # coverage rose
        ((81, 90), (90, 100), False),  # it stayed
    ],
)
def test_removed_covered_code_explains_a_drop(
    now: tuple[int, int], before: tuple[int, int], tolerated: bool  # noqa: FBT001 - a table
) -> None:  # fmt: skip
    """Klaxon's issue 1159: coverage drops though nothing is less tested than it was."""
    assert bool(change.only_covered_code_is_gone(_removal(now, before))) is tolerated


def test_the_explanation_has_the_counts() -> None:
    """Those of what is not covered."""
    assert change.only_covered_code_is_gone(_removal((70, 79), (90, 100))) == (
        "covered code was removed, and no more is uncovered than before (9, it was 10)"
    )


def test_where_a_side_is_missing_nothing_is_explained() -> None:
    """There is no drop to explain."""
    for summary in (
        summaries.summary(base=GONE), summaries.summary(base=changes.base(coverage=GONE)),
        summaries.summary(coverage=GONE, base=changes.base()),
    ):  # fmt: skip
        assert change.only_covered_code_is_gone(summary) == ""


counts = st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda pair: (min(pair), max(pair)))


@given(counts, counts)
def test_only_a_drop_is_explained(now: tuple[int, int], before: tuple[int, int]) -> None:
    """Never a rise, never while more lines are uncovered than before."""
    summary = _removal(now, before)
    if change.only_covered_code_is_gone(summary):
        delta = change.coverage_delta(summary)
        assert isinstance(delta, Fraction)
        assert delta < 0
        assert now[1] - now[0] <= before[1] - before[0]


def test_new_findings_are_counted_by_severity() -> None:
    """All of them, or those of some severities; old ones don't count."""
    lint = summaries.lint(findings=[
        summaries.finding(severity="error", is_new=True), summaries.finding(severity="fatal", is_new=True),
        summaries.finding(severity="warning", is_new=True), summaries.finding(severity="error", is_new=False),
    ])  # fmt: skip
    summary = summaries.summary(lint=lint, base=changes.base())
    assert change.new_lint()(summary) == 3
    assert change.new_lint("error", "fatal")(summary) == 2
    assert len(change.new_findings(lint)) == 3
    assert change.new_findings(GONE) == []


def test_no_finding_at_all_is_none_that_is_new() -> None:
    """Also where only the patch is known, not the base."""
    clean = summaries.security(findings=[])
    assert change.new_security("high")(summaries.summary(security=clean, base=changes.base())) == 0
    patched = summaries.quality(patch=changes.patch_quality())
    assert change.new_security("high")(summaries.summary(security=clean, quality=patched)) == 0


def test_findings_that_were_not_compared_are_not_counted() -> None:
    """Older summaries don't tell which are new."""
    found = change.new_lint()(summaries.summary(base=changes.base()))
    assert found == "lint: there is no base to compare with"


def test_grown_functions_are_counted() -> None:
    """Or the reason is told for which they are not known."""
    grown = model.GrownFunction(path="a.py", name="f", line=1, end_line=9, complexity=12, before=None)
    measured = summaries.summary(complexity=summaries.complexity(grown=[grown, grown]), base=changes.base())
    assert change.grown_functions(measured) == 2
    assert change.grown_functions(summaries.summary(complexity=GONE)) == "complexity: not there"
    for base in (GONE, changes.base(complexity=GONE)):
        assert change.grown_functions(summaries.summary(base=base)) == "complexity of the base: not there"
