"""More than one plain gateway: shards, TLS, VictoriaMetrics, many pushers, and runs in the wrong order."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from ai_code_metrics.errors import PublishFailed, UsageError
from ai_code_metrics.measure import catalog
from ai_code_metrics.publish.gateway_query import read_groups
from ai_code_metrics.publish.push_target import IMPORT_PATH, PushTarget
from ai_code_metrics.publish.pushgateway import push
from support.hostile_server import Answer, hostile_server
from support.services import find_program, free_port, get, pushgateway, running
from support.summaries import push_context, quality, summary, unavailable_summary
from support.tls import write_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.services import Pushgateway
    from support.shell import Shell

pytestmark = pytest.mark.pushgateway
JOB = "ai-code-metrics"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Pushgateway]:
    with pushgateway(tmp_path) as gateway_running:
        yield gateway_running


def committed(at: int, **fields: Any) -> Any:
    return summary(context=push_context(head_committed_at=at, **fields))


def test_a_shard_for_each_group(tmp_path: Path, shell: Shell) -> None:
    """Of two gateways each group is on one alone, and both get some; order of the URLs doesn't matter."""
    for name in "ab":
        (tmp_path / name).mkdir()
    with pushgateway(tmp_path / "a") as a, pushgateway(tmp_path / "b") as b:
        for n in range(12):
            urls = (a.url, b.url) if n % 2 else (b.url, a.url)
            options = [part for url in urls for part in ("--pushgateway-url", url)]
            for _ in range(2):
                assert shell.run("push", shell.save(committed(1, repository=f"octo/r{n}")), *options) == 0
        held = [[group["labels"]["repository"] for group in gateway.groups()] for gateway in (a, b)]
    assert sorted(held[0] + held[1]) == sorted(f"octo/r{n}" for n in range(12))
    assert all(held)


def test_runs_that_end_in_the_wrong_order(gateway: Pushgateway, shell: Shell) -> None:
    """The run of the earlier commit, which ends last, leaves the later one's figures; the next commit replaces them."""
    url = ("--pushgateway-url", gateway.url)
    assert shell.run("push", shell.save(committed(200)), *url) == 0
    assert shell.run("push", shell.save(committed(100)), *url) == 4
    assert "not pushed: its group has the figures of a later commit" in shell.err
    key = {"job": JOB, "repository": "octo/shop", "branch": "main"}
    assert gateway.group(**key)["ai_coding_run_commit_timestamp_seconds", ()] == 200
    assert shell.run("push", shell.save(committed(300)), *url) == 0
    assert gateway.group(**key)["ai_coding_run_commit_timestamp_seconds", ()] == 300


def test_the_parts_of_a_monorepo_stand_beside_each_other(gateway: Pushgateway, shell: Shell) -> None:
    """Two parts of one repository push their own scores under their own comment-keys, and neither is the other's."""
    for key, score in (("api", 60.0), ("web", 80.0)):
        of = summary(context=push_context(), quality=quality(score=score))
        assert shell.run("push", shell.save(of), "--pushgateway-url", gateway.url, "--comment-key", key) == 0
    for key, score in (("api", 60.0), ("web", 80.0)):
        group = gateway.group(job=JOB, repository="octo/shop", branch="main", project=key)
        assert group["ai_coding_quality_score", (("component", "overall"),)] == score


@pytest.mark.parametrize("status", [403, 404, 405, 200])
def test_a_gateway_that_grants_no_look_is_pushed_to(shell: Shell, status: int) -> None:
    """Where a proxy lets only pushes through, or answers with a page, the push takes place all the same and says so."""
    with hostile_server(Answer(status, b"<html>no</html>"), Answer(200)) as server:
        assert shell.run("push", shell.save(committed(1)), "--pushgateway-url", server.url) == 0
        assert [request.method for request in server.received] == ["GET", "PUT"]
    assert "branch=main, without a look at what was there: Pushgateway" in shell.out


@pytest.fixture
def untraced_threads() -> Iterator[None]:
    """No coverage in new threads: of many that start at once, Python refuses some a trace function, which ends them."""
    trace = threading.gettrace()
    threading.settrace(None)
    yield
    if trace is not None:
        threading.settrace(trace)


@pytest.mark.usefixtures("untraced_threads")
def test_64_pushers_at_once_lose_nothing(gateway: Pushgateway) -> None:
    """Whoever pushes at the same time, every group is there, whole."""
    start, failures = threading.Barrier(64), []

    def pusher(number: int) -> None:
        target = PushTarget(gateway.url, JOB)
        start.wait()
        try:
            push(summary(), target, {"repository": f"octo/r{number}", "branch": "main"}, deadline=300)
        except PublishFailed as error:
            failures.append(str(error))

    threads = [threading.Thread(target=pusher, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    groups = read_groups(PushTarget(gateway.url, JOB))
    assert {group.labels["repository"] for group in groups} == {f"octo/r{n}" for n in range(64)}
    expected = sum(len(samples) for _, samples in catalog.families(summary()))
    assert {group.series for group in groups} == {expected}


def test_tls_with_an_authority_of_one_s_own(tmp_path: Path, shell: Shell) -> None:
    """A gateway with a private authority takes a push that names it, and is refused at once by one that doesn't."""
    certificate, key = write_certificate(tmp_path)
    web = tmp_path / "web.yml"
    web.write_text(json.dumps({"tls_server_config": {"cert_file": str(certificate), "key_file": str(key)}}))
    port = free_port()
    argv = [
        find_program("prometheus-pushgateway"),
        f"--web.listen-address=127.0.0.1:{port}",
        f"--web.config.file={web}",
    ]
    url, path = f"https://127.0.0.1:{port}", shell.save(committed(1))
    # over plain http it answers 400, by which it is known to be up
    with running(argv, f"http://127.0.0.1:{port}/-/ready", tmp_path / "gateway.log"):
        assert shell.run("push", path, "--pushgateway-url", url) == 4
        assert "can't be trusted: self-signed certificate" in shell.err
        assert "pushgateway-ca-file" in shell.err
        assert shell.run("push", path, "--pushgateway-url", url, "--pushgateway-ca-file", str(certificate)) == 0
        groups = read_groups(PushTarget(url, JOB, ca_file=str(certificate)))
    assert [group.labels["repository"] for group in groups] == ["octo/shop"]


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_can_not_be_used(tmp_path: Path, content: str | None) -> None:
    """A missing file, or one without a certificate, is told by name before anything is sent."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"pushgateway-ca-file: .*ca\.pem can't be read as PEM"):
        push(summary(), PushTarget("https://127.0.0.1:9", JOB, ca_file=str(file)), {"branch": "main"})


def test_victoria_metrics_takes_the_same_push(tmp_path: Path, shell: Shell) -> None:
    """Its import endpoint gets the values with the labels of the key, whatever they are; a failed run leaves them."""
    url = f"http://127.0.0.1:{free_port()}"
    argv = [
        find_program("victoria-metrics"),
        f"-storageDataPath={tmp_path / 'data'}",
        f"-httpListenAddr={url.removeprefix('http://')}",
        "-search.latencyOffset=0s",  # by default what is younger than 30 s isn't shown
    ]
    options = ("--pushgateway-url", url + IMPORT_PATH)
    branches = ("main", "a/b", "..", "ünï 分?&=%", "x" * 300)
    with running(argv, f"{url}/health", tmp_path / "victoria.log"):
        for branch in branches:
            context = push_context(branch=branch)
            for of in (summary(context=context), unavailable_summary(context=context)):
                assert shell.run("push", shell.save(of), *options, "--push-branches", branch) == 0
        found = {
            branch: _ask(url, f"last_over_time(ai_coding_quality_score{{branch={json.dumps(branch)}}}[30d])")
            for branch in branches
        }
    for branch, series in found.items():
        labels = {"job": JOB, "repository": "octo/shop", "branch": branch}
        assert all(labels.items() <= one["metric"].items() for one in series)
        values = {one["metric"]["component"]: float(one["value"][1]) for one in series}
        assert len(values) == 5
        assert values["overall"] == pytest.approx(91.73, abs=0.01)


def _ask(url: str, query: str) -> list[dict[str, Any]]:
    """Samples are there to be read some moments after they were written."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = json.loads(get(f"{url}/api/v1/query?{urlencode({'query': query})}"))
        found: list[dict[str, Any]] = answer["data"]["result"]
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"VictoriaMetrics has nothing for {query}")


def test_victoria_metrics_has_no_groups_to_read() -> None:
    """What only a Pushgateway can do is told, and asked of nobody."""
    with pytest.raises(PublishFailed, match="has no groups to read or delete"):
        read_groups(PushTarget(f"http://127.0.0.1:9{IMPORT_PATH}", JOB))


def test_a_group_is_found_by_its_exact_labels(gateway: Pushgateway) -> None:
    """Names that a URL would change are stored and read back as they are."""
    branches = {".", "..", "a/b", "分" * 300, "main"}
    for branch in branches:
        push(summary(), PushTarget(gateway.url, JOB), {"repository": "octo/shop", "branch": branch})
    groups = read_groups(PushTarget(gateway.url, JOB))
    assert {group.labels["branch"] for group in groups} == branches
    assert all(group.is_ours and group.pushed_at and not group.is_rejected for group in groups)
