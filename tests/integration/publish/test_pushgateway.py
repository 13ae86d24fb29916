from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

import pytest

from ai_code_metrics import model
from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.measure import catalog
from ai_code_metrics.publish.push_target import PushTarget
from ai_code_metrics.publish.pushgateway import push
from ai_code_metrics.report.prometheus_text import render
from support.hostile_server import Answer, hostile_server
from support.services import Pushgateway, free_port, promtool_check_metrics, pushgateway
from support.summaries import HOSTILE_NAME, hostile_summary, push_context, summary, unavailable_summary

if TYPE_CHECKING:
    from collections.abc import Iterator

JOB = "ai-code-metrics"
KEY = {"repository": "octo/shop", "branch": "main"}
PASSWORD = "s3cret-pw"
BCRYPT_OF_PASSWORD = "$2b$04$abcdefghijklmnopqrstuufbu7IbsAKnz0sK.RhkuQd5ApLvLcZVy"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pushgateway]:
    with pushgateway(tmp_path_factory.mktemp("pushgateway")) as running:
        yield running


@pytest.fixture(scope="module")
def locked_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pushgateway]:
    directory = tmp_path_factory.mktemp("locked")
    config = directory / "web.yml"
    config.write_text(f"basic_auth_users:\n  pusher: {BCRYPT_OF_PASSWORD}\n", encoding="utf-8")
    with pushgateway(directory, [f"--web.config.file={config}"]) as running:
        yield running


def served(of: model.Summary) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (metric.name, tuple(sorted(zip(metric.labels, labels, strict=True)))): value
        for metric, samples in catalog.families(of)
        for labels, value in samples
    }


def pushed_by_us(group: dict[Any, float]) -> dict[Any, float]:
    return {key: value for key, value in group.items() if key[0].startswith("ai_coding_")}


@pytest.mark.pushgateway
@pytest.mark.parametrize(
    "branch", ["main", ".", "..", "a/b", "../..", "a b", "ünï-cødé/分支", "x" * 300, "分" * 300, "a?b#c%2F&d", "100%"]
)
def test_the_group_holds_exactly_the_summary(gateway: Pushgateway, branch: str) -> None:
    """Whatever the branch is called, its group has its exact labels and the values of the summary, and no other."""
    of = summary(context=push_context(branch=branch))
    push(of, PushTarget(gateway.url, JOB), {"repository": "octo/shop", "branch": branch})
    group = gateway.group(job=JOB, repository="octo/shop", branch=branch)
    assert pushed_by_us(group) == pytest.approx(served(of))
    assert group["push_failure_time_seconds", ()] == 0


@pytest.mark.pushgateway
@pytest.mark.parametrize("job", [".", "..", "team/ci", "my job"])
def test_a_job_of_any_name(gateway: Pushgateway, job: str) -> None:
    """The job may be called as the caller likes; it never shortens the key."""
    push(summary(), PushTarget(gateway.url, job), KEY)
    assert gateway.group(job=job, **KEY)


@pytest.mark.pushgateway
def test_hostile_text_is_stored_without_harm(gateway: Pushgateway) -> None:
    """Hostile names in labels and in the key reach the gateway as text, and it stays healthy."""
    of = hostile_summary()
    key = {"repository": "octo/shop`|<b>", "branch": HOSTILE_NAME}
    push(of, PushTarget(gateway.url, JOB), key)
    assert pushed_by_us(gateway.group(job=JOB, **key)) == pytest.approx(served(of))


@pytest.mark.pushgateway
def test_a_later_push_replaces_the_group(gateway: Pushgateway) -> None:
    """A metric that is no longer available disappears with the next successful push."""
    key = {**KEY, "branch": "replaced"}
    push(summary(), PushTarget(gateway.url, JOB), key)
    without_lint = summary(lint=model.Unavailable(reason="pylint crashed"))
    push(without_lint, PushTarget(gateway.url, JOB), key)
    assert pushed_by_us(gateway.group(job=JOB, **key)) == pytest.approx(served(without_lint))


@pytest.mark.pushgateway
def test_a_failed_run_keeps_the_last_good_values(gateway: Pushgateway) -> None:
    """After a failed run the group has the old scores and the old last success, and the new run's own metrics."""
    key = {**KEY, "branch": "failing"}
    push(summary(), PushTarget(gateway.url, JOB), key)
    push(unavailable_summary(measured_at="2026-01-02T12:00:00Z"), PushTarget(gateway.url, JOB), key)
    group = gateway.group(job=JOB, **key)
    assert group["ai_coding_run_success", ()] == 0
    assert group["ai_coding_quality_score", (("component", "overall"),)] == pytest.approx(91.73)
    assert group["ai_coding_run_last_success_timestamp_seconds", ()] == 1_767_268_800
    assert group["ai_coding_run_completed_timestamp_seconds", ()] == 1_767_268_800 + 86_400


@pytest.mark.pushgateway
def test_the_reason_of_the_gateway_is_told(gateway: Pushgateway) -> None:
    """A path that the gateway doesn't know gives its own answer and a hint, at once."""
    with pytest.raises(PublishFailed, match=r"answered 404: .*ends before /metrics"):
        push(summary(), PushTarget(f"{gateway.url}/metrics", JOB), KEY)


@pytest.mark.pushgateway
def test_basic_authentication(locked_gateway: Pushgateway) -> None:
    """With user name and password a locked gateway takes the push."""
    push(summary(), PushTarget(locked_gateway.url, JOB, username="pusher", password=PASSWORD), KEY)
    login = {"Authorization": "Basic " + base64.b64encode(f"pusher:{PASSWORD}".encode()).decode()}
    assert [group["labels"] for group in locked_gateway.groups(login)] == [{"job": JOB, **KEY}]


@pytest.mark.pushgateway
@pytest.mark.parametrize("login", [{}, {"username": "pusher", "password": "wr0ng-pw"}, {"token": "wr0ng-pw"}])
def test_a_wrong_login_is_told_without_the_secret(locked_gateway: Pushgateway, login: dict[str, str]) -> None:
    """A locked gateway's refusal names the settings to check and holds no secret."""
    with pytest.raises(PublishFailed, match=r"answered 401: Unauthorized \(check pushgateway-username") as caught:
        push(summary(), PushTarget(locked_gateway.url, JOB, **login), KEY)
    assert "wr0ng" not in str(caught.value)


@pytest.mark.promtool
@pytest.mark.parametrize("of", [summary(), hostile_summary(), unavailable_summary()], ids=["whole", "hostile", "none"])
def test_promtool_has_nothing_to_say(of: model.Summary) -> None:
    """The exposition passes promtool's check of names, help, units and types in silence."""
    assert promtool_check_metrics(render(of)) == ""


@pytest.mark.promtool
def test_promtool_would_speak_up() -> None:
    """The check can fail: a gauge that is named like a counter is told."""
    assert "_total" in promtool_check_metrics("# HELP x_total x\n# TYPE x_total gauge\nx_total 1\n")


def test_a_dripping_server_ends_at_the_deadline() -> None:
    """A server that sends a byte now and then is left at the deadline, which holds for everything together."""
    with hostile_server(Answer(400, b"x" * 2_000, drip_seconds=0.1)) as server:  # 200 seconds in all
        started = time.monotonic()
        with pytest.raises(PublishFailed, match="did not answer in time"):
            push(summary(), PushTarget(server.url, JOB), KEY, deadline=1.0)
        assert time.monotonic() - started < 60


def test_a_silent_server_ends_at_the_deadline() -> None:
    """Retries of a server that hangs up stop at the deadline too."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += 10 * seconds  # a pause takes more of the deadline than an answer may, however busy the machine is

    with hostile_server(Answer(hang_up=True)) as server:
        with pytest.raises(PublishFailed, match=r"broke the connection off|could not be reached|in time"):
            push(summary(), PushTarget(server.url, JOB), KEY, clock=lambda: now[0], sleep=sleep, deadline=15)
        assert 2 <= len(server.received) < 5  # five without a deadline


def test_nobody_listens() -> None:
    """A gateway that is down gives the address and the system's reason."""
    port = free_port()
    with pytest.raises(PublishFailed, match=rf"http://127.0.0.1:{port} could not be reached: .*refused"):
        push(summary(), PushTarget(f"http://127.0.0.1:{port}", JOB), KEY, deadline=1.0)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_recovers(status: int) -> None:
    """After a passing failure the same request is sent again, whole."""
    with hostile_server(Answer(status, b"busy"), Answer(200)) as server:
        push(summary(), PushTarget(server.url, JOB, token="t0ken"), KEY)
        first, second = server.received
    assert (first.method, first.path, first.body) == (second.method, second.path, second.body)
    assert first.method == "PUT"
    assert second.headers["Authorization"] == "Bearer t0ken"
    assert second.body.decode("utf-8") == render(summary())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """A redirect, by which a gateway answers a key that it shortens, is an error: nothing else is requested."""
    with hostile_server(Answer(200)) as elsewhere:
        target = f"{elsewhere.url}/metrics/job/parent"
        with hostile_server(Answer(status, headers={"Location": target})) as server:
            for of in (summary(), unavailable_summary()):
                with pytest.raises(PublishFailed, match=rf"answered {status}, a redirect, which is not followed"):
                    push(of, PushTarget(server.url, JOB, token="t0ken"), KEY)
        assert elsewhere.received == []


def test_a_refusal_with_a_reason() -> None:
    """What the server says with a 400 is in the error; it is asked once."""
    with hostile_server(Answer(400, b"text format parsing error in line 1: expected float")) as server:
        with pytest.raises(PublishFailed, match="answered 400: text format parsing error in line 1: expected float"):
            push(summary(), PushTarget(server.url, JOB), KEY)
        assert len(server.received) == 1


def test_an_echo_of_the_credentials_is_blanked() -> None:
    """A server that sends the token back doesn't get it into the error."""
    with (
        hostile_server(Answer(403, b"bad token t0ken-s3cret")) as server,
        pytest.raises(PublishFailed, match=r"answered 403: bad token \*\*\*"),
    ):
        push(summary(), PushTarget(server.url, JOB, token="t0ken-s3cret"), KEY)


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where runners reach the gateway only through a proxy, the push and the look go through it."""
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with hostile_server(Answer(200)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        push(summary(), PushTarget("http://gateway.invalid:9091", JOB), KEY)
        (request,) = proxy.received
    assert request.method == "PUT"
    assert request.path.startswith("http://gateway.invalid:9091/metrics/job@base64/")


def test_a_body_that_a_proxy_refuses() -> None:
    """A limit of a proxy before the gateway is told as such, at once."""
    with hostile_server(Answer(413, b"Request Entity Too Large")) as server:
        with pytest.raises(PublishFailed, match=r"answered 413: .*raise the limit of the proxy before the Pushgateway"):
            push(summary(), PushTarget(server.url, JOB), KEY)
        assert len(server.received) == 1
