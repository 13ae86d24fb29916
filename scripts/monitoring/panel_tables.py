"""The rows of a table panel: what its queries gave, merged and organised as the panel's transformations say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from panels import Panel
    from prometheus_api import Series

_LAST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Table:
    """Titles of columns, and rows of labels (text) and values (numbers); None where a row has nothing."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]


def table_of(panel: Panel, answers: Sequence[Sequence[Series]]) -> Table:
    """Return the table of a panel, from the answers to its queries in their order.

    Rows with the same labels become one, as by Grafana's transformation ``merge``; ``organize`` hides, renames and
    orders the columns.
    """
    fields: dict[frozenset[tuple[str, str]], dict[str, str | float]] = {}
    for query, found in zip(panel.queries, answers, strict=True):
        name = "Value" if len(panel.queries) == 1 else f"Value #{query.ref_id}"
        for series in found:
            labels = {label: value for label, value in series.labels.items() if value}
            fields.setdefault(frozenset(labels.items()), {**labels})[name] = series.points[-1][1]
    names = list(dict.fromkeys(name for row in fields.values() for name in row))
    options = _organize(panel)
    hidden, order, titles = (options.get(key, {}) for key in ("excludeByName", "indexByName", "renameByName"))
    shown = sorted((name for name in names if not hidden.get(name)), key=lambda name: order.get(name, _LAST))
    rows = sorted((tuple(row.get(name) for name in shown) for row in fields.values()), key=_by_text)
    return Table(tuple(titles.get(name) or name for name in shown), tuple(rows))


def properties(panel: Panel, column: str) -> dict[str, Any]:
    """Return unit, decimals, thresholds and mappings of a column: the panel's own, then what an override says."""
    names = ("unit", "decimals", "thresholds", "mappings")
    found = {key: panel.defaults[key] for key in names if key in panel.defaults}
    for override in panel.overrides:
        if override["matcher"] == {"id": "byName", "options": column}:
            found |= {each["id"]: each["value"] for each in override["properties"]}
    return found


def _by_text(row: tuple[str | float | None, ...]) -> list[str]:
    return [cell if isinstance(cell, str) else "" for cell in row]


def _organize(panel: Panel) -> Mapping[str, Any]:
    for transformation in panel.transformations:
        if transformation["id"] == "organize":
            options: Mapping[str, Any] = transformation["options"]
            return options
    return {}
