"""The base's coverage out of a Pushgateway, where there is no artifact of it: a report that holds nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_code_metrics import __version__
from ai_code_metrics.collect import base_reports, revisions
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.gateway_targets import push_targets, target_of
from ai_code_metrics.measure.line_coverage import percent
from ai_code_metrics.model import Context, Coverage, Source, Summary, Tool, Unavailable
from ai_code_metrics.publish.gateway_query import read_coverage
from ai_code_metrics.publish.grouping import project_of

if TYPE_CHECKING:
    from ai_code_metrics.collect.context import EventContext
    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.config import Config, Secrets
    from ai_code_metrics.publish.gateway_query import GroupCoverage

_REST = Unavailable(reason="the Pushgateway was asked for coverage only")
_NEVER = "1970-01-01T00:00:00Z"


def latest(repository: Repository, event: EventContext, config: Config, secrets: Secrets) -> Summary | None:
    """Return the coverage of the base branch's group; None where the run is compared with nothing.

    The group doesn't say which commit it is of, but when that was committed: where one of the base branch's last
    commits is of that second, it is that one.

    Raises:
        UsageError: a setting of the Pushgateway can't be used.
        PublishFailed: it could not be reached, or refused.
        SourceUnavailable: it has no coverage of the base branch.
    """
    head = repository.head_sha()
    found = revisions.resolve(repository, head, event, base=config.base) if head else None
    branch = event.base_ref or event.default_branch
    if found is None or found.base is None:
        return None
    if not event.repository or not branch:
        raise SourceUnavailable("the repository or its base branch is not known, and a group is named after both")
    grouping = {"repository": event.repository, "branch": branch, **project_of(config)}
    coverage = read_coverage(target_of(push_targets(config, secrets), grouping), grouping)
    if coverage is None or not coverage.num_statements + coverage.num_branches:
        raise SourceUnavailable(f"the Pushgateway has no coverage of branch {branch!r}")
    sha = None
    if coverage.committed_at is not None:
        sha = base_reports.committed_at(repository, found.compared or found.base, coverage.committed_at)
    return _summary(event.repository, branch, sha, coverage)


def _summary(repository: str, branch: str, sha: str | None, found: GroupCoverage) -> Summary:
    covered, there = found.covered_lines + found.covered_branches, found.num_statements + found.num_branches
    return Summary(
        schema_version=1,
        tool=Tool(name="ai-code-metrics", version=__version__),
        context=Context(repository=repository, branch=branch, event="push", head_sha=sha),
        measured_at=_NEVER,
        source=Source(roots=[], files=0, lines={}, test_files=0, other_files=0),
        quality=_REST,
        lint=_REST,
        coverage=Coverage(
            percent=percent(covered, there),
            covered_lines=found.covered_lines,
            num_statements=found.num_statements,
            covered_branches=found.covered_branches,
            num_branches=found.num_branches,
            files=[],
            source=f"the Pushgateway's group of branch {branch}"[:4_000],
        ),
        tests=_REST,
        security=_REST,
        complexity=_REST,
        commits=_REST,
        attribution=_REST,
        base=_REST,
        gates=[],
        phases=[],
        warnings=[],
    )
