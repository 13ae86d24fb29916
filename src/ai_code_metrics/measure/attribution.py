"""Counts of a view's lines by their declared origin, source, kind, agent and file."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, Literal

from ai_code_metrics.model import AgentLines, AttributedCommits, AttributionView, FileAttribution, SkippedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_code_metrics.records import AttributedFile, BlamedLines, LineAttribution, LineOrigin

ORIGINS: Final = ("ai", "human", "untagged", "suggestion", "bot")
SOURCES: Final = ("note", "author", "trailer", "marker")
KINDS: Final = ("authored", "assisted")
_STRONGEST_FIRST: Final = ("ai", "human", "suggestion", "bot", "untagged")
_MAX_MODELS: Final = 20
_OTHER: Final = "other"
_MAX_PATH: Final = 4_096
_MAX_TEXT: Final = 4_000


def view(
    name: Literal["changed", "surviving"],
    lines: BlamedLines,
    attribution: LineAttribution,
    *,
    warnings: Iterable[str] = (),
) -> AttributionView:
    """Count the lines of a view by their origin.

    Args:
        name: which view ``lines`` is.
        lines: the view, for what lies outside of it.
        attribution: the origin of each of its lines.
        warnings: what the reader should know, beside the warnings of ``lines``.

    Returns:
        The counts. ``ai_share`` = AI / (AI + human + untagged), null when these are 0. ``by_source`` and ``by_kind``
        cover AI lines only; ``by_file`` has the most AI lines first, then by path. A commit's origin is the strongest
        of its lines': AI, attested human, suggestion, bot, untagged.
    """
    files = [_count_file(file, attribution) for file in attribution.files.values()]
    owned = _owned(attribution)
    by_origin = _sum(owned, "origin", ORIGINS)
    ai = {origin: count for origin, count in owned.items() if origin.origin == "ai"}
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
        by_source=_sum(ai, "source", SOURCES),
        by_kind=_sum(ai, "kind", KINDS),
        by_agent=_by_agent(ai),
        by_file=sorted(files, key=lambda file: (-file.ai_lines, file.path)),
        commits=_commits(owned, lines),
        skipped_files=[SkippedFile(path=path[:_MAX_PATH], reason=reason[:_MAX_TEXT]) for path, reason in lines.skipped],
        warnings=[warning[:_MAX_TEXT] for warning in (*lines.warnings, *warnings)],
    )


def _owned(attribution: LineAttribution) -> dict[LineOrigin, int]:
    """The number of lines of each origin."""
    totals: Counter[int] = Counter()
    for file in attribution.files.values():
        totals.update(file.lines)
    origins = ((attribution.origins[index], count) for index, count in totals.items())
    return {origin: count for origin, count in origins if origin is not None}


def _sum(
    owned: Mapping[LineOrigin, int], by: Literal["origin", "source", "kind"], keys: Iterable[str]
) -> dict[str, int]:
    """Add up lines by one attribute of their origin; every key is there, also at 0."""
    sums = dict.fromkeys(keys, 0)
    for origin, count in owned.items():
        sums[getattr(origin, by)] += count
    return sums


def _by_agent(ai: Mapping[LineOrigin, int]) -> dict[str, AgentLines]:
    lines: Counter[str] = Counter()
    models: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for origin, count in ai.items():
        agent = origin.agent or _OTHER
        lines[agent] += count
        if origin.model is not None:
            models[agent][origin.model] += count
    ranked = sorted(lines.items(), key=lambda item: (-item[1], item[0]))
    return {agent: AgentLines(lines=count, models=_largest(models[agent])) for agent, count in ranked}


def _largest(models: Mapping[str, int]) -> dict[str, int]:
    """Keep the models with most lines; the names are foreign text, so their number is bounded."""
    ranked = sorted(models.items(), key=lambda item: (-item[1], item[0]))
    kept = dict(ranked[:_MAX_MODELS])
    rest = sum(count for _, count in ranked[_MAX_MODELS:])
    if rest:
        kept[_OTHER] = kept.get(_OTHER, 0) + rest
    return kept


def _count_file(file: AttributedFile, attribution: LineAttribution) -> FileAttribution:
    counts: Counter[str] = Counter()
    for index, lines in Counter(file.lines).items():
        origin = attribution.origins[index]
        if origin is not None:
            counts[origin.origin] += lines
    return FileAttribution(
        path=file.path[:_MAX_PATH],
        ai_lines=counts["ai"],
        human_lines=counts["human"],
        untagged_lines=counts["untagged"],
        suggestion_lines=counts["suggestion"],
        bot_lines=counts["bot"],
    )


def _commits(owned: Iterable[LineOrigin], lines: BlamedLines) -> AttributedCommits:
    strongest: dict[str, str] = {}
    for name in reversed(_STRONGEST_FIRST):
        strongest.update((origin.commit, name) for origin in owned if origin.origin == name)
    by_origin = {**dict.fromkeys(ORIGINS, 0), **Counter(strongest.values())}
    with_note = len(lines.notes.commits & strongest.keys())
    return AttributedCommits(total=len(strongest), tagged=by_origin["ai"], with_note=with_note, by_origin=by_origin)
