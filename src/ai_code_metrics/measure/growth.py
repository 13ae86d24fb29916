"""Functions that a change made complex: over 10, and more than they were at the base."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ai_code_metrics.measure.complexity import LOW
from ai_code_metrics.model import GrownFunction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ai_code_metrics.model import Function


def grown(head: Iterable[Function], older: Iterable[Function], replaced: Collection[str]) -> list[GrownFunction]:
    """Return the functions over 10 that are more complex than before, or new, the most complex first.

    A function is known again by its path and name, and one that left its file by its name alone, so that moving it
    makes it neither new nor more complex.

    Args:
        head: the functions of the head.
        older: those of the base in files that differ, under the paths that they have at head.
        replaced: the head's files that differ.
    """
    waiting: dict[tuple[str, str], list[int]] = defaultdict(list)
    for function in older:
        waiting[function.path, function.name].append(function.complexity)
    found: list[GrownFunction] = []
    strangers: list[Function] = []
    for function in head:
        if function.path not in replaced:
            continue
        same = waiting[function.path, function.name]
        if same:
            found += _grown(function, same.pop(0))
        else:
            strangers.append(function)
    gone: dict[str, list[int]] = defaultdict(list)
    for (_, name), complexities in waiting.items():
        gone[_last(name)] += complexities
    for function in strangers:
        moved = gone[_last(function.name)]
        found += _grown(function, moved.pop(0) if moved else None)
    return sorted(found, key=lambda function: (-function.complexity, function.path, function.line))


def _last(name: str) -> str:
    """The name without its class, which may have changed on the way."""
    return name.rpartition(".")[2]


def _grown(function: Function, before: int | None) -> list[GrownFunction]:
    if function.complexity <= LOW or (before is not None and function.complexity <= before):
        return []
    return [
        GrownFunction(
            path=function.path,
            name=function.name,
            line=function.line,
            end_line=function.end_line,
            complexity=function.complexity,
            before=before,
        )
    ]
