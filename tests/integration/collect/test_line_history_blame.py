"""What became of every line of random histories with merges: git blame is the oracle, for lines that are gone too."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Final

import pytest

from ai_code_metrics.collect.line_history import written_lines
from ai_code_metrics.collect.repository import Repository
from support.git_project import ANN, GitProject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ai_code_metrics.records import WrittenLines

# by commit, path and number of a line there: when it went, in seconds since 1970, or -1
Fates = dict[tuple[str, str, int], int]


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def fates(found: WrittenLines) -> Fates:
    """The lines one by one; their virtual numbers have to run through, and none may come twice."""
    by_line: Fates = {}
    for file in found.lines.files:
        following = 1
        for hunk, fate in zip(file.blame.hunks(), found.fates[file.path].fates(), strict=True):
            assert (hunk.start, hunk.length) == (fate.start, fate.length) == (following, fate.length)
            following += hunk.length
            sha, path = file.blame.versions[hunk.version]
            lines = [(sha, path, hunk.line + offset) for offset in range(hunk.length)]
            assert by_line.keys().isdisjoint(lines)
            by_line |= dict.fromkeys(lines, fate.removed_at)
        assert file.counted == b"\1" * (following - 1)
    return by_line


class RandomProject:
    """A history of edits and merges that knows what git blame says of it."""

    FILES: Final = ("a.py", "b.py", "sub/c.py")

    def __init__(self, project: GitProject, seed: int) -> None:
        self.project = project
        self.random = random.Random(seed)  # noqa: S311 - a history that can be repeated
        self._blames: dict[tuple[str, str], dict[int, tuple[tuple[str, str, int], bool]]] = {}

    def grow(self, commits: int) -> None:
        """Commit on branches that come, go and are merged, at times with lines that no parent has."""
        self.project.commit("root", files={name: self._lines(12) for name in self.FILES})
        branches = ["main"]
        for number in range(commits):
            self.project.switch(self.random.choice(branches))
            if len(branches) < 4 and self.random.random() < 0.3:
                branches.append(f"b{number}")
                self.project.branch(branches[-1])
            if len(branches) > 1 and self.random.random() < 0.4:
                self._merge(self.random.choice(branches))
            else:
                self.project.commit(f"c{number}", files=self._edits())
        self.project.switch("main")
        for branch in branches[1:]:
            self._merge(branch)

    def _merge(self, branch: str) -> None:
        options = ("--no-commit", "--no-ff", "-X", self.random.choice(["ours", "theirs"]))
        self.project.attempt("merge", *options, branch, environ=self.project.identity(ANN))
        if (self.project.path / ".git/MERGE_HEAD").exists():
            self.project.commit("merge", files=self._edits() if self.random.random() < 0.5 else None)

    def _lines(self, count: int) -> str:
        words = ["", "    ", *(f"{letter}();" for letter in "abcdefgh")]
        return "".join(f"{self.random.choice(words)}\n" for _ in range(count))

    def _edits(self) -> dict[str, str | bytes]:
        files: dict[str, str | bytes] = {}
        for name in self.random.sample(self.FILES, self.random.randint(1, 2)):
            lines = (self.project.path / name).read_text().splitlines(keepends=True)
            for _ in range(self.random.randint(1, 3)):
                at = self.random.randint(0, len(lines))
                lines[at : at + self.random.randint(0, 3)] = self._lines(self.random.randint(0, 3)).splitlines(
                    keepends=True
                )
            files[name] = "".join(lines)
        return files

    def expected(self) -> Fates:
        """What git blame says of the lines at head, and of those that commits removed, at the commit before."""
        found: Fates = dict.fromkeys((line for name in self.FILES for line in self._written("HEAD", name)), -1)
        for sha, time, parents in self._commits():
            for parent, name, line in self._removed(sha, parents):
                whose, is_blank = self._blame(parent, name)[line]
                if not is_blank and found.get(whose, time) >= time:
                    found[whose] = time
        return found

    def _commits(self) -> Iterator[tuple[str, int, list[str]]]:
        for line in self.project.git("log", "--format=%H %ct %P").split("\n"):
            sha, time, *parents = line.split()
            yield sha, int(time), parents

    def _removed(self, sha: str, parents: Iterable[str]) -> Iterator[tuple[str, str, int]]:
        """The lines of the parents that aren't in the commit; of a merge, in files that are no parent's."""
        for name in self.FILES:
            changed = [self.project.git("diff", "-w", "-U0", parent, sha, "--", name) for parent in parents]
            same = [self.project.attempt("diff", "--quiet", parent, sha, "--", name) for parent in parents]
            if any(same):
                continue
            for parent, diff in zip(parents, changed, strict=True):
                for start, count in re.findall(r"^@@ -(\d+)(?:,(\d+))? ", diff, re.MULTILINE):
                    yield from ((parent, name, int(start) + offset) for offset in range(int(count or 1)))

    def _written(self, sha: str, name: str) -> list[tuple[str, str, int]]:
        return [whose for whose, is_blank in self._blame(sha, name).values() if not is_blank]

    def _blame(self, sha: str, name: str) -> dict[int, tuple[tuple[str, str, int], bool]]:
        """By line: the commit, the path and the number there, and whether it is blank."""
        if (sha, name) not in self._blames:
            lines = {}
            for line in self.project.git("blame", "-w", "--root", "-s", "-l", "-f", "-n", sha, "--", name).split("\n"):
                if line:
                    origin, path, there, here, text = re.findall(r"^(\w+) +(\S+) +(\d+) +(\d+)\) ?(.*)$", line)[0]
                    lines[int(here)] = ((origin, path, int(there)), not text.strip())
            self._blames[sha, name] = lines
        return self._blames[sha, name]


@pytest.mark.parametrize("seed", range(8))
def test_git_blame_says_the_same(project: GitProject, seed: int) -> None:
    """Births and removals of all lines of a random history, with merges, equal what blame finds at each end."""
    history = RandomProject(project, seed)
    history.grow(20)
    expected = history.expected()
    repository = Repository.open(project.path, project.environ)
    found = written_lines(repository, "HEAD", since=0, is_wanted=lambda _: True)
    assert fates(found) == expected
    assert len(set(expected.values())) > 5
