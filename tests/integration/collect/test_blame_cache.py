"""Blamed files that are kept between runs, in real repositories."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_code_metrics.collect import blame, blame_cache, line_blame
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.unchanged import unchanged_files
from ai_code_metrics.collect.view_files import ViewOptions
from support.git_project import GitProject

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics.records import BlamedLines


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def opened(project: GitProject, *, below: str = "") -> Repository:
    return Repository.open(project.path / below, project.environ)


def surviving(project: GitProject, cache: Path | None, head: str = "HEAD", **options: object) -> BlamedLines:
    return blame.surviving_lines(opened(project), head, ViewOptions(cache=cache, **options))  # type: ignore[arg-type]


def blamed_paths(project: GitProject, cache: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files for which git is asked; the view is held against one without a cache."""
    expected = surviving(project, None)
    asked: list[str] = []
    real = line_blame.blame_files

    def recorded(repository: Repository, arguments: object, paths: list[str], *, workers: int) -> object:
        asked.extend(paths)
        return real(repository, arguments, paths, workers=workers)  # type: ignore[arg-type]

    monkeypatch.setattr(blame, "blame_files", recorded)
    assert surviving(project, cache) == expected
    monkeypatch.undo()
    return sorted(asked)


class TestCache:
    def test_only_changed_files_are_blamed_again(
        self, project: GitProject, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An unchanged file is taken from the cache; one that changed, was renamed or is new is blamed."""
        names = ("a.py", "b.py", "c.py", "d d\n.py")
        project.commit("one", files={name: f"{name}\n2\n3\n" for name in names})
        assert blamed_paths(project, cache, monkeypatch) == sorted(names)
        assert blamed_paths(project, cache, monkeypatch) == []
        project.git("mv", "c.py", "e.py")
        project.commit("two", files={"b.py": "2\nnew\n", "new.py": "1\n"})
        assert blamed_paths(project, cache, monkeypatch) == ["b.py", "e.py", "new.py"]
        assert blamed_paths(project, cache, monkeypatch) == []

    def test_a_file_that_was_changed_and_changed_back_is_blamed_again(
        self, project: GitProject, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The content is the same, but its lines are newer."""
        project.commit("one", files={"a.py": "1\n2\n", "b.py": "1\n"})
        surviving(project, cache)
        project.commit("two", files={"a.py": "1\n"})
        project.commit("three", files={"a.py": "1\n2\n"})
        assert blamed_paths(project, cache, monkeypatch) == ["a.py"]

    def test_another_branch_uses_what_both_have(
        self, project: GitProject, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The cache of one branch serves another for the files that neither changed since they parted."""
        project.commit("one", files={"a.py": "1\n", "b.py": "1\n", "c.py": "1\n"})
        project.branch("feature")
        project.commit("two", files={"a.py": "2\n"})
        surviving(project, cache)
        project.switch("main")
        project.commit("three", files={"b.py": "3\n"})
        assert blamed_paths(project, cache, monkeypatch) == ["a.py", "b.py"]

    def test_what_another_branch_changed_back_is_blamed_again(
        self, project: GitProject, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The other branch's content is ours, but its lines are that branch's."""
        project.commit("one", files={"a.py": "1\n2\n", "b.py": "1\n"})
        project.branch("feature")
        project.commit("two", files={"a.py": "1\n"})
        project.commit("three", files={"a.py": "1\n2\n"})
        surviving(project, cache)
        project.switch("main")
        assert blamed_paths(project, cache, monkeypatch) == ["a.py"]

    def test_what_changes_a_blame_without_a_commit_makes_the_cache_void(
        self, project: GitProject, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Replaced objects, grafts and other options of the blame."""
        old = project.commit("one", files={"a.py": "1\n"})
        project.commit("two", files={"a.py": "1\n2\n"})
        surviving(project, cache)
        content = project.git("cat-file", "commit", old).replace("one", "new").encode()
        new = project.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=content)
        project.git("replace", old, new)
        assert blamed_paths(project, cache, monkeypatch) == ["a.py"]
        (project.path / ".git/info").mkdir(exist_ok=True)
        (project.path / ".git/info/grafts").write_text(f"{project.head}\n")
        assert blamed_paths(project, cache, monkeypatch) == ["a.py"]
        moved = surviving(project, cache, moves=("-M",))
        assert moved == surviving(project, None, moves=("-M",))

    def test_an_ignored_revision_makes_the_cache_void(
        self, project: GitProject, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A reformatting commit that is listed later gives its lines back."""
        project.commit("one", files={"a.py": "value=1\n", "b.py": "1\n"})
        sha = project.commit("reformat", files={"a.py": "value = 1\n"})
        surviving(project, cache)
        project.commit("list", files={".git-blame-ignore-revs": sha})
        assert blamed_paths(project, cache, monkeypatch) == [".git-blame-ignore-revs", "a.py", "b.py"]

    @pytest.mark.parametrize("damage", [b"", b"\0" * 100, b"cut", b"other"])
    def test_a_damaged_cache_is_made_anew(
        self, project: GitProject, cache: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
    ) -> None:
        """Cut off, overwritten or of another version: nothing of it is believed."""
        project.commit("one", files={"a.py": "1\n"})
        surviving(project, cache)
        (file,) = cache.iterdir()
        content = file.read_bytes()
        file.write_bytes({b"cut": content[:-5], b"other": content[:32] + content[33:]}.get(damage, damage))
        assert blamed_paths(project, cache, monkeypatch) == ["a.py"]
        assert blamed_paths(project, cache, monkeypatch) == []

    @pytest.mark.parametrize("table", [b"abc", b"\1\0\0\0" * 8, b"\1\0\0\0\1\0\0\0\7\0\0\0\1\0\0\0"])
    def test_a_cache_of_odd_content_is_made_anew(
        self, project: GitProject, cache: Path, monkeypatch: pytest.MonkeyPatch, table: bytes
    ) -> None:
        """Its digest may be right: numbers that fit no file are not believed."""
        project.commit("one", files={"a.py": "1\n"})
        surviving(project, cache)
        (file,) = cache.iterdir()
        content = msgspec.msgpack.decode(file.read_bytes()[32:])
        content["files"][0][3] = table
        encoded = msgspec.msgpack.encode(content)
        file.write_bytes(hashlib.sha256(encoded).digest() + encoded)
        assert blamed_paths(project, cache, monkeypatch) == ["a.py"]

    def test_a_file_that_cant_be_blamed_spoils_no_later_run(self, project: GitProject, cache: Path) -> None:
        """It is named each time, and what is kept of the others is used."""
        project.commit("one", files={"a.py": "1\n", "bad.py": "old\n"})
        lost = project.git("rev-parse", "HEAD:bad.py")
        project.commit("two", files={"bad.py": "old\nnew\n"})
        (project.path / ".git/objects" / lost[:2] / lost[2:]).unlink()
        first, second = surviving(project, cache), surviving(project, cache)
        assert first == second
        assert ([file.path for file in first.files], [path for path, _ in first.skipped]) == (["a.py"], ["bad.py"])

    def test_a_cached_head_that_is_gone_is_no_failure(
        self, project: GitProject, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A rewritten history, or another repository in the same place, starts anew."""
        project.commit("one", files={"a.py": "1\n"})
        surviving(project, cache)
        project.path.rename(tmp_path / "away")
        other = GitProject(tmp_path / "project")
        other.time += 1_000
        other.commit("other", files={"a.py": "1\n"})
        assert blamed_paths(other, cache, monkeypatch) == ["a.py"]

    def test_a_directory_that_cant_be_written_to_is_named(self, project: GitProject, tmp_path: Path) -> None:
        """The view is whole all the same, and nothing is left behind."""
        project.commit("one", files={"a.py": "1\n"})
        (tmp_path / "file").write_text("")
        lines = surviving(project, tmp_path / "file")
        assert lines.warnings[0].startswith(f"blame-cache: {tmp_path / 'file'} can't be written to")
        assert replace(lines, warnings=()) == surviving(project, None)

    def test_directories_of_one_repository_are_kept_apart(self, project: GitProject, cache: Path) -> None:
        """A part of a monorepo has a cache of its own."""
        project.commit("one", files={"p/a.py": "1\n", "b.py": "1\n"})
        options = ViewOptions(cache=cache)
        whole, part = (blame.surviving_lines(opened(project, below=below), "HEAD", options) for below in ("", "p"))
        assert ([file.path for file in whole.files], [file.path for file in part.files]) == (
            ["b.py", "p/a.py"],
            ["a.py"],
        )
        assert len(list(cache.iterdir())) == 2
        project.commit("two", files={"p/a.py": "2\n"})
        project.commit("back", files={"p/a.py": "1\n"})
        part = blame.surviving_lines(opened(project, below="p"), "HEAD", options)
        assert part == blame.surviving_lines(opened(project, below="p"), "HEAD", ViewOptions())

    def test_a_cache_of_another_version_of_the_tool_is_not_used(
        self, project: GitProject, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its form or its meaning may differ."""
        project.commit("one", files={"a.py": "1\n"})
        monkeypatch.setattr(blame_cache, "__version__", "0.0.0")
        surviving(project, cache)
        monkeypatch.undo()
        assert blamed_paths(project, cache, monkeypatch) == ["a.py"]


class TestUnchanged:
    def test_a_merge_that_leads_around_the_other_commit_stops_a_file(self, project: GitProject) -> None:
        """Merged into a side branch, main's changed-and-reverted file keeps the side's blame, as git blames it."""
        project.commit("one", files={"a.py": "1\n2\n", "b.py": "1\n"})
        project.branch("side")
        project.commit("side", files={"s.py": "1\n"})
        project.switch("main")
        project.commit("away", files={"a.py": "1\n"})
        cached = project.commit("back", files={"a.py": "1\n2\n"})
        project.switch("side")
        project.merge("main")
        assert unchanged_files(opened(project), cached, project.head, {"a.py", "b.py"}) == set()
        assert unchanged_files(opened(project), cached, cached, {"a.py"}) == {"a.py"}

    def test_unrelated_commits_share_nothing(self, project: GitProject) -> None:
        """Without a common commit nothing is known of any file."""
        one = project.commit("one", files={"a.py": "1\n"})
        project.git("switch", "--quiet", "--orphan", "other")
        other = project.commit("two", files={"a.py": "1\n"})
        assert unchanged_files(opened(project), one, other, {"a.py"}) == set()

    def test_far_apart_commits_are_not_walked(self, project: GitProject, monkeypatch: pytest.MonkeyPatch) -> None:
        """Above a number of commits all files are blamed anew instead."""
        one = project.commit("one", files={"a.py": "1\n"})
        for number in range(3):
            project.commit(f"c{number}")
        monkeypatch.setattr("ai_code_metrics.collect.unchanged._MAX_COMMITS", 2)
        assert unchanged_files(opened(project), one, project.head, {"a.py"}) == set()


STEPS = st.lists(
    st.tuples(st.sampled_from(["edit", "edit", "back", "branch", "switch", "merge", "remove"]), st.integers(0, 2)),
    min_size=3, max_size=10,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, runs=st.sets(st.integers(0, 9), max_size=4))
def test_a_cache_never_changes_a_view(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], runs: set[int]
) -> None:
    """Whatever history goes on, with merges, reverts and branches, a warm cache gives what a cold one gives."""
    directory = tmp_path_factory.mktemp("history")
    project, cache = GitProject(directory / "project"), directory / "cache"
    project.commit("start", files={f"f{number}.py": f"a\nb\n{number}\n" for number in range(3)})
    branches = ["main"]
    for number, (step, which) in enumerate(steps):
        name = f"f{which}.py"
        if step == "edit":
            project.commit(f"c{number}", files={name: f"a\nx{number % 3}\n{which}\n"})
        elif step == "back":
            project.commit(f"c{number}", files={name: f"a\nb\n{which}\n"})
        elif step == "remove":
            (project.path / name).unlink(missing_ok=True)
            project.commit(f"c{number}")
        elif step == "branch":
            branches.append(f"b{number}")
            project.branch(branches[-1])
        elif step == "switch":
            project.switch(branches[which % len(branches)])
        else:
            other = branches[which % len(branches)]
            options = ("--quiet", "--no-ff", "-m", f"m{number}", "-X", "theirs" if which else "ours")
            done = project.attempt("merge", *options, other, environ=project.identity("A <a@b.c>"))
            if not done:
                project.git("merge", "--abort")
        if number in runs:
            surviving(project, cache)
    assert surviving(project, cache) == surviving(project, None)
