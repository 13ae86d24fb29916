from __future__ import annotations

import base64
import email.message
import io
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import OpenerDirector, Request

import pytest

from ai_code_metrics.errors import PublishFailed, UsageError
from ai_code_metrics.publish.push_target import PushTarget
from ai_code_metrics.publish.pushgateway import push
from support.summaries import summary, unavailable_summary

URL = "https://gateway.example:9091"
KEY = {"repository": "octo/shop", "branch": "main"}


class FakeOpener(OpenerDirector):
    """Answers with the given errors in turn, then with success."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.errors = list(errors)
        self.requests: list[Request] = []

    def open(self, fullurl: Any, data: Any = None, timeout: float | None = None) -> Any:
        """Keep the request and answer."""
        self.requests.append(fullurl)
        if self.errors:
            raise self.errors.pop(0)
        return io.BytesIO()


@dataclass
class FakeTime:
    """A clock that only moves when somebody sleeps."""

    now: float = 100.0
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.pauses.append(seconds)
        self.now += seconds


def answer(code: int, body: str = "") -> HTTPError:
    return HTTPError(URL, code, "a reason", email.message.Message(), io.BytesIO(body.encode()))


def pushed(opener: FakeOpener, *, of: Any = None, **login: Any) -> FakeTime:
    clock = FakeTime()
    target = PushTarget(URL, "ai-code-metrics", **login)
    of = of or summary()
    push(of, target, KEY, opener=opener, clock=lambda: clock.now, sleep=clock.sleep)
    return clock


def test_a_success_is_a_put_of_everything() -> None:
    """A run that measured something replaces the whole group."""
    opener = FakeOpener()
    pushed(opener)
    (request,) = opener.requests
    assert request.get_method() == "PUT"
    assert b"ai_coding_quality_score" in (request.data or b"")  # type: ignore[operator]
    assert (request.get_header("Content-type") or "").startswith("text/plain")


def test_a_failed_run_is_a_post_of_the_run_only() -> None:
    """A run that measured nothing leaves the last good values, and the last success, in place."""
    opener = FakeOpener()
    pushed(opener, of=unavailable_summary(gates=summary().gates))
    (request,) = opener.requests
    names = {line.split("{")[0].split(" ")[0] for line in request.data.decode().splitlines() if line[0] != "#"}  # type: ignore[union-attr]
    assert request.get_method() == "POST"
    assert names
    assert all(name.startswith("ai_coding_run_") for name in names)
    assert "ai_coding_run_last_success_timestamp_seconds" not in names


@pytest.mark.parametrize(
    ("login", "header"),
    [
        ({}, None),
        ({"username": "üser", "password": "pä:ss"}, "Basic " + base64.b64encode("üser:pä:ss".encode()).decode()),
        ({"token": "tok"}, "Bearer tok"),
    ],
)
def test_how_it_logs_in(login: dict[str, str], header: str | None) -> None:
    """Nothing, basic authentication or a bearer token goes out, in a header that no redirect carries on."""
    opener = FakeOpener()
    pushed(opener, **login)
    assert opener.requests[0].unredirected_hdrs.get("Authorization") == header
    assert "Authorization" not in opener.requests[0].headers


@pytest.mark.parametrize(
    "error", [URLError(ConnectionRefusedError("no")), ConnectionResetError("x"), 429, 500, 502, 503]
)
def test_what_may_pass_is_tried_again(error: Exception | int) -> None:
    """Connection errors, 429 and 5xx are tried again after a pause, and the push then succeeds."""
    errors = [answer(error) if isinstance(error, int) else error for _ in range(2)]
    opener = FakeOpener(*errors)
    clock = pushed(opener)
    assert len(opener.requests) == 3
    assert 0.25 <= clock.pauses[0] <= 0.5 <= clock.pauses[1] <= 1.0


@pytest.mark.parametrize("code", [301, 307, 400, 401, 403, 404, 413])
def test_a_refusal_is_final(code: int) -> None:
    """Any other answer is final: no second request, no pause."""
    opener = FakeOpener(answer(code, "no"), answer(code, "no"))
    with pytest.raises(PublishFailed, match=f"answered {code}"):
        pushed(opener)
    assert len(opener.requests) == 1


@pytest.mark.parametrize(("deadline", "least", "most"), [(30.0, 5, 5), (2.0, 2, 4), (0.1, 1, 1)])
def test_retries_come_to_an_end(deadline: float, least: int, most: int) -> None:
    """However often the server fails: five attempts at most, and no pause that ends after the deadline."""
    opener = FakeOpener(*[answer(503, "down for maintenance") for _ in range(100)])
    clock = FakeTime()
    target = PushTarget(URL, "j")
    with pytest.raises(PublishFailed, match="answered 503: down for maintenance"):
        push(summary(), target, KEY, opener=opener, clock=lambda: clock.now, sleep=clock.sleep, deadline=deadline)
    assert clock.now < 100 + deadline
    assert least <= len(opener.requests) <= most


def test_the_reason_of_a_refusal_is_printed() -> None:
    """The body of a 400, where alone a gateway says what is wrong, is in the error, on one line, bounded."""
    reason = "pushed metrics are invalid:\n::error::or inconsistent\x1b[31m " + "x" * 10_000
    with pytest.raises(PublishFailed) as caught:
        pushed(FakeOpener(answer(400, reason)))
    text = str(caught.value)
    assert "pushed metrics are invalid: ::error::or inconsistent" in text
    assert text.isprintable()
    assert len(text) < 2_200


@pytest.mark.parametrize("login", [{"username": "u", "password": "s3cret-pw"}, {"token": "s3cret-token"}])
def test_no_error_holds_a_secret(login: dict[str, str]) -> None:
    """A server that echoes the credentials, plain or encoded, doesn't get them into the error."""
    secrets = PushTarget(URL, "j", **login).secrets
    with pytest.raises(PublishFailed) as caught:
        pushed(FakeOpener(answer(400, f"you sent {' and '.join(secrets)}")), **login)
    assert "you sent ***" in str(caught.value)
    assert not [secret for secret in secrets if secret in str(caught.value)]
    assert not [secret for secret in secrets if secret in repr(PushTarget(URL, "j", **login))]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gateway:9091",
        "ftp://gateway",
        "file:///etc/passwd",
        "http://",
        "http://:9091",
        "http://gateway:0",
        "http://gateway:99999",
        "http://[::1",
        "http://gateway/?x=1",
        "http://gateway/#x",
        "http://gate way",
        "http://gateway\n",
        "http://gatewäy",
    ],
)
def test_a_wrong_url_is_a_usage_error(url: str) -> None:
    """What can't be the URL of a Pushgateway is refused before anything is sent."""
    with pytest.raises(UsageError, match="pushgateway-url"):
        PushTarget(url, "j")


@pytest.mark.parametrize("url", ["http://u:s3cret@gateway", "https://s3cret@gateway:9091/x", "http://u:s3cret@[bad"])
def test_credentials_in_the_url_are_refused_and_not_printed(url: str) -> None:
    """A URL that holds credentials is a usage error that doesn't repeat them."""
    with pytest.raises(UsageError) as caught:
        PushTarget(url, "j")
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("login", "match"),
    [
        ({"token": "s3cret", "username": "u", "password": "s3cret"}, "both given"),
        ({"password": "s3cret"}, "without pushgateway-username"),
        ({"username": "a:b", "password": "s3cret"}, "colon"),
        ({"token": "s3cret\n"}, "line break"),
        ({"token": "s3crét"}, "can't be sent"),
        ({"username": "u", "password": "s3cret\r\nX-Evil: 1"}, "line break"),
    ],
)
def test_credentials_that_cannot_be_sent(login: dict[str, str], match: str) -> None:
    """Credentials that contradict each other or would break a header are refused, and not repeated."""
    with pytest.raises(UsageError, match=match) as caught:
        PushTarget(URL, "j", **login)
    assert "s3cr" not in str(caught.value)


def test_an_empty_job_is_refused() -> None:
    """An empty job would be an empty grouping value."""
    with pytest.raises(UsageError, match="pushgateway-job"):
        PushTarget(URL, "")
