"""Every line that was written, and what became of it, on real repositories; git blame is the oracle of what is left."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from ai_code_metrics.collect.line_blame import blame_files
from ai_code_metrics.collect.line_history import code_filter, written_lines
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.view_files import ViewOptions
from ai_code_metrics.errors import SourceUnavailable
from support.git_project import ANN, GitProject

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics.records import WrittenLines

OPTIONS = ViewOptions()


class Life(NamedTuple):
    """A line by its text, with the subjects of the commits that wrote and removed it; None: it is still there."""

    text: str
    born: str
    died: str | None


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def read(project: GitProject, directory: str = "", **values: Any) -> WrittenLines:
    repository = Repository.open(project.path / directory, project.environ)
    arguments: dict[str, Any] = {
        "since": 0,
        "is_wanted": lambda path: path.endswith((".py", ".js")),
        "options": OPTIONS,
    } | values
    return written_lines(repository, "HEAD", **arguments)


def lives(project: GitProject, **values: Any) -> list[Life]:
    """All lines that were ever written, sorted."""
    found: list[Life] = []
    subjects: dict[str | int, str] = {}
    for line in project.git("log", "--all", "--format=%H %ct %s").split("\n"):
        sha, time, subject = line.split(" ", 2)
        subjects[sha] = subjects[int(time)] = subject
    written = read(project, **values)
    for file in written.lines.files:
        fates = list(written.fates[file.path].fates())
        assert [fate.start for fate in fates] == [hunk.start for hunk in file.blame.hunks()]
        for fate, hunk in zip(fates, file.blame.hunks(), strict=True):
            version = file.blame.versions[hunk.version]
            texts = project.git("show", f"{version.sha}:{version.path}").split("\n")
            died = None if fate.removed_at < 0 else subjects[fate.removed_at]
            found += [Life(texts[hunk.line - 1 + at].strip(), subjects[version.sha], died) for at in range(fate.length)]
    return sorted(found, key=lambda life: (life.text, life.born, life.died or ""))


def lines(*texts: str) -> str:
    return "".join(f"{text}\n" for text in texts)


def test_lines_are_born_and_removed(project: GitProject) -> None:
    """A replaced line is another one; blank lines are none."""
    project.commit("one", files={"a.py": lines("a", "", "b", "c"), "notes.txt": "prose\n"})
    project.commit("two", files={"a.py": lines("a", "B", "c", "d")})
    project.commit("three", files={"a.py": lines("a", "c", "d")})
    assert lives(project) == [
        Life("B", "two", "three"),
        Life("a", "one", None),
        Life("b", "one", "two"),
        Life("c", "one", None),
        Life("d", "two", None),
    ]


def test_renamed_files_keep_their_lines(project: GitProject) -> None:
    """Also where a line is changed with the name."""
    project.commit("one", files={"a.py": lines("a1", "a2", "a3", "a4"), "b.py": lines("b1", "b2", "b3", "b4")})
    project.git("mv", "a.py", "c.py")
    project.git("mv", "b.py", "d.py")
    project.commit("move", files={"d.py": lines("b1", "b2", "b3", "b5")})
    found = lives(project)
    assert {life.born for life in found if life.text != "b5"} == {"one"}
    assert [life for life in found if life.died] == [Life("b4", "one", "move")]


def test_code_that_becomes_a_test_is_left(project: GitProject) -> None:
    """It moved to where nothing new is told of, and is there still; what is written there is not told."""
    project.commit("one", files={"a.py": lines("a1", "a2", "a3", "a4")})
    (project.path / "tests").mkdir()
    project.git("mv", "a.py", "tests/a.py")
    project.commit("move", files={"tests/a.py": lines("a1", "a2", "a3", "new")})
    found = lives(project, is_wanted=lambda path: not path.startswith("tests/"))
    assert [(life.text, life.died) for life in found] == [("a1", None), ("a2", None), ("a3", None), ("a4", "move")]


def test_deleted_files_die_with_all_their_lines(project: GitProject) -> None:
    """And are written anew where they come back."""
    project.commit("one", files={"a.py": lines("a", "b")})
    (project.path / "a.py").unlink()
    project.commit("gone")
    project.commit("back", files={"a.py": lines("a", "b")})
    assert lives(project) == [
        Life("a", "back", None),
        Life("a", "one", "gone"),
        Life("b", "back", None),
        Life("b", "one", "gone"),
    ]


@pytest.mark.parametrize(
    "formatted",
    [
        lines("if x:", "        a = 'one'", "        b = [1,2]"),
        lines("if x:", '    a = "one"', "    b = [1, 2]"),
        lines("if x:", "    a = 'one'", "    b = [", "        1,", "        2,", "    ]"),
    ],
)
def test_a_change_of_the_format_ends_no_line(project: GitProject, formatted: str) -> None:
    """White space, quotes and trailing commas; what comes after is told of the old line."""
    project.commit("one", files={"a.py": lines("if x:", "    a = 'one'", "    b = [1,2]")})
    project.commit("format", files={"a.py": formatted})
    assert {life.born for life in lives(project)} == {"one"}
    project.commit("end", files={"a.py": lines("if x:")})
    assert [(life.born, life.died) for life in lives(project)] == [("one", "end"), ("one", "end"), ("one", None)]


def test_ignored_revisions_end_no_line(project: GitProject) -> None:
    """The commits of .git-blame-ignore-revs are looked through, where they replace lines."""
    project.commit("one", files={"a.py": lines("a", "b", "c")})
    sha = project.commit("rename all", files={"a.py": lines("aa", "bb", "cc", "dd")})
    project.commit("list", files={".git-blame-ignore-revs": f"{sha}\n"})
    found = lives(project)
    assert {life.born for life in found} == {"one"}
    assert not any(life.died for life in found)
    assert any(life.died for life in lives(project, options=ViewOptions(ignore_revs=False)))


def test_a_merge_keeps_the_lines_of_both_sides(project: GitProject) -> None:
    """Where both changed a file, each line is its own side's; a line that one side removed is gone."""
    base = [str(number) for number in range(12)]
    project.commit("base", files={"a.py": lines(*base)})
    project.branch("side")
    project.commit("side", files={"a.py": lines("S", *base[1:]), "s.py": lines("s")})
    project.switch("main")
    project.commit("main", files={"a.py": lines(*base[:6], *base[7:], "M"), "m.py": lines("m")})
    project.merge("side")
    found = {life.text: life for life in lives(project)}
    assert found["S"] == Life("S", "side", None)
    assert found["M"] == Life("M", "main", None)
    assert found["0"] == Life("0", "base", "side")
    assert found["6"] == Life("6", "base", "main")
    assert found["3"] == Life("3", "base", None)
    assert (found["s"].born, found["m"].born) == ("side", "main")
    assert len(found) == len(lives(project))


def test_a_conflict_is_resolved_by_the_merge(project: GitProject) -> None:
    """What it writes is its own, and what it takes from neither side ends there."""
    project.commit("base", files={"a.py": lines("one", "two", "three")})
    project.branch("side")
    project.commit("side", files={"a.py": lines("one", "side", "three")})
    project.switch("main")
    project.commit("main", files={"a.py": lines("one", "main", "three")})
    project.attempt("merge", "--quiet", "side", environ=project.identity(ANN))
    project.commit("merge", files={"a.py": lines("one", "both", "three")})
    found = {life.text: life for life in lives(project)}
    assert found["both"] == Life("both", "merge", None)
    assert found["main"] == Life("main", "main", "merge")
    assert found["side"] == Life("side", "side", "merge")
    assert found["two"] == Life("two", "base", "side")
    assert found["three"] == Life("three", "base", None)


def test_three_branches_are_merged_at_once(project: GitProject) -> None:
    """Each brings its file, and one of them ends another's line."""
    project.commit("base", files={"a.py": lines("a", "b")})
    for name in ("one", "two"):
        project.branch(name, "main")
        project.commit(name, files={f"{name}.py": lines(name)})
    project.branch("three", "main")
    project.commit("three", files={"a.py": lines("a")})
    project.switch("main")
    project.merge("one", "two", "three", message="all")
    assert lives(project) == [
        Life("a", "base", None),
        Life("b", "base", "three"),
        Life("one", "one", None),
        Life("two", "two", None),
    ]


def test_older_lines_are_not_told(project: GitProject) -> None:
    """Those that were written since a time are, also by a commit that comes before an older one."""
    project.commit("old", files={"a.py": lines("a")})
    project.commit("new", files={"a.py": lines("a", "b")})
    since = project.time
    project.time -= 600
    project.commit("clock", files={"a.py": lines("a", "b", "c")})
    project.time += 1200
    project.commit("last", files={"a.py": lines("a", "b", "c", "d")})
    assert lives(project, since=since) == [Life("b", "new", None), Life("d", "last", None)]


def test_nothing_was_written_since(project: GitProject) -> None:
    """Where all commits are older, there is no line."""
    project.commit("one", files={"a.py": lines("a")})
    assert lives(project, since=project.time + 1) == []


def test_lines_that_go_before_they_come_are_left_out(project: GitProject) -> None:
    """A clock ran backwards: their number is told."""
    project.commit("one", files={"a.py": lines("a", "b", "c")})
    project.time -= 600
    project.commit("two", files={"a.py": lines("c")})
    assert lives(project) == [Life("c", "one", None)]
    assert read(project).warnings[0].startswith("2 lines were removed before they were written")


def test_a_directory_is_opened(project: GitProject) -> None:
    """Only what is below it, under paths relative to it; in their commits files have the path from the top."""
    project.commit("one", files={"sub/a.py": lines("a"), "b.py": lines("b")})
    written = read(project, "sub")
    (file,) = written.lines.files
    assert (file.path, file.blame.versions[0].path) == ("a.py", "sub/a.py")


@pytest.mark.parametrize("name", ["a b.py", "ü.py", 'quo"te.py', "tab\there.py", "-x.py", "new\nline.py"])
def test_names_may_be_odd(project: GitProject, name: str) -> None:
    """Git quotes some of them."""
    project.commit("one", files={name: lines("a", "b")})
    project.commit("two", files={name: lines("a", "c")})
    assert [(life.text, life.died) for life in lives(project)] == [("a", None), ("b", "two"), ("c", None)]


def test_what_has_no_lines_has_no_history(project: GitProject) -> None:
    """Binary files, links and empty files; a text that was binary once begins where it is text."""
    project.commit("one", files={"a.py": b"\0\1\2", "empty.py": "", "b.py": lines("b")})
    (project.path / "link.py").symlink_to("b.py")
    project.commit("two", files={"a.py": lines("a")})
    project.commit("three", files={"a.py": lines("a", "b").rstrip("\n")})
    found = lives(project)
    assert Life("b", "three", None) in found
    assert Life("b", "one", None) in found
    assert {life.text for life in found} <= {"a", "b"}


def test_a_link_that_changes_wrote_no_line(project: GitProject) -> None:
    """What it pointed to is no line that was removed."""
    project.commit("one", files={"b.py": lines("b")})
    (project.path / "link.py").symlink_to("b.py")
    project.commit("two")
    (project.path / "link.py").unlink()
    (project.path / "link.py").symlink_to("c.py")
    project.commit("three")
    (project.path / "link.py").unlink()
    project.commit("four")
    project.commit("five", files={"link.py": lines("text")})
    assert [life.text for life in lives(project)] == ["b", "text"]


def test_code_that_leaves_the_directory_is_there_still(project: GitProject) -> None:
    """It was written below the opened directory, and moved out of it."""
    project.commit("one", files={"sub/a.py": lines("a1", "a2", "a3"), "sub/b.py": lines("b")})
    project.git("mv", "sub/a.py", "a.py")
    project.commit("move")
    written = read(project, "sub")
    fates = {path: [fate.removed_at for fate in file.fates()] for path, file in written.fates.items()}
    assert fates == {"a.py": [-1], "b.py": [-1]}


def test_one_commit_and_line_ends(project: GitProject) -> None:
    """A repository of one commit, with Windows' line ends."""
    project.commit("one", files={"a.py": b"a\r\nb\r\n\r\n"})
    assert lives(project) == [Life("a", "one", None), Life("b", "one", None)]


def test_hunks_have_the_size_that_they_were_written_with(project: GitProject) -> None:
    """Blank lines don't count, and what was removed since does."""
    project.commit("one", files={"a.py": lines("a", "b", "", "c", "d")})
    project.commit("two", files={"a.py": lines("a", "b", "", "c")})
    written = read(project)
    assert {fate.hunk for fate in written.fates["a.py"].fates()} == {4}


def test_a_shallow_clone_can_not_tell(project: GitProject, tmp_path: Path) -> None:
    """What was removed before the cut is not in it; the way out is named."""
    project.commit("one", files={"a.py": lines("a")})
    project.commit("two", files={"a.py": lines("b")})
    with pytest.raises(SourceUnavailable, match="fetch-depth: 0"):
        read(project.clone(tmp_path / "clone", "--depth=1"))
    with pytest.raises(SourceUnavailable, match="without `filter`"):
        read(project.clone(tmp_path / "partial", "--filter=blob:none"))


def test_only_code_that_is_no_test_is_followed(project: GitProject) -> None:
    """Nor what is generated, by its name, the attributes, or the caller's globs."""
    files = ("a.py", "b.ts", "c.md", "tests/d.py", "e.test.ts", "f_pb2.py", "gen/g.py", "h.py", "package-lock.json")
    project.commit("one", files={**dict.fromkeys(files, "x\n"), ".gitattributes": "gen/** linguist-generated\n"})
    repository = Repository.open(project.path, project.environ)
    is_wanted = code_filter(repository, "HEAD", ViewOptions(exclude=("h.py",)))
    assert [path for path in files if is_wanted(path)] == ["a.py", "b.ts"]
    assert is_wanted("gone_since.rb")


@pytest.mark.parametrize("seed", range(6))
def test_what_is_left_is_what_git_blame_finds(project: GitProject, seed: int) -> None:
    """On a history of edits, renames, deletions and merges by chance."""
    random = Random(seed)  # noqa: S311
    _grow(project, random)
    written = read(project)
    found = {
        (file.blame.versions[hunk.version], hunk.line + at)
        for file in written.lines.files
        for hunk, fate in zip(file.blame.hunks(), written.fates[file.path].fates(), strict=True)
        for at in range(hunk.length)
        if fate.removed_at < 0
    }
    repository = Repository.open(project.path, project.environ)
    expected = set()
    for blame in blame_files(repository, ("-w", "HEAD"), repository.tracked_files(), workers=2).values():
        assert not isinstance(blame, str)
        for hunk in blame.hunks():
            expected |= {(blame.versions[hunk.version], hunk.line + at) for at in range(hunk.length)}
    assert found == expected


class _Garden:
    """A repository that grows by chance; its lines are unique, so that no diff has a choice."""

    def __init__(self, project: GitProject, random: Random) -> None:
        self.project, self.random, self.number = project, random, 0

    def fresh(self, count: int) -> list[str]:
        """Lines that were never there."""
        self.number += count
        return [f"line_{self.number - at} = {self.random.random()}" for at in range(count)]

    def files(self) -> list[str]:
        return self.project.git("ls-files").split("\n")

    def edit(self, path: str, most: int) -> None:
        """Replace some lines by others."""
        target = self.project.path / path
        texts = target.read_text(encoding="utf-8").split("\n")[:-1]
        start = self.random.randrange(len(texts) + 1)
        texts[start : start + self.random.randrange(most)] = self.fresh(self.random.randrange(1, 5))
        target.write_text(lines(*texts), encoding="utf-8")

    def step(self, number: int) -> None:
        """One commit: an edit, and sometimes a new name, a new file, or a file less."""
        path = self.random.choice(self.files())
        self.edit(path, 4)
        if self.random.random() < 0.15:
            (self.project.path / path).rename(self.project.path / f"n{number}.py")
        if self.random.random() < 0.1:
            self.project.write(f"new{number}.py", lines(*self.fresh(20)))
        if self.random.random() < 0.1 and len(self.files()) > 3:
            (self.project.path / self.files()[-1]).unlink(missing_ok=True)
        self.project.commit(f"step {number}")


def _grow(project: GitProject, random: Random) -> None:
    garden = _Garden(project, random)
    project.commit("base", files={f"{name}.py": lines(*garden.fresh(30)) for name in "abc"})
    for number in range(8):
        project.branch(f"side{number}")
        for step in range(random.randrange(1, 3)):
            garden.step(100 * number + step)
        project.switch("main")
        for step in range(random.randrange(3)):
            garden.step(100 * number + 50 + step)
        if not project.attempt("merge", "-q", "--no-ff", f"side{number}", environ=project.identity(ANN)):
            project.git("merge", "--abort")
