"""What differs between commits, against git's own figures on real histories."""

from __future__ import annotations

import os
import random
import sys
from typing import TYPE_CHECKING, Final

import pytest

from ai_code_metrics.collect import patch
from ai_code_metrics.collect.git_paths import printable
from ai_code_metrics.collect.patch import Difference
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.records import HeadLines, PatchFile
from support.git_project import GitProject

if TYPE_CHECKING:
    from pathlib import Path

HEADERS: Final = (
    "+++ b/x\n--- a/x\n@@ -1 +1 @@\n@@ -0,0 +1,9 @@\ndiff --git a/x b/x\n:100644 100644 1 2 M\tx\n++ b/x\n-- a/x\n"
    "\\ No newline at end of file\nBinary files a/x and b/x differ\nrename to x\n"
)
ODD_NAMES: Final = (
    "-p.py", " b.py", "a b/a.py b/a.py", 'quo"te.py', "back\\slash.py", "tab\tbed.py", "line\nfeed.py", "re\rturn.py",
    "blank at the end ", "a -> b.py", "[a]*.py", ":(glob)x.py", "ü\u2028.py", "\x01\x7f.py", "dev/null", "b/x",
)  # fmt: skip
TEN: Final = [f"line {number} of ten\n" for number in range(10)]
ENDS: Final = ("\n", "\r\n")
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse such names")


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def opened(project: GitProject, below: str = "") -> Repository:
    return Repository.open(project.path / below, project.environ)


def added(project: GitProject, base: str, below: str = "") -> dict[str, set[int]]:
    """The added lines by path; files without any too."""
    found = patch.read_patch(opened(project, below), base, project.head)
    return {path: set(file.lines) for path, file in found.files.items()}


def numstat(project: GitProject, base: str) -> dict[str, int]:
    """Ask git how many lines were added to which files; 0 for binary ones."""
    options = ("--numstat", "-z", "-M", "--ignore-cr-at-eol", "--no-ext-diff", "--no-textconv")
    fields = iter(project.git("diff", *options, base, "HEAD").split("\0")[:-1])
    counts: dict[str, int] = {}
    for field in fields:
        count, _, path = field.split("\t", 2)
        if not path:  # a rename: both paths follow
            next(fields)
            path = next(fields)
        counts[printable(path)] = 0 if count == "-" else int(count)
    return counts


def assert_as_git(project: GitProject, base: str) -> None:
    """Compare with numstat, which lists files that only differ in what is ignored or not as it likes."""
    counts = {path: len(lines) for path, lines in added(project, base).items() if lines}
    assert counts == {path: count for path, count in numstat(project, base).items() if count}


def test_added_lines_are_numbered_as_at_head(project: GitProject) -> None:
    """Of changed and of new files; what was deleted is nowhere, and blank lines are told apart."""
    base = project.commit("base", files={"a.py": "".join(TEN), "gone.py": "x = 1\n", "same.py": "y = 1\n"})
    (project.path / "gone.py").unlink()
    changed = ["new 1\n", *TEN[:4], "new 6\n", "  \n", *TEN[6:9]]
    project.commit("head", files={"a.py": "".join(changed), "new.py": "z = 1\n\nz = 2"})
    found = patch.read_patch(opened(project), base, project.head)
    assert found.files == {
        "a.py": PatchFile("a.py", "a.py", frozenset({1, 6, 7}), frozenset({1, 6})),
        "new.py": PatchFile("new.py", None, frozenset({1, 2, 3}), frozenset({1, 3})),
    }
    assert_as_git(project, base)


def test_a_renamed_file_is_compared_with_what_it_was(project: GitProject) -> None:
    """Moved as it is it has no new line, changed on the way those that changed."""
    base = project.commit("base", files={"a.py": "".join(TEN), "b.py": "".join(reversed(TEN))})
    project.git("mv", "a.py", "moved.py")
    project.git("mv", "b.py", "changed.py")
    project.commit("head", files={"changed.py": "".join([*reversed(TEN), "new\n"])})
    found = patch.read_patch(opened(project), base, project.head).files
    assert {path: (file.old_path, set(file.lines)) for path, file in found.items()} == {
        "moved.py": ("a.py", set()),
        "changed.py": ("b.py", {11}),
    }
    assert_as_git(project, base)


@pytest.mark.parametrize(("before", "after"), [("\n", "\r\n"), ("\r\n", "\n")])
def test_line_ends_are_no_new_lines(project: GitProject, before: str, after: str) -> None:
    """A file that was converted adds the line that says something else."""
    base = project.commit("base", files={name: before.join("abcdef") + before for name in ("a.py", "b.py")})
    project.commit("head", files={"a.py": after.join("abcdef") + after, "b.py": after.join("abXdef") + after})
    found = added(project, base)
    assert (found.get("a.py", set()), found["b.py"]) == (set(), {3})
    assert_as_git(project, base)


def test_a_last_line_without_line_feed(project: GitProject) -> None:
    """A line feed alone makes no new line, and git's remark about it is none."""
    base = project.commit("base", files={"a": "1\n2", "b": "1\n2\n", "c": "1\n2", "d": "1"})
    project.commit("head", files={"a": "1\n2\n", "b": "1\n2", "c": "1\n3", "d": "1\n2\n3", "e": "1"})
    assert added(project, base) == {"a": set(), "b": set(), "c": {2}, "d": {2, 3}, "e": {1}}
    assert_as_git(project, base)


def test_binary_files_have_no_lines(project: GitProject) -> None:
    """New, changed, and those that were text before."""
    base = project.commit("base", files={"changed.bin": b"\0a\nb\n", "text.bin": "a\n", "z.py": "z\n"})
    project.commit(
        "head", files={"changed.bin": b"\0a\nc\n", "text.bin": b"\0\n", "new.bin": b"\0\n\n", "z.py": "z\ny\n"}
    )
    assert added(project, base) == {"changed.bin": set(), "text.bin": set(), "new.bin": set(), "z.py": {2}}
    assert_as_git(project, base)


@pytest.mark.parametrize("attribute", ["-diff", "binary", "diff=none"])
def test_attributes_hide_no_python(project: GitProject, attribute: str) -> None:
    """A change can't take its added lines out of the gates by calling code binary, also where it renames the file."""
    base = project.commit("base", files={"old.py": "one = 1\ntwo = 2\nthree = 3\nfour = 4\n", "kept.py": "one = 1\n"})
    project.git("mv", "old.py", "new.py")
    project.commit(
        "hide",
        files={
            ".gitattributes": f"*.py {attribute}\n",
            "new.py": "one = 1\ntwo = 2\nthree = 3\nfour = 4\nfive = 5\n",
            "kept.py": "one = 1\n\ntwo = 2\n",
        },
    )
    found = patch.read_patch(opened(project), base, project.head).files
    assert {path: set(file.lines) for path, file in found.items()} == {
        ".gitattributes": {1}, "new.py": {5}, "kept.py": {2, 3}
    }  # fmt: skip
    assert (found["new.py"].old_path, set(found["kept.py"].written)) == ("old.py", {3})


def test_only_regular_files_have_lines(project: GitProject) -> None:
    """Links have none: new and changed ones, and those that took the place of a file; a file that took theirs has."""
    project.write("file.py", "a\nb\n")
    for name in ("elsewhere.py", "link.py", "moved.py"):
        (project.path / name).symlink_to(f"target-of-{name}-which-is-long-enough-to-be-known-again")
    base = project.commit("base")
    for name in ("file.py", "elsewhere.py", "link.py"):
        (project.path / name).unlink()
    project.git("mv", "moved.py", "away.py")
    (project.path / "file.py").symlink_to("x")
    (project.path / "elsewhere.py").symlink_to("y")
    (project.path / "new.py").symlink_to("z")
    project.commit("head", files={"link.py": "a\nb\nc\n"})
    assert added(project, base) == {"link.py": {1, 2, 3}}


def test_submodules_have_no_lines(project: GitProject) -> None:
    """Neither new ones nor moved ones."""
    base = project.commit("base", files={"a.py": "a\n"})
    project.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    project.git("commit", "--quiet", "-m", "sub", environ=project.identity("Ann <a@b>"))
    assert added(project, base) == {}


@only_linux
@pytest.mark.parametrize("quoted", ["true", "false"])
def test_odd_names(project: GitProject, quoted: str) -> None:
    """Quotes, tabs, line feeds, blanks, and what looks like an option or a pattern; new, changed and renamed."""
    project.git("config", "core.quotePath", quoted)
    base = project.commit("base", files={name: "".join(TEN) + f"{name!r}\n" for name in ODD_NAMES})
    for name in ODD_NAMES:
        with (project.path / name).open("a") as file:
            file.write("new\n")
    project.commit("changed")
    assert added(project, base) == {name: {12} for name in ODD_NAMES}
    assert_as_git(project, base)
    (project.path / "moved").mkdir()
    for name in ODD_NAMES:
        target = project.path / "moved" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (project.path / name).rename(target)
    project.commit("moved")
    found = patch.read_patch(opened(project), base, project.head).files
    assert {path: (file.old_path, set(file.lines)) for path, file in found.items()} == {
        f"moved/{name}": (name, {12}) for name in ODD_NAMES
    }
    differences = patch.read_differences(opened(project), base)
    assert {(each.old_path, each.path) for each in differences} == {(name, f"moved/{name}") for name in ODD_NAMES}


@only_linux
def test_names_that_are_no_utf_8(project: GitProject) -> None:
    """They come with replacement characters in a patch, and as they are where the file has to be found."""
    base = project.commit("base", files={"a.py": "a\n"})
    name = os.fsdecode(b"\xff\xe4.py")
    project.commit("head", files={name: "a\nb\n"})
    assert added(project, base) == {"\ufffd\ufffd.py": {1, 2}}
    (found,) = patch.read_differences(opened(project), base)
    assert (found.old_path, found.path) == (None, name)


def test_a_subdirectory_has_its_own_paths(project: GitProject) -> None:
    """What lies outside isn't there; a file that came from outside is new."""
    base = project.commit("base", files={"in/a.py": "a\n", "out.py": "b\n", "far.py": "".join(TEN)})
    project.git("mv", "far.py", "in/near.py")
    project.commit("head", files={"in/a.py": "a\nb\n", "out.py": "b\nc\n"})
    assert added(project, base, "in") == {"a.py": {2}, "near.py": set(range(1, 11))}
    differences = patch.read_differences(opened(project, "in"), base)
    assert [each[:2] for each in differences] == [("a.py", "a.py"), (None, "near.py")]


HOSTILE: Final = (
    "diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.external=false", "diff.evil.textconv=echo evil",
    "diff.evil.command=false", "diff.evil.xfuncname=^(.*)$", "diff.context=9", "diff.interHunkContext=9",
    "diff.renames=false", "diff.renameLimit=1", "diff.relative=false", "diff.orderFile=nowhere",
    "diff.submodule=log", "diff.colorMoved=zebra", "diff.wordRegex=.", "diff.suppressBlankEmpty=true",
    "color.ui=always", "color.diff=always", "diff.srcPrefix=x/", "diff.dstPrefix=y/", "core.quotePath=true",
    "diff.wsErrorHighlight=all", "diff.algorithm=patience", "diff.dirstat=files", "diff.ignoreSubmodules=none",
    "core.pager=false", "pager.diff=false", "diff.autoRefreshIndex=false",
)  # fmt: skip


@pytest.mark.parametrize("setting", HOSTILE)
def test_no_setting_of_the_repository_changes_the_patch(project: GitProject, setting: str) -> None:
    """Neither its form nor what is compared; no command that it names is run."""
    base = project.commit(
        "base", files={"ä.py": "".join(TEN), "b.py": "a\n\nb\n", ".gitattributes": "*.py diff=evil\n"}
    )
    project.git("mv", "ä.py", "ö.py")
    project.commit("head", files={"ö.py": "".join([*TEN[:5], "new\n", *TEN[5:]]), "b.py": "a\n\nb\n\nc\n"})
    expected = {"ö.py": {6}, "b.py": {4, 5}}
    assert added(project, base) == expected
    project.git("config", *setting.split("=", 1))
    assert added(project, base) == expected
    assert patch.read_differences(opened(project), base)[-1][:2] == ("ä.py", "ö.py")


@pytest.mark.parametrize("line", HEADERS.splitlines())
def test_content_that_looks_like_a_header_is_content(project: GitProject, line: str) -> None:
    """Added, removed and both, where git sets a plus or a minus in front."""
    base = project.commit("base", files={"a.py": f"{line}\n1\n2\n3\n4\n", "x": "1\n"})
    project.commit("head", files={"a.py": f"1\n2\n{line}\n{line}\n3\n4\n", "b.py": f"{line}\n{line}\n", "x": "1\n2\n"})
    found = added(project, base)
    assert (found["a.py"], found["b.py"], found["x"]) == ({3, 4}, {1, 2}, {2})
    assert_as_git(project, base)


def test_an_empty_diff(project: GitProject) -> None:
    """Between a commit and itself, and with a commit that changes nothing."""
    base = project.commit("base", files={"a.py": "a\n"})
    assert added(project, base) == {}
    project.commit("nothing")
    assert added(project, base) == {}
    assert patch.read_differences(opened(project), base) == []


def test_a_file_that_only_became_executable(project: GitProject) -> None:
    """It differs, and has no new line."""
    base = project.commit("base", files={"a.py": "a\n"})
    (project.path / "a.py").chmod(0o755)
    project.commit("head")
    assert added(project, base) == {"a.py": set()}


@pytest.mark.parametrize("revision", ["f" * 40, "--output=x"])
def test_a_commit_that_is_not_there(project: GitProject, revision: str) -> None:
    """Git says so; a leading dash is no option."""
    head = project.commit("base", files={"a.py": "a\n"})
    for read in (patch.read_patch, patch.read_head_lines):
        with pytest.raises(SourceUnavailable, match=r"git diff: .*(bad|ambiguous|unknown)"):
            read(opened(project), revision, head)
    assert not (project.path / "x").exists()


def test_contents_that_the_clone_lacks(project: GitProject, tmp_path: Path) -> None:
    """A partial clone is not asked to fetch."""
    base = project.commit("base", files={"a.py": "a\n"})
    project.commit("head", files={"a.py": "b\n"})
    clone = project.clone(tmp_path / "clone", "--filter=blob:none")
    with pytest.raises(SourceUnavailable):
        patch.read_patch(opened(clone), base, clone.head)


def test_differences_of_the_work_tree(project: GitProject) -> None:
    """Of the regular files that git tracks, committed or not, with the id of what they were."""
    base = project.commit("base", files={"a.py": "a\n", "gone.py": "g\n", "file.py": "f\n", "same.py": "s\n"})
    blobs = {name: project.git("rev-parse", f"{base}:{name}") for name in ("a.py", "gone.py", "file.py")}
    project.write("a.py", "b\n")
    project.write("untracked.py", "u\n")
    project.write("staged.py", "new\n")
    project.git("add", "staged.py")
    for name in ("gone.py", "file.py"):
        (project.path / name).unlink()
    (project.path / "file.py").symlink_to("a.py")
    assert patch.read_differences(opened(project), base) == [
        Difference("a.py", "a.py", blobs["a.py"]),
        Difference("file.py", None, blobs["file.py"]),
        Difference("gone.py", None, blobs["gone.py"]),
        Difference(None, "staged.py", "0" * 40),
    ]


def test_reading_leaves_the_index_alone(project: GitProject) -> None:
    """A file that was touched makes git renew its index, if it may."""
    base = project.commit("base", files={"a.py": "a\n"})
    os.utime(project.path / "a.py", (1, 1))
    before = (project.path / ".git" / "index").read_bytes()
    assert patch.read_differences(opened(project), base) == []
    assert (project.path / ".git" / "index").read_bytes() == before


def head_lines(project: GitProject, head: str) -> HeadLines:
    return patch.read_head_lines(opened(project), head, project.head)


def test_where_the_head_is_checked_out_its_lines_are_its_own(project: GitProject) -> None:
    """No edits, and none are looked for."""
    head = project.commit("head", files={"a.py": "a\n"})
    assert head_lines(project, head) == HeadLines()


def test_lines_of_a_merge_lead_to_the_head(project: GitProject) -> None:
    """What the base branch added, deleted and changed is not the head's; nor is a file of the base branch."""
    project.commit("base", files={"a.py": "".join(TEN), "b.py": "b\n"})
    project.branch("topic")
    head = project.commit("topic", files={"a.py": "".join([*TEN, "head's\n"])})
    project.switch("main")
    project.commit("main", files={"a.py": "".join(["main's\n", *TEN[:3], *TEN[4:8], *TEN[8:]]), "c.py": "c\n"})
    project.merge("topic")
    lines = head_lines(project, head)
    assert [lines.at_head("a.py", line) for line in range(1, 12)] == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]
    assert (lines.at_head("b.py", 1), lines.at_head("c.py", 1)) == (1, 0)


@pytest.mark.parametrize("seed", range(12))
def test_each_line_that_came_from_head_is_found_there(project: GitProject, seed: int) -> None:
    """Of random merges, by its text, which no two lines share."""
    chance = random.Random(seed)  # noqa: S311 - no secret

    def edited(lines: list[str], who: str) -> list[str]:
        result = []
        for number, line in enumerate(lines):
            if chance.random() < 0.15:
                result += [f"{who} {number} {each}\n" for each in range(chance.randint(1, 3))]
            if chance.random() > 0.1:
                result.append(line)
        return result

    start = {name: [f"{name} {number}\n" for number in range(40)] for name in ("a.py", "b.py")}
    project.commit("base", files={name: "".join(lines) for name, lines in start.items()})
    project.branch("topic")
    topic = {name: edited(lines, "topic") for name, lines in start.items()}
    head = project.commit("topic", files={name: "".join(lines) for name, lines in topic.items()})
    project.switch("main")
    project.commit("main", files={name: "".join(edited(lines, "main")) for name, lines in start.items()})
    project.git("merge", "--quiet", "--no-ff", "-m", "m", "-X", "theirs", "topic", environ=project.identity("A <a@b>"))
    found = head_lines(project, head)
    for name, own in topic.items():
        merged = (project.path / name).read_text(encoding="utf-8").splitlines(keepends=True)
        assert merged != own
        expected = [own.index(text) + 1 if text in own else 0 for text in merged]
        assert [found.at_head(name, line) for line in range(1, len(merged) + 1)] == expected


@pytest.mark.parametrize("seed", range(8))
def test_random_changes_add_what_git_says(project: GitProject, seed: int) -> None:
    """Also which lines: those whose text the base doesn't have."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    start = [f"line {number}\n" for number in range(60)]
    base = project.commit("base", files={"a.py": "".join(start), "b.py": "".join(start)})
    changed = [line for line in start if chance.random() > 0.2]
    for number in range(chance.randint(1, 15)):
        changed.insert(chance.randint(0, len(changed)), f"new {number}{chance.choice(ENDS)}")
    (project.path / "b.py").unlink()
    project.commit("head", files={"a.py": "".join(changed), "c.py": "".join(start[:50])})
    expected = {number for number, line in enumerate(changed, 1) if line.startswith("new")}
    assert added(project, base) == {"a.py": expected, "c.py": set()}
    assert_as_git(project, base)
