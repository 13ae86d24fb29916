"""scripts/monitoring against the catalog, and its own promises: no secrets, no open ports, every rule tested."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from ai_code_metrics.measure.catalog import CATALOG
from support import yaml_files

FOLDER: Final = "scripts/monitoring"
RECORDING: Final = yaml_files.load(f"{FOLDER}/rules/recording.yml")["groups"]
ALERTING: Final = yaml_files.load(f"{FOLDER}/rules/alerts.yml")["groups"]
RULES: Final[list[dict[str, Any]]] = [rule for group in [*RECORDING, *ALERTING] for rule in group["rules"]]
ALERTS: Final = [rule for rule in RULES if "alert" in rule]
COMPOSE: Final = yaml_files.load(f"{FOLDER}/compose.yaml")
TESTS: Final = sorted((yaml_files.ROOT / FOLDER / "rules" / "tests").glob("*.yml"))

GROUP_LABELS: Final = {"job", "repository", "branch", "project", "gateway", "instance"}
# what the Pushgateway adds to each group, what it says about itself, and what Prometheus adds to each target
FOREIGN: Final = {
    "push_time_seconds": set[str](),
    "push_failure_time_seconds": set[str](),
    "pushgateway_http_push_duration_seconds": {"method", "quantile"},
    "up": set[str](),
}
LABELS: Final = (
    FOREIGN
    | {metric.name: set(metric.labels) for metric in CATALOG}
    | {rule["record"]: set[str]() for rule in RULES if "record" in rule}
)
WORDS: Final = {"and", "or", "unless", "offset", "bool"}


def name_of(rule: dict[str, Any]) -> str:
    name: str = rule.get("alert") or rule["record"]
    return name


def metrics_in(expression: str) -> set[str]:
    """Return the names of the metrics that a PromQL expression reads."""
    bare = re.sub(r'"[^"]*"', "", expression)
    for part in (r"\{[^}]*\}", r"\[[^\]]*\]", r"\b(by|on|without|ignoring)\s*\([^)]*\)", r"\b\d+[smhdw]\b"):
        bare = re.sub(part, " ", bare)
    return set(re.findall(r"[a-zA-Z_:][\w:]*\b(?!\s*\()", bare)) - WORDS


def matchers_in(expression: str) -> list[tuple[str, str]]:
    """Return the metric and the label of each label matcher of a PromQL expression."""
    return [
        (metric, label)
        for metric, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}", expression)
        for label in re.findall(r"(\w+)\s*[=!]~?", re.sub(r'"[^"]*"', "", matchers))
    ]


def test_the_names_in_an_expression_are_found() -> None:
    """The reader of expressions below takes metrics only: no functions, labels, durations or words of PromQL."""
    expression = 'sum by (kind) (a:b{x="c d"}) and on (y) max_over_time(e_f[1d:5m] offset 1d) == 0 or time() - up > 2'
    assert metrics_in(expression) == {"a:b", "e_f", "up"}
    assert matchers_in('a{x="c=d", y!~"e"} / b{z=~"f"}') == [("a", "x"), ("a", "y"), ("b", "z")]


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_a_rule_reads_only_metrics_that_exist(rule: dict[str, Any]) -> None:
    """Every metric of a rule is one of the catalog, a recorded one, or the Pushgateway's own, and so are its labels."""
    assert metrics_in(rule["expr"]) - set(LABELS) == set()
    unknown = [(m, label) for m, label in matchers_in(rule["expr"]) if label not in LABELS[m] | GROUP_LABELS]
    assert unknown == []


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_no_rule_takes_the_rate_of_a_gauge(rule: dict[str, Any]) -> None:
    """All metrics are gauges: rate, irate and increase of them mean nothing."""
    assert not re.search(r"\b(i?rate|increase)\s*\(", rule["expr"])


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_every_rule_is_named_in_a_unit_test(rule: dict[str, Any]) -> None:
    """A rule without a test of promtool would be a guess."""
    assert any(re.search(rf"{re.escape(name_of(rule))}\b", path.read_text(encoding="utf-8")) for path in TESTS)


@pytest.mark.parametrize("alert", ALERTS, ids=name_of)
def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not(alert: dict[str, Any]) -> None:
    """Each alert is expected with its labels and words somewhere, and expected to be silent somewhere else."""
    expected = [
        bool(case["exp_alerts"])
        for path in TESTS
        for test in yaml_files.parse(path.read_text(encoding="utf-8"))["tests"]
        for case in test.get("alert_rule_test", [])
        if case["alertname"] == alert["alert"]
    ]
    assert set(expected) == {True, False}


@pytest.mark.parametrize("alert", ALERTS, ids=name_of)
def test_an_alert_says_what_is_wrong_with_whom_and_what_to_do(alert: dict[str, Any]) -> None:
    """Each has a severity, a one-line summary and a longer description that names whom it concerns."""
    assert alert["labels"]["severity"] in {"page", "ticket", "info"}
    summary, description = alert["annotations"]["summary"], alert["annotations"]["description"]
    assert "\n" not in summary
    assert len(description) > len(summary)
    assert re.search(r"\$labels\.(repository|gateway)", summary)


def test_only_what_stops_everything_pages() -> None:
    """Nobody is woken for a repository."""
    assert [alert["alert"] for alert in ALERTS if alert["labels"]["severity"] == "page"] == ["PushgatewayDown"]


@pytest.mark.parametrize(
    "group", [group for group in RECORDING if "once" in str(group)], ids=lambda group: group["name"]
)
def test_a_run_is_compared_with_the_evaluation_before(group: dict[str, Any]) -> None:
    """The offset of the rules that count a run once is the interval of their group, or runs are missed or repeated."""
    assert {offset for rule in group["rules"] for offset in re.findall(r"offset (\w+)", rule["expr"])} == {
        group["interval"]
    }


def test_the_labels_that_were_pushed_stay() -> None:
    """The scrape of the gateway keeps job and repository, drops nothing for its size and names each gateway."""
    [scrape] = [
        scrape
        for scrape in yaml_files.load(f"{FOLDER}/prometheus.yml")["scrape_configs"]
        if scrape["job_name"] == "pushgateway"
    ]
    assert scrape["honor_labels"] is True
    assert not {"sample_limit", "label_limit", "body_size_limit"} & set(scrape)
    assert all(target["labels"]["gateway"] for target in scrape["static_configs"])


def test_every_port_is_bound_to_this_machine() -> None:
    """Nothing is open to the network unless a variable says so, and Prometheus and Alertmanager never are."""
    ports = {name: port for name, service in COMPOSE["services"].items() for port in service["ports"]}
    assert all(re.match(r"(127\.0\.0\.1|\$\{\w+:-127\.0\.0\.1\}):\d+:\d+$", port) for port in ports.values())
    assert {name for name, port in ports.items() if "$" in port} == {"pushgateway", "grafana"}


def test_every_secret_is_a_file_that_git_ignores() -> None:
    """No service has a default password: each secret is used, and comes from a folder that is never committed."""
    used = [
        secret if isinstance(secret, str) else secret["source"]
        for service in COMPOSE["services"].values()
        for secret in service.get("secrets", [])
    ]
    assert sorted(used) == sorted(COMPOSE["secrets"])
    assert all(secret["file"].startswith("./secrets/") for secret in COMPOSE["secrets"].values())
    assert "secrets/" in (yaml_files.ROOT / FOLDER / ".gitignore").read_text(encoding="utf-8").splitlines()
    for service in COMPOSE["services"].values():
        secretive = [name for name in service.get("environment", {}) if re.search("PASSWORD|TOKEN|SECRET|KEY", name)]
        assert all(name.endswith("__FILE") for name in secretive)


def test_what_the_services_are_told_to_read_is_mounted() -> None:
    """The secrets that Prometheus and Alertmanager read are those that compose gives them."""
    given = {
        name: {
            f"/run/secrets/{secret}" if isinstance(secret, str) else secret["target"]
            for secret in service.get("secrets", [])
        }
        for name, service in COMPOSE["services"].items()
    }
    scrapes = yaml_files.load(f"{FOLDER}/prometheus.yml")["scrape_configs"]
    passwords = {scrape["basic_auth"]["password_file"] for scrape in scrapes if "basic_auth" in scrape}
    assert {f"/etc/prometheus/{path}" for path in passwords} == given["prometheus"]
    alertmanager = str(yaml_files.load(f"{FOLDER}/alertmanager.yml"))
    assert set(re.findall(r"_file': '([^']+)'", alertmanager)) == given["alertmanager"]


def test_what_is_mounted_from_here_is_read_only() -> None:
    """A service can write to volumes of its own only; every image has a version."""
    for service in COMPOSE["services"].values():
        mounts = [mount.split(":") for mount in service["volumes"]]
        assert all(mount[2:] == ["ro"] for mount in mounts if mount[0].startswith("."))
        assert {mount[0] for mount in mounts if not mount[0].startswith(".")} <= set(COMPOSE["volumes"])
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"])


def test_the_alertmanager_holds_no_secret() -> None:
    """Whatever is secret in a receiver is read from a file."""
    receivers = yaml_files.load(f"{FOLDER}/alertmanager.yml")["receivers"]
    settings = {
        key
        for receiver in receivers
        for kind in receiver.values()
        for one in kind
        if isinstance(one, dict)
        for key in one
    }
    assert settings == {"routing_key_file", "api_url_file", "send_resolved", "title", "text"}
