"""The command `doctor` against real Pushgateways that are really ill, and against what else answers at a URL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

from ai_code_metrics.gateway_targets import target_of
from ai_code_metrics.publish.push_target import PushTarget
from ai_code_metrics.publish.pushgateway import push as push_to
from ai_code_metrics.report.prometheus_text import render
from support.groups import JOB, key, poison, push_raw
from support.hostile_server import Answer, hostile_server
from support.services import Pushgateway, free_port, get, pushgateway
from support.summaries import push_context, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.shell import Shell

OURS = f"job/{JOB}/branch/main/repository@base64/b2N0by9zaG9w"
PASSWORD = "s3cret-pw"
BCRYPT_OF_PASSWORD = "$2b$04$abcdefghijklmnopqrstuufbu7IbsAKnz0sK.RhkuQd5ApLvLcZVy"
IMPORT = "http://127.0.0.1:9/api/v1/import/prometheus"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Pushgateway]:
    with pushgateway(tmp_path) as running:
        yield running


def push(shell: Shell, url: str, branch: str = "main", repository: str = "octo/shop") -> int:
    path = shell.save(summary(context=push_context(branch=branch, repository=repository)))
    return shell.run("push", path, f"--push-branches={branch}", "--pushgateway-url", url)


def doctor(shell: Shell, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the command and return its exit code with the JSON."""
    code = shell.run("doctor", "--json", *arguments)
    return code, json.loads(shell.out)


def codes(health: dict[str, Any], *severities: str) -> set[str]:
    return {f["code"] for f in health["findings"] if f["severity"] in (severities or ("error", "warning"))}


@pytest.mark.pushgateway
def test_a_poisoned_gateway_is_found_and_healed(gateway: Pushgateway, shell: Shell) -> None:
    """A poisoned gateway serves nothing and takes nothing; after --fix it does, and what it held is there."""
    assert push(shell, gateway.url) == 0
    poison(gateway.url)
    with pytest.raises(HTTPError, match="500"):
        get(f"{gateway.url}/metrics")
    assert push(shell, gateway.url) == 4
    url = ("--pushgateway-url", gateway.url)
    code, health = doctor(shell, *url)
    assert code == 4
    assert codes(health, "error") == {"poisonous"}
    (found,) = [finding for finding in health["findings"] if finding["code"] == "poisonous"]
    assert (found["fixable"], found["groups"]) == (True, [{"job": "ok2", "instance": ""}])
    code, health = doctor(shell, "--fix", *url)
    assert code == 0, shell.err
    assert [(entry["code"], entry["groups"]) for entry in health["healed"]] == [("poisonous", 1)]
    assert codes(health, "error") == set()
    assert {"rejected", "zombie-of-others"} <= codes(health)
    assert "ai_coding_quality_score" in get(f"{gateway.url}/metrics")
    assert push(shell, gateway.url) == 0
    code, health = doctor(shell, *url)
    assert (code, codes(health)) == (0, {"open-to-all", "zombie-of-others"})
    assert {group["labels"]["job"] for group in gateway.groups()} == {JOB, "ok2", "other"}


@pytest.mark.pushgateway
def test_a_zombie_of_ours_goes_and_others_stay(gateway: Pushgateway, shell: Shell) -> None:
    """A group of ours that never took a push is deleted by --fix; another's is only told."""
    for path in (OURS, "job/backup"):
        assert push_raw(gateway.url, path, "x 1 1700000000000\n") == 400
    code, health = doctor(shell, "--pushgateway-url", gateway.url)
    assert (code, codes(health, "error")) == (4, {"zombie"})
    code, health = doctor(shell, "--fix", "--pushgateway-url", gateway.url)
    assert (code, codes(health)) == (0, {"open-to-all", "zombie-of-others"})
    assert [group["labels"] for group in gateway.groups()] == [{"job": "backup"}]


@pytest.mark.pushgateway
def test_a_help_conflict_is_healed_with_all_values_kept(gateway: Pushgateway, shell: Shell) -> None:
    """After --fix all groups have this version's HELP, and each has exactly the values it had, also other metrics."""
    assert push(shell, gateway.url, "a/b") == 0
    other = render(summary()).replace("HELP ai_coding_lint_messages Messages", "HELP ai_coding_lint_messages All")
    other = other.replace("HELP ai_coding_lines Surviving", "HELP ai_coding_lines Old")
    assert push_raw(gateway.url, OURS, other + "# HELP theirs x\n# TYPE theirs gauge\ntheirs 0.1\n") == 200
    before = gateway.group(**key())
    code, health = doctor(shell, "--pushgateway-url", gateway.url)
    assert (code, codes(health)) == (0, {"open-to-all", "help-conflict"})
    assert "lines, lint_messages" in shell.out
    code, health = doctor(shell, "--fix", "--pushgateway-url", gateway.url)
    assert (code, codes(health)) == (0, {"open-to-all"})
    after = gateway.group(**key())
    assert after.pop(("push_time_seconds", ())) >= before.pop(("push_time_seconds", ()))
    assert after == before
    texts = {group["ai_coding_lint_messages"]["help"] for group in gateway.groups()}
    assert texts == {"Messages of pylint by category."}


@pytest.mark.pushgateway
def test_the_poison_goes_before_anything_is_pushed_again(gateway: Pushgateway, shell: Shell) -> None:
    """A HELP conflict on a poisoned gateway, which takes no push, is healed in the same run."""
    text = "# HELP ai_coding_lint_score Old.\n# TYPE ai_coding_lint_score gauge\nai_coding_lint_score 87.5\n"
    assert push_raw(gateway.url, OURS, text) == 200
    poison(gateway.url)
    code, health = doctor(shell, "--fix", "--pushgateway-url", gateway.url)
    assert code == 0, shell.err
    assert [entry["code"] for entry in health["healed"]] == ["poisonous", "help-conflict"]
    assert "help-conflict" not in codes(health)
    assert gateway.group(**key())["ai_coding_lint_score", ()] == 87.5


@pytest.mark.pushgateway
def test_a_misplaced_group_goes_when_the_right_gateway_has_it(tmp_path: Path, shell: Shell) -> None:
    """A group on the wrong one of two gateways stays while it is the only one, and goes when its own has it too."""
    for name in "ab":
        (tmp_path / name).mkdir()
    with pushgateway(tmp_path / "a") as a, pushgateway(tmp_path / "b") as b:
        targets = [PushTarget(a.url, JOB), PushTarget(b.url, JOB)]
        grouping = {"repository": "octo/shop", "branch": "main"}
        home = target_of(targets, grouping)
        (wrong,) = [target for target in targets if target != home]
        urls = ("--pushgateway-url", a.url, "--pushgateway-url", b.url)
        push_to(summary(), wrong, grouping)
        code, health = doctor(shell, "--fix", *urls)
        assert (code, codes(health)) == (0, {"open-to-all", "misplaced"})
        assert Pushgateway(wrong.url).groups() != []
        push_to(summary(), home, grouping)
        code, health = doctor(shell, *urls)
        assert (code, codes(health)) == (0, {"open-to-all", "duplicate"})
        code, health = doctor(shell, "--fix", *urls)
        assert (code, codes(health)) == (0, {"open-to-all"})
        assert (Pushgateway(wrong.url).groups(), len(Pushgateway(home.url).groups())) == ([], 1)


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Pushgateway]:
    config = tmp_path / "web.yml"
    config.write_text(f"basic_auth_users:\n  pusher: {BCRYPT_OF_PASSWORD}\n", encoding="utf-8")
    with pushgateway(tmp_path, [f"--web.config.file={config}"]) as running:
        yield running


@pytest.mark.pushgateway
def test_a_locked_gateway(locked: Pushgateway, shell: Shell) -> None:
    """With its password it is well; with a wrong one it is told what to set, and the password is printed nowhere."""
    shell.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_USERNAME", "pusher")
    shell.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_PASSWORD", PASSWORD)
    url = ("--pushgateway-url", locked.url)
    code, health = doctor(shell, *url)
    assert (code, codes(health)) == (0, set())
    shell.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_PASSWORD", "wr0ng-pw")
    for command in ("query", "doctor", "prune"):
        options = ("--repository", "octo/shop") if command == "prune" else ()
        assert shell.run(command, *options, *url) == 4
        assert "wr0ng" not in shell.out + shell.err
    code, health = doctor(shell, *url)
    assert (code, codes(health)) == (4, {"refused"})
    assert "check pushgateway-username" in shell.out


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(200, b"<html>Welcome to nginx</html>"), "not-a-pushgateway"),
        (Answer(200, b'{"data": {"build_information": 7}}'), "not-a-pushgateway"),
        (Answer(404, b"not found"), "not-a-pushgateway"),
        (Answer(302, headers={"Location": "http://127.0.0.1:9/"}), "not-a-pushgateway"),
        (Answer(503, b"busy"), "not-a-pushgateway"),
        (Answer(403, b"no"), "refused"),
        (Answer(hang_up=True), "unreachable"),
    ],
)
def test_what_is_no_pushgateway(shell: Shell, answer: Answer, code: str) -> None:
    """Whatever else answers at the URL is an error that says what to check, and nothing is changed there."""
    with hostile_server(answer) as server:
        ended, health = doctor(shell, "--fix", "--pushgateway-url", server.url)
        assert {request.method for request in server.received} == {"GET"}
    assert (ended, codes(health, "error")) == (4, {code})
    assert all(finding["advice"] for finding in health["findings"])


def test_an_old_gateway(shell: Shell) -> None:
    """One that is healthy but has no API is too old."""
    with hostile_server(Answer(200, b"OK"), Answer(200, b"OK"), Answer(404, b"404 page not found")) as server:
        code, health = doctor(shell, "--pushgateway-url", server.url)
    assert (code, codes(health)) == (4, {"too-old"})


@pytest.mark.pushgateway
def test_a_gateway_that_is_down_beside_one_that_is_well(gateway: Pushgateway, shell: Shell) -> None:
    """Each is told for itself; VictoriaMetrics' import endpoint is told what applies to it."""
    down = f"http://127.0.0.1:{free_port()}"
    urls = [part for url in (down, gateway.url, IMPORT) for part in ("--pushgateway-url", url)]
    code, health = doctor(shell, *urls)
    found = {finding["gateway"]: finding["code"] for finding in health["findings"] if finding["code"] != "open-to-all"}
    assert (code, found) == (4, {down: "unreachable", gateway.url: "holds", IMPORT: "import-endpoint"})
    assert "--fix heals" not in shell.err  # a gateway that is down is healed by nobody here
    assert shell.run("doctor", "--pushgateway-url", IMPORT) == 0
    assert "its query API" in shell.out


def test_a_gateway_of_two_names_loses_nothing(gateway: Pushgateway, shell: Shell) -> None:
    """Every group would lie on the wrong gateway as well as on the right one: none is deleted."""
    for number in range(6):
        push_to(summary(), PushTarget(gateway.url, JOB), {"repository": f"octo/r{number}", "branch": "main"})
    before = len(gateway.groups())
    other = gateway.url.replace("127.0.0.1", "localhost")
    doctor(shell, "--pushgateway-url", gateway.url, "--pushgateway-url", other, "--fix")
    assert len(gateway.groups()) == before >= 6
