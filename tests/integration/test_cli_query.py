"""The command `query` against real Pushgateways, and what else answers at a URL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support.groups import JOB, poison, push_raw
from support.hostile_server import Answer, hostile_server
from support.services import Pushgateway, free_port, pushgateway
from support.summaries import push_context, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.shell import Shell

NAMES = ["main", ".", "..", "a/b", "../..", "ünï-cødé/分支", "x" * 300, "分" * 300, "-x", "a?b#c%2F&d"]
IMPORT = "http://127.0.0.1:9/api/v1/import/prometheus"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Pushgateway]:
    with pushgateway(tmp_path) as running:
        yield running


def push(shell: Shell, gateway: Pushgateway, branch: str = "main", repository: str = "octo/shop") -> None:
    path = shell.save(summary(context=push_context(branch=branch, repository=repository)))
    assert shell.run("push", path, f"--push-branches={branch}", "--pushgateway-url", gateway.url) == 0, shell.err


@pytest.mark.pushgateway
def test_branches_of_any_name_are_told_apart(gateway: Pushgateway, shell: Shell) -> None:
    """Each branch is found by its exact name, with the values of its summary and no other."""
    for name in NAMES:
        push(shell, gateway, name)
    for name in NAMES:
        assert shell.run("query", f"--branch={name}", "--json", "--pushgateway-url", gateway.url) == 0
        (row,) = json.loads(shell.out)
        assert row["labels"] == {"job": JOB, "repository": "octo/shop", "branch": name}
        assert row["state"] == "ok"
        scores = {entry["labels"]["component"]: entry["value"] for entry in row["metrics"]["ai_coding_quality_score"]}
        assert scores["overall"] == pytest.approx(91.73)


@pytest.mark.pushgateway
def test_what_others_pushed_is_only_shown_on_request(gateway: Pushgateway, shell: Shell) -> None:
    """Groups of other jobs, of other keys and poisonous ones are there with --all-jobs, and a filter narrows."""
    push(shell, gateway)
    push(shell, gateway, repository="octo/cart")
    poison(gateway.url)
    url = ("--pushgateway-url", gateway.url)
    assert shell.run("query", *url) == 0
    assert shell.out.startswith("2 groups\n")
    assert shell.run("query", "--repository", "octo/cart", *url) == 0
    assert shell.out.startswith("1 group\n")
    assert "octo/cart" in shell.out
    assert shell.run("query", "--all-jobs", "--json", *url) == 0
    states = {tuple(sorted(row["labels"].items())): row["state"] for row in json.loads(shell.out)}
    assert states[("instance", ""), ("job", "ok2")] == "poisonous"
    assert states[(("job", "other"),)] == "zombie"
    assert len(states) == 5
    assert shell.run("query", "--repository", "nobody/here", *url) == 0
    assert shell.out == "0 groups\n"


@pytest.mark.pushgateway
def test_labels_that_only_look_like_ours(gateway: Pushgateway, shell: Shell) -> None:
    """A group of our job with another key is none of ours."""
    assert push_raw(gateway.url, f"job/{JOB}/repository/shop/shard/1", "x 1\n") == 200
    assert shell.run("query", "--pushgateway-url", gateway.url) == 0
    assert shell.out == "0 groups\n"


@pytest.mark.pushgateway
def test_a_gateway_that_is_down_hides_no_other(gateway: Pushgateway, shell: Shell) -> None:
    """The groups of the gateways that answer are printed, and the exit code is 4 with the reason."""
    push(shell, gateway)
    with hostile_server(Answer(200, b"<html>log in</html>")) as server:
        urls = ("--pushgateway-url", server.url, "--pushgateway-url", gateway.url, "--pushgateway-url", IMPORT)
        assert shell.run("query", *urls) == 4
    assert shell.out.startswith("1 group\n")
    assert f"Pushgateway {server.url} answered with something else than its API does" in shell.err
    assert f"query: {IMPORT} is VictoriaMetrics' import endpoint" in shell.err


def test_nobody_listens(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that can't be reached is exit code 4 after the retries."""
    monkeypatch.setattr("ai_code_metrics.publish.gateway_http._FIRST_PAUSE_SECONDS", 0.01)
    assert shell.run("query", "--pushgateway-url", f"http://127.0.0.1:{free_port()}") == 4
    assert "could not be reached" in shell.err


@pytest.mark.parametrize(
    ("arguments", "text"), [((), "query: give --pushgateway-url"), (("--pushgateway-url", IMPORT), "/api/v1/query")]
)
def test_usage(shell: Shell, arguments: tuple[str, ...], text: str) -> None:
    """Without a gateway that keeps groups it is exit code 2, with what to do."""
    assert shell.run("query", *arguments) == 2
    assert text in shell.err
