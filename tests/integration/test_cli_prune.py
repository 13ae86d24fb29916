"""The command `prune` against real Pushgateways and a GitHub that its own description holds."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from support.commenting import TOKENS, WORKFLOW_TOKEN
from support.fake_github import Failure, FakeGithub, fake_github
from support.fake_github_pulls import PullRequest
from support.groups import JOB, push_raw
from support.hostile_server import Answer, hostile_server
from support.services import Pushgateway, pushgateway
from support.summaries import push_context, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.github_openapi import GithubDescription
    from support.shell import Shell

NAMES = [".", "..", "a/b", "../..", "ünï-cødé/分支", "x" * 300, "分" * 300, "-x", "a?b#c%2F&d"]
GITHUB = ("--closed-pull-requests", "--deleted-branches")


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Pushgateway]:
    with pushgateway(tmp_path) as running:
        yield running


@pytest.fixture
def github(github_description: GithubDescription, shell: Shell) -> Iterator[FakeGithub]:
    """A GitHub whose every exchange fits its own description, or the test fails; the command line is told of it."""
    with fake_github(FakeGithub(tokens=dict(TOKENS), judge=github_description.violations)) as running:
        shell.environment.setenv("GITHUB_API_URL", running.url)
        shell.environment.setenv("AI_CODE_METRICS_GITHUB_TOKEN", WORKFLOW_TOKEN)
        yield running
    assert running.violations == []


def push(shell: Shell, gateway: Pushgateway, *branches: str, repository: str = "octo/shop") -> None:
    for branch in branches:
        path = shell.save(summary(context=push_context(branch=branch, repository=repository)))
        options = (f"--push-branches={branch}", "--pushgateway-url", gateway.url)
        assert shell.run("push", path, *options) == 0, shell.err


def push_pull_requests(gateway: Pushgateway, *numbers: int) -> None:
    """Push groups of pull requests of octo/shop."""
    name = "ai_coding_run_info"
    info = f'# TYPE {name} gauge\n{name}{{tool_version="0.1.0",schema_version="1",event="pull_request"}} 1\n'
    for number in numbers:
        path = f"job/{JOB}/branch/pr-{number}/repository@base64/b2N0by9zaG9w"
        assert push_raw(gateway.url, path, info) == 200


def keys(gateway: Pushgateway) -> list[dict[str, str]]:
    """The keys of all groups, in order."""
    return sorted((group["labels"] for group in gateway.groups()), key=str)


def branches(gateway: Pushgateway) -> set[str]:
    return {group["labels"].get("branch", str(group["labels"])) for group in gateway.groups()}


@pytest.mark.pushgateway
def test_exactly_what_is_gone_is_deleted(gateway: Pushgateway, github: FakeGithub, shell: Shell) -> None:
    """A dry run shows and deletes nothing; with --delete go closed pull requests and deleted branches, nothing else."""
    push(shell, gateway, "main", "gone", "a/b", *NAMES[:2], "pr-9")
    push(shell, gateway, "main", "gone", repository="octo/cart")
    push_pull_requests(gateway, 7, 8)
    assert push_raw(gateway.url, "job/backup/branch/gone/repository/shop", "x 1\n") == 200
    github.pulls.stored = [PullRequest(7), PullRequest(8, state="closed")]
    github.branches.stored = {"octo/shop": ["main", "a/b", "pr-9"], "octo/cart": ["main", "gone"]}
    before = keys(gateway)
    url = ("--pushgateway-url", gateway.url)
    assert shell.run("prune", *GITHUB, *url) == 0, shell.err
    assert "4 groups would be deleted" in shell.out
    assert "pull request 8 is not open any more" in shell.out
    assert keys(gateway) == before
    assert shell.run("prune", *GITHUB, *url, "--delete", "--json") == 0, shell.err
    labels = [entry["labels"] for entry in json.loads(shell.out)["groups"]]
    assert {of["branch"] for of in labels} == {"gone", "pr-8", ".", ".."}
    assert {of["repository"] for of in labels} == {"octo/shop"}
    assert keys(gateway) == [key for key in before if key not in labels]
    listings = [request.partition("?")[0].removeprefix("GET /repos/octo/") for request in github.requests()]
    assert sorted(listings) == sorted(2 * ["cart/branches", "shop/branches", "shop/pulls"])


@pytest.mark.pushgateway
@pytest.mark.parametrize("name", NAMES)
def test_a_branch_of_any_name_is_deleted_exactly(gateway: Pushgateway, shell: Shell, name: str) -> None:
    """What is named goes, whatever it is called, and no other group."""
    push(shell, gateway, "main", name)
    options = ("--repository", "octo/shop", "--delete", "--pushgateway-url", gateway.url)
    assert shell.run("prune", f"--branch={name}", *options) == 0, shell.err
    assert branches(gateway) == {"main"}
    assert f"{gateway.url}: 1 group deleted" in shell.err


@pytest.mark.pushgateway
def test_many_pages_are_turned_twice(gateway: Pushgateway, github: FakeGithub, shell: Shell) -> None:
    """Where a pull request is overlooked because another was closed in between, the second listing has it."""
    push_pull_requests(gateway, 150, 500)
    github.pulls.stored = [PullRequest(number) for number in [*range(1, 101), 150, *range(160, 260)]]

    def close_one(_: str, target: str, __: str) -> None:
        if "page=2" in target and github.pulls.stored[0].number == 1:
            del github.pulls.stored[0]

    github.before = close_one
    assert shell.run("prune", *GITHUB, "--delete", "--pushgateway-url", gateway.url) == 0, shell.err
    assert branches(gateway) == {"pr-150"}


@pytest.mark.pushgateway
def test_what_github_does_not_show_stays(gateway: Pushgateway, github: FakeGithub, shell: Shell) -> None:
    """Groups of a repository that is not visible, has no name, or fails are kept and told; others go."""
    push(shell, gateway, "gone")
    push(shell, gateway, "gone", repository="octo/hidden")
    push(shell, gateway, "gone", repository="octo/broken")
    push(shell, gateway, "gone", repository="../../user")
    github.hidden = {"octo/hidden"}
    github.failures = [Failure(403, path="octo/broken", message="Resource not accessible by integration")]
    assert shell.run("prune", *GITHUB, "--delete", "--pushgateway-url", gateway.url) == 0, shell.err
    left = {group["labels"]["repository"] for group in gateway.groups()}
    assert left == {"octo/hidden", "octo/broken", "../../user"}
    assert re.search(r"kept, because it can't be told: 1 group of octo/hidden: .*404 Not Found", shell.err)
    assert re.search(r"1 group of octo/broken: .*not accessible", shell.err)
    assert "1 group of ../../user: repository '../../user' is no owner/name" in shell.err


@pytest.mark.pushgateway
def test_age_and_job(gateway: Pushgateway, shell: Shell) -> None:
    """What was just pushed is not old, and groups of another job are none of ours."""
    push(shell, gateway, "main")
    url = ("--pushgateway-url", gateway.url)
    assert shell.run("prune", "--older-than", "1", "--delete", *url) == 0
    assert shell.out.startswith("0 groups to delete")
    assert shell.run("prune", "--repository", "octo/shop", "--pushgateway-job", "other", "--delete", *url) == 0
    assert branches(gateway) == {"main"}
    assert shell.run("prune", "--repository", "octo/shop", "--delete", *url) == 0
    assert branches(gateway) == set()


@pytest.mark.pushgateway
def test_several_gateways_and_one_that_fails(tmp_path: Path, shell: Shell) -> None:
    """Each gateway loses its own groups; one that is down is exit code 4 after the work on the others."""
    for name in "ab":
        (tmp_path / name).mkdir()
    with (
        pushgateway(tmp_path / "a") as a,
        pushgateway(tmp_path / "b") as b,
        hostile_server(Answer(403, b"no")) as refusing,
    ):
        push(shell, a, "one", "keep")
        push(shell, b, "one")
        urls = [part for url in (refusing.url, a.url, b.url) for part in ("--pushgateway-url", url)]
        options = ("--repository", "octo/shop", "--branch", "one", "--delete")
        assert shell.run("prune", *options, *urls) == 4
        assert (branches(a), branches(b)) == ({"keep"}, set())
    assert f"Pushgateway {refusing.url} answered 403: no" in shell.err


def test_a_deletion_that_fails(shell: Shell) -> None:
    """A group that may not be deleted is exit code 4."""
    labels = {"job": JOB, "repository": "octo/shop", "branch": "main"}
    listing = Answer(200, json.dumps({"data": [{"labels": labels}]}).encode())
    with hostile_server(listing, Answer(403, b"said no")) as server:
        options = ("--repository", "octo/shop", "--delete", "--pushgateway-url", server.url)
        assert shell.run("prune", *options) == 4
        assert [request.method for request in server.received] == ["GET", "DELETE"]
    assert "answered 403: said no" in shell.err
    assert "0 groups deleted" in shell.err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "say which groups are to go"),
        (("--delete",), "say which groups are to go"),
        (("--older-than", "0.5"), "at least 1 day"),
        (("--older-than", "nan"), "at least 1 day"),
        (("--older-than", "-3"), "at least 1 day"),
        (("--branch", "x"), "give --repository too"),
        (("--pull-request", "3", "--branch", "x", "--repository", "a/b"), "not both"),
        (("--deleted-branches",), "AI_CODE_METRICS_GITHUB_TOKEN"),
    ],
)
def test_usage(shell: Shell, arguments: tuple[str, ...], text: str) -> None:
    """What chooses nothing or too much, or has no token, is exit code 2 before anything is asked."""
    assert shell.run("prune", *arguments, "--pushgateway-url", "http://127.0.0.1:9") == 2
    assert text in shell.err


def test_victoria_metrics_has_nothing_to_prune(shell: Shell) -> None:
    """Its import endpoint alone is exit code 2, with what to do instead."""
    url = "http://127.0.0.1:9/api/v1/import/prometheus"
    assert shell.run("prune", "--repository", "octo/shop", "--pushgateway-url", url) == 2
    assert "let its retention (-retentionPeriod) delete" in shell.err
