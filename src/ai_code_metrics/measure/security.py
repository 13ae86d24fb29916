"""Security: bandit's findings, weighted by severity and confidence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ai_code_metrics.model import Security, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_code_metrics.model import Finding
    from ai_code_metrics.records import SecurityReport

SEVERITIES = ("high", "medium", "low")
_CONFIDENCE = {"high": 1.0, "medium": 0.7}
_LEAST_CONFIDENCE = 0.3
_WEIGHT = {"high": 10.0, "medium": 2.0, "low": 0.5}
_HALVING = 10.0


def measure(report: SecurityReport) -> Security | Unavailable:
    """Return the security part; unavailable where there was no file to scan."""
    if not report.files:
        return Unavailable(reason="there is no Python file to scan that is not a test")
    counts = Counter(_severity(finding) for finding in report.findings)
    return Security(
        score=score(report.findings, report.source_lines),
        findings_by_severity={severity: counts[severity] for severity in SEVERITIES},
        source_lines=report.source_lines,
        files=report.files,
        files_failed=list(report.files_failed),
        findings=sorted(report.findings, key=lambda f: (SEVERITIES.index(_severity(f)), f.path, f.line, f.rule)),
    )


def score(findings: Iterable[Finding], source_lines: int) -> float:
    """Return ``100·2^(-R/10)`` with ``R = Σ_HIGH 10·cw + (Σ_MEDIUM 2·cw + Σ_LOW 0.5·cw)/max(1, KSLOC)``.

    ``cw`` is the confidence: high 1, medium 0.7, else 0.3. A high finding is never diluted by the project's size; the
    others are a density, because their number alone would measure size.
    """
    high = spread = 0.0
    for finding in findings:
        severity = _severity(finding)
        weight = _WEIGHT[severity] * _CONFIDENCE.get(finding.confidence or "", _LEAST_CONFIDENCE)
        if severity == "high":
            high += weight
        else:
            spread += weight
    risk = high + spread / max(1.0, source_lines / 1000)
    return float(100 * 2 ** (-risk / _HALVING))


def is_grave(finding: Finding) -> bool:
    """Whether a finding caps the grade: severity high with at least medium confidence."""
    return finding.severity == "high" and finding.confidence in _CONFIDENCE


def _severity(finding: Finding) -> str:
    return finding.severity if finding.severity in _WEIGHT else "low"
