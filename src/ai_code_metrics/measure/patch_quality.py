"""The quality score of a patch: the formulas of the whole on the lines that a range added.

Only measured Python files count. Everything is told by line numbers of commits, so that a work tree with changes that
are not committed shifts what lies below them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ai_code_metrics.measure import complexity, lint, quality, security
from ai_code_metrics.model import PatchCoverage, PatchQuality, Unavailable
from ai_code_metrics.setting_kinds import DEFAULT_THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ai_code_metrics.model import Finding, Function, Quality
    from ai_code_metrics.records import ComplexityReport, HeadLines, LintReport, PatchFile, SecurityReport

LEAST_STATEMENTS: Final = 20
"""Below this a single line would decide the letter, so that there is none."""


NOTHING: Final = Unavailable(reason="the change adds no line to the measured Python files")
NO_COVERAGE: Final = PatchCoverage(
    percent=None, covered_lines=0, num_statements=0, covered_branches=0, num_branches=0, files=[]
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What the tools said of the whole tree, and coverage of the patch.

    ``scanned`` are the files that are no tests, which security is about. Findings stand at lines of the head, functions
    at those of what is checked out, which ``head_lines`` leads to the head.
    """

    coverage: PatchCoverage | Unavailable
    lint: LintReport | Unavailable
    security: SecurityReport | Unavailable
    complexity: ComplexityReport | Unavailable
    scanned: Collection[str]
    head_lines: HeadLines


def measure(
    patch: Mapping[str, PatchFile],
    sources: Sources,
    weights: Mapping[str, float],
    thresholds: Mapping[str, float] = DEFAULT_THRESHOLDS,
) -> PatchQuality:
    """Run the formulas of the quality score on a patch; what doesn't apply is None, with the reason.

    A finding belongs to the patch where its own line was added, a function where it holds an added line that is not
    blank. Statements are the added lines that coverage calls executable, and in a file that coverage doesn't know all
    added lines that are not blank, which is more than pylint would count. The score and its letter need 20 of them.

    Args:
        patch: what was added to the measured Python files, by path; only files with new lines.
        sources: what the tools say.
        weights: of the components.
        thresholds: the least scores of the grades.
    """
    coverage = NO_COVERAGE if isinstance(sources.coverage, Unavailable) else sources.coverage
    unknown = patch.keys() if isinstance(sources.coverage, Unavailable) else set(coverage.unknown_files) & patch.keys()
    estimated = sum(len(patch[path].written) for path in unknown)
    statements = coverage.num_statements + estimated
    messages, functions = _messages(patch, sources.lint), _functions(patch, sources)
    findings = _on_patch(patch, () if isinstance(sources.security, Unavailable) else sources.security.findings)
    bands = complexity.lines_by_band(functions)
    scanned = sum(len(patch[path].written) for path in patch.keys() & set(sources.scanned))
    parts = {
        "coverage": coverage_score(sources.coverage),
        "lint": _lint_score(patch, messages, statements, sources.lint),
        "security": _security_score(patch, findings, sources, scanned),
        "complexity": _complexity_score(bands, sources.complexity),
    }
    return assess(
        parts,
        weights,
        thresholds,
        grave=sum(map(security.is_grave, findings)),
        files=len(patch),
        lines=sum(len(added.written) for added in patch.values()),
        statements=statements,
        statements_estimated=estimated,
        covered_lines=coverage.covered_lines,
        executable_lines=coverage.num_statements,
        messages=messages,
        findings_by_severity=security.by_severity(findings),
        functions=len(functions),
        notes=list(_notes(patch, unknown, sources)),
        covered_branches=coverage.covered_branches,
        num_branches=coverage.num_branches,
        lines_by_band=bands,
        scanned_lines=scanned,
    )


def assess(
    scores: Mapping[str, float | Unavailable],
    weights: Mapping[str, float],
    thresholds: Mapping[str, float],
    *,
    grave: int,
    files: int,
    statements: int,
    **counts: Any,  # noqa: ANN401 - checked by the record that they make up
) -> PatchQuality:
    """Return the quality of a patch.

    Args:
        scores: of the components, or why one doesn't apply.
        weights: of the components.
        thresholds: the least scores of the grades.
        grave: findings that cap the grade.
        files: changed files; without any, nothing applies.
        statements: added ones; the score needs 20.
        counts: the other fields of :class:`PatchQuality`, as they are.
    """
    if not files:
        scores = dict.fromkeys(scores, NOTHING)
    components = {name: None if isinstance(part, Unavailable) else part for name, part in scores.items()}
    whole = _graded(quality.assess(components, weights, thresholds, grave=grave), files, statements)
    reasons = {name: part.reason for name, part in [*scores.items(), ("score", whole)] if isinstance(part, Unavailable)}
    return PatchQuality(
        score=None if isinstance(whole, Unavailable) else whole.score,
        grade=None if isinstance(whole, Unavailable) else whole.grade,
        components=components,
        reasons=reasons,
        caps=[] if isinstance(whole, Unavailable) else whole.caps,
        files=files,
        statements=statements,
        **counts,
    )


def _graded(whole: Quality | Unavailable, files: int, statements: int) -> Quality | Unavailable:
    if not files:
        return NOTHING
    if isinstance(whole, Unavailable) or statements >= LEAST_STATEMENTS:
        return whole
    added = "1 statement" if statements == 1 else f"{statements} statements"
    return Unavailable(reason=f"the change adds {added}, and a score needs {LEAST_STATEMENTS}")


def _on_patch(patch: Mapping[str, PatchFile], findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.path in patch and finding.line in patch[finding.path].lines]


def coverage_score(coverage: PatchCoverage | Unavailable) -> float | Unavailable:
    """Return coverage of a patch as a component, or why it is none."""
    if isinstance(coverage, Unavailable):
        return coverage
    if coverage.percent is None:
        return Unavailable(reason="coverage knows no executable line among the added ones")
    return coverage.percent


def _messages(patch: Mapping[str, PatchFile], report: LintReport | Unavailable) -> dict[str, int]:
    findings = _on_patch(patch, () if isinstance(report, Unavailable) else report.findings)
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in lint.SEVERITIES}


def _lint_score(
    patch: Mapping[str, PatchFile], messages: Mapping[str, int], statements: int, report: LintReport | Unavailable
) -> float | Unavailable:
    if isinstance(report, Unavailable):
        return report
    if patch.keys() <= set(report.files_failed):
        return 0.0
    return lint.score(messages, statements)


def _security_score(
    patch: Mapping[str, PatchFile], findings: Sequence[Finding], sources: Sources, lines: int
) -> float | Unavailable:
    report = sources.security
    if isinstance(report, Unavailable):
        return report
    scanned = patch.keys() & set(sources.scanned)
    if not scanned:
        return Unavailable(reason="the change adds no line to a file that is not a test")
    if scanned <= set(report.files_failed):
        return Unavailable(reason="none of the changed files could be scanned")
    return security.score(findings, lines)


def _functions(patch: Mapping[str, PatchFile], sources: Sources) -> list[Function]:
    if isinstance(sources.complexity, Unavailable):
        return []
    return [
        function
        for function in sources.complexity.functions
        if function.path in patch and _is_touched(function, patch[function.path], sources.head_lines)
    ]


def _is_touched(function: Function, added: PatchFile, lines: HeadLines) -> bool:
    own = range(function.line, function.end_line + 1)
    return any(lines.at_head(function.path, line) in added.written for line in own)


def _complexity_score(bands: Mapping[str, int], report: ComplexityReport | Unavailable) -> float | Unavailable:
    return report if isinstance(report, Unavailable) else band_score(bands)


def band_score(bands: Mapping[str, int]) -> float | Unavailable:
    """Return the complexity of the functions that a patch touches, or why it is no component."""
    if not sum(bands.values()):
        return Unavailable(reason="the change touches no function")
    return complexity.score(bands)


def _notes(patch: Mapping[str, PatchFile], files: Collection[str], sources: Sources) -> Iterator[str]:
    unknown = len(files)
    if unknown and not isinstance(sources.coverage, Unavailable):
        yield f"changed files that the coverage report doesn't hold, left out of patch coverage: {unknown:,}"
    if unknown:
        yield "statements are estimated by the lines that are not blank where coverage doesn't know the file"
    for tool, part in (("pylint", sources.lint), ("bandit", sources.security), ("radon", sources.complexity)):
        failed = 0 if isinstance(part, Unavailable) else len(patch.keys() & set(part.files_failed))
        if failed:
            yield f"changed files that {tool} could not read: {failed:,}"
