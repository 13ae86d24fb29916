"""The one comment on a pull request that is kept up to date, by GitHub's REST API through PyGithub.

The comment is found again by its hidden marker *and* its author, through all pages. A person's token names its author
by ``GET /user``. The token of a workflow (``GITHUB_TOKEN``) and of any other GitHub App may not call that; such a token
writes as a bot, so there the author must be of type ``Bot``, which nobody who opens a pull request can be.

Jobs that run at the same time (a matrix) can each find no comment and create one. Whoever wrote therefore looks again
and deletes twins. All delete by the same rule: only what has an older twin (``update``), or a newer one (``recreate``).
So the oldest of all, or the newest, is deleted by nobody, and of the others the last one to look sees every one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, cast

import requests
from github.GithubException import GithubException, RateLimitExceededException

from ai_code_metrics.errors import PublishFailed, PublishForbidden
from ai_code_metrics.github_client import check_repository, explained
from ai_code_metrics.report.marker import is_marker, marker

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from github import Github
    from github.Issue import Issue
    from github.IssueComment import IssueComment
    from github.NamedUser import NamedUser

_FORBIDDEN: Final = 403
_GONE: Final = 404
_HINTS: Final[Mapping[int, str]] = {
    401: "GitHub doesn't know the token ({said}): check github-token",
    403: "GitHub doesn't let the token comment on {where} ({said}): unlock the conversation if it is locked, else give "
    "the job `permissions: pull-requests: write`; on a pull request from a fork a read-only token is normal",
    404: "GitHub shows the token no {where} ({said}): check repository and number, and that the job has "
    "`permissions: pull-requests: write`",
    422: "GitHub refused the text of the comment on {where} ({said})",
}

Mode = Literal["update", "recreate"]
Action = Literal["created", "updated", "recreated", "unchanged"]


@dataclass(frozen=True, slots=True)
class CommentResult:
    """Where the comment is, what had to be done, and how many twins of it could not be deleted."""

    url: str
    action: Action
    left: int = 0


def publish_comment(
    client: Github, *, repository: str, pull_request: int, body: str, key: str, mode: Mode = "update"
) -> CommentResult:
    """Bring the one comment of this key up to date; of comments that are there already one stays.

    Args:
        client: from :func:`ai_code_metrics.github_client.build_client`.
        repository: ``owner/name``.
        pull_request: its number.
        body: Markdown; the marker is put under it where it isn't the last line already.
        key: keeps several comments on one pull request apart.
        mode: ``update`` writes into the oldest comment, unless it says the same. ``recreate`` writes a new one at the
            end of the conversation and deletes the old one after that, unless it says the same and nobody commented
            after it.

    Raises:
        UsageError: key or repository can't be used.
        PublishForbidden: the token may not comment, which is normal for the pull request of a fork, or the
            conversation is locked.
        PublishFailed: GitHub refused otherwise or could not be reached; the text says what to do. That a twin could
            not be deleted is no failure: the next run tries again.
    """
    mark = marker(key)
    check_repository(repository)
    with explained(_failure, _HINTS, f"{repository}#{pull_request}"):
        issue = client.get_repo(repository).get_issue(pull_request)
        thread = _Thread(issue, mark, _own_login(client))
        return (_update if mode == "update" else _recreate)(thread, _marked(body, mark))


def _failure(error: GithubException) -> type[PublishFailed]:
    return PublishForbidden if error.status == _FORBIDDEN else PublishFailed


def _update(thread: _Thread, text: str) -> CommentResult:
    """Write into the oldest comment, or create it; the oldest stays."""
    while True:  # each further round has one comment less: somebody deleted it between listing and update
        own = thread.own()
        oldest = next(own, None)
        if oldest is None:
            return _settle_on_oldest(thread, thread.create(text), text, "created")
        if _says(oldest, text):
            return CommentResult(oldest.html_url, "unchanged", thread.delete(_by_author_of(oldest, own)))
        if thread.edit(oldest, text):
            return _settle_on_oldest(thread, oldest, text, "updated")


def _settle_on_oldest(thread: _Thread, written: IssueComment, text: str, action: Action) -> CommentResult:
    """Delete all twins but the oldest, into which the text goes if another job's comment turns out to be older."""
    twins = thread.twins(written)
    kept = next(twin for twin in twins if twin.id == written.id or _says(twin, text) or thread.edit(twin, text))
    left = thread.delete(twin for twin in twins if twin.id != kept.id)
    return CommentResult(kept.html_url, action, left)


def _recreate(thread: _Thread, text: str) -> CommentResult:
    """Write at the end of the conversation, and only then delete what is older; the newest stays."""
    comments = list(thread.comments())
    own = [comment for comment in comments if thread.is_own(comment)]
    if own and _says(own[-1], text) and thread.is_last(own[-1], comments):
        return CommentResult(own[-1].html_url, "unchanged", thread.delete(_by_author_of(own[-1], own[:-1])))
    *older, newest = thread.twins(thread.create(text, known={comment.id for comment in own}))
    return CommentResult(newest.html_url, "recreated" if own else "created", thread.delete(older))


@dataclass(frozen=True, slots=True)
class _Thread:
    """The conversation of one pull request, oldest comment first, with the own comments of one key in it.

    Attributes:
        issue: the pull request.
        mark: the key's marker.
        login: who the token writes as, None for some bot.
        gone: ids of deleted comments, which a listing may still show for a while.
    """

    issue: Issue
    mark: str
    login: str | None
    gone: set[int] = field(default_factory=set)

    def comments(self) -> Iterator[IssueComment]:
        """List the comments, page by page as they are asked for, by ascending id, which is GitHub's order."""
        return (comment for comment in self.issue.get_comments() if comment.id not in self.gone)

    def own(self) -> Iterator[IssueComment]:
        """List the own comments of the key."""
        return filter(self.is_own, self.comments())

    def is_own(self, comment: IssueComment) -> bool:
        """Tell whether the token's owner wrote it, with the marker on a line of its own."""
        return self.mark in _lines(comment) and self._is_by_owner(comment)

    def is_last(self, comment: IssueComment, comments: Iterable[IssueComment]) -> bool:
        """Tell whether nothing stands after it but the owner's comments of other keys, which would only take turns."""
        later = (other for other in comments if other.id > comment.id)
        return all(self._is_by_owner(other) and any(map(is_marker, _lines(other))) for other in later)

    def twins(self, written: IssueComment) -> list[IssueComment]:
        """List the comments of the key by the author of the one just written, which a listing may not show yet."""
        found = {comment.id: comment for comment in _by_author_of(written, self.own())} | {written.id: written}
        return [found[number] for number in sorted(found)]

    def create(self, text: str, *, known: Collection[int] = ()) -> IssueComment:
        """Create a comment; where GitHub failed half-way, look whether it is there before sending it once more.

        ``known`` are ids of own comments that were there before.
        """
        try:
            return self.issue.create_comment(text)
        except GithubException as error:
            if error.status < 500:  # noqa: PLR2004 - a refusal is final
                raise
        except requests.RequestException:
            pass
        made = (comment for comment in self.own() if comment.id not in known and _says(comment, text))
        return next(made, None) or self.issue.create_comment(text)

    def edit(self, comment: IssueComment, text: str) -> bool:
        """Write the text into the comment, or tell that the comment is gone."""
        try:
            comment.edit(text)
        except GithubException as error:
            if error.status != _GONE:
                raise
            self.gone.add(comment.id)
            return False
        return True

    def delete(self, comments: Iterable[IssueComment]) -> int:
        """Delete the comments, and return how many of them are left because GitHub refused or failed."""
        waiting = [comment for comment in comments if comment.id not in self.gone]  # deleting moves what is listed
        left = 0
        for done, comment in enumerate(waiting):
            try:
                comment.delete()
            except (RateLimitExceededException, requests.RequestException):  # the others would fare no better
                return left + len(waiting) - done
            except GithubException as error:
                left += error.status != _GONE  # gone: somebody was quicker
        return left

    def _is_by_owner(self, comment: IssueComment) -> bool:
        user = _author(comment)
        if user is None:
            return False
        return user.type == "Bot" if self.login is None else user.login.lower() == self.login.lower()


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


def _by_author_of(comment: IssueComment, others: Iterable[IssueComment]) -> Iterator[IssueComment]:
    """Return those by the same author: one bot doesn't delete what another bot wrote."""
    author = _author(comment)
    return (other for other in others if author and (user := _author(other)) and user.login == author.login)


def _author(comment: IssueComment) -> NamedUser | None:
    return cast("NamedUser | None", comment.user)  # None where the account was deleted


def _says(comment: IssueComment, text: str) -> bool:
    return _normal(comment.body) == _normal(text)


def _lines(comment: IssueComment) -> list[str]:
    return _normal(comment.body).split("\n")


def _marked(body: str, mark: str) -> str:
    text = body.rstrip()
    # the blank line keeps a table above from swallowing the marker
    return text if text.endswith(f"\n\n{mark}") else f"{text.removesuffix(mark).rstrip()}\n\n{mark}"


def _normal(body: str | None) -> str:
    return (body or "").replace("\r\n", "\n").strip()
