"""The security part: bandit's findings weighted by severity and confidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure import security
from ai_code_metrics.model import Finding, Unavailable
from ai_code_metrics.records import SecurityReport
from support.summaries import security_finding

_FINDINGS = st.lists(
    st.builds(
        security_finding,
        severity=st.sampled_from(["high", "medium", "low", "undefined"]),
        confidence=st.sampled_from(["high", "medium", "low", "undefined"]),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("severity", "confidence", "lines", "expected"),
    [
        ("high", "high", 1_000, 50.0),  # R = 10
        ("high", "high", 1_000_000, 50.0),
        ("high", "medium", 1_000, 100 * 2**-0.7),
        ("high", "low", 1_000, 100 * 2**-0.3),
        ("high", "undefined", 1_000, 100 * 2**-0.3),
        ("medium", "high", 1_000, 100 * 2**-0.2),
        ("medium", "high", 10, 100 * 2**-0.2),
        ("medium", "high", 2_000, 100 * 2**-0.1),
        ("low", "high", 1_000, 100 * 2**-0.05),
        ("undefined", "high", 1_000, 100 * 2**-0.05),
    ],
)
def test_one_finding_costs_what_the_formula_says(severity: str, confidence: str, lines: int, expected: float) -> None:
    """A high finding is not diluted by size; the others are a density per 1,000 lines, of at least one."""
    found = security_finding(severity=severity, confidence=confidence)
    assert security.score([found], lines) == pytest.approx(expected)


@given(findings=_FINDINGS, lines=st.integers(0, 10**7))
def test_score_stays_within_its_bounds(findings: list[Finding], lines: int) -> None:
    """Whatever was found, the score is above 0 and at most 100."""
    assert 0 < security.score(findings, lines) <= 100


@given(findings=_FINDINGS, more=_FINDINGS, lines=st.integers(0, 10**6))
def test_more_findings_never_raise_the_score(findings: list[Finding], more: list[Finding], lines: int) -> None:
    """The score falls or stays with each further finding."""
    assert security.score([*findings, *more], lines) <= security.score(findings, lines)


@given(findings=_FINDINGS, lines=st.integers(0, 10**9))
def test_high_findings_are_never_diluted(findings: list[Finding], lines: int) -> None:
    """However large the project is, its score is no better than its high findings alone allow."""
    high = [found for found in findings if found.severity == "high"]
    alone = security.score(high, 0)
    assert security.score(high, lines) == alone
    assert security.score(findings, lines) <= alone


@given(findings=_FINDINGS, lines=st.integers(0, 10**6), more=st.integers(0, 10**6))
def test_more_code_with_the_same_findings_never_lowers_the_score(
    findings: list[Finding], lines: int, more: int
) -> None:
    """Medium and low findings are a density: clean code added beside them can only help."""
    assert security.score(findings, lines + more) >= security.score(findings, lines)


@given(findings=_FINDINGS, data=st.data(), lines=st.integers(0, 10**6))
def test_the_order_of_findings_is_of_no_account(findings: list[Finding], data: st.DataObject, lines: int) -> None:
    """The same findings give the same score to the last bit, however bandit lists them."""
    assert security.score(data.draw(st.permutations(findings)), lines) == security.score(findings, lines)


@given(findings=_FINDINGS)
def test_the_terms_hold_every_finding_once(findings: list[Finding]) -> None:
    """What the risk is added up from counts all findings, by severity as the summary counts them."""
    terms = security.terms(findings)
    counts = dict.fromkeys(security.SEVERITIES, 0)
    for term in terms:
        counts[term.severity] += term.findings
    assert counts == security.by_severity(findings)
    assert len({(term.severity, term.certainty) for term in terms}) == len(terms)


def test_findings_are_counted_and_listed_worst_first() -> None:
    """Every severity has a count, and what has none counts as low."""
    findings = tuple(security_finding(severity=severity) for severity in ("low", "undefined", "high", "medium"))
    part = security.measure(SecurityReport(findings=findings, source_lines=100, files=1, files_failed=()))
    assert not isinstance(part, Unavailable)
    assert part.findings_by_severity == {"high": 1, "medium": 1, "low": 2}
    assert [found.severity for found in part.findings][:2] == ["high", "medium"]


@pytest.mark.parametrize(
    ("severity", "confidence", "grave"),
    [
        ("high", "high", True),
        ("high", "medium", True),
        ("high", "low", False),
        ("high", "undefined", False),
        ("medium", "high", False),
    ],
)
def test_what_is_grave(severity: str, confidence: str, *, grave: bool) -> None:
    """Only a high finding of at least medium confidence caps the grade."""
    assert security.is_grave(security_finding(severity=severity, confidence=confidence)) is grave


def test_no_file_is_unavailable_not_safe() -> None:
    """Without a file to scan there is no score."""
    assert isinstance(security.measure(SecurityReport((), 0, 0, ())), Unavailable)
