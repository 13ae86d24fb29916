"""The one comment on a pull request that is kept up to date, by GitHub's REST API through PyGithub.

The comment is found again by its hidden marker *and* its author, through all pages. A person's token names its author
by ``GET /user``. The token of a workflow (``GITHUB_TOKEN``) and of any other GitHub App may not call that; such a token
writes as a bot, so there the author must be of type ``Bot``, which nobody who opens a pull request can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

import requests
from github.GithubException import GithubException, RateLimitExceededException

from ai_code_metrics.errors import PublishFailed, PublishForbidden
from ai_code_metrics.github_client import check_repository, explained
from ai_code_metrics.report.marker import marker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from github import Github
    from github.Issue import Issue
    from github.IssueComment import IssueComment
    from github.NamedUser import NamedUser

_FORBIDDEN: Final = 403
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


def publish_comment(client: Github, *, repository: str, pull_request: int, body: str, key: str) -> CommentResult:
    """Create the comment of this key, or update it in place; an unchanged one is left alone.

    Args:
        client: from :func:`ai_code_metrics.github_client.build_client`.
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
    check_repository(repository)
    with explained(_failure, _HINTS, f"{repository}#{pull_request}"):
        return _keep_up_to_date(client, client.get_repo(repository).get_issue(pull_request), body, mark)


def _failure(error: GithubException) -> type[PublishFailed]:
    return PublishForbidden if error.status == _FORBIDDEN else PublishFailed


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
