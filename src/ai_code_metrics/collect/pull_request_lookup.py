"""Which pull request a triggering run was for: asked of GitHub, since neither event nor report can be believed on it.

``workflow_run.pull_requests`` is empty for forks, and a report from a fork names whatever number its author likes. What
the event vouches for is the head: its repository, branch and commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, cast

from github.GithubException import GithubException

from ai_code_metrics.errors import PullRequestGone, ReportRefused, SourceUnavailable
from ai_code_metrics.github_client import check_repository, explained

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from github import Github
    from github.PullRequest import PullRequest
    from github.PullRequestPart import PullRequestPart
    from github.Repository import Repository

    from ai_code_metrics.collect.context import EventContext

MAX_LISTED: Final = 1_000
_NO_SUCH_COMMIT: Final = frozenset({404, 422})
_HINTS: Final[Mapping[int, str]] = {
    401: "GitHub doesn't know the token ({said}): check github-token",
    403: "GitHub doesn't let the token look up {where} ({said}): give the job `permissions: pull-requests: write` and "
    "`contents: read`",
    404: "GitHub shows the token no {where} ({said}): give the job `permissions: pull-requests: write` and "
    "`contents: read`",
}


@dataclass(frozen=True, slots=True)
class Head:
    """What a pull request must be of: the commit ``sha`` on ``branch`` of the repository ``head_repository``."""

    repository: str
    head_repository: str
    branch: str
    sha: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pull request as GitHub lists it; ``head_repository`` is None where it was deleted."""

    number: int
    is_open: bool
    repository: str | None
    head_repository: str | None
    branch: str
    sha: str
    base_ref: str


def pull_request_of(client: Github, context: EventContext) -> int | None:
    """Return the pull request that the run which triggered a ``workflow_run`` event was for; None after a push.

    Raises:
        ReportRefused: nothing can be made of that run, or several pull requests have its head.
        PullRequestGone: there is none; the text tells whether it has moved on to another commit.
        SourceUnavailable: GitHub refused or could not be reached.
    """
    trigger = context.trigger
    if trigger is None or context.repository is None or context.branch is None or context.head_sha is None:
        raise ReportRefused(context.trigger_problem or "this run was triggered by no other one")
    if trigger.event == "push":
        return None
    head = Head(context.repository, trigger.head_repository, context.branch, context.head_sha)
    return find_pull_request(client, head)


def find_pull_request(client: Github, head: Head) -> int:
    """Return the number of the one open pull request whose head is exactly this.

    Raises:
        UsageError: a repository's name is none.
        PullRequestGone: there is none; the text tells whether it has moved on to another commit.
        ReportRefused: there are several, to different bases.
        SourceUnavailable: GitHub refused or could not be reached.
    """
    check_repository(head.repository)
    check_repository(head.head_repository)
    owner = head.head_repository.partition("/")[0]
    with explained(_failure, _HINTS, f"the pull requests of {head.repository}"):
        repository = client.get_repo(head.repository)
        by_branch = _candidates(repository.get_pulls(state="open", head=f"{owner}:{head.branch}"))
        found = matching(by_branch, head)
        if not found:
            found = matching(_of_commit(client, head), head)
    return choose(found, by_branch, head)


def _of_commit(client: Github, head: Head) -> list[Candidate]:
    """The pull requests that have the commit, which finds them where the branch or the fork was renamed."""
    try:
        return _candidates(client.get_repo(head.repository).get_commit(head.sha).get_pulls())
    except GithubException as error:
        if error.status in _NO_SUCH_COMMIT:  # of a branch that was deleted, say
            return []
        raise


def matching(candidates: Iterable[Candidate], head: Head) -> list[Candidate]:
    """Keep the open pull requests of the repository whose head is exactly this commit of exactly this repository."""
    wanted = (True, head.repository, head.head_repository, head.sha)
    return [c for c in candidates if (c.is_open, c.repository, c.head_repository, c.sha) == wanted]


def choose(found: Sequence[Candidate], by_branch: Iterable[Candidate], head: Head) -> int:
    """Return the number of the only one found, or say why there is none or not one.

    Args:
        found: the pull requests that match.
        by_branch: all open ones from a branch of this name.
        head: what was looked for.

    Raises:
        PullRequestGone: none was found.
        ReportRefused: several were.
    """
    if len(found) == 1:
        return found[0].number
    if found:
        names = ", ".join(f"#{candidate.number} to {candidate.base_ref[:100]!r}" for candidate in found)
        raise ReportRefused(
            f"{head.sha[:12]} of {head.head_repository} is the head of several open pull requests ({names}), and "
            "nothing tells which of them was measured: close all but one"
        )
    where = f"the measured commit {head.sha[:12]} of {head.head_repository}"
    for candidate in by_branch:
        if candidate.is_open and (candidate.repository, candidate.head_repository, candidate.branch) == (
            head.repository,
            head.head_repository,
            head.branch,
        ):
            raise PullRequestGone(
                f"pull request #{candidate.number} has moved on to another commit ({candidate.sha[:12]}): {where} is "
                "no longer its head, and its own run reports"
            )
    raise PullRequestGone(f"{where} is the head of no open pull request of {head.repository}: closed or merged by now?")


def _candidates(pulls: Iterable[PullRequest]) -> list[Candidate]:
    return [_candidate(pull) for pull in islice(pulls, MAX_LISTED)]


def _candidate(pull: PullRequest) -> Candidate:
    return Candidate(
        number=pull.number,
        is_open=pull.state == "open",
        repository=_full_name(pull.base),
        head_repository=_full_name(pull.head),
        branch=pull.head.ref,
        sha=pull.head.sha,
        base_ref=pull.base.ref,
    )


def _full_name(side: PullRequestPart) -> str | None:
    repository = cast("Repository | None", side.repo)  # null where it was deleted
    return None if repository is None else repository.full_name


def _failure(_: GithubException) -> type[SourceUnavailable]:
    return SourceUnavailable
