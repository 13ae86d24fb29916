"""Base and head put together: what a change brought, and what the base was like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import msgspec

from ai_code_metrics.collect import base_report
from ai_code_metrics.errors import InvalidSummary
from ai_code_metrics.measure import base_quality, base_reports, complexity, growth, lint, new_findings, security
from ai_code_metrics.measure.head_positions import at_head
from ai_code_metrics.model import Base, BaseCoverage, Quality, Unavailable
from ai_code_metrics.records import LintReport, SecurityReport
from ai_code_metrics.report import summary_json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ai_code_metrics import model
    from ai_code_metrics.collect.phases import Phases
    from ai_code_metrics.collect.sources import Collected, CollectedBase
    from ai_code_metrics.collect.subject import Subject
    from ai_code_metrics.config import Config

_ReportT = TypeVar("_ReportT", LintReport, SecurityReport)
_CollectedT = TypeVar("_CollectedT")
_MeasuredT = TypeVar("_MeasuredT")
_NO_REPORT = (
    "no report of the base branch is there: let this workflow run on pushes to it too, and give the job "
    "`actions: read`, or name a file by base-report"
)


@dataclass(frozen=True, slots=True)
class Reports:
    """What the analysers say of the head: findings at lines of the head, marked new or not."""

    lint: LintReport | Unavailable
    security: SecurityReport | Unavailable
    grown: list[model.GrownFunction] | None


def mark(collected: Collected) -> Reports:
    """Put the findings to where they are at head, and tell which ones the change brought."""
    base = None if isinstance(collected.base, Unavailable) else collected.base
    lint_report = _marked(collected.lint, None if base is None else base.lint, collected)
    security_report = _marked(collected.security, None if base is None else base.security, collected)
    grown = None
    if not isinstance(collected.complexity, Unavailable) and base and not isinstance(base.complexity, Unavailable):
        found = growth.grown(collected.complexity.functions, base.complexity.functions, base.files.differing)
        grown = list(at_head(found, collected.head_lines))
    return Reports(lint_report, security_report, grown)


def _marked(
    report: _ReportT | Unavailable, base: _ReportT | Unavailable | None, collected: Collected
) -> _ReportT | Unavailable:
    if isinstance(report, Unavailable):
        return report
    placed = replace(report, findings=at_head(report.findings, collected.head_lines))
    if isinstance(collected.patch, Unavailable):
        return placed
    older = None if isinstance(base, Unavailable) else base
    return replace(placed, findings=new_findings.mark(placed, older, collected.patch, _differing(collected)))


def _differing(collected: Collected) -> Collection[str]:
    if not isinstance(collected.base, Unavailable):
        return collected.base.files.differing
    return () if isinstance(collected.patch, Unavailable) else collected.patch.files


def measure_base(
    collected: Collected, head: Quality | Unavailable, subject: Subject, config: Config, phases: Phases
) -> Base | Unavailable:
    """Measure the base by the formulas of the head.

    Args:
        collected: what the sources gave.
        head: the quality of the head; that of the base is only comparable if it is made of the same components.
        subject: what is measured.
        config: its settings.
        phases: is told of a report of the base that can't be used.
    """
    base = collected.base
    if isinstance(base, Unavailable):
        return base
    coverage = _coverage(subject, config, base.files.sha, phases)
    parts = _static(collected, base)
    return Base(
        sha=base.files.sha,
        source=_source(base),
        quality=_quality(head, parts, coverage, config),
        lint=_without_findings(parts.lint),
        coverage=coverage,
        security=parts.security,
        complexity=_without_functions(parts.complexity),
    )


@dataclass(frozen=True, slots=True)
class _Static:
    lint: model.Lint | Unavailable
    security: model.Security | Unavailable
    complexity: model.Complexity | Unavailable


def _static(collected: Collected, base: CollectedBase) -> _Static:
    replaced = base.files.replaced
    return _Static(
        lint=_both(
            collected.lint,
            base.lint,
            lambda head, older: lint.measure(base_reports.lint_at_base(head, older, replaced)),
        ),
        security=_both(
            collected.security,
            base.security,
            lambda head, older: security.measure(base_reports.security_at_base(head, older, replaced)),
        ),
        complexity=_both(
            collected.complexity,
            base.complexity,
            lambda head, older: complexity.measure(base_reports.complexity_at_base(head, older, replaced)),
        ),
    )


def _both(
    head: _CollectedT | Unavailable,
    older: _CollectedT | Unavailable,
    measure: Callable[[_CollectedT, _CollectedT], _MeasuredT | Unavailable],
) -> _MeasuredT | Unavailable:
    if isinstance(head, Unavailable):
        return head
    return older if isinstance(older, Unavailable) else measure(head, older)


def _source(base: CollectedBase) -> str:
    count = len(base.files.measured)
    files = "1 file that differs was" if count == 1 else f"{count:,} files that differ were"
    return f"{files} analysed at this commit with the configuration of the head; the others are the same"


def _without_findings(part: model.Lint | Unavailable) -> model.Lint | Unavailable:
    return part if isinstance(part, Unavailable) else msgspec.structs.replace(part, findings=[])


def _without_functions(part: model.Complexity | Unavailable) -> model.Complexity | Unavailable:
    return part if isinstance(part, Unavailable) else msgspec.structs.replace(part, functions_over_10=[])


def _quality(
    head: Quality | Unavailable, parts: _Static, coverage: BaseCoverage | Unavailable, config: Config
) -> Quality | Unavailable:
    return base_quality.assess(
        head,
        coverage=coverage,
        lint=parts.lint,
        security=parts.security,
        complexity=parts.complexity,
        weights=config.weights,
        thresholds=config.thresholds,
    )


def _coverage(subject: Subject, config: Config, base: str, phases: Phases) -> BaseCoverage | Unavailable:
    content = base_report.given_report(config)
    if content is None:
        return Unavailable(reason=_NO_REPORT)
    try:
        report = summary_json.decode(content)
    except InvalidSummary as error:
        phases.warn("base-report", f"the report of the base is of no use: {error}")
        return Unavailable(reason=f"the report of the base is of no use: {error}"[:4_000])
    coverage, sha = report.coverage, report.context.head_sha
    if isinstance(coverage, Unavailable):
        return Unavailable(reason=f"the report of the base has no coverage: {coverage.reason}"[:4_000])
    repository, _ = subject.known()
    return BaseCoverage(
        percent=coverage.percent,
        covered_lines=coverage.covered_lines,
        num_statements=coverage.num_statements,
        covered_branches=coverage.covered_branches,
        num_branches=coverage.num_branches,
        source=coverage.source,
        sha=sha,
        commits_back=None if sha is None else base_report.commits_behind(repository, sha, base),
    )
