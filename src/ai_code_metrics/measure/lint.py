"""Lint: pylint's findings and, on our scale, pylint's own score."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ai_code_metrics.model import Lint, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_code_metrics.records import LintReport

SEVERITIES = ("fatal", "error", "warning", "refactor", "convention", "info")
ERROR_WEIGHT = 5


def measure(report: LintReport) -> Lint | Unavailable:
    """Return the lint part; unavailable where there was no file to lint."""
    if not report.files:
        return Unavailable(reason="there is no Python file to lint")
    counts = Counter(finding.severity for finding in report.findings)
    messages = {severity: counts[severity] for severity in SEVERITIES}
    unparsable = is_unparsable(report.statements, report.files_failed)
    return Lint(
        score=0.0 if unparsable else score(messages, report.statements),
        messages=messages,
        statements=report.statements,
        files=report.files,
        files_failed=list(report.files_failed),
        findings=sorted(report.findings, key=lambda f: (SEVERITIES.index(f.severity), f.path, f.line, f.rule)),
    )


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
