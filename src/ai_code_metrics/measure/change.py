"""The figures of a change: of what it adds, and by how much head and base differ; exact, or the reason for none."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

from ai_code_metrics.measure.patch_quality import LEAST_STATEMENTS
from ai_code_metrics.model import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_code_metrics import model
    from ai_code_metrics.model import Finding, PatchCoverage, Summary

Value: TypeAlias = Fraction | str
_NO_BASE: Final = "there is no base to compare with"


def patch_score(summary: Summary) -> Value:
    """Return the quality score of the patch."""
    if isinstance(summary.quality, Unavailable):
        return f"quality: {summary.quality.reason}"
    patch = summary.quality.patch
    if patch is None:
        return f"quality: {_no_base(summary)}"
    return f"quality: {patch.reasons.get('score', 'n/a')}" if patch.score is None else _decimal(patch.score)


def patch_coverage(summary: Summary) -> Value:
    """Return the coverage of the patch in percent, lines and branches together."""
    return _of_patch(
        summary, lambda patch: (patch.covered_lines + patch.covered_branches, patch.num_statements + patch.num_branches)
    )


def patch_lines(summary: Summary) -> Value:
    """Return the percentage of added executable lines that are covered."""
    return _of_patch(summary, lambda patch: (patch.covered_lines, patch.num_statements))


def patch_branches(summary: Summary) -> Value:
    """Return the percentage of covered branches of those that begin in added lines."""
    return _of_patch(summary, lambda patch: (patch.covered_branches, patch.num_branches))


def _of_patch(summary: Summary, counts: Callable[[PatchCoverage], tuple[int, int]]) -> Value:
    if isinstance(summary.coverage, Unavailable):
        return f"coverage: {summary.coverage.reason}"
    patch = summary.coverage.patch
    if patch is None:
        return f"coverage: {_no_base(summary)}"
    covered, there = counts(patch)
    return Fraction(100 * covered, there) if there else "coverage: the change adds nothing that could be covered"


def few_statements(summary: Summary) -> str:
    """Say why a condition on the coverage of a change is not enforced: it adds too few statements to mean anything."""
    patch = None if isinstance(summary.coverage, Unavailable) else summary.coverage.patch
    if patch is None or patch.num_statements >= LEAST_STATEMENTS:
        return ""
    return f"{_adds(patch.num_statements)}, conditions on its coverage are not enforced"


def few_branches(summary: Summary) -> str:
    """Say why a condition on the branches of a change is not enforced: as above, or because it adds none."""
    patch = None if isinstance(summary.coverage, Unavailable) else summary.coverage.patch
    if patch is None or patch.num_branches or patch.num_statements < LEAST_STATEMENTS:
        return few_statements(summary)
    return "the change adds no branches; without any, conditions on them are not enforced"


def no_patch_score(summary: Summary) -> str:
    """Say why a condition on the score of a change is not enforced: it adds too few statements to have one."""
    patch = None if isinstance(summary.quality, Unavailable) else summary.quality.patch
    if patch is None or patch.score is not None or patch.statements >= LEAST_STATEMENTS:
        return ""
    return f"{_adds(patch.statements)}, conditions on its score are not enforced"


def _adds(statements: int) -> str:
    added = "1 statement" if statements == 1 else f"{statements} statements"
    return f"the change adds {added}; below {LEAST_STATEMENTS}"


def coverage_delta(summary: Summary) -> Value:
    """Return the coverage of the head minus that of the base, in points."""
    head, base = summary.coverage, summary.base
    if isinstance(head, Unavailable):
        return f"coverage: {head.reason}"
    if isinstance(base, Unavailable):
        return f"coverage of the base: {base.reason}"
    older = base.coverage
    if isinstance(older, Unavailable):
        return f"coverage of the base: {older.reason}"
    ours, theirs = head.num_statements + head.num_branches, older.num_statements + older.num_branches
    if not ours or not theirs:
        return "coverage: there are no statements"
    covered, before = head.covered_lines + head.covered_branches, older.covered_lines + older.covered_branches
    return Fraction(100 * covered, ours) - Fraction(100 * before, theirs)


def only_covered_code_is_gone(summary: Summary) -> str:
    """Say why a drop of coverage is no failure: nothing more is uncovered, but covered code was removed."""
    base = summary.base
    if isinstance(base, Unavailable) or isinstance(base.coverage, Unavailable):
        return ""
    if isinstance(summary.coverage, Unavailable):
        return ""
    now, before = _uncovered(summary.coverage), _uncovered(base.coverage)
    there, then = _coverable(summary.coverage), _coverable(base.coverage)
    if now > before or there >= then or now * then <= before * there:  # the last: coverage didn't drop
        return ""
    return f"covered code was removed, and no more is uncovered than before ({now:,}, it was {before:,})"


def _uncovered(part: model.Coverage | model.BaseCoverage) -> int:
    return _coverable(part) - part.covered_lines - part.covered_branches


def _coverable(part: model.Coverage | model.BaseCoverage) -> int:
    return part.num_statements + part.num_branches


def quality_delta(summary: Summary) -> Value:
    """Return the quality score of the head minus that of the base, in points."""
    return _delta(summary, "quality", lambda parts: parts.quality)


def lint_delta(summary: Summary) -> Value:
    """Return the lint score of the head minus that of the base, in points."""
    return _delta(summary, "lint", lambda parts: parts.lint)


def security_delta(summary: Summary) -> Value:
    """Return the security score of the head minus that of the base, in points."""
    return _delta(summary, "security", lambda parts: parts.security)


def complexity_delta(summary: Summary) -> Value:
    """Return the complexity score of the head minus that of the base, in points."""
    return _delta(summary, "complexity", lambda parts: parts.complexity)


_Scored: TypeAlias = "model.Quality | model.Lint | model.Security | model.Complexity | Unavailable"


def _delta(summary: Summary, name: str, part: Callable[[Summary | model.Base], _Scored]) -> Value:
    head, base = part(summary), summary.base
    if isinstance(head, Unavailable):
        return f"{name}: {head.reason}"
    if isinstance(base, Unavailable):
        return f"{name} of the base: {base.reason}"
    older = part(base)
    if isinstance(older, Unavailable):
        return f"{name} of the base: {older.reason}"
    return _decimal(head.score) - _decimal(older.score)


def new_lint(*severities: str) -> Callable[[Summary], Value]:
    """Return how to count new lint messages, of some severities or of all."""
    return lambda summary: _new(summary, "lint", summary.lint, severities)


def new_security(*severities: str) -> Callable[[Summary], Value]:
    """Return how to count new security findings, of some severities or of all."""
    return lambda summary: _new(summary, "security", summary.security, severities)


def new_findings(part: model.Lint | model.Security | Unavailable) -> list[Finding]:
    """Return the findings that the change brought, in the order of the part."""
    return [] if isinstance(part, Unavailable) else [finding for finding in part.findings if finding.is_new]


def _new(
    summary: Summary, name: str, part: model.Lint | model.Security | Unavailable, severities: tuple[str, ...]
) -> Value:
    if isinstance(part, Unavailable):
        return f"{name}: {part.reason}"
    if not has_patch(summary) or any(finding.is_new is None for finding in part.findings):
        return f"{name}: {_no_base(summary)}"
    return Fraction(sum(not severities or finding.severity in severities for finding in new_findings(part)))


def grown_functions(summary: Summary) -> Value:
    """Count the functions over 10 that the change added or made more complex."""
    if isinstance(summary.complexity, Unavailable):
        return f"complexity: {summary.complexity.reason}"
    if summary.complexity.grown is None:
        base = summary.base if isinstance(summary.base, Unavailable) else summary.base.complexity
        return f"complexity of the base: {base.reason if isinstance(base, Unavailable) else _NO_BASE}"
    return Fraction(len(summary.complexity.grown))


def has_patch(summary: Summary) -> bool:
    """Whether it is known what the change adds."""
    if not isinstance(summary.base, Unavailable):
        return True
    return not isinstance(summary.quality, Unavailable) and summary.quality.patch is not None


def _no_base(summary: Summary) -> str:
    return summary.base.reason if isinstance(summary.base, Unavailable) else _NO_BASE


def _decimal(number: float) -> Fraction:
    """The number as it is written, so that 91.73 is 91.73 and no binary neighbour of it."""
    return Fraction(str(number))
