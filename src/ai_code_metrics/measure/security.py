"""Security: bandit's findings, weighted by severity and confidence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.model import Security, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_code_metrics.model import Finding
    from ai_code_metrics.records import SecurityReport

SEVERITIES = ("high", "medium", "low")
_CONFIDENCE = {"high": 1.0, "medium": 0.7}
_LEAST_CONFIDENCE = 0.3
_WEIGHT = {"high": 10.0, "medium": 2.0, "low": 0.5}
HALVING = 10.0
NOTHING: Final = "there is no Python file to scan that is not a test"


class Term(NamedTuple):
    """Findings of one severity and one degree of confidence: how many, and what both weigh."""

    severity: str
    findings: int
    weight: float
    certainty: float

    @property
    def risk(self) -> float:
        """What these findings add to R, a density still where the severity is not high."""
        return self.findings * self.weight * self.certainty


def measure(report: SecurityReport) -> Security | Unavailable:
    """Return the security part; unavailable where there was no file to scan."""
    if not report.files:
        return Unavailable(reason=NOTHING)
    return assess(report.findings, report.source_lines, files=report.files, failed=report.files_failed)


def assess(findings: Sequence[Finding], source_lines: int, *, files: int, failed: Sequence[str]) -> Security:
    """Return the security part of findings, which are listed, the worst first."""
    return Security(
        score=score(findings, source_lines),
        findings_by_severity=by_severity(findings),
        source_lines=source_lines,
        files=files,
        files_failed=list(failed),
        findings=sorted(findings, key=lambda f: (SEVERITIES.index(_severity(f)), f.path, f.line, f.rule)),
    )


def score(findings: Iterable[Finding], source_lines: int) -> float:
    """Return ``100·2^(-R/10)``: ten points of risk, one certain high finding, halve the score."""
    return float(100 * 2 ** (-risk(terms(findings), source_lines) / HALVING))


def risk(terms: Iterable[Term], source_lines: int) -> float:
    """Return ``R = Σ_HIGH 10·cw + (Σ_MEDIUM 2·cw + Σ_LOW 0.5·cw)/max(1, KSLOC)``.

    A high finding is never diluted by the project's size; the others are a density, because their number alone would
    measure size.
    """
    high = spread = 0.0
    for term in terms:
        if term.severity == "high":
            high += term.risk
        else:
            spread += term.risk
    return high + spread / max(1.0, source_lines / 1000)


def terms(findings: Iterable[Finding]) -> list[Term]:
    """Sum findings up by severity and by ``cw``, their confidence (high 1, medium 0.7, else 0.3), the worst first."""
    counts = Counter(
        (_severity(finding), _CONFIDENCE.get(finding.confidence or "", _LEAST_CONFIDENCE)) for finding in findings
    )
    ranked = sorted(counts.items(), key=lambda item: (SEVERITIES.index(item[0][0]), -item[0][1]))
    return [Term(severity, count, _WEIGHT[severity], certainty) for (severity, certainty), count in ranked]


def by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """Return the number of findings of each severity; what has none of bandit's counts as low."""
    counts = Counter(map(_severity, findings))
    return {severity: counts[severity] for severity in SEVERITIES}


def is_grave(finding: Finding) -> bool:
    """Whether a finding caps the grade: severity high with at least medium confidence."""
    return finding.severity == "high" and finding.confidence in _CONFIDENCE


def _severity(finding: Finding) -> str:
    return finding.severity if finding.severity in _WEIGHT else "low"
