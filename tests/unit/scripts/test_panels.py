from __future__ import annotations

from typing import Any

import pytest

import panels
from panels import UnreadableDashboard, Window


def board(*variables: dict[str, Any]) -> dict[str, Any]:
    """Return a dashboard without panels."""
    return {"title": "Board", "panels": [], "templating": {"list": [{"type": "query", **raw} for raw in variables]}}


REPOSITORY = {"name": "repository", "query": "label_values(up, repository)"}
SEVERAL = {**REPOSITORY, "multi": True, "current": {"value": "$__all"}}


@pytest.mark.parametrize("form", ["$repository", "${repository}", "${repository:regex}"])
def test_every_form_of_a_variable_is_put_in(form: str) -> None:
    """A variable is known in Grafana's three forms."""
    assert panels.substituted(f'up{{a="{form}"}}[$__range]', {"repository": "b", "__range": "1h"}) == 'up{a="b"}[1h]'


def test_a_longer_name_is_another_variable() -> None:
    """$__range_s is not $__range with an s behind it."""
    assert panels.substituted("$__range_s $__range", Window(0, 60, 5).variables) == "60 60s"


def test_a_variable_without_a_value_is_named() -> None:
    """What nobody gives is an error with the variable and the expression."""
    with pytest.raises(UnreadableDashboard, match=r"no value for \$project in: up\{a=\"\$project\"\}"):
        panels.substituted('up{a="$project"}', {})


def test_all_matches_all() -> None:
    """A variable that stands for all matches anything, by its own pattern where it has one."""
    variables = [SEVERAL, {**SEVERAL, "name": "branch", "allValue": ".+"}]
    assert panels.values_of(board(*variables), {}, str) == {"repository": ".*", "branch": ".+"}


def test_a_given_value_is_no_pattern() -> None:
    """Where a variable may stand for several it is matched as a pattern, so that a dot has to be a dot."""
    given = {"repository": 'octo/my.shop"'}
    assert panels.values_of(board(SEVERAL), given, str) == {"repository": 'octo/my\\\\.shop\\"'}
    assert panels.values_of(board(REPOSITORY), given, str) == {"repository": 'octo/my.shop\\"'}


def test_the_first_value_stands_where_none_is_given() -> None:
    """A variable's query is asked with the variables before it."""
    branch = {"name": "branch", "query": 'label_values(up{repository="$repository"}, branch)'}
    found = panels.values_of(board(REPOSITORY, branch), {"repository": "octo/shop"}, lambda query: f"of {query}")
    assert found["branch"] == 'of label_values(up{repository=\\"octo/shop\\"}, branch)'


def test_a_variable_that_nothing_is_found_for_is_named() -> None:
    """A dashboard can't be shown where its variable has no value at all."""
    with pytest.raises(UnreadableDashboard, match="variable repository: nothing is given, and label_values"):
        panels.values_of(board(REPOSITORY), {}, lambda _: None)


def test_an_unknown_variable_is_named() -> None:
    """A value for what the dashboard doesn't have is an error, with what it has."""
    with pytest.raises(UnreadableDashboard, match="Board has no variable 'branch'; it has repository"):
        panels.values_of(board(SEVERAL), {"branch": "main"}, str)


def test_an_unknown_dashboard_is_named() -> None:
    """The error tells which dashboards there are."""
    with pytest.raises(UnreadableDashboard, match=r"no dashboard '\.\./x'; there are ai-tagged-code, fleet, rep"):
        panels.load("../x")


def test_panels_of_collapsed_rows_are_found() -> None:
    """A row that is folded holds its panels within."""
    place = {"x": 0, "y": 1, "w": 12, "h": 8}
    target = {"refId": "A", "expr": "up", "instant": True}
    inner = {"title": "Up", "type": "stat", "gridPos": place, "targets": [target]}
    row = {"title": "Row", "type": "row", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}, "panels": [inner]}
    [heading, panel] = panels.panels_of({"panels": [row]})
    assert heading.kind == "row"
    assert panel.queries == (panels.Query("A", "up", instant=True),)
    assert panel.place == panels.Place(0, 1, 12, 8)
