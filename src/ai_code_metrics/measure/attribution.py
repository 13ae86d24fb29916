"""The declared origin of lines: counts them by origin, source, kind, agent and file."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from ai_code_metrics.model import AgentLines, AttributedCommits, AttributionView, FileAttribution, SkippedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_code_metrics.measure.identities import CommitOrigin, IdentityTable
    from ai_code_metrics.records import BlamedFile, BlamedLines

ORIGINS: Final = ("ai", "human", "untagged", "suggestion", "bot")
SOURCES: Final = ("note", "author", "trailer", "marker")
KINDS: Final = ("authored", "assisted")
_MAX_MODELS: Final = 20
_OTHER: Final = "other"
_MAX_PATH: Final = 4_096
_MAX_TEXT: Final = 4_000


def view(
    name: Literal["changed", "surviving"],
    lines: BlamedLines,
    table: IdentityTable,
    *,
    count_suggestions: bool = False,
) -> AttributionView:
    """Count the lines of a view by what the commits that introduced them declare.

    Args:
        name: which view ``lines`` is.
        lines: blamed lines; None lines are not counted.
        table: who counts as an agent.
        count_suggestions: count accepted review suggestions of AI reviewers as AI lines.

    Returns:
        The counts. ``ai_share`` = AI / (AI + human + untagged), null when these are 0. ``by_source`` and ``by_kind``
        cover AI lines only; ``by_file`` has the most AI lines first, then by path.
    """
    origins = _origins(lines, table, count_suggestions=count_suggestions)
    owned = Counter(sha for file in lines.files for sha in file.line_commits if sha is not None)
    by_origin = _sum(owned, origins, "origin", ORIGINS)
    ai = {sha: origin for sha, origin in origins.items() if origin.origin == "ai"}
    counted = by_origin["ai"] + by_origin["human"] + by_origin["untagged"]
    return AttributionView(
        view=name,
        ai_share=by_origin["ai"] / counted if counted else None,
        ai_lines=by_origin["ai"],
        human_lines=by_origin["human"],
        untagged_lines=by_origin["untagged"],
        suggestion_lines=by_origin["suggestion"],
        bot_lines=by_origin["bot"],
        counted_lines=counted,
        excluded_lines=lines.excluded_lines,
        by_source=_sum(owned, ai, "source", SOURCES),
        by_kind=_sum(owned, ai, "kind", KINDS),
        by_agent=_by_agent(owned, ai),
        by_file=sorted((_count_file(file, origins) for file in lines.files), key=lambda f: (-f.ai_lines, f.path)),
        commits=_commits(owned, origins),
        skipped_files=[SkippedFile(path=path[:_MAX_PATH], reason=reason[:_MAX_TEXT]) for path, reason in lines.skipped],
        warnings=[warning[:_MAX_TEXT] for warning in lines.warnings],
    )


def _origins(lines: BlamedLines, table: IdentityTable, *, count_suggestions: bool) -> dict[str, CommitOrigin]:
    origins = {sha: table.classify(commit) for sha, commit in lines.commits.items()}
    if not count_suggestions:
        return origins
    return {
        sha: replace(origin, origin="ai") if origin.origin == "suggestion" else origin
        for sha, origin in origins.items()
    }


def _sum(
    owned: Mapping[str, int],
    origins: Mapping[str, CommitOrigin],
    by: Literal["origin", "source", "kind"],
    keys: Iterable[str],
) -> dict[str, int]:
    """Add up the lines of commits by one of their attributes; every key is there, also at 0."""
    sums = dict.fromkeys(keys, 0)
    for sha, origin in origins.items():
        sums[getattr(origin, by)] += owned.get(sha, 0)
    return sums


def _by_agent(owned: Mapping[str, int], ai: Mapping[str, CommitOrigin]) -> dict[str, AgentLines]:
    lines: Counter[str] = Counter()
    models: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sha, origin in ai.items():
        agent = origin.agent or _OTHER
        lines[agent] += owned.get(sha, 0)
        if origin.model is not None:
            models[agent][origin.model] += owned.get(sha, 0)
    ranked = sorted(((agent, count) for agent, count in lines.items() if count), key=lambda item: (-item[1], item[0]))
    return {agent: AgentLines(lines=count, models=_largest(models[agent])) for agent, count in ranked}


def _largest(models: Mapping[str, int]) -> dict[str, int]:
    """Keep the models with most lines; the names are foreign text, so their number is bounded."""
    ranked = sorted(((model, count) for model, count in models.items() if count), key=lambda item: (-item[1], item[0]))
    kept = dict(ranked[:_MAX_MODELS])
    rest = sum(count for _, count in ranked[_MAX_MODELS:])
    if rest:
        kept[_OTHER] = kept.get(_OTHER, 0) + rest
    return kept


def _count_file(file: BlamedFile, origins: Mapping[str, CommitOrigin]) -> FileAttribution:
    counts: Counter[str] = Counter()
    for sha, lines in Counter(file.line_commits).items():
        if sha is not None:
            counts[origins[sha].origin] += lines
    return FileAttribution(
        path=file.path[:_MAX_PATH],
        ai_lines=counts["ai"],
        human_lines=counts["human"],
        untagged_lines=counts["untagged"],
        suggestion_lines=counts["suggestion"],
        bot_lines=counts["bot"],
    )


def _commits(owned: Mapping[str, int], origins: Mapping[str, CommitOrigin]) -> AttributedCommits:
    by_origin = dict.fromkeys(ORIGINS, 0)
    for sha in owned:
        by_origin[origins[sha].origin] += 1
    return AttributedCommits(total=len(owned), tagged=by_origin["ai"], with_note=0, by_origin=by_origin)
