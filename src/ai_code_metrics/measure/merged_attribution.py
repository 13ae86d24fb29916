"""Attribution and commits of several summaries: the same in every shard of one directory, summed over directories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from ai_code_metrics.measure.merged_static import joined, sums
from ai_code_metrics.measure.shards import is_below
from ai_code_metrics.model import AgentLines, Attribution, AttributionView, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_code_metrics.model import Commits, Summary

COMMITS_WARNING: Final = (
    "of commits that own lines in several directories only those of the directory with most are counted: a commit that "
    "has lines in two of them can't be told from two commits"
)
_LINES: Final = (
    "ai_lines", "human_lines", "untagged_lines", "suggestion_lines", "bot_lines", "counted_lines", "excluded_lines",
)  # fmt: skip


def commits(summaries: Sequence[Summary]) -> Commits | Unavailable:
    """Return the first part that there is: it is of the range, whatever was measured of its head."""
    parts = [summary.commits for summary in summaries]
    return next((part for part in parts if not isinstance(part, Unavailable)), parts[0])


def attribution(summaries: Sequence[Summary]) -> Attribution | Unavailable:
    """Return the first attribution of each directory, summed up; a directory within another one is part of that."""
    directories = outermost(summary.context.directory for summary in summaries)
    parts = [
        _first([summary for summary in summaries if summary.context.directory == directory])
        for directory in directories
    ]
    if len(parts) == 1:
        return parts[0]
    for directory, part in zip(directories, parts, strict=True):
        if isinstance(part, Unavailable):
            return Unavailable(reason=f"{directory}: {part.reason}"[:4_000])
    known = dict(zip(directories, (part for part in parts if isinstance(part, Attribution)), strict=True))
    return Attribution(
        changed=_view("changed", {directory: part.changed for directory, part in known.items()}),
        surviving=_view("surviving", {directory: part.surviving for directory, part in known.items()}),
    )


def outermost(directories: Iterable[str]) -> list[str]:
    """Return the directories that lie in no other one, in their order."""
    unique = list(dict.fromkeys(directories))
    return [one for one in unique if not any(is_below(one, other) for other in unique if other != one)]


def _first(summaries: Sequence[Summary]) -> Attribution | Unavailable:
    parts = [summary.attribution for summary in summaries]
    return next((part for part in parts if not isinstance(part, Unavailable)), parts[0])


def _view(
    name: Literal["changed", "surviving"], parts: dict[str, AttributionView | Unavailable]
) -> AttributionView | Unavailable:
    for directory, part in parts.items():
        if isinstance(part, Unavailable):
            return Unavailable(reason=f"{directory}: {part.reason}"[:4_000])
    views = [part for part in parts.values() if isinstance(part, AttributionView)]
    lines = {key: sum(getattr(view, key) for view in views) for key in _LINES}
    counted = lines["counted_lines"]
    return AttributionView(
        view=name,
        ai_share=min(1.0, lines["ai_lines"] / counted) if counted else None,
        by_source=sums(view.by_source for view in views),
        by_kind=sums(view.by_kind for view in views),
        by_agent=_by_agent(views),
        by_file=sorted(joined(view.by_file for view in views), key=lambda file: (-file.ai_lines, file.path)),
        commits=max((view.commits for view in views), key=lambda commits: commits.total),
        skipped_files=joined(view.skipped_files for view in views),
        warnings=list(dict.fromkeys(joined(view.warnings for view in views))),
        **lines,
    )


def _by_agent(views: Sequence[AttributionView]) -> dict[str, AgentLines]:
    agents = dict.fromkeys(joined(view.by_agent for view in views))
    found = {}
    for name in agents:
        parts = [view.by_agent[name] for view in views if name in view.by_agent]
        found[name] = AgentLines(lines=sum(part.lines for part in parts), models=sums(part.models for part in parts))
    return dict(sorted(found.items(), key=lambda item: (-item[1].lines, item[0])))
