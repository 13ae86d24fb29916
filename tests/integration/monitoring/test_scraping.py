"""The shipped prometheus.yml and recording rules in a real Prometheus that scrapes a real Pushgateway."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from ai_code_metrics import model
from ai_code_metrics.publish.push_target import PushTarget
from ai_code_metrics.publish.pushgateway import push
from support.monitored import PASSWORD, USER, configuration, copy_rules, write_web_configuration
from support.prometheus import Prometheus, prometheus
from support.services import pushgateway
from support.summaries import push_context, summary
from support.yaml_files import load

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.prometheus, pytest.mark.pushgateway]

JOB: Final = "team-ci"
WHOLE: Final = model.Phase(name="measure", seconds=42.0, status="ok", peak_memory_bytes=None)
# the gateway once more, each time with one thing done wrong
WRONG_SCRAPES: Final = """
  - job_name: {name}
    {setting}
    basic_auth: {{username: ai-code-metrics, password_file: secrets/pushgateway_password}}
    static_configs: [{{targets: ["{target}"], labels: {{repository: of-the-target}}}}]
"""


class Pair:
    """A Pushgateway with a password, and a Prometheus that scrapes it each second."""

    def __init__(self, url: str, server: Prometheus) -> None:
        self._target = PushTarget(url, JOB, USER, PASSWORD)
        self.server = server

    def run(self, branch: str, ended: float) -> None:
        """Push what a run of a branch that ended at ``ended`` measured."""
        measured_at = datetime.fromtimestamp(ended, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        measured = summary(context=push_context(branch=branch), measured_at=measured_at, phases=[WHOLE])
        push(measured, self._target, {"repository": "octo/shop", "branch": branch})

    def number(self, expression: str) -> float:
        """Return the value of an expression that has exactly one."""
        [series] = self.server.query(expression)
        return float(series["value"][1])


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    directory = tmp_path_factory.mktemp("monitoring")
    web = write_web_configuration(directory)
    copy_rules(directory / "rules")
    with pushgateway(directory, [f"--web.config.file={web}"]) as gateway:
        target = gateway.url.removeprefix("http://")
        with prometheus(directory, with_wrong_scrapes(target)) as server:
            yield Pair(gateway.url, server)


def with_wrong_scrapes(target: str) -> str:
    """Return the shipped configuration, with the wrong ways beside it."""
    without = WRONG_SCRAPES.format(name="without", setting="honor_labels: false", target=target)
    limited = WRONG_SCRAPES.format(name="limited", setting="sample_limit: 20", target=target)
    return configuration(target) + without + limited


def test_a_run_counts_once_however_often_it_is_scraped(pair: Pair) -> None:
    """Two runs are two samples of each recorded series, while the raw series has one with every scrape."""
    now = int(time.time())
    mine = f'job="{JOB}", repository="octo/shop", branch="counted", gateway="first"'
    once = f"count_over_time(group:ai_coding_run_duration_seconds:once{{{mine}}}[5m])"
    pair.run("counted", now)
    pair.server.wait_for(f"{once} == 1")
    pair.server.wait_for(f"count_over_time(ai_coding_run_success{{{mine}}}[5m]) >= 6")
    pair.run("counted", now + 1)
    pair.server.wait_for(f"{once} == 2")
    pair.server.wait_for(f"count_over_time(ai_coding_run_success{{{mine}}}[5m]) >= 14")
    assert pair.number(once) == 2
    lines = pair.number(f'ai_coding_changed_lines{{{mine}, origin="ai"}}')
    assert lines > 0
    assert pair.number(f'sum_over_time(group:ai_coding_changed_lines:once{{{mine}, origin="ai"}}[5m])') == 2 * lines
    assert pair.number(f'sum_over_time(ai_coding_changed_lines{{{mine}, origin="ai"}}[5m])') >= 14 * lines


def test_a_group_keeps_its_own_labels(pair: Pair) -> None:
    """Job and repository are those that were pushed; without honor_labels they are the target's own."""
    pair.run("labelled", int(time.time()))
    [kept] = pair.server.wait_for('ai_coding_run_success{branch="labelled", gateway="first"}')
    assert kept["metric"].items() >= {"job": JOB, "repository": "octo/shop", "branch": "labelled"}.items()
    assert not [label for label in kept["metric"] if label.startswith("exported_")]
    [renamed] = pair.server.wait_for('ai_coding_run_success{branch="labelled", job="without"}')
    assert renamed["metric"]["exported_job"] == JOB
    assert renamed["metric"]["exported_repository"] == "octo/shop"
    assert renamed["metric"]["repository"] == "of-the-target"


def test_a_sample_limit_drops_the_whole_scrape(pair: Pair) -> None:
    """A gateway with more samples than the limit is down for Prometheus, with everybody's series."""
    pair.run("limited", int(time.time()))
    pair.server.wait_for('up{job="without"} == 1')
    pair.server.wait_for('up{job="limited"} == 0')
    assert pair.server.query('{__name__=~"(ai_coding|push).*", job="limited"}') == []


def test_the_recorded_series_of_the_fleet_and_of_the_gateway_are_there(pair: Pair) -> None:
    """One push fills every recorded series of the shipped rules."""
    pair.run("recorded", int(time.time()))
    groups = load("scripts/monitoring/rules/recording.yml")["groups"]
    for series in (rule["record"] for group in groups for rule in group["rules"]):
        assert pair.server.wait_for(f"last_over_time({series}[5m])")
