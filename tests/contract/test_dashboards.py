"""The dashboards are what their code builds, and ask for metrics that there are."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import pytest

import dashboards
from ai_code_metrics.measure.catalog import CATALOG
from ai_code_metrics.measure.catalog_samples import VERDICTS
from support.yaml_files import ROOT, load

if TYPE_CHECKING:
    from collections.abc import Iterator

MONITORING: Final = ROOT / "scripts" / "monitoring"
OF_THE_GATEWAY: Final = {"pushgateway_http_push_duration_seconds"}
NAMES: Final = list(dashboards.DASHBOARDS)


def board(name: str) -> dict[str, Any]:
    """Return a dashboard as it is checked in."""
    read: dict[str, Any] = json.loads((dashboards.DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    return read


def panels(name: str) -> Iterator[dict[str, Any]]:
    """Give the panels that show something."""
    return (panel for panel in board(name)["panels"] if panel["type"] != "row")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_checked_in_is_what_the_code_builds(name: str, request: pytest.FixtureRequest) -> None:
    """The JSON is never edited by hand, nor forgotten."""
    file = dashboards.DIRECTORY / f"{name}.json"
    if request.config.getoption("--update-gold"):
        file.write_text(dashboards.render(name), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == dashboards.render(name), "run: python scripts/monitoring/dashboards.py"


def test_no_other_dashboard_lies_beside_them() -> None:
    """Every file that Grafana provisions has its code."""
    assert sorted(path.stem for path in dashboards.DIRECTORY.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_queries_ask_for_metrics_that_there_are(name: str) -> None:
    """Metrics are the catalog's, recorded by the rules, or the gateway's own; gauges are never given to rate()."""
    groups = load("scripts/monitoring/rules/recording.yml")["groups"]
    recorded = {rule["record"] for group in groups for rule in group["rules"]}
    known = {metric.name for metric in CATALOG} | recorded | OF_THE_GATEWAY
    for panel in panels(name):
        assert panel["targets"], panel["title"]
        for target in panel["targets"]:
            used = set(
                re.findall(r"(?<![\w:])[a-z_]+:?[a-z_]*:?[a-z_]*(?=[{])|(?<![\w:])gateway:\w+:\w+", target["expr"])
            )
            assert used, target["expr"]
            assert used <= known, target["expr"]
            assert not re.search(r"\b(rate|irate|increase)\(", target["expr"])


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_whole(name: str) -> None:
    """Panels have titles of their own, say what they show and in which unit, and none lies over another."""
    shown = list(panels(name))
    titles = [panel["title"] for panel in shown]
    assert len(titles) == len(set(titles))
    for panel in shown:
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}"
    places = [panel["gridPos"] for panel in board(name)["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)


@pytest.mark.parametrize("name", NAMES)
def test_variables_are_those_that_the_queries_use(name: str) -> None:
    """No query has a variable that the page lacks, and none is there for nothing."""
    whole = board(name)
    there = {variable["name"] for variable in whole["templating"]["list"]}
    text = json.dumps([whole["panels"], [variable.get("query") for variable in whole["templating"]["list"]]])
    used = set(re.findall(r"\$\{?(datasource|lookback|repository|branch|project)\b", text))
    assert used == there
    assert set(re.findall(r"\$\{?([a-z]\w*)", text)) <= there


def test_pull_requests_are_left_out_of_pages_over_all_repositories() -> None:
    """Every pushed metric on them is asked for without the groups of pull requests."""
    for name in ("fleet", "ai-tagged-code"):
        for panel in panels(name):
            for target in panel["targets"]:
                selectors = re.findall(r"(?:ai_coding_\w+|group:\w+:once)\{(.*?)\}", target["expr"])
                assert all('branch!~"pr-[0-9]+"' in selector for selector in selectors), target["expr"]


def compared() -> Iterator[dict[str, Any]]:
    """Give the panels about the comparison of AI-tagged with untagged code."""
    return (panel for panel in panels("ai-tagged-code") if "ai_coding_origin_" in json.dumps(panel["targets"]))


def test_the_comparison_is_told_in_words_that_it_can_bear() -> None:
    """No panel says that assistants cause something, that one arm is better, or that the other one is of humans."""
    shown = list(compared())
    assert len(shown) == 7
    for panel in shown:
        text = json.dumps([panel["title"], panel["description"], panel["fieldConfig"]]).lower()
        assert not re.search(r"caus|human|better|worse|significan|\b(green|red)\b", text), panel["title"]
        assert "association" in panel["description"]


def test_every_verdict_has_its_word() -> None:
    """The tables tell each value of the metric, and one more where there is none, in words."""
    tables = [panel for panel in compared() if panel["type"] == "table"]
    for panel in tables:
        overrides = panel["fieldConfig"]["overrides"]
        mappings = [each for one in overrides for each in one["properties"] if each["id"] == "mappings"]
        [[mapping]] = [each["value"] for each in mappings]
        words = {float(value): result["text"] for value, result in mapping["options"].items()}
        assert words.keys() == {*VERDICTS.values(), 2}
        assert words[VERDICTS["lower"]] == "AI-tagged lower"
    assert len(tables) == 2


def test_grafana_finds_them() -> None:
    """What Grafana is told of source and place is what compose.yaml starts and mounts."""
    (source,) = load("scripts/monitoring/grafana/provisioning/datasources/prometheus.yml")["datasources"]
    (provider,) = load("scripts/monitoring/grafana/provisioning/dashboards/ai-code-metrics.yml")["providers"]
    services = load("scripts/monitoring/compose.yaml")["services"]
    assert re.fullmatch(r"http://(\w+):9090", source["url"])[1] in services  # type: ignore[index]
    assert provider["options"]["path"] in json.dumps(services["grafana"]["volumes"])
