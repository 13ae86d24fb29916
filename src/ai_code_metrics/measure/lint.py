"""Lint: pylint's findings and, on our scale, pylint's own score."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ai_code_metrics.model import Lint, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ai_code_metrics.model import Finding
    from ai_code_metrics.records import LintReport

SEVERITIES = ("fatal", "error", "warning", "refactor", "convention", "info")
ERROR_WEIGHT = 5
NOTHING: Final = "there is no Python file to lint"


def measure(report: LintReport) -> Lint | Unavailable:
    """Return the lint part; unavailable where there was no file to lint."""
    if not report.files:
        return Unavailable(reason=NOTHING)
    return assess(
        by_severity(report.findings), report.statements, report.findings, files=report.files, failed=report.files_failed
    )


def assess(
    messages: Mapping[str, int], statements: int, findings: Iterable[Finding], *, files: int, failed: Sequence[str]
) -> Lint:
    """Return the lint part of counted messages; ``findings`` are listed, the worst first, and not counted."""
    return Lint(
        score=0.0 if is_unparsable(statements, failed) else score(messages, statements),
        messages=dict(messages),
        statements=statements,
        files=files,
        files_failed=list(failed),
        findings=sorted(findings, key=lambda f: (_rank(f.severity), f.path, f.line, f.rule)),
    )


def by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """Return the number of messages of each severity of pylint's; every one is there, also at 0."""
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in SEVERITIES}


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def is_unparsable(statements: int, files_failed: Sequence[str]) -> bool:
    """Whether no file could be parsed: there is nothing to score then, and pylint's own formula would give it all."""
    return not statements and bool(files_failed)


def score(messages: Mapping[str, int], statements: int) -> float:
    """Return ten times pylint's score, 0-100: ``max(0, 0 if fatal else 10 - 10·(5E + W + R + C)/statements)``.

    The formula is the default of pylint's option ``evaluation``, which also takes 1 for no statements.
    """
    if messages["fatal"]:
        return 0.0
    weighted = ERROR_WEIGHT * messages["error"] + messages["warning"] + messages["refactor"] + messages["convention"]
    return max(0.0, 100 - 100 * weighted / max(1, statements))
