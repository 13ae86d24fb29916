"""The quality of a patch over several summaries, by the formulas of one: made anew from the sums of its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from ai_code_metrics.measure import complexity, lint, patch_quality, quality, security
from ai_code_metrics.measure.merged_static import sums
from ai_code_metrics.model import Quality, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ai_code_metrics import model
    from ai_code_metrics.measure.shards import Group
    from ai_code_metrics.model import PatchCoverage, PatchQuality

_COUNTED_NOTE: Final = re.compile(r"(.+): (\d{1,3}(?:,\d{3}){0,5})")


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged parts that the quality of the patch is about."""

    lint: model.Lint | Unavailable
    security: model.Security | Unavailable
    complexity: model.Complexity | Unavailable
    coverage: model.Coverage | Unavailable


def measure(
    groups: Sequence[Group], merged: Merged, weights: Mapping[str, float], thresholds: Mapping[str, float]
) -> PatchQuality | None:
    """Return the quality of the patch; None where a source doesn't tell that of its part.

    Added lines, statements and functions of other files are summed up, and of the same files, by several jobs, those of
    the job that knows most of them. Findings are counted among the merged ones.
    """
    parts = []
    for group in groups:
        known = [s.quality.patch for s in group.members if isinstance(s.quality, Quality) and s.quality.patch]
        if not known:
            return None
        parts.append(_of_one_source(known))
    of_patch = _coverage(merged.coverage)
    coverage = patch_quality.NO_COVERAGE if isinstance(of_patch, Unavailable) else of_patch
    estimated = sum(part.statements_estimated for part in parts)
    statements = coverage.num_statements + estimated
    messages = lint.by_severity(_on_patch(merged.lint))
    findings = _on_patch(merged.security)
    bands = {name: sum(part.lines_by_band.get(name, 0) for part in parts) for name, _, _ in complexity.BANDS}
    scanned = sum(part.scanned_lines for part in parts)
    scores: dict[str, float | Unavailable] = {
        "coverage": patch_quality.coverage_score(of_patch),
        "lint": _lint_score(parts, messages, statements, merged.lint),
        "security": _security_score(parts, findings, scanned, merged.security),
        "complexity": (
            merged.complexity if isinstance(merged.complexity, Unavailable) else patch_quality.band_score(bands)
        ),
    }
    return patch_quality.assess(
        scores,
        weights,
        thresholds,
        grave=sum(map(security.is_grave, findings)),
        files=sum(part.files for part in parts),
        lines=sum(part.lines for part in parts),
        statements=statements,
        statements_estimated=estimated,
        covered_lines=coverage.covered_lines,
        executable_lines=coverage.num_statements,
        messages=messages,
        findings_by_severity=security.by_severity(findings),
        functions=sum(part.functions for part in parts),
        notes=_notes(parts),
        covered_branches=coverage.covered_branches,
        num_branches=coverage.num_branches,
        lines_by_band=bands,
        scanned_lines=scanned,
    )


def _of_one_source(parts: Sequence[PatchQuality]) -> PatchQuality:
    """Put together what the jobs of a matrix know of the same lines: of each figure that of the job that knows most."""
    covered = min(parts, key=lambda part: part.statements_estimated)
    parsed = max(parts, key=lambda part: part.functions)
    scores = {name: [part.components.get(name) for part in parts] for name in quality.COMPONENTS}
    return msgspec.structs.replace(
        covered,
        components={name: max((s for s in found if s is not None), default=None) for name, found in scores.items()},
        functions=parsed.functions,
        lines_by_band=parsed.lines_by_band,
        scanned_lines=max(part.scanned_lines for part in parts),
    )


def _coverage(part: model.Coverage | Unavailable) -> PatchCoverage | Unavailable:
    if isinstance(part, Unavailable):
        return part
    return part.patch or Unavailable(reason="coverage of the patch is not known")


def _on_patch(part: model.Lint | model.Security | Unavailable) -> list[model.Finding]:
    return [] if isinstance(part, Unavailable) else [finding for finding in part.findings if finding.on_patch]


def _lint_score(
    parts: Sequence[PatchQuality], messages: Mapping[str, int], statements: int, report: model.Lint | Unavailable
) -> float | Unavailable:
    if isinstance(report, Unavailable):
        return report
    # 0 in every shard: either no file could be read, of which the counts tell nothing, or the sums give 0 as well
    touched = [part.components.get("lint") for part in parts if part.files]
    if touched and all(score == 0 for score in touched):
        return 0.0
    return lint.score(messages, statements)


def _security_score(
    parts: Sequence[PatchQuality],
    findings: Sequence[model.Finding],
    scanned: int,
    report: model.Security | Unavailable,
) -> float | Unavailable:
    if isinstance(report, Unavailable):
        return report
    touched = sorted((part for part in parts if part.files), key=lambda part: -part.scanned_lines)
    if any(part.components.get("security") is not None for part in touched):
        return security.score(findings, scanned)
    reasons = (part.reasons["security"] for part in touched if "security" in part.reasons)
    return Unavailable(reason=next(reasons, patch_quality.NOTHING.reason))


def _notes(parts: Iterable[PatchQuality]) -> list[str]:
    """Unite the notes; of those that end in a count, the counts are summed up."""
    matches = {note: _COUNTED_NOTE.fullmatch(note) for part in parts for note in part.notes}
    found = [
        {match[1]: int(match[2].replace(",", ""))} if (match := matches[note]) else {note: 0}
        for part in parts
        for note in part.notes
    ]
    return [f"{note}: {count:,}" if count else note for note, count in sums(found).items()]
