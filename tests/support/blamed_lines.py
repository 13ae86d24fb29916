"""Blamed lines for tests, written as a list of commits: one a line, None for a line that is not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_code_metrics.collect.line_blame import table
from ai_code_metrics.records import BlamedFile, BlamedLines, FileBlame, FileVersion, Hunk, MarkedLine, Notes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_code_metrics.records import Commit, NotedRange


def blamed_file(path: str, commits: Sequence[str | None], marked: Mapping[int, str] | None = None) -> BlamedFile:
    """A file whose lines have the same numbers in their commits; a line without a commit is blank."""
    shas = sorted({sha for sha in commits if sha is not None})
    hunks = [Hunk(line, 1, shas.index(sha), line) for line, sha in enumerate(commits, start=1) if sha is not None]
    return BlamedFile(
        path,
        FileBlame(tuple(FileVersion(sha, path) for sha in shas), table(hunks)),
        bytes(sha is not None for sha in commits),
        tuple(MarkedLine(line, text) for line, text in (marked or {}).items()),
    )


def notes(path: str, claims: Mapping[str, Sequence[NotedRange]]) -> Notes:
    """Notes on commits (by their id) about one path."""
    ranges = {FileVersion(sha, path): tuple(claimed) for sha, claimed in claims.items()}
    return Notes(ranges, frozenset(claims))


def line_commits(file: BlamedFile) -> list[str | None]:
    """The commit of each line; None for one that is blank or outside the view."""
    commits: list[str | None] = [None] * len(file.counted)
    for hunk in file.blame.hunks():
        for index in range(hunk.start - 1, hunk.start - 1 + hunk.length):
            if file.counted[index]:
                commits[index] = file.blame.versions[hunk.version].sha
    return commits


def blamed(
    *files: tuple[str, Sequence[str | None]], commits: Mapping[str, Commit], told: Notes | None = None
) -> BlamedLines:
    """A view of the given files."""
    return BlamedLines(tuple(blamed_file(*file) for file in files), commits, notes=told or Notes())
