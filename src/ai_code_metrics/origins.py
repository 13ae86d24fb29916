"""AI-tagged against untagged code, put together: lines, their origins and history, and what was measured of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import msgspec

from ai_code_metrics.collect.code_files import is_code, is_test_code
from ai_code_metrics.measure import origin_comparison
from ai_code_metrics.measure.origin_cells import Joined, join
from ai_code_metrics.measure.origin_comparison import Written
from ai_code_metrics.measure.origin_lifetimes import life_cells
from ai_code_metrics.model import Unavailable
from ai_code_metrics.records import LintReport, SecurityReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_code_metrics.collect.sources import Collected
    from ai_code_metrics.collect.subject import Subject
    from ai_code_metrics.comparing import Reports
    from ai_code_metrics.comparison_model import Comparison, Metric
    from ai_code_metrics.measure.origin_cells import OriginCells
    from ai_code_metrics.records import LineAttribution


_ReportT = TypeVar("_ReportT", LintReport, SecurityReport)


@dataclass(frozen=True, slots=True)
class Origins:
    """What is known of who wrote the lines: of the tree, of a change, and of all that was written since a time."""

    surviving: LineAttribution | Unavailable
    changed: LineAttribution | Unavailable
    written: LineAttribution | Unavailable


@dataclass(frozen=True, slots=True)
class Tables:
    """The cells that a comparison is made of, and the metrics that could not be measured, with the reason."""

    tree: OriginCells
    change: OriginCells | None
    written: Written | Unavailable
    unavailable: Mapping[Metric, str]


def tables(
    origins: Origins, collected: Collected, reports: Reports, subject: Subject, *, since: int | None
) -> Tables | Unavailable:
    """Join lines with what was measured of them.

    Args:
        origins: who wrote the lines.
        collected: what the sources gave.
        reports: findings at lines of the head.
        subject: what was measured.
        since: leave out lines that were committed earlier; seconds since 1970.
    """
    if isinstance(collected.surviving, Unavailable):
        return Unavailable(reason=f"not enough data: {collected.surviving.reason}"[:4_000])
    if isinstance(origins.surviving, Unavailable):
        return origins.surviving
    repository, found = subject.known()
    joined = Joined(
        lines=collected.surviving,
        origins=origins.surviving,
        coverage=collected.coverage if isinstance(collected.coverage, Unavailable) else collected.coverage.report,
        lint=reports.lint,
        security=reports.security,
        complexity=collected.complexity,
        head_lines=collected.head_lines,
        linted=subject.files.measured,
        scanned=subject.files.security,
        is_code=is_code,
        is_test=is_test_code,
        since=since,
        until=repository.committed_at(found.head),
    )
    change = None
    if not isinstance(collected.changed, Unavailable) and not isinstance(origins.changed, Unavailable):
        change = join(replace(joined, lines=collected.changed, origins=origins.changed, since=None, is_whole=False))
    return Tables(join(joined), change, _written(collected, origins), _unavailable(joined))


def compare(given: Tables | Unavailable, *, since: int | None) -> Comparison | Unavailable:
    """Compare AI-tagged with untagged code; ``since`` is what the tables were limited to."""
    if isinstance(given, Unavailable):
        return given
    change = None if given.change is None else given.change.arms
    return origin_comparison.compare(given.tree, given.written, given.unavailable, since=since, change=change)


def tell(report: _ReportT | Unavailable, origins: LineAttribution | Unavailable) -> _ReportT | Unavailable:
    """Tell of findings who wrote their lines; of those on lines that aren't counted nothing is told."""
    if isinstance(report, Unavailable) or isinstance(origins, Unavailable):
        return report
    findings = tuple(
        finding if (origin := origins.at(finding.path, finding.line)) is None
        else msgspec.structs.replace(finding, origin=origin.origin)
        for finding in report.findings
    )  # fmt: skip
    return replace(report, findings=findings)


def _written(collected: Collected, origins: Origins) -> Written | Unavailable:
    if isinstance(collected.written, Unavailable):
        return collected.written
    if isinstance(origins.written, Unavailable):
        return origins.written
    cells = life_cells(collected.written, origins.written)
    return Written(cells, collected.written.since, collected.written.warnings)


def _unavailable(joined: Joined) -> dict[Metric, str]:
    """The metrics that could not be measured, with the reason."""
    parts: dict[Metric, object] = {
        "coverage": joined.coverage,
        "lint": joined.lint,
        "security": joined.security,
        "complexity": joined.complexity,
    }
    return {name: part.reason for name, part in parts.items() if isinstance(part, Unavailable)}
