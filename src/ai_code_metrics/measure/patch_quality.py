"""The quality score of a patch: the formulas of the whole on the lines that a range added.

Only measured Python files count. Everything is told by line numbers at head, so that a work tree with changes that are
not committed shifts what lies below them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.measure import complexity, line_coverage, lint, quality, security
from ai_code_metrics.model import PatchQuality, Unavailable
from ai_code_metrics.setting_kinds import DEFAULT_THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ai_code_metrics.model import Finding, Function, Quality
    from ai_code_metrics.records import (
        BlamedFile,
        BlamedLines,
        ComplexityReport,
        CoverageReport,
        LintReport,
        SecurityReport,
    )

LEAST_STATEMENTS: Final = 20
"""Below this a single line would decide the letter, so that there is none."""


_NOTHING: Final = Unavailable(reason="the change adds no line to the measured Python files")


class AddedLines(NamedTuple):
    """The lines that a range added to one file, 1-based at head, and those of them that are not blank."""

    lines: Collection[int]
    written: Collection[int]


@dataclass(frozen=True, slots=True)
class Sources:
    """What the tools said of the whole tree; ``scanned`` are the files that are no tests, which security is about."""

    coverage: CoverageReport | Unavailable
    lint: LintReport | Unavailable
    security: SecurityReport | Unavailable
    complexity: ComplexityReport | Unavailable
    scanned: Collection[str]


def added_lines(changed: BlamedLines, files: Collection[str]) -> dict[str, AddedLines]:
    """Return what the view ``changed`` adds to those of ``files`` that it adds anything to."""
    wanted = frozenset(files)
    added = ((file.path, _added(file)) for file in changed.files if file.path in wanted)
    return {path: lines for path, lines in added if lines.lines}


def _added(file: BlamedFile) -> AddedLines:
    hunks = (range(hunk.start, hunk.start + hunk.length) for hunk in file.blame.hunks())
    lines = frozenset(chain.from_iterable(hunks))
    return AddedLines(lines, frozenset(line for line in lines if file.counted[line - 1]))


def measure(
    patch: Mapping[str, AddedLines],
    sources: Sources,
    weights: Mapping[str, float],
    thresholds: Mapping[str, float] = DEFAULT_THRESHOLDS,
) -> PatchQuality:
    """Run the formulas of the quality score on a patch; what doesn't apply is None, with the reason.

    A finding belongs to the patch where its own line was added, a function where it holds an added line that is not
    blank. Coverage counts lines only: reports tell branches by file. Statements are the added lines that coverage calls
    executable, and in a file that coverage doesn't know all added lines that are not blank, which is more than pylint
    would count. The score and its letter need 20 of them.
    """
    covered, executable = _coverage(patch, sources.coverage)
    estimated = sum(len(added.written) for path, added in patch.items() if path not in executable)
    statements = sum(executable.values()) + estimated
    messages, functions = _messages(patch, sources.lint), _functions(patch, sources.complexity)
    findings = _on_patch(patch, () if isinstance(sources.security, Unavailable) else sources.security.findings)
    parts = {
        "coverage": _coverage_score(covered, sum(executable.values()), sources.coverage),
        "lint": _lint_score(patch, messages, statements, sources.lint),
        "security": _security_score(patch, findings, sources),
        "complexity": _complexity_score(functions, sources.complexity),
    }
    if not patch:
        parts = dict.fromkeys(parts, _NOTHING)
    components = {name: None if isinstance(part, Unavailable) else part for name, part in parts.items()}
    grave = sum(map(security.is_grave, findings))
    whole = _graded(quality.assess(components, weights, thresholds, grave=grave), patch, statements)
    reasons = {name: part.reason for name, part in [*parts.items(), ("score", whole)] if isinstance(part, Unavailable)}
    return PatchQuality(
        score=None if isinstance(whole, Unavailable) else whole.score,
        grade=None if isinstance(whole, Unavailable) else whole.grade,
        components=components,
        reasons=reasons,
        caps=[] if isinstance(whole, Unavailable) else whole.caps,
        files=len(patch),
        lines=sum(len(added.written) for added in patch.values()),
        statements=statements,
        statements_estimated=estimated,
        covered_lines=covered,
        executable_lines=sum(executable.values()),
        messages=messages,
        findings_by_severity=security.by_severity(findings),
        functions=len(functions),
        notes=list(_notes(patch, executable, sources)),
    )


def _graded(whole: Quality | Unavailable, patch: Mapping[str, AddedLines], statements: int) -> Quality | Unavailable:
    if not patch:
        return _NOTHING
    if isinstance(whole, Unavailable) or statements >= LEAST_STATEMENTS:
        return whole
    added = "1 statement" if statements == 1 else f"{statements} statements"
    return Unavailable(reason=f"the change adds {added}, and a score needs {LEAST_STATEMENTS}")


def _on_patch(patch: Mapping[str, AddedLines], findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.path in patch and finding.line in patch[finding.path].lines]


def _coverage(patch: Mapping[str, AddedLines], report: CoverageReport | Unavailable) -> tuple[int, dict[str, int]]:
    """Count the covered ones of the added lines that coverage calls executable, and these by file that it knows."""
    covered, executable = 0, {}
    for file in () if isinstance(report, Unavailable) else report.files:
        if file.path in patch:
            lines = patch[file.path].lines
            covered += sum(line in lines for line in file.covered_lines)
            executable[file.path] = sum(line in lines for line in file.covered_lines | file.missing_lines)
    return covered, executable


def _coverage_score(covered: int, executable: int, report: CoverageReport | Unavailable) -> float | Unavailable:
    if isinstance(report, Unavailable):
        return report
    if not executable:
        return Unavailable(reason="coverage knows no executable line among the added ones")
    return line_coverage.percent(covered, executable)


def _messages(patch: Mapping[str, AddedLines], report: LintReport | Unavailable) -> dict[str, int]:
    findings = _on_patch(patch, () if isinstance(report, Unavailable) else report.findings)
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in lint.SEVERITIES}


def _lint_score(
    patch: Mapping[str, AddedLines], messages: Mapping[str, int], statements: int, report: LintReport | Unavailable
) -> float | Unavailable:
    if isinstance(report, Unavailable):
        return report
    if patch.keys() <= set(report.files_failed):
        return 0.0
    return lint.score(messages, statements)


def _security_score(
    patch: Mapping[str, AddedLines], findings: Sequence[Finding], sources: Sources
) -> float | Unavailable:
    report = sources.security
    if isinstance(report, Unavailable):
        return report
    scanned = patch.keys() & set(sources.scanned)
    if not scanned:
        return Unavailable(reason="the change adds no line to a file that is not a test")
    if scanned <= set(report.files_failed):
        return Unavailable(reason="none of the changed files could be scanned")
    return security.score(findings, sum(len(patch[path].written) for path in scanned))


def _functions(patch: Mapping[str, AddedLines], report: ComplexityReport | Unavailable) -> list[Function]:
    if isinstance(report, Unavailable):
        return []
    return [
        function
        for function in report.functions
        if function.path in patch
        and any(line in patch[function.path].written for line in range(function.line, function.end_line + 1))
    ]


def _complexity_score(functions: Sequence[Function], report: ComplexityReport | Unavailable) -> float | Unavailable:
    if isinstance(report, Unavailable):
        return report
    if not functions:
        return Unavailable(reason="the change touches no function")
    return complexity.score(complexity.lines_by_band(functions))


def _notes(patch: Mapping[str, AddedLines], executable: Mapping[str, int], sources: Sources) -> Iterator[str]:
    unknown = len(patch.keys() - executable.keys())
    if unknown and not isinstance(sources.coverage, Unavailable):
        yield f"changed files that the coverage report doesn't hold, left out of patch coverage: {unknown:,}"
    if unknown:
        yield "statements are estimated by the lines that are not blank where coverage doesn't know the file"
    for tool, part in (("pylint", sources.lint), ("bandit", sources.security), ("radon", sources.complexity)):
        failed = 0 if isinstance(part, Unavailable) else len(patch.keys() & set(part.files_failed))
        if failed:
            yield f"changed files that {tool} could not read: {failed:,}"
