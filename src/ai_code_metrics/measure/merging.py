"""One summary out of several: of shards, which measured other files of the same commit, and of a matrix.

Sums, scores and coverage are those of one run over all files; only messages about the whole program (duplicate-code,
cyclic-import) need all files in one run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from ai_code_metrics.comparison_model import Comparison
from ai_code_metrics.measure import (
    base_quality,
    merged_attribution,
    merged_coverage,
    merged_patch,
    merged_paths,
    merged_static,
    quality,
    shards,
)
from ai_code_metrics.measure.merged_static import joined, sums
from ai_code_metrics.model import (
    Base,
    MeasurementWarning,
    Phase,
    Quality,
    Source,
    Summary,
    Tests,
    Unavailable,
)
from ai_code_metrics.records import FILES_OUTSIDE, files_outside
from ai_code_metrics.setting_kinds import DEFAULT_THRESHOLDS, DEFAULT_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ai_code_metrics.measure.shards import Group
    from ai_code_metrics.model import Complexity, Lint, PatchQuality, Security

NOT_COMPARED: Final = (
    "AI-tagged and untagged code are compared line by line, and the merged summaries hold no lines: "
    "run `ai-code-metrics compare` on the whole tree"
)
_TOTAL: Final = "measure"
_MAX_FAILED_TESTS: Final = 100
_MAX_TEXT: Final = 4_000


def merge(summaries: Mapping[str, Summary]) -> Summary:
    """Join summaries; gates are left to the caller.

    Args:
        summaries: by the names of their files or artifacts, at least one.

    Raises:
        UsageError: they are not of one measurement, or their sources overlap without being the same; see
            :func:`ai_code_metrics.measure.shards.group`.
    """
    several = len({summary.context.directory for summary in summaries.values()}) > 1
    placed = {name: merged_paths.at_top(each) for name, each in summaries.items()} if several else summaries
    groups = shards.group(placed)
    return _merged(groups, [*placed.values()])


def _merged(groups: Sequence[Group], summaries: Sequence[Summary]) -> Summary:
    first = summaries[0]
    head = _static(groups, lambda summary: summary)
    coverage = merged_coverage.coverage(groups)
    merged = merged_patch.Merged(head.lint, head.security, head.complexity, coverage)
    weights, thresholds = _settings(summaries)
    patch = merged_patch.measure(groups, merged, weights, thresholds)
    whole = quality.measure(
        coverage=coverage,
        lint=head.lint,
        security=head.security,
        complexity=head.complexity,
        weights=weights,
        thresholds=thresholds,
        patch=patch,
    )
    is_monorepo = len({summary.context.directory for summary in summaries}) > 1
    return Summary(
        schema_version=first.schema_version,
        tool=first.tool,
        context=msgspec.structs.replace(first.context, directory="") if is_monorepo else first.context,
        measured_at=max(summary.measured_at for summary in summaries),
        source=_source(groups),
        quality=whole,
        lint=head.lint,
        coverage=coverage,
        tests=_tests(summaries),
        security=head.security,
        complexity=head.complexity,
        commits=merged_attribution.commits(summaries),
        attribution=merged_attribution.attribution(summaries),
        comparison=_comparison(groups),
        base=_base(groups, whole, weights, thresholds),
        gates=[],
        phases=_phases(summaries),
        warnings=_warnings(groups, summaries, patch),
    )


@dataclass(frozen=True, slots=True)
class _Static:
    lint: Lint | Unavailable
    security: Security | Unavailable
    complexity: Complexity | Unavailable


def _static(groups: Sequence[Group], side: Callable[[Summary], Summary | Base | Unavailable]) -> _Static:
    def lint(summary: Summary) -> Lint | Unavailable:
        return found if isinstance(found := side(summary), Unavailable) else found.lint

    def security(summary: Summary) -> Security | Unavailable:
        return found if isinstance(found := side(summary), Unavailable) else found.security

    def complexity(summary: Summary) -> Complexity | Unavailable:
        return found if isinstance(found := side(summary), Unavailable) else found.complexity

    return _Static(
        lint=shards.combine(groups, lint, unite=merged_static.unite_lint, add=merged_static.add_lint),
        security=shards.combine(groups, security, unite=merged_static.unite_security, add=merged_static.add_security),
        complexity=shards.combine(
            groups, complexity, unite=merged_static.unite_complexity, add=merged_static.add_complexity
        ),
    )


def _base(
    groups: Sequence[Group], head: Quality | Unavailable, weights: Mapping[str, float], thresholds: Mapping[str, float]
) -> Base | Unavailable:
    """Merge the base in the same way; without that of one source there is nothing to hold the whole against."""
    bases = []
    for group in groups:
        known = [summary.base for summary in group.members if isinstance(summary.base, Base)]
        if not known:
            return group.members[0].base
        bases += known
    parts, coverage = _static(groups, lambda summary: summary.base), merged_coverage.base_coverage(groups)
    return Base(
        sha=bases[0].sha,
        source="; ".join(dict.fromkeys(base.source for base in bases))[:_MAX_TEXT],
        quality=base_quality.assess(
            head,
            coverage=coverage,
            lint=parts.lint,
            security=parts.security,
            complexity=parts.complexity,
            weights=weights,
            thresholds=thresholds,
        ),
        lint=parts.lint,
        coverage=coverage,
        security=parts.security,
        complexity=parts.complexity,
    )


def _comparison(groups: Sequence[Group]) -> Comparison | Unavailable | None:
    """The one that all jobs of a matrix made alike; several can't be put together."""
    parts = [summary.comparison for group in groups for summary in group.members]
    if not any(isinstance(part, Comparison) for part in parts):
        return next((part for part in parts if part is not None), None)
    is_one = len(groups) == 1 and all(part == parts[0] for part in parts)
    return parts[0] if is_one else Unavailable(reason=NOT_COMPARED)


def _settings(summaries: Iterable[Summary]) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """The weights and thresholds, which are the same in all summaries that have a quality score."""
    for summary in summaries:
        if isinstance(summary.quality, Quality):
            weights, thresholds = summary.quality.weights, summary.quality.thresholds
            # a stranger's summary may lack what the formulas rely on, or hold anything beside it
            return (
                {name: weights.get(name, weight) for name, weight in DEFAULT_WEIGHTS.items()},
                {letter: thresholds.get(letter, least) for letter, least in DEFAULT_THRESHOLDS.items()},
            )
    return DEFAULT_WEIGHTS, DEFAULT_THRESHOLDS


def _source(groups: Sequence[Group]) -> Source:
    """Add up the sources; what is left of each directory is what none of its shards measured."""
    sources = [group.members[0].source for group in groups]
    tests = others = 0
    for directory in merged_attribution.outermost(_directory(group) for group in groups):
        below = [group for group in groups if shards.is_below(_directory(group), directory)]
        own = [group for group in below if _directory(group) == directory]
        tests += _left(own, below, _test_files, lambda source: source.test_files)
        others += _left(own, below, _code_files, lambda source: source.other_files)
    return Source(
        roots=sorted(set(joined(source.roots for source in sources))),
        files=sum(source.files for source in sources),
        lines=sums(source.lines for source in sources),
        test_files=tests,
        other_files=others,
    )


def _directory(group: Group) -> str:
    return group.members[0].context.directory


def _left(
    own: Iterable[Group],
    below: Iterable[Group],
    chosen: Callable[[Group], int],
    rest: Callable[[Source], int],
) -> int:
    """How many files of a directory no group chose: of all that one group knows of, without those of any group."""
    known = max(chosen(group) + rest(group.members[0].source) for group in own)
    return max(0, known - sum(map(chosen, below)))


def _code_files(group: Group) -> int:
    """How many of the measured files are no tests: those that were scanned for security."""
    files = group.members[0].source.files
    scanned = [summary.security.files for summary in group.members if not isinstance(summary.security, Unavailable)]
    return min(files, max(scanned, default=files))


def _test_files(group: Group) -> int:
    return group.members[0].source.files - _code_files(group)


def _tests(summaries: Sequence[Summary]) -> Tests | Unavailable:
    runs = [summary.tests for summary in summaries if not isinstance(summary.tests, Unavailable)]
    if not runs:
        return summaries[0].tests
    return Tests(
        command="; ".join(dict.fromkeys(run.command for run in runs))[:_MAX_TEXT],
        exit_code=next((run.exit_code for run in runs if run.exit_code), 0),
        passed=sum(run.passed for run in runs),
        failed=sum(run.failed for run in runs),
        errors=sum(run.errors for run in runs),
        skipped=sum(run.skipped for run in runs),
        seconds=sum(run.seconds for run in runs),
        failed_tests=list(dict.fromkeys(joined(run.failed_tests for run in runs)))[:_MAX_FAILED_TESTS],
    )


def _phases(summaries: Iterable[Summary]) -> list[Phase]:
    """Add up the time of each phase, except for the whole: jobs run beside each other, and the longest counts."""
    by_name: dict[str, list[Phase]] = {}
    for phase in joined(summary.phases for summary in summaries):
        by_name.setdefault(phase.name, []).append(phase)
    return [_phase(name, phases) for name, phases in sorted(by_name.items())]


def _phase(name: str, phases: Sequence[Phase]) -> Phase:
    seconds = [phase.seconds for phase in phases]
    return Phase(
        name=name,
        seconds=max(seconds) if name == _TOTAL else round(sum(seconds), 3),
        peak_memory_bytes=max((phase.peak_memory_bytes for phase in phases if phase.peak_memory_bytes), default=None),
        status="failed" if any(phase.status == "failed" for phase in phases) else "ok",
    )


def _warnings(
    groups: Sequence[Group], summaries: Sequence[Summary], patch: PatchQuality | None
) -> list[MeasurementWarning]:
    # what lies outside of one shard may be measured by another
    told = [w for summary in summaries for w in summary.warnings if w.code != FILES_OUTSIDE]
    found = {*told, *_own_warnings(groups, summaries, patch)}
    return sorted(found, key=lambda warning: (warning.code, warning.message))


def _own_warnings(
    groups: Sequence[Group], summaries: Sequence[Summary], patch: PatchQuality | None
) -> Iterator[MeasurementWarning]:
    source = _source(groups)
    if source.other_files and any(w.code == FILES_OUTSIDE for summary in summaries for w in summary.warnings):
        message = files_outside(source.roots, source.other_files)
        yield MeasurementWarning(code=FILES_OUTSIDE, message=message[:_MAX_TEXT])
    lacking = merged_coverage.without_coverage(groups)
    for name, reason in lacking.items() if len(lacking) < len(groups) else ():
        message = f"coverage is that of the other sources, without {name}: {reason}"
        yield MeasurementWarning(code="merged-without-coverage", message=message[:_MAX_TEXT])
    rated = [summary.quality for summary in summaries if isinstance(summary.quality, Quality)]
    if patch is None and any(each.patch is not None for each in rated):
        message = "the quality of the change is not known, since one of the merged reports doesn't tell its part"
        yield MeasurementWarning(code="merged-without-patch", message=message)
    if len(merged_attribution.outermost(summary.context.directory for summary in summaries)) > 1:
        yield MeasurementWarning(code="merged-commits", message=merged_attribution.COMMITS_WARNING)
