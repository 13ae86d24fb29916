"""The whole way: the action under act, a real Pushgateway, a real Prometheus with our rules, every dashboard query."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

import panels
from prometheus_api import Api
from support.monitored import PASSWORD, USER, configuration, copy_rules, write_web_configuration
from support.prometheus import prometheus
from support.services import pushgateway
from support.shop import DISCOUNT, PRICES, REPOSITORY, Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from panels import Panel, Query
    from support.act import Act
    from support.prometheus import Prometheus

pytestmark = [pytest.mark.act, pytest.mark.pushgateway, pytest.mark.prometheus]

NOWHERE: Final = "http://127.0.0.1:9"
GATE: Final = "quality.score >= 1"
# labels of the catalog's metrics, by one of which a panel's series differ
DISTINGUISHING: Final = (
    "component", "kind", "result", "gate", "category", "severity", "complexity", "language", "view", "agent", "phase",
    "tool", "origin", "metric",
)  # fmt: skip
QUERIES: Final = [
    pytest.param(name, panel, query, id=f"{name}: {panel.title} {query.ref_id}")
    for name in panels.names()
    for panel in panels.panels_of(panels.load(name))
    for query in panel.queries
]


@dataclass(frozen=True)
class Story:
    """A run's summary, and the Prometheus that has seen its push."""

    summary: dict[str, Any]
    server: Prometheus

    def asked(self, name: str, query: Query) -> dict[str, float]:
        """Return what a panel's query gives now, by the label that tells its series apart."""
        given = {"repository": REPOSITORY, "branch": "main"} if name == "repository" else {}
        now = time.time()
        window = panels.Window(now, 3_600, 15)
        values = panels.values_of(panels.load(name), given, lambda _: None) | window.variables
        series = Api(self.server.url).instant(panels.substituted(query.expression, values), now)
        return {_told_apart(one.labels): one.points[-1][1] for one in series}


def _told_apart(labels: Mapping[str, str]) -> str:
    return next((labels[name] for name in DISTINGUISHING if name in labels), "")


@pytest.fixture(scope="module")
def story(act: Act, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run the action on a push of an assistant's commit, and wait until Prometheus has recorded it."""
    directory: Path = tmp_path_factory.mktemp("monitored")
    shop = Shop.create(directory / "shop", directory / "spied")
    before = shop.git("rev-parse", "HEAD")
    shop.write("shop/prices.py", PRICES + DISCOUNT)
    shop.commit("feat: give discounts\n\nCo-Authored-By: Claude <noreply@anthropic.com>")
    web = write_web_configuration(directory)
    copy_rules(directory / "rules")
    with (
        pushgateway(directory, [f"--web.config.file={web}"]) as gateway,
        prometheus(directory, configuration(gateway.url.removeprefix("http://"))) as server,
    ):
        shop.use_action(
            {
                "python": sys.executable,
                "pushgateway-url": gateway.url,
                "pushgateway-username": USER,
                "pushgateway-password": PASSWORD,
                "gates": GATE,
            }
        )
        payload = shop.push_payload() | {"before": before}
        run = act.run(shop.root, "push", payload, secrets={"GITHUB_TOKEN": "workflow-token"}, api_url=NOWHERE)
        assert run.succeeded, run.printed()
        [artifact] = run.artifacts.values()
        server.wait_for("group:ai_coding_changed_lines:once")
        server.wait_for("fleet:ai_coding_repositories:count")
        # several evaluations later, a run that was counted once is still counted once
        server.wait_for("count_over_time(ai_coding_run_success[5m]) > 15")
        yield Story(json.loads(artifact["metrics-summary.json"]), server)


@pytest.mark.parametrize(("name", "panel", "query"), QUERIES)
def test_a_panel_shows_the_summary_s_values(story: Story, name: str, panel: Panel, query: Query) -> None:
    """What a query gives is what the run measured, computed from the artifact's summary and nothing else."""
    shown = story.asked(name, query)
    key = f"{panel.title} {query.ref_id}" if len(panel.queries) > 1 else panel.title
    if key in LIVE:
        assert shown
        assert all(0 <= value < 3_600 for value in shown.values())
        return
    expected = {key: value for key, value in _OF_DASHBOARD[name](story.summary)[key].items() if value is not None}
    assert shown == pytest.approx(expected)


LIVE: Final = {"Last success", "Repository by repository F", "Age of the last success", "Duration of pushes"}
"""Panels of seconds that pass while the test runs."""


def _folded(values: Mapping[str, float], fold: Callable[[Iterable[float]], float]) -> dict[str, float]:
    """Eight series are as many as a metric of phases has; what is beyond seven is ``other``."""
    names = list(values)
    if len(names) <= 8:
        return dict(values)
    return {name: values[name] for name in names[:7]} | {"other": fold(values[name] for name in names[7:])}


def _origins(view: Mapping[str, Any]) -> dict[str, float]:
    return {origin: view[f"{origin}_lines"] for origin in ("ai", "human", "untagged", "suggestion", "bot")}


def _fleet(summary: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    coverage, security = summary["coverage"], summary["security"]["findings_by_severity"]
    lines = {"": coverage["covered_lines"] / coverage["num_statements"]}
    share = {"": summary["attribution"]["surviving"]["ai_share"]}
    score = {"": summary["quality"]["score"]}
    return {
        "Repositories": {"": 1},
        "Median score": score,
        "Line coverage": lines,
        "AI share": share,
        "Gates failing": {"": 0},
        "Stale for 14 days": {"": 0},
        "Repository by repository A": score,
        "Repository by repository B": lines,
        "Repository by repository C": share,
        "Repository by repository D": {"": 0},
        "Repository by repository E": {"": security["high"]},
        "Quality score": {"overall": summary["quality"]["score"]},
        "Line coverage by repository": {"line": lines[""]},
        "AI share by repository": {"surviving": share[""]},
        "Failing gates": {"": 0},
        "High and medium security findings": {"": security["high"] + security["medium"]},
        "Runs a day": {"": 1},
        "Failed runs a day": {"": 0},
        "Groups": {"": 1},
    }


def _repository(summary: Mapping[str, Any]) -> dict[str, Mapping[str, float | None]]:
    quality, coverage, tests = summary["quality"], summary["coverage"], summary["tests"]
    attribution, bands = summary["attribution"], summary["complexity"]["bands"]
    phases = {phase["name"]: phase for phase in summary["phases"]}
    known = {name: phase["peak_memory_bytes"] for name, phase in phases.items()}
    peaks = {name: peak for name, peak in known.items() if peak is not None}
    tools = ("pylint", "coverage", "bandit", "radon", "tests", "commits", "attribution")
    branches = coverage["num_branches"]
    return {
        "Score": {"overall": quality["score"]},
        "Line coverage": {"line": coverage["covered_lines"] / coverage["num_statements"]},
        "AI share": {"surviving": attribution["surviving"]["ai_share"]},
        "Gates failing": {"": 0},
        "Last run": {"": 1},
        "Quality score and components": {"overall": quality["score"], **quality["components"]},
        "Coverage": {
            "line": coverage["covered_lines"] / coverage["num_statements"],
            "branch": coverage["covered_branches"] / branches if branches else None,
        },
        "Tests": {
            "passed": tests["passed"], "failed": tests["failed"], "error": tests["errors"], "skipped": tests["skipped"],
        },
        "Duration of the tests": {"": tests["seconds"]},
        "Gates": {GATE: 1},
        "Lint messages": summary["lint"]["messages"],
        "Security findings": summary["security"]["findings_by_severity"],
        "Functions over 10": {band: bands[band] for band in ("moderate", "high", "very_high")},
        "Most complex function": {"": summary["complexity"]["max"]},
        "Commit scores A": {"": summary["commits"]["median"]},
        "Commit scores B": {"": summary["commits"]["worst"]},
        "Source lines": summary["source"]["lines"],
        "AI share of tree and change": {view: attribution[view]["ai_share"] for view in ("changed", "surviving")},
        "AI-tagged lines by agent": {
            agent: of["lines"] for agent, of in attribution["surviving"]["by_agent"].items()
        },
        "Duration of a run A": {"": phases["measure"]["seconds"]},
        "Duration of a run B": _folded({k: phase["seconds"] for k, phase in phases.items() if k != "measure"}, sum),
        "Peak memory": _folded(peaks, max),
        "Unavailable parts": dict.fromkeys(tools, 0),
    }  # fmt: skip


def _ai_tagged(summary: Mapping[str, Any]) -> dict[str, Mapping[str, float | None]]:
    changed, surviving = summary["attribution"]["changed"], summary["attribution"]["surviving"]
    commits = surviving["commits"]["by_origin"]
    return {
        "AI share, surviving": {"": surviving["ai_share"]},
        "AI share, last changes": {"": changed["ai_share"]},
        "AI-tagged lines": {"": surviving["ai_lines"]},
        "Lines attested as human": {"": surviving["human_lines"]},
        "AI share by repository": {"surviving": surviving["ai_share"]},
        "Changed against surviving A": {"": changed["ai_share"]},
        "Changed against surviving B": {"": surviving["ai_share"]},
        "AI-tagged lines by agent": {agent: of["lines"] for agent, of in surviving["by_agent"].items()},
        "Lines by origin": _origins(surviving),
        "Commits by origin": {origin: commits.get(origin, 0) for origin in _origins(surviving)},
        "Lines landed in 7 days": _origins(changed),
        "AI share of the lines landed in 7 days": {"": changed["ai_share"]},
        **_compared(summary["comparison"]["metrics"]),
    }


def _compared(metrics: Mapping[str, Any]) -> dict[str, Mapping[str, float | None]]:
    """What is told of both origins; a metric of which there is too little for a verdict has the value 2 as one."""
    verdicts = {"higher": 1, "lower": -1, "no difference shown": 0, "not enough data": 2}
    lines = {
        "Coverage of both origins": "coverage",
        "Lines in functions over 10": "complexity",
        "Lines left after 30 days": "survival",
        "Lint findings per 1,000 lines": "lint",
        "Security findings per 1,000 lines": "security",
    }
    tables = {
        "Differences of shares": (("coverage", "complexity", "survival"), 100),
        "Ratios of findings": (("lint", "security"), 1),
    }
    expected: dict[str, Mapping[str, float | None]] = {
        title: {origin: metrics[name][origin] for origin in ("ai", "untagged")} for title, name in lines.items()
    }
    for title, (names, factor) in tables.items():
        own = {name: metrics[name] for name in names}
        known = {name: each for name, each in own.items() if each["ai"] is not None or each["untagged"] is not None}
        expected[f"{title} A"] = {name: verdicts[each["verdict"]] for name, each in known.items()}
        for ref_id, figure in (("B", "ai"), ("C", "untagged")):
            expected[f"{title} {ref_id}"] = {name: each[figure] for name, each in own.items()}
        for ref_id, bound in (("D", "low"), ("E", "high")):
            limits = {name: each[bound] for name, each in own.items() if each[bound] is not None}
            expected[f"{title} {ref_id}"] = {name: factor * limit for name, limit in limits.items()}
    return expected


_OF_DASHBOARD: Final[Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Mapping[str, float | None]]]]] = {
    "fleet": _fleet,
    "repository": _repository,
    "ai-tagged-code": _ai_tagged,
}
