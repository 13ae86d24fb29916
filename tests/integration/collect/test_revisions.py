from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect.context import EventContext
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.revisions import Revisions, resolve
from ai_code_metrics.errors import UsageError
from support.git_project import GitProject

if TYPE_CHECKING:
    from pathlib import Path

PUSH = EventContext(event="push", branch="topic", default_branch="main")


@pytest.fixture
def origin(tmp_path: Path) -> GitProject:
    """A repository whose branch ``topic`` has two commits beside the second of ``main``'s three."""
    project = GitProject(tmp_path / "origin")
    project.commit("root", files={"a.py": "a = 1\n"})
    project.commit("fork point", files={"b.py": "b = 1\n"})
    project.branch("topic")
    project.commit("topic 1", files={"c.py": "c = 1\n"})
    project.commit("topic 2", files={"c.py": "c = 2\n"})
    project.switch("main")
    project.commit("main 3", files={"a.py": "a = 2\n"})
    return project


def sha(project: GitProject, revision: str) -> str:
    return project.git("rev-parse", revision)


def find(project: GitProject, context: EventContext, base: str = "") -> Revisions:
    repository = Repository.open(project.path, project.environ)
    return resolve(repository, project.head, context, base=base)


def pull_request(origin: GitProject, base_sha: str = "main") -> EventContext:
    return EventContext(
        event="pull_request",
        branch="topic",
        default_branch="main",
        head_sha=sha(origin, "topic"),
        base_ref="main",
        base_sha=sha(origin, base_sha),
        pull_request=7,
    )


def merge_ref(origin: GitProject) -> GitProject:
    """Check out what GitHub makes of the pull request: a merge of the head into the base branch."""
    origin.git("switch", "--quiet", "--detach", "main")
    origin.merge("topic", message="Merge topic into main")
    return origin


def test_merge_ref(origin: GitProject) -> None:
    """On the merge ref head is the pull request's own commit, and the base where it left the base branch."""
    context = pull_request(origin)

    found = find(merge_ref(origin), context)

    assert (found.head, found.base) == (sha(origin, "topic"), sha(origin, "topic~2"))
    assert found.range == f"{sha(origin, 'main')}..{found.head}"


def test_what_a_merge_ref_is_compared_with(origin: GitProject) -> None:
    """What is checked out differs from the merged commit of the base branch by the pull request's changes alone."""
    context = pull_request(origin)

    found = find(merge_ref(origin), context)

    assert (found.checked_out, found.compared) == (origin.head, sha(origin, "main"))
    assert sha(origin, "main") != found.base


@pytest.mark.parametrize("base_sha", ["main~1", "main~2"])
def test_stale_base_sha(origin: GitProject, base_sha: str) -> None:
    """The event's base may be old: on the merge ref it is not asked, so an old one adds no foreign commits."""
    context = pull_request(origin, base_sha)

    assert find(merge_ref(origin), context).base == sha(origin, "topic~2")


def test_head_checkout(origin: GitProject, tmp_path: Path) -> None:
    """Where the workflow checks out the head itself, the remote's base branch counts before the event's base."""
    context = pull_request(origin, "main~2")
    clone = origin.clone(tmp_path / "clone", "--branch=topic")

    head, base = sha(origin, "topic"), sha(origin, "topic~2")
    assert find(clone, context) == Revisions(head, base, tip=sha(origin, "main"), compared=base, checked_out=head)


def test_head_checkout_without_the_base_branch(origin: GitProject, tmp_path: Path) -> None:
    """Without the remote's base branch the event's base does, if the clone has it."""
    context = pull_request(origin, "topic~2")
    clone = origin.clone(tmp_path / "clone", "--branch=topic", "--single-branch")

    assert find(clone, context).base == sha(origin, "topic~2")


@pytest.mark.parametrize("depth", [1, 2])
def test_shallow_clone(origin: GitProject, tmp_path: Path, depth: int) -> None:
    """A clone that doesn't reach the merge base has none, and the reason says how to get it."""
    context = pull_request(origin)
    clone = origin.clone(tmp_path / "clone", "--branch=topic", f"--depth={depth}", "--no-single-branch")

    found = find(clone, context)

    assert (found.head, found.base, found.range) == (sha(origin, "topic"), None, None)
    assert "fetch-depth: 0" in found.reason


def test_shallow_merge_ref(origin: GitProject, tmp_path: Path) -> None:
    """The default checkout, one commit deep, measures that commit and says what is missing."""
    context = pull_request(origin)
    merge_ref(origin).git("branch", "merged")
    clone = origin.clone(tmp_path / "clone", "--branch=merged", "--depth=1")

    found = find(clone, context)

    assert (found.head, found.base) == (clone.head, None)
    assert "fetch-depth: 0" in found.reason


def test_push(origin: GitProject) -> None:
    """A push is compared with what it replaced."""
    origin.switch("topic")

    assert find(origin, replace(PUSH, before=sha(origin, "topic~1"))).base == sha(origin, "topic~1")


def test_push_of_a_new_branch(origin: GitProject, tmp_path: Path) -> None:
    """A branch that is new is compared with where it left the default branch."""
    clone = origin.clone(tmp_path / "clone", "--branch=topic")

    assert find(clone, PUSH).base == sha(origin, "topic~2")


def test_force_push(origin: GitProject, tmp_path: Path) -> None:
    """What a force push threw away is in no clone: the default branch takes its place."""
    clone = origin.clone(tmp_path / "clone", "--branch=topic")

    assert find(clone, replace(PUSH, before="e" * 40)).base == sha(origin, "topic~2")


def test_force_push_that_is_still_there(origin: GitProject) -> None:
    """Where the replaced commit can be found, the base is what it shares with the new head."""
    replaced = sha(origin, "main")
    origin.switch("topic")

    assert find(origin, replace(PUSH, before=replaced)).base == sha(origin, "topic~2")


def test_force_push_of_the_default_branch(origin: GitProject) -> None:
    """There is nothing to compare with, and the reason names what was looked for."""
    found = find(origin, replace(PUSH, branch="main", before="e" * 40))

    assert found.base is None
    assert "e" * 40 in found.reason
    assert "set base" in found.reason


@pytest.mark.parametrize("event", ["local", "schedule", "workflow_dispatch"])
def test_no_event_to_compare_by(origin: GitProject, event: str) -> None:
    """Without an event that knows a base there is none, and the reason says how to set one."""
    found = find(origin, EventContext(event=event))

    reason = "there is no base to compare with; set base to a commit or branch"
    assert found == Revisions(origin.head, None, reason, checked_out=origin.head)


@pytest.mark.parametrize("base", ["main", "topic~1", "{sha}"])
def test_given_base_wins(origin: GitProject, base: str) -> None:
    """The setting is a branch, an expression or a sha, and wins over the event."""
    origin.switch("topic")
    given = base.format(sha=sha(origin, "main"))

    found = find(origin, replace(PUSH, before=sha(origin, "topic~2")), base=given)

    assert found.base == sha(origin, "topic~1" if base == "topic~1" else "topic~2")


def test_given_base_of_the_remote(origin: GitProject, tmp_path: Path) -> None:
    """A branch that only the remote has is found by its name."""
    clone = origin.clone(tmp_path / "clone", "--branch=topic")

    assert find(clone, EventContext(), base="main").base == sha(origin, "topic~2")


@pytest.mark.parametrize("base", ["no-such-branch", "--all", "HEAD:a.py", "main..topic", "a\0b", "x" * 5000])
def test_given_base_that_names_no_commit(origin: GitProject, base: str) -> None:
    """A base that names no commit is a usage error; a leading dash is no option."""
    with pytest.raises(UsageError, match=r"base: .* names no commit"):
        find(origin, EventContext(), base=base)


def test_given_base_without_common_history(origin: GitProject) -> None:
    """A base that shares no history is a usage error."""
    origin.git("switch", "--quiet", "--orphan", "other")
    origin.commit("another root", files={"z.py": ""})

    with pytest.raises(UsageError, match="has no merge base"):
        find(origin, EventContext(), base="main")
