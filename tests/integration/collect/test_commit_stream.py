"""Commits of a range that are gone through once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect import commit_stream
from ai_code_metrics.collect.commit_range import read_range
from ai_code_metrics.collect.commit_stream import stream_range
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.revisions import Revisions
from support.git_project import GitProject

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics.collect.commit_range import CommitRange


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    """Twelve commits, some of generated files, after a first one."""
    made = GitProject(tmp_path / "project")
    made.commit("feat: begin", files={".gitattributes": "gen*.py linguist-generated\n", "a.py": "1\n"})
    for number in range(12):
        made.commit(f"fix: step {number}", files={f"gen{number}.py": "1\n", "a.py": f"{number}\n"})
    return made


def both(project: GitProject, base: str | None) -> tuple[CommitRange, CommitRange]:
    repository = Repository.open(project.path, project.environ)
    found = Revisions(project.head, base and repository.commit_id(base))
    return stream_range(repository, found), read_range(repository, found)


@pytest.mark.parametrize("known", [1, 200_000])
def test_a_stream_has_what_a_list_has(project: GitProject, monkeypatch: pytest.MonkeyPatch, known: int) -> None:
    """The same commits in the same order; what is generated of their paths is known when they come."""
    monkeypatch.setattr(commit_stream, "_BATCH", 5)
    monkeypatch.setattr(commit_stream, "_MAX_PATHS", known)
    streamed, listed = both(project, "HEAD~12")
    seen = []
    for commit in streamed.commits:
        paths = {change.path for change in commit.changes}
        assert paths & streamed.generated == paths & listed.generated
        seen.append(commit)
    assert seen == list(listed.commits)
    assert (streamed.habit, streamed.name) == (listed.habit, listed.name)


def test_without_a_base_there_is_nothing_to_stream(project: GitProject) -> None:
    """The last commits are few."""
    streamed, listed = both(project, None)
    assert streamed == listed


def test_a_partial_clone_is_read_as_a_whole(project: GitProject, tmp_path: Path) -> None:
    """Its commits come without their sizes, with the reason."""
    clone = project.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
    streamed, listed = both(clone, "HEAD~12")
    assert streamed == listed
    assert "check out without `filter`" in streamed.warning
