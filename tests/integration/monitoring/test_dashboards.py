"""Every query of every dashboard is asked of a real Prometheus with two weeks of history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

import panels
from prometheus_api import Api

if TYPE_CHECKING:
    from panels import Panel, Query
    from prometheus_api import Series
    from support.prometheus import Prometheus

pytestmark = [pytest.mark.prometheus, pytest.mark.promtool]

TWO_WEEKS: Final = 14 * 86_400
STEP: Final = 3_600
OF_ONE_REPOSITORY: Final = {"repository": "acme/platform", "branch": "main"}
QUERIES: Final = [
    pytest.param(name, panel, query, id=f"{name}: {panel.title} {query.ref_id}")
    for name in panels.names()
    for panel in panels.panels_of(panels.load(name))
    for query in panel.queries
]


def nothing_first(query: str) -> None:
    """Find no first value, as for a variable that the tests give a value."""


def ask(running: Prometheus, end: float, name: str, query: Query) -> list[Series]:
    """Ask as Grafana does: at one time where the query is instant, else over two weeks."""
    given = OF_ONE_REPOSITORY if name == "repository" else {}
    window = panels.Window(end, TWO_WEEKS, STEP)
    values = panels.values_of(panels.load(name), given, nothing_first) | window.variables
    expression = panels.substituted(query.expression, values)
    api = Api(running.url)
    return api.instant(expression, end) if query.instant else api.over(expression, window)


@pytest.mark.parametrize(("name", "panel", "query"), QUERIES)
def test_every_query_has_an_answer(
    fleet_history: Prometheus, history_end: float, name: str, panel: Panel, query: Query
) -> None:
    """A query is accepted and gives at least one series, none of which belongs to a pull request."""
    series = ask(fleet_history, history_end, name, query)
    assert series, f"{panel.title}: no data for {query.expression}"
    assert all(points.labels.get("branch") != "pr-7" for points in series)


def test_fleet_figures_are_those_of_the_recording_rules(fleet_history: Prometheus, history_end: float) -> None:
    """The numbers at the top of the fleet's page are what the rules record, to the last digit that matters."""
    recorded = {
        "Repositories": "fleet:ai_coding_repositories:count",
        "Median score": "fleet:ai_coding_quality_score:median",
        "Line coverage": 'fleet:ai_coding_coverage:ratio{kind="line"}',
        "AI share": "fleet:ai_coding_ai_share:ratio",
    }
    shown = {panel.title: panel for panel in panels.panels_of(panels.load("fleet"))}
    for title, expression in recorded.items():
        [series] = ask(fleet_history, history_end, "fleet", shown[title].queries[0])
        [expected] = fleet_history.query(expression, at=history_end)
        assert series.points[-1][1] == pytest.approx(float(expected["value"][1])), title
