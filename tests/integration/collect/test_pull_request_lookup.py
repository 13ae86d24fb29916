from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect.pull_request_lookup import Head, find_pull_request
from ai_code_metrics.errors import PullRequestGone, ReportRefused, SourceUnavailable, UsageError
from ai_code_metrics.github_client import WaitBudget, build_client
from support.fake_github import Failure, FakeGithub, fake_github
from support.fake_github_pulls import PullRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.github_openapi import GithubDescription

HEAD = Head("octo/shop", "mallory/shop", "topic", "1" * 40)
PULL = PullRequest(42, HEAD.sha, "topic", "mallory/shop")


@pytest.fixture
def github(github_description: GithubDescription) -> Iterator[FakeGithub]:
    with fake_github(FakeGithub(judge=github_description.violations)) as running:
        yield running
    assert running.violations == []


def find(github: FakeGithub, head: Head = HEAD) -> int:
    return find_pull_request(build_client("workflow-token", github.url, budget=WaitBudget(8.0)), head)


def test_it_is_found_by_owner_and_branch(github: FakeGithub) -> None:
    """One request finds it among those of other forks and branches."""
    github.pulls.stored += [
        replace(PULL, number=1, head_repository="eve/shop"),
        replace(PULL, number=2, head_ref="other"),
        replace(PULL, number=3, state="closed"),
        PULL,
    ]
    assert find(github) == 42
    assert github.requests() == ["GET /repos/octo/shop/pulls?head=mallory%3Atopic&per_page=100&state=open"]


def test_it_is_found_by_its_commit(github: FakeGithub) -> None:
    """Where the branch leads to none, the commit is asked for, and closed pull requests with it don't count."""
    github.pulls.stored += [replace(PULL, number=3, state="closed"), PULL]
    github.pulls.by_commit_only.add(42)
    assert find(github) == 42
    assert github.requests()[-1] == f"GET /repos/octo/shop/commits/{HEAD.sha}/pulls?per_page=100"


def test_a_fork_of_the_same_owner_is_another_repository(github: FakeGithub) -> None:
    """GitHub looks for owner and branch; the repository is held against the event here."""
    github.pulls.stored.append(replace(PULL, head_repository="mallory/shop-2"))
    with pytest.raises(PullRequestGone, match="head of no open pull request"):
        find(github)


def test_a_deleted_fork_is_none(github: FakeGithub) -> None:
    """A pull request without a head repository is none of this head; GitHub's description doesn't know of it."""
    github.judge = None
    github.pulls.stored.append(replace(PULL, head_repository=None))
    with pytest.raises(PullRequestGone, match="head of no open pull request"):
        find(github, replace(HEAD, head_repository="ghost/gone"))


def test_one_that_moved_on_says_so(github: FakeGithub) -> None:
    """A newer commit on the branch is named."""
    github.pulls.stored.append(replace(PULL, head_sha="2" * 40))
    with pytest.raises(PullRequestGone, match=r"#42 has moved on to another commit \(222222222222\)"):
        find(github)


def test_a_commit_that_github_does_not_know_is_none(github: FakeGithub) -> None:
    """GitHub answers 422 for a commit that isn't there."""
    github.judge = None
    github.failures.append(Failure(422, path=r"/commits/", message="No commit found for SHA"))
    with pytest.raises(PullRequestGone, match="head of no open pull request"):
        find(github)


def test_two_of_one_head_are_refused(github: FakeGithub) -> None:
    """One branch, two bases: neither is chosen."""
    github.pulls.stored += [PULL, replace(PULL, number=43, base_ref="v1")]
    with pytest.raises(ReportRefused, match="#42 to 'main', #43 to 'v1'"):
        find(github)


def test_a_branch_of_any_name_is_one_parameter(github: FakeGithub) -> None:
    """What a branch is called doesn't change what is asked for."""
    github.pulls.stored.append(replace(PULL, head_ref="a&state=all#b c/ü"))
    assert find(github, replace(HEAD, branch="a&state=all#b c/ü")) == 42


def test_through_pages_and_failures(github: FakeGithub) -> None:
    """The listing is read through its pages, and two answers 502 change nothing."""
    github.pulls.stored += [replace(PULL, number=number, head_sha="2" * 40) for number in range(100, 220)]
    github.pulls.stored.append(PULL)
    github.failures.append(Failure(502, times=2))
    assert find(github) == 42


@pytest.mark.parametrize("status", [403, 404])
def test_a_token_without_the_permission_says_which(github: FakeGithub, status: int) -> None:
    """The permission to give is named."""
    github.judge = None
    github.failures.append(Failure(status, message="Resource not accessible by integration"))
    with pytest.raises(SourceUnavailable, match="permissions: pull-requests: write"):
        find(github)


def test_a_name_that_is_no_repository_s_asks_nothing(github: FakeGithub) -> None:
    """A name can't lead a request elsewhere."""
    with pytest.raises(UsageError, match="no owner/name"):
        find(github, replace(HEAD, repository="octo/shop/../../x"))
    assert github.requests() == []
