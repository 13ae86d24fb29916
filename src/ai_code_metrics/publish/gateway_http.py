"""Requests to a Pushgateway: one deadline for everything, no redirect followed, no secret printed."""

from __future__ import annotations

import queue
import random
import ssl
import threading
import time
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import IO, TYPE_CHECKING, Final, NoReturn
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

from ai_code_metrics.errors import GatewayRefused, PublishFailed, UsageError
from ai_code_metrics.gateway_state import POISONED_SIGN

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_code_metrics.publish.push_target import PushTarget

DEADLINE_SECONDS: Final = 30.0
_MAX_REASON_BYTES: Final = 2_000
MAX_ATTEMPTS: Final = 5
_FIRST_PAUSE_SECONDS: Final = 0.5
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_REDIRECTS: Final = range(300, 400)
_POISONED: Final = " (a group with an empty label poisons it for everybody: see `ai-code-metrics doctor --fix`)"


def fetch(
    target: PushTarget,
    path: str,
    *,
    limit: int,
    opener: OpenerDirector | None = None,
    deadline: float = DEADLINE_SECONDS,
    attempts: int = MAX_ATTEMPTS,
) -> bytes:
    """Return what a path of the Pushgateway answers, by default with the same retries and deadline as a push.

    Args:
        target: the Pushgateway.
        path: below its URL, from a slash on.
        limit: bytes that the answer may have.
        opener: opens the requests; default :func:`direct_opener`.
        deadline: seconds for everything together.
        attempts: how often it is tried at most.

    Raises:
        PublishFailed: the server refused, could not be reached, or answered with more.
    """
    contents: list[bytes] = []

    def take(answer: IO[bytes]) -> None:
        content = answer.read(limit + 1)
        if len(content) > limit:
            raise PublishFailed(f"Pushgateway {target.url} answers with over {limit:,} bytes: prune its groups")
        contents.append(content)

    exchange = replace(Exchange.within(deadline, target, opener=opener), attempts=attempts)
    exchange.run(Request(target.url.rstrip("/") + path), take)  # noqa: S310 - the target has checked the URL
    return contents[-1]


def delete(
    target: PushTarget, group: str, *, opener: OpenerDirector | None = None, deadline: float = DEADLINE_SECONDS
) -> None:
    """Delete a group; the gateway queues it, and one that isn't there is deleted too.

    Args:
        target: the Pushgateway.
        group: the group's URL, from :func:`~ai_code_metrics.publish.grouping.exact_url`.
        opener: opens the requests; default :func:`direct_opener`.
        deadline: seconds for everything together.

    Raises:
        PublishFailed: the server refused or could not be reached.
    """
    request = Request(group, method="DELETE")  # noqa: S310 - likewise
    Exchange.within(deadline, target, opener=opener).run(request)


def direct_opener(ca_file: str = "") -> OpenerDirector:
    """Return an opener that follows no redirect; proxies of the environment (``HTTPS_PROXY`` …) are used.

    Args:
        ca_file: PEM file with the authorities to trust in place of the system's.

    Raises:
        UsageError: that file can't be read, or holds no certificate.
    """
    if not ca_file:
        return build_opener(_NoRedirect)
    try:
        trusted = ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(
            f"pushgateway-ca-file: {ca_file} can't be read as PEM certificates: {error.strerror or error}"
        ) from None
    return build_opener(_NoRedirect, HTTPSHandler(context=trusted))


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        """Make every redirect an error: following one could overwrite another group."""


def _ignore(_: IO[bytes]) -> None:
    """A push is done when it is answered."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why an attempt failed, whether trying again is pointless, and the status that was answered; 0 without one."""

    reason: str
    is_final: bool
    status: int = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """Sends one request until it succeeds, is refused, or the deadline has come.

    Connection errors, 429 and 5xx are tried again, up to five attempts in all; whatever else the server says is final.
    """

    target: PushTarget
    opener: OpenerDirector
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    end: float
    attempts: int = MAX_ATTEMPTS

    @classmethod
    def within(
        cls,
        deadline: float,
        target: PushTarget,
        *,
        opener: OpenerDirector | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Exchange:
        """Return an exchange with ``target`` that ends in so many seconds; ``clock`` gives monotonic seconds.

        Raises:
            UsageError: the target's ``ca_file`` can't be used.
        """
        return cls(target, opener or direct_opener(target.ca_file), clock, sleep, clock() + deadline)

    def run(self, request: Request, take: Callable[[IO[bytes]], None] = _ignore) -> None:
        """Send the request, and let ``take`` read the answer.

        Raises:
            PublishFailed: it failed, with the last reason; :class:`GatewayRefused` where that is an answer.
        """
        _authorize(request, self.target)
        for attempt in range(self.attempts):
            failure = self._attempt(request, take)
            if failure is None:
                return
            # jitter spreads the retries of many jobs that failed together
            pause = _FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
            if failure.is_final or attempt == self.attempts - 1 or self.clock() + pause >= self.end:
                self._fail(failure)
            self.sleep(pause)

    def _attempt(self, request: Request, take: Callable[[IO[bytes]], None]) -> _Failure | None:
        """Send once; return what went wrong, None where nothing did."""
        remaining = max(0.01, self.end - self.clock())
        try:
            _within(remaining, lambda: _send(self.opener, request, remaining, take))
        except HTTPError as error:
            is_final = error.code != _TOO_MANY_REQUESTS and error.code < _SERVER_ERROR
            return _Failure(_refusal(error), is_final, error.code)
        except URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                why = error.reason.verify_message or error.reason
                return _Failure(
                    f"has a certificate that can't be trusted: {why} (name its authority in pushgateway-ca-file)",
                    is_final=True,
                )
            return _Failure(f"could not be reached: {error.reason}", is_final=False)
        except TimeoutError:
            return _Failure("did not answer in time", is_final=True)
        except (OSError, HTTPException, UnicodeError) as error:
            return _Failure(f"broke the connection off: {type(error).__name__}: {error}", is_final=False)
        return None

    def _fail(self, failure: _Failure) -> NoReturn:
        reason = failure.reason
        for secret in self.target.secrets:
            reason = reason.replace(secret, "***")
        # one line without control characters: a runner reads workflow commands from the start of any line
        line = "".join(character if character.isprintable() else " " for character in reason).strip()
        text = f"Pushgateway {self.target.url} {line}"
        raise (GatewayRefused(text, failure.status) if failure.status else PublishFailed(text)) from None


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
        401: " (check pushgateway-username and pushgateway-password, or pushgateway-token; at a terminal they are "
        "AI_CODE_METRICS_PUSHGATEWAY_USERNAME, …_PASSWORD and …_TOKEN)",
        403: " (the credentials are not allowed to push)",
        404: " (check the path of pushgateway-url: it ends before /metrics)",
        413: " (raise the limit of the proxy before the Pushgateway to 1 MB)",
    }
    hint = _POISONED if POISONED_SIGN in error.msg else hints.get(error.code, "")
    return f"answered {error.code}: {error.msg}{hint}"


def _authorize(request: Request, target: PushTarget) -> None:
    # unredirected: the header would not travel along, should a redirect ever be followed
    if target.token:
        request.add_unredirected_header("Authorization", f"Bearer {target.token}")
    elif target.username:
        request.add_unredirected_header("Authorization", f"Basic {target.basic}")
