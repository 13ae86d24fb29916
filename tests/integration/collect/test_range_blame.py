"""The blame of a range in one pass, against git blame on the same histories."""

from __future__ import annotations

import ast
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_code_metrics.collect import range_blame
from ai_code_metrics.collect.git_paths import is_regular, printable
from ai_code_metrics.collect.range_blame import blame_chain
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.view_files import tree_entries
from support.git_project import GitProject

if TYPE_CHECKING:
    from ai_code_metrics.records import FileBlame

# by line of a file at head: the commit, the path and the line's number there
Lines = dict[int, tuple[str, str, int]]

HEADERS: Final = (
    "diff --git a/a b/a\n-- a/b.py\n++ b/b.py\n@@ -1,9 +1,9 @@\n:100644 100644 1 2 D\ta\n>1 2\n"
    "Binary files a/a and b/a differ\n\\ No newline at end of file\ncommit 1\n"
)
TEN: Final = "".join(f"line {number} of ten\n" for number in range(10))
ODD_NAMES: Final = (
    "-p", "a b/a.py b/a.py", " b", 'quo"te', "back\\slash", "tab\tbed", "line\nfeed", "a -> b", "re\rturn\r", "end ",
    ":(glob)*", "[a].py", "ü\u2028.py", "\x01\x7f", "a..b", ".../x", "rename from x", "dev/null",
)  # fmt: skip
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse such names")


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def opened(project: GitProject, below: str = "") -> Repository:
    return Repository.open(project.path / below, project.environ)


def by_git_blame(project: GitProject, start: str, path: str) -> Lines:
    """Ask git blame, which repeats all details at each line in this format."""
    arguments = ("--line-porcelain", "--root", "--no-textconv", f"{start}..HEAD", "--", path)
    output = project.git("-c", "core.quotePath=true", "blame", *arguments, environ={"GIT_LITERAL_PATHSPECS": "1"})
    lines: Lines = {}
    details: dict[str, str] = {}
    for text in output.split("\n"):
        if text.startswith("\t"):
            sha, there, here = details["header"].split()[:3]
            name = details["filename"]
            if name.startswith('"'):
                name = ast.literal_eval(f"b{name}").decode("utf-8", "surrogateescape")
            if "boundary" not in details:
                lines[int(here)] = (sha, printable(name), int(there))
            details = {}
        elif details:
            key, _, details[key] = text.partition(" ")
        else:
            details["header"] = text
    return lines


def by_line(blame: FileBlame) -> Lines:
    lines: Lines = {}
    for start, length, version, line in blame.hunks():
        sha, path = blame.versions[version]
        lines |= {start + offset: (sha, path, line + offset) for offset in range(length)}
    return lines


def files_at_head(project: GitProject, below: str = "") -> list[str]:
    return [file.path for file in tree_entries(opened(project, below), "HEAD") if is_regular(file.mode)]


def agreed(project: GitProject, start: str, below: str = "") -> dict[str, Lines]:
    """Blame all files at head in both ways, assert that they agree, and return what they say."""
    paths = files_at_head(project, below)
    blames = blame_chain(opened(project, below), start, project.head, paths)
    assert blames is not None
    assert list(blames) == paths
    found = {path: by_line(blame) for path, blame in blames.items()}
    assert found == {path: by_git_blame(project, start, str(Path(below, path))) for path in paths}
    return found


def is_given_up(project: GitProject, start: str) -> bool:
    return blame_chain(opened(project), start, project.head, files_at_head(project)) is None


def origins(lines: Lines) -> dict[int, str]:
    return {number: path for number, (_, path, _) in lines.items()}


class TestLines:
    def test_each_line_has_the_commit_that_introduced_it(self, project: GitProject) -> None:
        """Lines that were added, changed, moved down or up or deleted in between; older ones are in no hunk."""
        base = project.commit("base", files={"a": "1\n2\n3\n4\n5\n", "same": "1\n"})
        one = project.commit("one", files={"a": "0\n1\n2\nx\n4\n5\n", "new": "a\nb\n"})
        two = project.commit("two", files={"a": "1\n2\nx\ny\nz\n4\n6\n", "new": "b\nc\n"})
        found = agreed(project, base)
        assert found["a"] == {3: (one, "a", 4), 4: (two, "a", 4), 5: (two, "a", 5), 7: (two, "a", 7)}
        assert found["new"] == {1: (one, "new", 2), 2: (two, "new", 2)}
        assert found["same"] == {}

    def test_line_ends_do_not_matter(self, project: GitProject) -> None:
        """CRLF, lone carriage returns, and files without a line feed at the end, before or after."""
        base = project.commit("base", files={"crlf": "1\r\n2\r\n", "cr": "1\r2\r3", "end": "1\n2", "less": "1\n2\n"})
        project.commit("one", files={"crlf": "1\r\n2\n3\r\n", "cr": "1\r2\r4\n\r", "end": "1\n2\n3", "less": "1\n2"})
        project.commit("two", files={"crlf": "1\n2\n3\r\n", "cr": "0\n\r", "end": "0\n2\n3\n4", "less": "1\n2\n\n"})
        assert agreed(project, base)["end"].keys() == {1, 2, 3, 4}

    def test_content_that_looks_like_a_header_is_content(self, project: GitProject) -> None:
        """Lines that could be taken for a header of the log, a patch or a hunk, alone and behind a + or -."""
        base = project.commit("base", files={"a": TEN, "b.py": "1\n"})
        one = project.commit("one", files={"a": TEN + HEADERS + HEADERS.replace("\n", "\n+"), "b.py": HEADERS})
        project.commit("two", files={"a": HEADERS + TEN + HEADERS, "b.py": HEADERS + "2\n"})
        project.commit("three", files={"a": HEADERS + "x\n" + HEADERS, "c": HEADERS + "\0"})
        assert {sha for sha, _, _ in agreed(project, base)["b.py"].values()} == {one, project.git("rev-parse", "HEAD^")}

    def test_messages_forge_nothing(self, project: GitProject) -> None:
        """Whatever stands in a message or a name, commits and lines stay what they are."""
        base = project.commit("base", files={"a": "1\n"})
        forged = f"\n>{base} {base}\ndiff --git a/a b/a\n@@ -0,0 +1,9 @@\n{HEADERS}"
        one = project.commit(forged, files={"a": "1\n2\n"}, author=">0 0 <diff@example.com>")
        assert agreed(project, base)["a"] == {2: (one, "a", 2)}

    def test_commits_without_a_line_are_passed(self, project: GitProject) -> None:
        """Empty commits, empty files, and commits that touch other files."""
        base = project.commit("base", files={"a": "1\n", "empty": ""})
        project.commit("nothing")
        project.commit("one", files={"a": "1\n2\n", "other": ""})
        project.commit("nothing")
        (project.path / "empty").unlink()
        project.commit("gone")
        assert agreed(project, base)["a"].keys() == {2}

    def test_a_range_without_commits_has_no_lines(self, project: GitProject) -> None:
        """When both ends are one commit, no line is from the range."""
        project.commit("base", files={"a": "1\n"})
        blames = blame_chain(opened(project), project.head, project.head, ["a"])
        assert blames is not None
        assert by_line(blames["a"]) == {}

    def test_a_sha_256_repository_is_read(self, tmp_path: Path) -> None:
        """Longer ids are no hurdle."""
        project = GitProject(tmp_path / "long", object_format="sha256")
        base = project.commit("base", files={"a": "1\n"})
        one = project.commit("one", files={"a": "1\n2\n"})
        assert agreed(project, base)["a"] == {2: (one, "a", 2)}


class TestPaths:
    def test_a_renamed_file_is_followed(self, project: GitProject) -> None:
        """Renamed with and without edits, several times; each version has the path of its commit."""
        base = project.commit("base", files={"a": TEN, "d/b": TEN * 2})
        project.commit("edit", files={"a": "edit\n" + TEN})
        project.git("mv", "a", "d/a")
        project.commit("move and edit", files={"d/a": "edit\n" + TEN + "move\n"})
        project.git("mv", "d", "e")
        project.commit("move the directory")
        project.commit("edit", files={"e/a": "edit\n" + TEN + "move\nend\n", "e/b": TEN + "x\n" + TEN})
        found = agreed(project, base)
        assert origins(found["e/a"]) == {1: "a", 12: "d/a", 13: "e/a"}
        assert origins(found["e/b"]) == {11: "e/b"}

    def test_below_the_top_files_are_followed_out_of_the_directory(self, project: GitProject) -> None:
        """Opened in a directory, paths are relative to it, and their versions' to the top."""
        base = project.commit("base", files={"a": TEN, "b": TEN + "b\n", "p/q/c": "1\n", "c": "1\n"})
        project.commit("edit", files={"a": TEN + "x\n", "p/q/c": "1\n2\n"})
        for name in "ab":
            project.git("mv", name, f"p/q/{name}")
        project.commit("move", files={"p/q/a": TEN + "x\ny\n", "p/q/b": TEN + "b\nx\n"})
        found = agreed(project, base, below="p/q")
        assert {path: origins(lines) for path, lines in found.items()} == {
            "a": {11: "a", 12: "p/q/a"}, "b": {12: "p/q/b"}, "c": {2: "p/q/c"},
        }  # fmt: skip

    @only_linux
    def test_odd_names_are_followed(self, project: GitProject) -> None:
        """Spaces, quotes, control characters, glob characters and no UTF-8 in names, before and after a rename."""
        names = [*ODD_NAMES, os.fsdecode(b"caf\xe9/caf\xe9")]
        base = project.commit("base", files={name: f"{name!a}\n{TEN}" for name in names})
        project.commit("edit", files={name: f"{name!a}\n{TEN}edit\n" for name in names})
        (project.path / "moved").mkdir()
        for number, name in enumerate(names):
            (project.path / name).rename(project.path / "moved" / f"{number}{name.replace('/', '!')}")
            project.commit("move")
        found = agreed(project, base)
        assert sorted(origins(lines)[12] for lines in found.values()) == sorted(printable(name) for name in names)

    def test_a_copy_is_a_new_file(self, project: GitProject) -> None:
        """Blame doesn't look for copies, whatever diff.renames says: all lines are of the commit that copied."""
        project.git("config", "diff.renames", "copies")
        base = project.commit("base", files={"a": TEN})
        one = project.commit("one", files={"a": TEN + "x\n", "copy": TEN})
        assert agreed(project, base)["copy"] == {number: (one, "copy", number) for number in range(1, 11)}

    def test_two_files_may_come_from_one(self, project: GitProject) -> None:
        """Blame finds the old path of each file alone, so one that was split into two goes on in both."""
        base = project.commit("base", files={"a": TEN})
        project.commit("edit", files={"a": TEN + "x\n"})
        (project.path / "a").unlink()
        project.commit("split", files={"b": TEN + "x\nb\n", "c": TEN + "c\nx\n", "d": "1\n"})
        found = agreed(project, base)
        assert {path: origins(lines) for path, lines in found.items()} == {
            "b": {11: "a", 12: "b"}, "c": {11: "c", 12: "a"}, "d": {1: "d"},
        }  # fmt: skip

    @pytest.mark.parametrize("below", ["", "e"])
    def test_files_that_compete_for_an_old_path_are_compared_alone(self, project: GitProject, below: str) -> None:
        """Equal files, equal names and better matches elsewhere decide as they do in blame, one file at a time."""
        base = project.commit("base", files={"e/z": "1\n"})
        versions = {f"d{number}/x": TEN + f"{number}\n" * number for number in range(5)}
        project.commit(
            "write", files={**versions, "d0/y": "y\n", "d1/y": "y\n", "e/same": TEN, "same": TEN, "f/y": TEN}
        )
        for name in ("d0", "d1", "d2", "d3", "d4", "f", "same", "e/same"):
            project.git("rm", "-r", "--quiet", name)
        moved = {f"e/d{number}/x": TEN + f"{number}\n" * (4 - number) + "new\n" for number in range(5)}
        moved |= {"e/d0/y": "y\n", "e/d1/y": "y\n", "e/f/same": TEN, "g/same": TEN}
        project.commit("move", files={**moved, "e/y": TEN + "x\ny\n", "h": TEN})
        project.commit("edit", files={"e/d2/x": TEN, "h": TEN + "\n"})
        found = agreed(project, base, below)
        assert set(origins(found["e/d1/y".removeprefix(f"{below}/")]).values()) == {"d0/y"}

    def test_new_files_beside_a_deleted_one_are_compared_at_once(self, project: GitProject) -> None:
        """Those that are like no deleted file have no past; the others are compared alone, below a directory too."""
        base = project.commit("base", files={"a": TEN, "b": TEN.upper(), "p/x": "1\n"})
        project.commit("edit", files={"a": TEN + "edit\n"})
        project.git("rm", "--quiet", "a", "b")
        new = {f"p/new{number}": f"new {number}\n" * 9 for number in range(4)}
        project.commit("move", files={**new, "p/a": TEN + "edit\na\n", "p/c": TEN + "c\nedit\n"})
        found = agreed(project, base, below="p")
        assert {path: len(lines) for path, lines in found.items()} == {
            "a": 2, "c": 2, "x": 0, "new0": 9, "new1": 9, "new2": 9, "new3": 9,
        }  # fmt: skip
        assert origins(found["c"]) == {11: "p/c", 12: "a"}

    def test_too_many_files_to_compare_alone_are_given_up(
        self, project: GitProject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Blaming the files on all cores is then the faster way."""
        base = project.commit("base", files={"a": TEN})
        (project.path / "a").unlink()
        project.commit("split", files={"b": TEN + "b\n", "c": TEN + "c\n"})
        agreed(project, base)
        monkeypatch.setattr(range_blame, "_MAX_EFFORT", 800)
        assert is_given_up(project, base)

    def test_the_content_of_two_paths_may_be_swapped(self, project: GitProject) -> None:
        """A path that was there before keeps its own past, be another file's past more like it."""
        base = project.commit("base", files={"a": TEN, "b": TEN.upper()})
        project.commit("swap", files={"a": TEN.upper(), "b": TEN})
        project.git("mv", "b", "c")
        project.commit("shift", files={"b": TEN + "b\n"})
        assert len(agreed(project, base)["a"]) == 10

    def test_a_deleted_path_starts_anew(self, project: GitProject) -> None:
        """What was deleted and written again, even with the same lines, is of the commit that wrote it again."""
        base = project.commit("base", files={"a": TEN, "b": TEN + "b\n"})
        project.commit("edit", files={"a": TEN + "x\n"})
        (project.path / "a").unlink()
        project.commit("delete")
        again = project.commit("again", files={"a": TEN + "x\n"})
        project.git("rm", "--quiet", "b")
        project.commit("edit", files={"a": TEN + "y\n"})
        lines = agreed(project, base)["a"]
        assert {sha for sha, _, _ in lines.values()} == {again, project.head}

    def test_a_file_may_become_a_directory_and_back(self, project: GitProject) -> None:
        """The only new file at a deleted one's place is compared with it; the way back too."""
        base = project.commit("base", files={"a": TEN})
        (project.path / "a").unlink()
        project.commit("directory", files={"a/b": TEN + "x\n"})
        project.git("rm", "-r", "--quiet", "a")
        project.commit("file", files={"a": TEN + "x\ny\n"})
        assert origins(agreed(project, base)["a"]) == {11: "a/b", 12: "a"}

    def test_two_files_where_a_deleted_one_was_are_given_up(self, project: GitProject) -> None:
        """Git can't be asked for the deleted file without those in the directory of its name."""
        base = project.commit("base", files={"a": TEN})
        (project.path / "a").unlink()
        project.commit("directory", files={"a/b": TEN + "x\n", "a/c": TEN + "y\n"})
        assert is_given_up(project, base)

    @only_linux
    @pytest.mark.parametrize("name", ["line\nfeed", "return\r"])
    def test_names_that_git_cannot_be_asked_for_are_given_up(self, project: GitProject, name: str) -> None:
        """Paths are given to git by lines, which can't hold these."""
        base = project.commit("base", files={name: TEN})
        (project.path / name).unlink()
        project.commit("split", files={"a": TEN + "x\n", "b": TEN + "y\n"})
        assert is_given_up(project, base)


class TestTypes:
    def test_modes_do_not_matter(self, project: GitProject) -> None:
        """A file that became executable, with or without an edit, keeps its lines."""
        base = project.commit("base", files={"a": TEN, "b": TEN})
        project.git("update-index", "--chmod=+x", "a", "b")
        project.git("commit", "--quiet", "-m", "mode", environ=project.identity("A <a@b.c>"))
        project.git("checkout", "--", ".")
        project.commit("edit", files={"b": TEN + "x\n"})
        found = agreed(project, base)
        assert {path: list(lines) for path, lines in found.items()} == {"a": [], "b": [11]}

    def test_what_was_no_file_before_has_no_past(self, project: GitProject) -> None:
        """A link or a submodule that became a file: all lines are of that commit, and the file may become a link."""
        base = project.commit("base", files={"file": TEN, "target": TEN})
        (project.path / "link").symlink_to("target")
        project.git("update-index", "--add", "--cacheinfo", f"160000,{base},module")
        project.git("add", "link")
        project.git("commit", "--quiet", "-m", "types", environ=project.identity("A <a@b.c>"))
        (project.path / "link").unlink()
        (project.path / "file").unlink()
        (project.path / "file").symlink_to("target")
        project.commit("files", files={"link": "target", "module": TEN, "target": TEN + "x\n"})
        project.commit("edit", files={"link": "target\n", "module": TEN + "x\n"})
        found = agreed(project, base)
        assert {path: len(lines) for path, lines in found.items()} == {"link": 1, "module": 11, "target": 1}

    def test_a_submodule_that_moves_on_is_no_hurdle(self, project: GitProject) -> None:
        """Its entry in the log is a patch as well, of no file, whatever form diff.submodule asks for."""
        project.git("config", "diff.submodule", "log")
        base = project.commit("base", files={"a": "1\n"})
        for sha in (base, "1" * 40):
            project.git("update-index", "--add", "--cacheinfo", f"160000,{sha},module")
            project.write("a", f"1\n{sha}\n")
            project.git("add", "a")
            project.git("commit", "--quiet", "-m", "module", environ=project.identity("A <a@b.c>"))
        assert agreed(project, base)["a"].keys() == {2}

    def test_binary_versions_are_compared_as_text(self, project: GitProject) -> None:
        """Blame knows no binary files: a file that was one for a while keeps its lines, renamed or not."""
        base = project.commit("base", files={"a": TEN, "b": TEN, "c": "\0\n" + TEN, "logo": b"\0\n\1\n"})
        project.commit("binary", files={"a": "\0\n" + TEN, "b": TEN + "\0\n", "d": "\0\n1\n", "logo": b"\0\n\2\n"})
        project.git("mv", "b", "e")
        project.git("mv", "c", "f")
        project.commit("move", files={"e": TEN + "\0\nx\n", "f": "\0\n" + TEN + "x\n"})
        project.commit("text", files={"a": TEN + "x\n", "e": TEN + "y\n", "f": TEN, "d": "1\n2\n"})
        found = agreed(project, base)
        assert {path: len(lines) for path, lines in found.items()} == {"a": 1, "d": 2, "e": 1, "f": 0, "logo": 1}

    def test_attributes_do_not_matter(self, project: GitProject) -> None:
        """Files that .gitattributes keeps from being compared, or gives a driver, are compared as blame does."""
        attributes = "* diff=python\n*.bin binary\n*.no -diff\n*.trap diff=trap eol=crlf\n*.two diff=two\n"
        project.git("config", "diff.trap.textconv", "false")
        project.git("config", "diff.trap.command", "false")
        project.git("config", "diff.two.binary", "true")
        names = ("a.bin", "a.no", "a.py", "a.trap", "a.two")
        base = project.commit("base", files={".gitattributes": attributes, **dict.fromkeys(names, TEN)})
        project.commit("edit", files=dict.fromkeys(names, f"def f():\n{TEN}"))
        project.commit("more", files={"b.no": "1\n", **dict.fromkeys(names, f"def f():\n{TEN}x\n")})
        found = agreed(project, base)
        assert {path: len(found[path]) for path in ("b.no", *names)} == {"b.no": 1, **dict.fromkeys(names, 2)}


class TestRanges:
    def test_a_merge_is_given_up(self, project: GitProject) -> None:
        """Lines may come in from either side of it, which one pass over a chain can't tell."""
        base = project.commit("base", files={"a": "1\n"})
        project.branch("feature")
        project.commit("one", files={"b": "1\n"})
        project.switch("main")
        project.commit("two", files={"c": "1\n"})
        project.merge("feature")
        project.commit("three", files={"a": "1\n2\n"})
        assert is_given_up(project, base)

    def test_a_chain_that_does_not_end_at_the_start_is_given_up(self, project: GitProject) -> None:
        """A start that is no ancestor, and a root in between."""
        base = project.commit("base", files={"a": "1\n"})
        project.branch("feature")
        other = project.commit("one", files={"b": "1\n"})
        project.switch("main")
        project.commit("two", files={"a": "1\n2\n"})
        assert is_given_up(project, other)
        project.git("switch", "--quiet", "--orphan", "root")
        project.commit("three", files={"x": "1\n"})
        assert is_given_up(project, base)

    def test_a_cut_of_a_shallow_clone_is_given_up(self, project: GitProject, tmp_path: Path) -> None:
        """The commit at the cut seems to add the whole tree; a cut at the start does no harm."""
        base = project.commit("base", files={"a": "1\n"})
        one = project.commit("one", files={"a": "1\n2\n"})
        project.commit("two", files={"a": "1\n2\n3\n"})
        assert agreed(project.clone(tmp_path / "enough", "--depth=2"), one)["a"].keys() == {3}
        clone = project.clone(tmp_path / "short", "--depth=1")
        assert is_given_up(clone, base)
        assert is_given_up(clone, one)

    def test_a_long_chain_is_given_up(self, project: GitProject, monkeypatch: pytest.MonkeyPatch) -> None:
        """Above a number of commits, all their patches cost more than the files' blames."""
        monkeypatch.setattr(range_blame, "MAX_COMMITS", 2)
        base = project.commit("base", files={"a": "1\n"})
        for number in range(2):
            project.commit("more", files={"a": f"1\n{number}\n"})
        assert agreed(project, base)["a"].keys() == {2}
        project.commit("too much", files={"b": "1\n"})
        assert is_given_up(project, base)

    def test_missing_content_is_given_up(self, project: GitProject, tmp_path: Path) -> None:
        """In a partial clone a diff may need content that blame doesn't: blame tells the files apart."""
        base = project.commit("base", files={"a": "1\n", "b": "1\n"})
        project.commit("one", files={"a": "1\n2\n", "b": "1\n2\n"})
        clone = project.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
        assert is_given_up(clone, base)

    def test_an_unknown_end_is_given_up(self, project: GitProject) -> None:
        """Git's own words about it come from the blames."""
        base = project.commit("base", files={"a": "1\n"})
        assert blame_chain(opened(project), base, "1" * 40, ["a"]) is None

    def test_replaced_commits_are_seen_as_replaced(self, project: GitProject) -> None:
        """Replace references hold for parents and contents, as they do for blame."""
        base = project.commit("base", files={"a": "1\n"})
        project.commit("one", files={"a": "1\n2\n", "b": "1\n"})
        project.commit("two", files={"a": "1\n2\n3\n", "b": "2\n"})
        project.git("replace", "--graft", "HEAD", base)
        found = agreed(project, base)
        assert {number: sha for number, (sha, _, _) in found["a"].items()} == {2: project.head, 3: project.head}
        blob = project.git("hash-object", "-w", "--stdin", stdin=b"0\n1\n")
        project.git("replace", project.git("rev-parse", "HEAD:a"), blob)
        agreed(project, base)

    def test_repository_configuration_changes_nothing(self, project: GitProject) -> None:
        """Settings of .git/config for logs and diffs neither run a program nor change a line."""
        base = project.commit("base", files={"a": TEN, "b": TEN * 2, "sub/c": "1\n"})
        project.commit("one", files={"a": TEN.replace("line 4", " line  4") + "\nx\n", "sub/c": "1\n\n2\n"})
        project.git("mv", "b", "sub/b")
        project.commit("two", files={"a": "x\n\n" + TEN, "sub/b": TEN * 2 + "x\n", "n": "\0\n"})
        project.git("update-index", "--add", "--cacheinfo", f"160000,{base},a-module")
        project.git("commit", "--quiet", "-m", "module", environ=project.identity("A <a@b.c>"))
        project.write("n", "1\n2\n")
        project.git("commit", "--quiet", "-m", "text", "n", environ=project.identity("A <a@b.c>"))
        expected = agreed(project, base)
        settings_of_a_user = {
            "diff.external": "false", "diff.noprefix": "true", "diff.mnemonicPrefix": "true", "diff.srcPrefix": "x",
            "diff.orderFile": "/nowhere", "diff.interHunkContext": "9", "diff.context": "9",
            "diff.algorithm": "patience", "diff.ignoreSubmodules": "all", "diff.relative": "true",
            "diff.renames": "copies", "diff.renameLimit": "1", "diff.wsErrorHighlight": "all",
            "diff.colorMoved": "zebra", "diff.indentHeuristic": "false", "color.ui": "always", "color.diff": "always",
            "core.quotePath": "true", "core.abbrev": "4",
            "log.showSignature": "true", "log.diffMerges": "first-parent", "log.follow": "true", "log.decorate": "full",
            "log.abbrevCommit": "true", "log.date": "relative", "log.mailmap": "true", "format.pretty": "fuller",
            "diff.suppressBlankEmpty": "true", "diff.wordRegex": ".", "notes.displayRef": "refs/notes/*",
        }  # fmt: skip
        repository = opened(project)
        for key, value in settings_of_a_user.items():
            project.git("config", key, value)
        blames = blame_chain(repository, base, project.head, list(expected))
        assert blames is not None
        assert {path: by_line(blame) for path, blame in blames.items()} == expected


Tree = dict[str, bytes]


@st.composite
def trees(draw: st.DrawFn) -> list[Tree]:
    """A short history: few paths with few different lines, edited, renamed, deleted and written again."""
    line = st.sampled_from([b"a\n", b"b\n", b"\n", b"}\n", b"a\r\n", b"b", b"+\n", b"-- a\n"])
    lines = st.lists(line, max_size=12)
    path = st.sampled_from(["a", "b", "c", "d/a", "d/b", "d c"])
    tree: dict[str, list[bytes]] = draw(st.dictionaries(path, lines, min_size=1, max_size=4))
    history = [tree]
    for _ in range(draw(st.integers(1, 6))):
        tree = dict(tree)
        for _ in range(draw(st.integers(0, 4))):
            old, new = draw(path), draw(path)
            kind = draw(
                st.sampled_from(["edit", "edit", "insert", "delete lines", "rename", "rename", "delete", "new"])
            )
            content = tree.get(old, [])
            at = draw(st.integers(0, len(content)))
            if kind == "new":
                tree[new] = draw(lines)
            elif kind == "rename" and old in tree:
                tree[new] = tree.pop(old)
            elif kind == "delete":
                tree.pop(old, None)
            elif old in tree:
                removed = 0 if kind == "insert" else draw(st.integers(0, 3))
                added = [] if kind == "delete lines" else draw(st.lists(line, max_size=3))
                tree[old] = [*content[:at], *added, *content[at + removed :]]
        history.append(tree)
    return [{name: b"".join(content) for name, content in tree.items()} for tree in history]


@settings(max_examples=25, deadline=None)
@given(history=trees())
def test_any_chain_is_blamed_as_git_blames_it(history: list[Tree]) -> None:
    """Whatever happened to the files, both ways name the same commit, path and line for each line."""
    with tempfile.TemporaryDirectory() as directory:
        project = GitProject(Path(directory) / "project")
        shas = []
        for tree in history:
            for entry in project.path.iterdir():
                if entry.name != ".git":
                    shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
            shas.append(project.commit("step", files={**tree}))
        for start in {shas[0], shas[len(shas) // 2]}:
            agreed(project, start)
