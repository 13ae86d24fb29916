"""Positions in what is checked out, told by the lines of the head: the two differ where a merge is checked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_code_metrics.model import Finding, Function
    from ai_code_metrics.records import HeadLines

PlacedT = TypeVar("PlacedT", bound="Finding | Function")


def at_head(items: Iterable[PlacedT], lines: HeadLines) -> tuple[PlacedT, ...]:
    """Return findings or functions with their lines at head; 0 for a line that isn't there."""
    return tuple(_moved(item, lines) if item.path in lines.edits else item for item in items)


def _moved(item: PlacedT, lines: HeadLines) -> PlacedT:
    line = lines.at_head(item.path, item.line) if item.line else 0
    if item.end_line is None:
        return msgspec.structs.replace(item, line=line)
    end_line = lines.at_head(item.path, item.end_line) if line and item.end_line else line
    return msgspec.structs.replace(item, line=line, end_line=max(line, end_line))
