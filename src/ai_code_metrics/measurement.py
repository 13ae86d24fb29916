"""The main job: collect from all sources, measure what came, and put the summary together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import msgspec

from ai_code_metrics import __version__, attributing, comparing, origins, process
from ai_code_metrics.bounds import MAX_NAME, MAX_PATH
from ai_code_metrics.collect import (
    base_report,
    commit_range,
    coverage_source,
    exclusions,
    project_files,
    project_tests,
    sources,
)
from ai_code_metrics.collect.git_paths import printable
from ai_code_metrics.collect.phases import Phases
from ai_code_metrics.collect.subject import Subject, find_subject
from ai_code_metrics.measure import (
    commits,
    complexity,
    gate,
    head_positions,
    line_coverage,
    lint,
    patch_coverage,
    patch_quality,
    quality,
    security,
)
from ai_code_metrics.measure.identities import IdentityTable
from ai_code_metrics.model import (
    Attribution,
    AttributionView,
    Commits,
    Complexity,
    Context,
    Coverage,
    Lint,
    PatchQuality,
    Security,
    Summary,
    Tests,
    Tool,
    Unavailable,
)
from ai_code_metrics.origins import Origins
from ai_code_metrics.report.marker import marker

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_code_metrics.collect.commit_range import CommitRange
    from ai_code_metrics.collect.coverage_source import CollectedCoverage
    from ai_code_metrics.collect.phases import Progress
    from ai_code_metrics.collect.sources import Collected
    from ai_code_metrics.collect.workspace import Workspace
    from ai_code_metrics.comparing import Reports
    from ai_code_metrics.comparison_model import Comparison
    from ai_code_metrics.config import Config
    from ai_code_metrics.origins import Tables

_TESTS_WITHOUT_COVERAGE = Unavailable(reason="no tests ran to their end: see coverage")
CollectedT = TypeVar("CollectedT")
MeasuredT = TypeVar("MeasuredT")


def measure_project(config: Config, workspace: Workspace, progress: Progress) -> Summary:
    """Measure a project and return its summary; the tools' own reports are left in ``workspace.raw``.

    A source that fails is an unavailable part and a warning; the rest stays intact.

    Raises:
        UsageError: a setting can't be used; where that can be told, before anything long has started.
    """
    started = time.monotonic()
    check(config)
    phases = Phases(progress)
    subject, collected = _collect(config, workspace, phases)
    reports = comparing.mark(collected)
    measured = _measure(collected, reports, subject, config, phases)
    phases.total("measure", time.monotonic() - started, process.own_peak_memory())
    return _summary(config, subject, collected, reports, measured, phases)


def measure_tables(config: Config, workspace: Workspace, progress: Progress) -> Tables | Unavailable:
    """Measure what AI-tagged and untagged code are compared by, and return the tables alone.

    Raises:
        UsageError: a setting can't be used.
    """
    phases = Phases(progress)
    subject, collected = _collect(config, workspace, phases)
    known = _origins(collected, config)
    return origins.tables(known.origins, collected, comparing.mark(collected), subject, since=config.since)


def check(config: Config) -> None:
    """Find settings that can't be used.

    Raises:
        UsageError: agents, gates, the comment's key, the link pattern, the coverage file or the test command are wrong.
    """
    marker(config.comment_key)
    coverage_source.given_file(config)
    base_report.given_report(config)
    IdentityTable.load(config.agents)
    gate.parse_gates(config.gates)
    score_commits(commit_range.CommitRange((), (), frozenset(), ""), config)
    if config.test_command not in {"auto", "off"}:
        project_tests.split_command(config.test_command)


def score_commits(found: CommitRange, config: Config) -> Commits:
    """Score the commits of a range by the configuration's rubric.

    Raises:
        UsageError: ``link-pattern`` is no usable regular expression.
    """
    table = IdentityTable.load(config.agents)
    left_out = (*exclusions.BUILT_IN, *config.exclude)

    @lru_cache(maxsize=4096)  # the same files change again and again
    def is_generated(path: str) -> str:
        if path in found.generated:
            return "generated or vendored by .gitattributes"
        return _kind(path) if exclusions.matches(path, left_out) else ""

    return commits.score_commits(
        found.commits,
        history=found.habit,
        options=commits.RubricOptions(config.conventional_commits, config.commit_links, config.link_pattern),
        range_name=found.name,
        is_generated=is_generated,
        is_bot=lambda commit: table.classify(commit).origin == "bot",
        squash=found.squash,
    )


_NOT_COUNTED = (
    ("lock file", exclusions.LOCK_FILES),
    ("minified", exclusions.MINIFIED),
    ("snapshot", exclusions.SNAPSHOTS),
    ("vendored", exclusions.VENDORED),
    ("generated", exclusions.GENERATED),
)


def _kind(path: str) -> str:
    """What a path is whose lines don't count for the size of a commit."""
    kinds = (kind for kind, patterns in _NOT_COUNTED if exclusions.matches(path, patterns))
    return next(kinds, "excluded in the configuration")


def _collect(config: Config, workspace: Workspace, phases: Phases) -> tuple[Subject, Collected]:
    subject = find_subject(config, workspace.environ, phases)
    options = attributing.view_options(config, workspace.environ, workers=sources.spare_workers())
    is_tagged = attributing.tags(config)
    return subject, sources.collect(config, workspace, subject, options, phases, is_tagged=is_tagged)


@dataclass(frozen=True, slots=True)
class _Known:
    """Who wrote the lines: the counts for the summary, and the origin of each line for what is joined with it."""

    attribution: Attribution | Unavailable
    origins: Origins


def _origins(collected: Collected, config: Config) -> _Known:
    changed = _map(collected.changed, lambda lines: attributing.measure("changed", lines, config))
    surviving = _map(collected.surviving, lambda lines: attributing.measure("surviving", lines, config))
    return _Known(
        attribution=_both(_map(changed, lambda known: known[1]), _map(surviving, lambda known: known[1])),
        origins=Origins(
            surviving=_map(surviving, lambda known: known[0]),
            changed=_map(changed, lambda known: known[0]),
            written=_map(collected.written, lambda written: attributing.origins(written.lines, config)),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    lint: Lint | Unavailable
    security: Security | Unavailable
    complexity: Complexity | Unavailable
    coverage: Coverage | Unavailable
    tests: Tests | Unavailable
    commits: Commits | Unavailable
    attribution: Attribution | Unavailable
    comparison: Comparison | Unavailable


def _measure(collected: Collected, reports: Reports, subject: Subject, config: Config, phases: Phases) -> _Measured:
    for part in (collected.lint, collected.security):
        for warning in () if isinstance(part, Unavailable) else part.warnings:
            phases.warn("tool-configuration", warning)
    for code, message in () if isinstance(collected.coverage, Unavailable) else collected.coverage.warnings:
        phases.warn(code, message)
    known = _origins(collected, config)
    tables = origins.tables(known.origins, collected, reports, subject, since=config.since)
    return _Measured(
        lint=_map(origins.tell(reports.lint, known.origins.surviving), lint.measure),
        security=_map(origins.tell(reports.security, known.origins.surviving), security.measure),
        complexity=_complexity(collected, reports),
        coverage=_coverage(collected, subject),
        tests=_map(collected.coverage, _tests),
        commits=_map(collected.commits, lambda found: score_commits(found, config)),
        attribution=known.attribution,
        comparison=origins.compare(tables, since=config.since),
    )


def _complexity(collected: Collected, reports: Reports) -> Complexity | Unavailable:
    part = _map(collected.complexity, complexity.measure)
    if isinstance(part, Unavailable):
        return part
    over = list(head_positions.at_head(part.functions_over_10, collected.head_lines))
    return msgspec.structs.replace(part, functions_over_10=over, grown=reports.grown)


def _coverage(collected: Collected, subject: Subject) -> Coverage | Unavailable:
    part = _map(collected.coverage, lambda coverage: line_coverage.measure(coverage.report, collected.head_lines))
    if isinstance(part, Unavailable) or isinstance(collected.coverage, Unavailable):
        return part
    if isinstance(collected.patch, Unavailable):
        return part
    patch = patch_coverage.measure(
        collected.coverage.report, collected.patch, collected.head_lines, subject.files.measured
    )
    return msgspec.structs.replace(part, patch=patch)


def _map(part: CollectedT | Unavailable, measure: Callable[[CollectedT], MeasuredT]) -> MeasuredT | Unavailable:
    return part if isinstance(part, Unavailable) else measure(part)


def _both(
    changed: AttributionView | Unavailable, surviving: AttributionView | Unavailable
) -> Attribution | Unavailable:
    if isinstance(changed, Unavailable) and isinstance(surviving, Unavailable):
        return surviving
    return Attribution(changed=changed, surviving=surviving)


def _tests(collected: CollectedCoverage) -> Tests | Unavailable:
    if collected.run is None:
        return Unavailable(reason=f"no tests were run: coverage comes from {collected.report.source}")
    return collected.run.tests or Unavailable(reason=f"only pytest counts its tests, and {collected.run.command} ran")


def _summary(
    config: Config, subject: Subject, collected: Collected, reports: Reports, parts: _Measured, phases: Phases
) -> Summary:
    whole = quality.measure(
        coverage=parts.coverage,
        lint=parts.lint,
        security=parts.security,
        complexity=parts.complexity,
        weights=config.weights,
        thresholds=config.thresholds,
        patch=_patch(config, subject, collected, reports, parts.coverage),
    )
    summary = Summary(
        schema_version=1,
        tool=Tool(name="ai-code-metrics", version=__version__),
        context=_context(subject),
        measured_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        source=project_files.describe(subject.files, config.root),
        quality=whole,
        lint=parts.lint,
        coverage=parts.coverage,
        tests=parts.tests if not isinstance(collected.coverage, Unavailable) else _TESTS_WITHOUT_COVERAGE,
        security=parts.security,
        complexity=parts.complexity,
        commits=parts.commits,
        attribution=parts.attribution,
        comparison=parts.comparison,
        base=comparing.measure_base(collected, whole, subject, config, phases),
        gates=[],
        phases=phases.phases,
        warnings=phases.warnings,
    )
    gates = gate.evaluate(gate.parse_gates(config.gates), summary, config.gate_on_missing)
    return msgspec.structs.replace(summary, gates=gates)


def _patch(
    config: Config, subject: Subject, collected: Collected, reports: Reports, coverage: Coverage | Unavailable
) -> PatchQuality | None:
    if isinstance(collected.patch, Unavailable):
        return None
    of_patch = _map(coverage, lambda part: part.patch or Unavailable(reason="coverage of the patch is not known"))
    read = patch_quality.Sources(
        coverage=of_patch,
        lint=reports.lint,
        security=reports.security,
        complexity=collected.complexity,
        scanned=subject.files.security,
        head_lines=collected.head_lines,
    )
    files = collected.patch.files
    added = {path: files[path] for path in subject.files.measured if path in files and files[path].lines}
    return patch_quality.measure(added, read, config.weights, config.thresholds)


def _context(subject: Subject) -> Context:
    event, repository, found = subject.context, subject.repository, subject.revisions
    branch, default_branch, committed_at, directory = event.branch, event.default_branch, None, ""
    head = None if isinstance(found, Unavailable) else found.head
    if not isinstance(repository, Unavailable):
        branch = branch or repository.branch()
        default_branch = default_branch or repository.default_branch()
        committed_at = repository.committed_at(head) if head else None
        directory = repository.prefix
    return Context(
        repository=_name(event.repository),
        branch=_name(branch),
        default_branch=_name(default_branch),
        event=event.event,
        head_sha=head,
        head_committed_at=None if committed_at is None else max(0, committed_at),
        base_sha=None if isinstance(found, Unavailable) else found.base,
        pull_request=event.pull_request,
        is_fork=event.is_fork,
        run_url=event.run_url,
        server_url=event.server_url,
        directory=printable(directory)[:MAX_PATH],
    )


def _name(text: str | None) -> str | None:
    """Fit a name of git's, which may be long and no UTF-8, into the summary."""
    return None if text is None else printable(text)[:MAX_NAME]
