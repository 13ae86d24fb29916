"""The copy of the code as it was at the base."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect import base_report, base_tree, patch
from ai_code_metrics.collect.patch import Difference
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.errors import SourceUnavailable
from support.git_project import GitProject

if TYPE_CHECKING:
    from pathlib import Path

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse such names")


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def copied(project: GitProject, base: str, below: str = "") -> dict[str, bytes]:
    """Make the copy; return the contents by path."""
    directory = project.path.parent / "copy"
    directory.mkdir()
    repository = Repository.open(project.path / below, project.environ)
    base_tree.make_tree(repository, project.path / below, directory, patch.read_differences(repository, base))
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def test_the_change_is_taken_back(project: GitProject) -> None:
    """Changed, deleted and renamed files are as they were, byte by byte, added ones aren't there, others the same."""
    old = {
        "a.py": b"a\r\n\xff",
        "pkg/gone.py": b"g",
        "pkg/stub.pyi": b"s\n",
        "same.py": b"same\n",
        "moved.py": b"m" * 99,
    }
    base = project.commit("base", files=dict(old))
    project.git("mv", "moved.py", "away.py")
    (project.path / "pkg" / "gone.py").unlink()
    project.commit("head", files={"a.py": "b\n", "pkg/stub.pyi": "t\n", "new.py": "n\n"})
    assert copied(project, base) == old


def test_what_is_not_committed_is_taken_back_too(project: GitProject) -> None:
    """What isn't tracked stays: generated modules are imported by the others."""
    base = project.commit("base", files={"a.py": "a\n"})
    project.write("a.py", "b\n")
    project.write("generated.py", "g\n")
    assert copied(project, base) == {"a.py": b"a\n", "generated.py": b"g\n"}


def test_configuration_is_that_of_the_head(project: GitProject) -> None:
    """By one rule both sides are measured; nothing else that is no Python comes along, nor a link."""
    base = project.commit("base", files={".pylintrc": "old\n", "a.py": "a\n", "data.txt": "x\n"})
    (project.path / "tox.ini").symlink_to("data.txt")
    (project.path / "link.py").symlink_to("a.py")
    project.commit("head", files={".pylintrc": "new\n", "setup.cfg": "s\n"})
    assert copied(project, base) == {".pylintrc": b"new\n", "setup.cfg": b"s\n", "a.py": b"a\n"}


@pytest.mark.parametrize("was_file", [True, False])
def test_a_directory_in_place_of_a_file(project: GitProject, was_file: bool) -> None:  # noqa: FBT001 - both ways
    """And a file in place of a directory."""
    before, after = ("a.py", "a.py/b.py") if was_file else ("a.py/b.py", "a.py")
    base = project.commit("base", files={before: "before\n"})
    project.git("rm", "--quiet", "-r", "a.py")
    project.commit("head", files={after: "completely\ndifferent\n"})
    assert copied(project, base) == {before: b"before\n"}


def test_a_link_where_a_file_was(project: GitProject) -> None:
    """The file is back, and nothing is written where the link leads."""
    base = project.commit("base", files={"a.py": "a\n"})
    outside = project.path.parent / "outside.py"
    outside.write_text("outside\n")
    (project.path / "a.py").unlink()
    (project.path / "a.py").symlink_to(outside)
    project.commit("head")
    assert copied(project, base) == {"a.py": b"a\n"}
    assert outside.read_text() == "outside\n"


def test_a_file_that_goes_away_meanwhile(project: GitProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's tests run at the same time, and may write modules that they delete again."""
    base = project.commit("base", files={"a.py": "a\n"})
    monkeypatch.setattr(base_tree, "walk", lambda root: iter(["gone.py", "a.py"]))
    assert copied(project, base) == {"a.py": b"a\n"}


@only_linux
def test_odd_names_are_found_again(project: GitProject) -> None:
    """Blanks, line feeds, a leading dash, a backslash, and bytes that are no UTF-8."""
    names = ("-a.py", "a b.py", "line\nfeed.py", "back\\slash.py", os.fsdecode(b"\xff.py"), "..a/b.py")
    base = project.commit("base", files={name: f"{number}\n" for number, name in enumerate(names)})
    project.git("rm", "--quiet", "-r", ".")
    project.commit("head")
    assert copied(project, base) == {name: f"{number}\n".encode() for number, name in enumerate(names)}


def test_a_subdirectory_is_its_own_root(project: GitProject) -> None:
    """What lies outside isn't copied."""
    base = project.commit("base", files={"in/a.py": "a\n", "out.py": "o\n"})
    project.commit("head", files={"in/a.py": "b\n", "out.py": "p\n"})
    assert copied(project, base, "in") == {"a.py": b"a\n"}


@pytest.mark.parametrize("path", ["../a.py", "/a.py", "a/../../b.py", ".git/a.py", "a//b.py"])
def test_no_path_leads_out_of_the_copy(project: GitProject, tmp_path: Path, path: str) -> None:
    """Git lets no such tree in; one that was forged is refused, and nothing is written."""
    project.commit("base", files={"a.py": "a\n"})
    repository = Repository.open(project.path, project.environ)
    blob = project.git("rev-parse", "HEAD:a.py")
    directory = tmp_path / "copy"
    directory.mkdir()
    with pytest.raises(SourceUnavailable, match="leads out of the repository"):
        base_tree.make_tree(repository, tmp_path / "nothing", directory, [Difference(path, None, blob)])
    assert list(directory.iterdir()) == []


def test_a_content_that_is_not_there_is_named(project: GitProject, tmp_path: Path) -> None:
    """In a partial clone, for one."""
    project.commit("base", files={"a.py": "a\n"})
    repository = Repository.open(project.path, project.environ)
    with pytest.raises(
        SourceUnavailable, match=r"the content 111111111111 of 'a\.py' at the base is not in this clone"
    ):
        base_tree.make_tree(repository, project.path, tmp_path, [Difference("a.py", None, "1" * 40)])


def test_commits_behind(project: GitProject) -> None:
    """By how many commits the base is ahead; None for what is no ancestor, and for what isn't in the clone."""
    first = project.commit("first", files={"a.py": "a\n"})
    project.branch("beside")
    beside = project.commit("beside")
    project.switch("main")
    base = [project.commit(str(number)) for number in range(3)][-1]
    repository = Repository.open(project.path, project.environ)
    found = [base_report.commits_behind(repository, sha, base) for sha in (base, first, beside, "e" * 40)]
    assert found == [0, 3, None, None]
    assert base_report.commits_behind(repository, base, first) is None
