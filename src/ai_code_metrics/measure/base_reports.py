"""What the tools would have said of the whole base: the head's reports with the files that differ put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_code_metrics.measure.new_findings import WHOLE_PROGRAM
from ai_code_metrics.records import ComplexityReport, LintReport, SecurityReport

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ai_code_metrics.model import Finding


def lint_at_base(head: LintReport, older: LintReport, replaced: Collection[str]) -> LintReport:
    """Return the linter's report of the base.

    Args:
        head: its report of the whole head.
        older: its report of those files of the base that differ.
        replaced: the head's files that differ.
    """
    statements = head.statements - _sum(head.statements_by_file, replaced) + older.statements
    return LintReport(
        findings=(*_kept(head.findings, replaced), *(f for f in older.findings if f.rule not in WHOLE_PROGRAM)),
        statements=max(0, statements),
        files=head.files - len(replaced) + older.files,
        files_failed=_failed(head.files_failed, older.files_failed, replaced),
    )


def security_at_base(head: SecurityReport, older: SecurityReport, replaced: Collection[str]) -> SecurityReport:
    """Return the scanner's report of the base; arguments as for :func:`lint_at_base`."""
    scanned = len(set(replaced) & (head.lines_by_file.keys() | set(head.files_failed)))
    return SecurityReport(
        findings=(*_kept(head.findings, replaced), *older.findings),
        source_lines=max(0, head.source_lines - _sum(head.lines_by_file, replaced) + older.source_lines),
        files=head.files - scanned + older.files,
        files_failed=_failed(head.files_failed, older.files_failed, replaced),
    )


def complexity_at_base(head: ComplexityReport, older: ComplexityReport, replaced: Collection[str]) -> ComplexityReport:
    """Return the functions of the base; arguments as for :func:`lint_at_base`."""
    kept = tuple(function for function in head.functions if function.path not in replaced)
    return ComplexityReport(
        functions=(*kept, *older.functions),
        files=head.files - len(replaced) + older.files,
        files_failed=_failed(head.files_failed, older.files_failed, replaced),
    )


def _kept(findings: tuple[Finding, ...], replaced: Collection[str]) -> tuple[Finding, ...]:
    return tuple(f for f in findings if f.path not in replaced or f.rule in WHOLE_PROGRAM)


def _failed(head: tuple[str, ...], older: tuple[str, ...], replaced: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted({*(path for path in head if path not in replaced), *older}))


def _sum(counts: Mapping[str, int], paths: Collection[str]) -> int:
    return sum(counts.get(path, 0) for path in paths)
