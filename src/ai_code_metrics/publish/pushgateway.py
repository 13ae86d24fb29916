"""Pushes a summary to a Pushgateway: one deadline for everything, no redirect followed, no secret printed."""

from __future__ import annotations

import base64
import queue
import random
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import IO, TYPE_CHECKING, Final, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from prometheus_client import push_to_gateway, pushadd_to_gateway

from ai_code_metrics.errors import PublishFailed, UsageError
from ai_code_metrics.measure.catalog import run_succeeded
from ai_code_metrics.publish.grouping import group_url, grouping_key
from ai_code_metrics.report.prometheus_text import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_code_metrics.model import Summary

__all__ = ["DEADLINE_SECONDS", "PushTarget", "direct_opener", "group_url", "grouping_key", "push"]

DEADLINE_SECONDS: Final = 30.0
_MAX_REASON_BYTES: Final = 2_000
_MAX_ATTEMPTS: Final = 5
_FIRST_PAUSE_SECONDS: Final = 0.5
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_REDIRECTS: Final = range(300, 400)


@dataclass(frozen=True, slots=True)
class PushTarget:
    """A Pushgateway and how to log in: nothing, basic authentication, or a bearer token.

    Raises:
        UsageError: the URL is none of a Pushgateway, it holds credentials, the job is empty, or the credentials can't
            be sent. No text of the error holds a credential.
    """

    url: str
    job: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        _check_url(self.url)
        if not self.job:
            raise UsageError("pushgateway-job is empty: an empty grouping value poisons a Pushgateway")
        _check_credentials(self)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that may appear in no message."""
        return tuple(secret for secret in (self.token, self.password, _basic(self)) if secret)


def push(
    summary: Summary,
    target: PushTarget,
    grouping: Mapping[str, str],
    *,
    opener: OpenerDirector | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    deadline: float = DEADLINE_SECONDS,
) -> None:
    """Push the summary's metrics to its group.

    A run that measured something replaces the group (PUT). A run that measured nothing replaces only the metrics of
    the run (POST), so that the last good values stay. Connection errors, 429 and 5xx are tried again, up to
    five attempts in all and not beyond the deadline; whatever else the server says is final.

    Args:
        summary: what was measured.
        target: the Pushgateway.
        grouping: the labels of the group beside ``job``, from :func:`grouping_key`.
        opener: opens the requests; default :func:`direct_opener`.
        clock: monotonic seconds.
        sleep: waits that many seconds.
        deadline: seconds for everything together: name look-up, all attempts, all pauses.

    Raises:
        PublishFailed: the server refused or could not be reached; the text holds its reason.
        UsageError: the grouping key can't be used.
        InvalidSummary: the summary holds a date that doesn't exist.
    """
    group = group_url(target.url, target.job, grouping)
    attempts = _Attempts(target, opener or direct_opener(), clock, sleep, clock() + deadline)

    def handler(
        url: str,  # noqa: ARG001 - prometheus_client's URL has the values as plain path segments
        method: str,
        timeout: float | None,  # noqa: ARG001 - per socket operation, where the deadline is for all
        headers: list[tuple[str, str]],
        data: bytes,
    ) -> Callable[[], None]:
        request = Request(group, data=data, headers=dict(headers), method=method)  # noqa: S310 - the scheme is checked
        return lambda: attempts.run(request)

    if run_succeeded(summary):
        push_to_gateway(target.url, target.job, registry(summary), handler=handler)
    else:
        pushadd_to_gateway(target.url, target.job, registry(summary, only_run=True), handler=handler)


def fetch(
    target: PushTarget,
    path: str,
    *,
    limit: int,
    opener: OpenerDirector | None = None,
    deadline: float = DEADLINE_SECONDS,
) -> bytes:
    """Return what a path of the Pushgateway answers, with the same retries and deadline as a push.

    Args:
        target: the Pushgateway.
        path: below its URL, from a slash on.
        limit: bytes that the answer may have.
        opener: opens the requests; default :func:`direct_opener`.
        deadline: seconds for everything together.

    Raises:
        PublishFailed: the server refused, could not be reached, or answered with more.
    """
    contents: list[bytes] = []

    def take(answer: IO[bytes]) -> None:
        content = answer.read(limit + 1)
        if len(content) > limit:
            raise OSError(f"the answer has over {limit:,} bytes")
        contents.append(content)

    attempts = _Attempts(target, opener or direct_opener(), time.monotonic, time.sleep, time.monotonic() + deadline)
    attempts.run(Request(target.url.rstrip("/") + path), take)  # noqa: S310 - the target has checked the URL
    return contents[-1]


def direct_opener() -> OpenerDirector:
    """Return an opener that follows no redirect; proxies of the environment (``HTTPS_PROXY`` …) are used."""
    return build_opener(_NoRedirect)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        """Make every redirect an error: following one could overwrite another group."""


def _ignore(_: IO[bytes]) -> None:
    """A push is done when it is answered."""


@dataclass(frozen=True, slots=True)
class _Attempts:
    """Sends one request until it succeeds, is refused, or the deadline has come."""

    target: PushTarget
    opener: OpenerDirector
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    end: float

    def run(self, request: Request, take: Callable[[IO[bytes]], None] = _ignore) -> None:
        """Send the request, and let ``take`` read the answer; raise :class:`PublishFailed` with the last reason."""
        _authorize(request, self.target)
        for attempt in range(_MAX_ATTEMPTS):
            reason, is_final = self._attempt(request, take)
            if not reason:
                return
            # jitter spreads the retries of many jobs that failed together
            pause = _FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
            if is_final or attempt == _MAX_ATTEMPTS - 1 or self.clock() + pause >= self.end:
                self._fail(reason)
            self.sleep(pause)

    def _attempt(self, request: Request, take: Callable[[IO[bytes]], None]) -> tuple[str, bool]:
        """Send once; return the reason of a failure (else an empty text) and whether trying again is pointless."""
        remaining = max(0.01, self.end - self.clock())
        try:
            _within(remaining, lambda: _send(self.opener, request, remaining, take))
        except HTTPError as error:
            return _refusal(error), error.code != _TOO_MANY_REQUESTS and error.code < _SERVER_ERROR
        except URLError as error:
            return f"could not be reached: {error.reason}", False
        except TimeoutError:
            return "did not answer in time", True
        except (OSError, HTTPException, UnicodeError) as error:
            return f"broke the connection off: {type(error).__name__}: {error}", False
        return "", True

    def _fail(self, reason: str) -> NoReturn:
        for secret in self.target.secrets:
            reason = reason.replace(secret, "***")
        # one line without control characters: a runner reads workflow commands from the start of any line
        line = "".join(character if character.isprintable() else " " for character in reason).strip()
        raise PublishFailed(f"Pushgateway {self.target.url} {line}") from None


def _send(opener: OpenerDirector, request: Request, timeout: float, take: Callable[[IO[bytes]], None]) -> None:
    try:
        with opener.open(request, timeout=timeout) as answer:
            take(answer)
    except HTTPError as error:
        # the body is read here, where the deadline holds; a gateway's reason stands nowhere else
        with error:
            body = error.read(_MAX_REASON_BYTES).decode("utf-8", "replace")
        raise HTTPError(error.url, error.code, body.strip() or error.msg, error.headers, None) from None


def _within(seconds: float, call: Callable[[], None]) -> None:
    """Call in a thread and wait at most so long: a socket's timeout starts anew with each byte that drips in."""
    outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def guarded() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that waits
            outcome.put(error)
        else:
            outcome.put(None)

    threading.Thread(target=guarded, name="pushgateway", daemon=True).start()
    try:
        error = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error


def _refusal(error: HTTPError) -> str:
    if error.code in _REDIRECTS:
        return f"answered {error.code}, a redirect, which is not followed: give the final URL as pushgateway-url"
    hints = {
        401: " (check pushgateway-username and pushgateway-password, or pushgateway-token)",
        403: " (the credentials are not allowed to push)",
        404: " (check the path of pushgateway-url: it ends before /metrics)",
    }
    return f"answered {error.code}: {error.msg}{hints.get(error.code, '')}"


def _basic(target: PushTarget) -> str:
    if not target.username:
        return ""
    return base64.b64encode(f"{target.username}:{target.password}".encode()).decode("ascii")


def _authorize(request: Request, target: PushTarget) -> None:
    # unredirected: the header would not travel along, should a redirect ever be followed
    if target.token:
        request.add_unredirected_header("Authorization", f"Bearer {target.token}")
    elif target.username:
        request.add_unredirected_header("Authorization", f"Basic {_basic(target)}")


def _check_url(url: str) -> None:
    """Refuse what can't be a Pushgateway's URL, without printing it: it may hold a password."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise UsageError("pushgateway-url is no URL: expected http://host:port or https://host") from None
    if "@" in parts.netloc:
        raise UsageError(
            "pushgateway-url holds credentials, which end up in logs: "
            "pass them as pushgateway-username and pushgateway-password, or as pushgateway-token"
        )
    if parts.scheme not in {"http", "https"} or not has_host:
        raise UsageError("pushgateway-url is no URL of a Pushgateway: expected http://host:port or https://host")
    if parts.query or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError("pushgateway-url must hold scheme, host, port and path only, in printable ASCII")


def _check_credentials(target: PushTarget) -> None:
    if target.token and (target.username or target.password):
        raise UsageError("pushgateway-token and pushgateway-username/-password are both given: give one kind")
    if target.password and not target.username:
        raise UsageError("pushgateway-password is given without pushgateway-username")
    if ":" in target.username:
        raise UsageError("pushgateway-username holds a colon, which basic authentication can't carry")
    if not target.token.isascii() or not all(map(str.isprintable, (target.username, target.password, target.token))):
        # http.client would refuse such a header with an error that prints it
        raise UsageError("the Pushgateway's credentials hold a line break or another character that can't be sent")
