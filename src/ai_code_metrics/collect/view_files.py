"""Which files of a commit belong to a view: text that people or agents write, neither generated nor left out."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.collect import attributes, contents, exclusions
from ai_code_metrics.collect.git_paths import decode_path, printable
from ai_code_metrics.collect.line_blame import WHOLE_CLONE
from ai_code_metrics.collect.repository import GitFailed
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.records import BINARY, SUBMODULE, SYMBOLIC_LINK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ai_code_metrics.collect.contents import Text
    from ai_code_metrics.collect.repository import Repository

Skipped = tuple[str, str]  # a path and the reason why its lines could not be counted
_NO_TEXT: Final = {b"120000": SYMBOLIC_LINK, b"160000": SUBMODULE}


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """What belongs to a view; the defaults are those of the specification.

    Attributes:
        exclude: further globs to leave out, see :func:`ai_code_metrics.collect.exclusions.matches`.
        include: globs outside of which all is left out without being counted; empty: everything is in.
        path: only this path, as git has it.
        skip_generated: leave out what built-in rules or linguist attributes name.
        blank_lines: count blank lines.
        merges: count lines that a merge commit made.
        roots: of a range, count lines of a commit without parents (an imported history).
        touched_files: of a range, look also at files that it changed and changed back.
        ignore_revs: look through the commits of ``.git-blame-ignore-revs``.
        moves: options of ``git blame`` that find moved and copied lines.
        words: lines with one of these words are kept for the in-code markers.
        notes: read authorship notes.
        agent_names: names of agents in folded case, for notes in which agents and people look alike.
        workers: git processes at a time.
        cache: directory that keeps blamed files of the surviving view.
    """

    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    path: str | None = None
    skip_generated: bool = True
    blank_lines: bool = False
    merges: bool = False
    roots: bool = True
    touched_files: bool = False
    ignore_revs: bool = True
    moves: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    notes: bool = True
    agent_names: tuple[str, ...] = ()
    workers: int = 1
    cache: Path | None = None


class ViewFile(NamedTuple):
    """A text file of a view: its path as git has it, the id of its content, and its lines."""

    path: str
    blob: str
    text: Text


@dataclass(frozen=True, slots=True)
class ViewFiles:
    """The files of a view, the largest first; ``skipped`` ones have no lines that could be read."""

    counted: tuple[ViewFile, ...]
    excluded: tuple[ViewFile, ...]
    skipped: tuple[Skipped, ...]


class Entry(NamedTuple):
    """A path of a tree with its mode and the id of its content, as git has them."""

    path: str
    mode: bytes
    blob: str


def tree_entries(repository: Repository, commit: str) -> list[Entry]:
    """Return all paths of a commit's tree below the opened directory."""
    entries = repository.run("ls-tree", "-r", "-z", commit).split(b"\0")[:-1]
    found = []
    for entry in entries:
        meta, _, path = entry.partition(b"\t")
        mode, _, blob = meta.split()
        found.append(Entry(decode_path(path), mode, blob.decode("ascii")))
    return found


def changed_entries(repository: Repository, start: str, end: str) -> list[Entry]:
    """Return the paths at ``end`` that differ from ``start``, below the opened directory."""
    fields = repository.run("diff-tree", "-r", "-z", "--no-renames", "--relative", start, end).split(b"\0")[:-1]
    found = []
    for meta, path in zip(fields[::2], fields[1::2], strict=True):
        _, mode, _, blob, status = meta.split()
        if status != b"D":
            found.append(Entry(decode_path(path), mode, blob.decode("ascii")))
    return found


@contextmanager
def explained(repository: Repository) -> Iterator[None]:
    """Say how to get the whole clone where git misses the trees of a partial one.

    Raises:
        SourceUnavailable: git fails, in place of its own error.
    """
    try:
        yield
    except GitFailed as error:
        raise SourceUnavailable(f"{error}; {WHOLE_CLONE}" if repository.is_partial() else str(error)) from None


def touched_entries(repository: Repository, end: str, revisions: Sequence[str]) -> list[Entry]:
    """Return the paths at ``end`` that any commit of a range changed, also where it was changed back."""
    arguments = ("log", "-z", "--format=", "-m", "--name-only", "--no-renames", "--relative")
    touched = {decode_path(path) for path in repository.run(*arguments, *revisions, "--").split(b"\0")}
    return [entry for entry in tree_entries(repository, end) if entry.path in touched]


def sort_out(repository: Repository, commit: str, entries: Iterable[Entry], options: ViewOptions) -> ViewFiles:
    """Read the files of a view, and tell those that count from those that are left out or can't be read.

    Raises:
        SourceUnavailable: not one content is in this clone.
    """
    wanted = [entry for entry in entries if _is_wanted(entry.path, options)]
    files = [entry for entry in wanted if entry.mode not in _NO_TEXT]
    missing = contents.missing_objects(repository, commit) if repository.is_partial() else set[str]()
    present = (file.blob for file in files if file.blob not in missing)
    texts = contents.read_texts(repository, present, words=options.words)
    if files and not texts:
        raise SourceUnavailable(f"no file could be blamed: of all {len(files)}, {WHOLE_CLONE}")
    outside = left_out(repository, commit, [file.path for file in files], options)
    text_files = sorted(_text_files(files, texts, options), key=lambda file: -len(file.text.counted))
    return ViewFiles(
        counted=tuple(file for file in text_files if file.path not in outside),
        excluded=tuple(file for file in text_files if file.path in outside),
        skipped=tuple(_skipped(wanted, texts, outside)),
    )


def _is_wanted(path: str, options: ViewOptions) -> bool:
    if options.path is not None:
        return path == options.path
    return not options.include or exclusions.matches(path, options.include)


def left_out(repository: Repository, commit: str, paths: Sequence[str], options: ViewOptions) -> set[str]:
    """Return those of ``paths`` that built-in rules, the attributes at ``commit`` or the caller's globs leave out."""
    patterns = (*(exclusions.BUILT_IN if options.skip_generated else ()), *options.exclude)
    generated = attributes.generated_paths_at(repository, commit, paths) if options.skip_generated else set[str]()
    return {path for path in paths if path in generated or exclusions.matches(path, patterns)}


def _text_files(files: Iterable[Entry], texts: Mapping[str, Text | None], options: ViewOptions) -> list[ViewFile]:
    found = []
    for path, _, blob in files:
        text = texts.get(blob)
        if text is not None and options.blank_lines:
            text = text._replace(counted=b"\1" * len(text.counted))
        if text is not None and text.lines:
            found.append(ViewFile(path, blob, text))
    return found


def _skipped(entries: Iterable[Entry], texts: Mapping[str, Text | None], outside: set[str]) -> Iterable[Skipped]:
    for path, mode, blob in entries:
        if path in outside and blob in texts:
            continue
        reason = _NO_TEXT.get(mode) or (WHOLE_CLONE if blob not in texts else BINARY if texts[blob] is None else "")
        if reason:
            yield printable(path), reason
