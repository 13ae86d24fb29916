from __future__ import annotations

from typing import Any, Final

from panel_tables import Table, properties, table_of
from panels import Panel, Place, Query
from prometheus_api import Series

ORGANIZE: Final = {
    "id": "organize",
    "options": {
        "excludeByName": {"job": True},
        "indexByName": {"repository": 0, "project": 1, "Value #A": 2, "Value #B": 3},
        "renameByName": {"Value #A": "Score", "Value #B": "Coverage"},
    },
}


def panel(*ref_ids: str, **fields: Any) -> Panel:
    """Return a table with a query for each of these names."""
    queries = tuple(Query(ref_id, "up", instant=True) for ref_id in ref_ids)
    return Panel("Table", "table", Place(0, 0, 24, 8), queries, **fields)


def series(value: float, **labels: str) -> Series:
    """Return a series with one value."""
    return Series(labels, ((0.0, value),))


def test_rows_with_the_same_labels_become_one() -> None:
    """The answers to several queries stand beside each other; where one has nothing the cell is empty."""
    answers = [
        [series(90, repository="b", job="ci"), series(80, repository="a", project="api", job="ci")],
        [series(0.5, repository="b", job="ci")],
    ]
    assert table_of(panel("A", "B", transformations=({"id": "merge"}, ORGANIZE)), answers) == Table(
        ("repository", "project", "Score", "Coverage"),
        (("a", "api", 80, None), ("b", None, 90, 0.5)),
    )


def test_the_value_of_an_only_query_has_no_letter() -> None:
    """Grafana numbers the columns of values only where there are several."""
    assert table_of(panel("A"), [[series(1, repository="a")]]) == Table(("repository", "Value"), (("a", 1),))


def test_an_override_has_the_last_word() -> None:
    """A column looks as the panel says, but for what an override of its name says."""
    override = {
        "matcher": {"id": "byName", "options": "Coverage"},
        "properties": [{"id": "unit", "value": "percentunit"}],
    }
    table = panel("A", defaults={"unit": "short", "decimals": 1}, overrides=(override,))
    assert properties(table, "Coverage") == {"unit": "percentunit", "decimals": 1}
    assert properties(table, "Score") == {"unit": "short", "decimals": 1}
