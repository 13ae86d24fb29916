"""The one client of GitHub's REST API: PyGithub with bounded timeouts, retries and waits, for reading and writing.

Importing this module imports PyGithub, which takes as long as all of ours: import it where it is used.
"""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import requests
from github import Auth, Github
from github.GithubException import GithubException, RateLimitExceededException
from github.GithubRetry import GithubRetry
from urllib3.exceptions import LocationParseError, MaxRetryError, ResponseError

from ai_code_metrics.errors import AiCodeMetricsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DEFAULT_API_URL: Final = "https://api.github.com"
TIMEOUT_SECONDS: Final = 15
RETRIES: Final = 3
WAIT_SECONDS: Final = 90.0
_PAGE: Final = 100
_RATE_LIMITED: Final = frozenset({403, 429})  # the only statuses on which PyGithub's retries end in a wait
_MAX_REASON: Final = 300
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*/(?!\.{1,2}$)[A-Za-z0-9_.-]+")


@dataclass(slots=True)
class WaitBudget:
    """Seconds that all retries of one client may wait together."""

    seconds: float

    def spend(self, seconds: float) -> bool:
        """Take the seconds out of the budget, or tell that it doesn't hold so many."""
        if seconds > self.seconds:
            return False
        self.seconds -= seconds
        return True


class _BoundedRetry(GithubRetry):
    """PyGithub's retries, which know GitHub's rate limits, without its ten attempts and waits of up to an hour.

    A POST is only sent again where GitHub said that it did not act on it (rate limits): after a 5xx or a broken
    connection the comment may be there already.
    """

    def __init__(self, *, budget: WaitBudget, **kwargs: Any) -> None:  # noqa: ANN401 - urllib3 copies itself by them
        super().__init__(**kwargs)
        self.budget = budget

    def new(self, **kw: Any) -> Self:  # noqa: ANN401 - likewise
        return super().new(budget=self.budget, **kw)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:  # noqa: FBT001, FBT002
        if method == "POST":
            return status_code in _RATE_LIMITED
        return super().is_retry(method, status_code, has_retry_after)

    def increment(self, method: Any = None, url: Any = None, response: Any = None, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
        try:
            following = super().increment(method, url, response, *rest, **named)
        except MaxRetryError:
            _raise_rate_limit(response)
            raise
        retry_after = following.get_retry_after(response) if response is not None else None
        if not self.budget.spend(retry_after or following.get_backoff_time()):
            _raise_rate_limit(response)
            error = named.get("error") or (rest[0] if rest else None)
            raise MaxRetryError(named.get("_pool"), url, error or ResponseError("the wait is too long"))  # type: ignore[arg-type]
        return following


def _raise_rate_limit(response: Any) -> None:  # noqa: ANN401 - urllib3's response or None
    """Tell a rate limit as such: PyGithub has read the body by now, so nothing behind it could know it for one."""
    if response is not None and response.status in _RATE_LIMITED:
        raise RateLimitExceededException(
            response.status, {"message": "too many requests, and the wait is too long"}, dict(response.headers)
        )


def build_client(
    token: str, api_url: str = DEFAULT_API_URL, *, budget: WaitBudget | None = None, write_pause: float = 1.0
) -> Github:
    """Return a client that asks for no more than it must, with bounded timeouts and retries.

    Args:
        token: a person's, a workflow's or an app's token.
        api_url: ``GITHUB_API_URL``; on GitHub Enterprise Server ``https://<host>/api/v3``.
        budget: what retries may wait in all; default :data:`WAIT_SECONDS`.
        write_pause: least seconds from one write to the next; GitHub asks for one.

    Raises:
        UsageError: there is no token, or the URL is none.
    """
    if not token or not token.isascii() or not token.isprintable():
        raise UsageError("github-token is empty or holds characters that can't be sent")
    if re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9_./-]*)?", api_url) is None:
        raise UsageError("GITHUB_API_URL is no http or https URL of an API, or holds a user and password")
    # PyGithub prints each 403 to stderr, also the one by which a workflow's token is told from a person's
    logging.getLogger("github").setLevel(logging.WARNING)
    retry = _BoundedRetry(
        budget=budget or WaitBudget(WAIT_SECONDS),
        total=RETRIES,
        backoff_factor=1,
        backoff_jitter=1,
        status_forcelist=[429, *range(500, 600)],
        allowed_methods={"GET", "PATCH", "DELETE"},
        raise_on_status=False,
    )
    return Github(
        auth=Auth.Token(token),
        base_url=api_url.rstrip("/"),
        timeout=TIMEOUT_SECONDS,
        user_agent="ai-code-metrics",
        per_page=_PAGE,
        retry=retry,
        seconds_between_requests=None,
        seconds_between_writes=write_pause,
        lazy=True,
    )


def client_of(token: str, environ: Mapping[str, str]) -> Github:
    """Return a client of the API that ``GITHUB_API_URL`` names, as :func:`build_client` does."""
    return build_client(token, environ.get("GITHUB_API_URL", "") or DEFAULT_API_URL)


def check_repository(name: str) -> None:
    """Refuse what is no ``owner/name``, so that it can't lead a request to another place.

    Raises:
        UsageError: it is none.
    """
    if _REPOSITORY.fullmatch(name) is None:
        raise UsageError(f"repository {name[:200]!r} is no owner/name")


@contextmanager
def explained(
    failure: Callable[[GithubException], type[AiCodeMetricsError]], hints: Mapping[int, str], where: str
) -> Iterator[None]:
    """Turn everything that PyGithub and what it is made of raise into an error of ours that says what to do.

    Args:
        failure: which error an answer of GitHub's becomes; what is no answer is told as one with status 0.
        hints: by status, the text with ``{where}`` and ``{said}`` (what GitHub said).
        where: what was asked for, for people.
    """
    try:
        yield
    except GithubException as error:
        raise failure(error)(_explain(error, hints, where)) from None
    except (requests.exceptions.InvalidURL, LocationParseError) as error:
        # their texts hold the URL, which may be a proxy's with its password
        raise failure(_NO_ANSWER)(f"GitHub could not be reached: {type(error).__name__}; check HTTPS_PROXY") from None
    except OSError as error:  # RequestException is one; so is a missing CA bundle
        raise failure(_NO_ANSWER)(f"GitHub could not be reached: {one_line(str(error))}") from None
    except (RuntimeError, AssertionError, TypeError, ValueError) as error:
        # PyGithub's ways to say that an answer is not GitHub's: a redirect elsewhere, foreign URLs, a proxy's page
        what = f"{type(error).__name__}: {one_line(str(error))}"
        raise failure(_NO_ANSWER)(f"the answer is not one of GitHub's API, check GITHUB_API_URL ({what})") from None


_NO_ANSWER: Final = GithubException(0)


def _explain(error: GithubException, hints: Mapping[int, str], where: str) -> str:
    data = error.data if isinstance(error.data, dict) else {}
    said = f"{error.status} {one_line(str(data.get('message') or error.message or 'no reason given'))}"
    if isinstance(error, RateLimitExceededException):
        return f"GitHub's rate limit came in between at {where} ({said}): run the job again later"
    return hints.get(error.status, "GitHub refused {where} ({said})").format(where=where, said=said)


def one_line(text: str) -> str:
    """Return foreign text as one printable line of at most 300 characters."""
    cleaned = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(cleaned.split())[:_MAX_REASON]
