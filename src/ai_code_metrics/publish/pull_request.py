"""The one comment on a pull request that is kept up to date, by GitHub's REST API through PyGithub.

The comment is found again by its hidden marker *and* its author, through all pages. A person's token names its author
by ``GET /user``. The token of a workflow (``GITHUB_TOKEN``) and of any other GitHub App may not call that; such a token
writes as a bot, so there the author must be of type ``Bot``, which nobody who opens a pull request can be.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self, cast

import requests
from github import Auth, Github
from github.GithubException import GithubException, RateLimitExceededException
from github.GithubRetry import GithubRetry
from urllib3.exceptions import LocationParseError, MaxRetryError, ResponseError

from ai_code_metrics.errors import PublishFailed, PublishForbidden, UsageError
from ai_code_metrics.report.marker import marker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from github.Issue import Issue
    from github.IssueComment import IssueComment
    from github.NamedUser import NamedUser

__all__ = ["CommentResult", "WaitBudget", "build_client", "marker", "publish_comment"]

DEFAULT_API_URL: Final = "https://api.github.com"
TIMEOUT_SECONDS: Final = 15
RETRIES: Final = 3
WAIT_SECONDS: Final = 90.0
_PAGE: Final = 100
_FORBIDDEN: Final = 403
_RATE_LIMITED: Final = frozenset({403, 429})  # the only statuses on which PyGithub's retries end in a wait
_MAX_REASON: Final = 300
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*/(?!\.{1,2}$)[A-Za-z0-9_.-]+")
_HINTS: Final[Mapping[int, str]] = {
    401: "GitHub doesn't know the token ({said}): check github-token",
    403: "GitHub doesn't let the token comment on {where} ({said}): give the job `permissions: pull-requests: write`. "
    "On a pull request from a fork the token is read-only, which is normal: the comment stays in its file",
    404: "GitHub shows the token no {where} ({said}): check repository and number, and that the job has "
    "`permissions: pull-requests: write`",
    422: "GitHub refused the text of the comment on {where} ({said})",
}


@dataclass(frozen=True, slots=True)
class CommentResult:
    """Where the comment is, and what had to be done."""

    url: str
    action: Literal["created", "updated", "unchanged"]


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


def build_client(token: str, api_url: str = DEFAULT_API_URL, *, budget: WaitBudget | None = None) -> Github:
    """Return a client that asks for no more than it must, with bounded timeouts and retries.

    Args:
        token: a person's, a workflow's or an app's token.
        api_url: ``GITHUB_API_URL``; on GitHub Enterprise Server ``https://<host>/api/v3``.
        budget: what retries may wait in all; default :data:`WAIT_SECONDS`.

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
        allowed_methods={"GET", "PATCH"},
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
        lazy=True,
    )


def publish_comment(client: Github, *, repository: str, pull_request: int, body: str, key: str) -> CommentResult:
    """Create the comment of this key, or update it in place; an unchanged one is left alone.

    Args:
        client: from :func:`build_client`.
        repository: ``owner/name``.
        pull_request: its number.
        body: Markdown; the marker is put under it where it isn't the last line already.
        key: keeps several comments on one pull request apart.

    Raises:
        UsageError: key or repository can't be used.
        PublishForbidden: the token may not comment, which is normal for the pull request of a fork.
        PublishFailed: GitHub refused otherwise or could not be reached; the text says what to do.
    """
    mark = marker(key)
    if _REPOSITORY.fullmatch(repository) is None:
        raise UsageError(f"repository {repository[:200]!r} is no owner/name")
    try:
        return _keep_up_to_date(client, client.get_repo(repository).get_issue(pull_request), body, mark)
    except GithubException as error:
        failure = PublishForbidden if error.status == _FORBIDDEN else PublishFailed
        raise failure(_explain(error, f"{repository}#{pull_request}")) from None
    except (requests.exceptions.InvalidURL, LocationParseError) as error:
        # their texts hold the URL, which may be a proxy's with its password
        raise PublishFailed(f"GitHub could not be reached: {type(error).__name__}; check HTTPS_PROXY") from None
    except OSError as error:  # RequestException is one; so is a missing CA bundle
        raise PublishFailed(f"GitHub could not be reached: {_one_line(str(error))}") from None
    except (RuntimeError, AssertionError, TypeError, ValueError) as error:
        # PyGithub's ways to say that an answer is not GitHub's: a redirect elsewhere, foreign URLs, a proxy's page
        what = f"{type(error).__name__}: {_one_line(str(error))}"
        raise PublishFailed(f"the answer is not one of GitHub's API, check GITHUB_API_URL ({what})") from None


def _keep_up_to_date(client: Github, issue: Issue, body: str, mark: str) -> CommentResult:
    text = _marked(body, mark)
    login = _own_login(client)
    comment = _find(issue, mark, login)
    if comment is None:
        return CommentResult(_create(issue, text, mark, login).html_url, "created")
    if _normal(comment.body) == _normal(text):
        return CommentResult(comment.html_url, "unchanged")
    comment.edit(text)
    return CommentResult(comment.html_url, "updated")


def _create(issue: Issue, text: str, mark: str, login: str | None) -> IssueComment:
    """Create the comment; where GitHub failed half-way, look whether it is there before sending it once more."""
    try:
        return issue.create_comment(text)
    except GithubException as error:
        if error.status < 500:  # noqa: PLR2004 - a refusal is final
            raise
    except requests.RequestException:
        pass
    return _find(issue, mark, login) or issue.create_comment(text)


def _own_login(client: Github) -> str | None:
    """Return who the token writes as, or None for the token of a workflow or an app."""
    try:
        return client.get_user().login
    except RateLimitExceededException:
        raise
    except GithubException as error:
        if error.status in {403, 404}:
            return None
        raise


def _find(issue: Issue, mark: str, login: str | None) -> IssueComment | None:
    """Return the oldest comment with the marker on a line of its own that the token's owner wrote."""
    for comment in issue.get_comments():
        if mark in _normal(comment.body).split("\n") and _is_own(comment, login):
            return comment
    return None


def _is_own(comment: IssueComment, login: str | None) -> bool:
    user = cast("NamedUser | None", comment.user)
    if user is None:  # the account was deleted
        return False
    return user.type == "Bot" if login is None else user.login.lower() == login.lower()


def _marked(body: str, mark: str) -> str:
    text = body.rstrip()
    # the blank line keeps a table above from swallowing the marker
    return text if text.endswith(f"\n\n{mark}") else f"{text.removesuffix(mark).rstrip()}\n\n{mark}"


def _normal(body: str | None) -> str:
    return (body or "").replace("\r\n", "\n").strip()


def _explain(error: GithubException, where: str) -> str:
    data = error.data if isinstance(error.data, dict) else {}
    said = f"{error.status} {_one_line(str(data.get('message') or error.message or 'no reason given'))}"
    if isinstance(error, RateLimitExceededException):
        return f"GitHub's rate limit kept the comment off {where} ({said}): run the job again later"
    return _HINTS.get(error.status, "GitHub could not take the comment on {where} ({said})").format(
        where=where, said=said
    )


def _one_line(text: str) -> str:
    cleaned = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(cleaned.split())[:_MAX_REASON]
