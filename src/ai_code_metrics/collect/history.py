"""Commits with their changes, from one streamed ``git log``: no process per commit, memory independent of history."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ai_code_metrics.collect.git_paths import decode_path, printable
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.records import Commit, FileChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ai_code_metrics.collect.repository import Repository

# Git ends a message at its first NUL, so no field can hold one and nothing in a message can forge a field.
_FORMAT: Final = "--format=%H%x00%P%x00%an%x00%ae%x00%ct%x00%B%x00"
_LOG: Final = ("log", "-z", "--encoding=UTF-8", "--no-show-signature", "--no-color", "--no-notes", _FORMAT)
_NUMSTAT: Final = ("--numstat", "-M", "--no-ext-diff", "--no-textconv")
_CHANGES: Final = (*_NUMSTAT, "--no-diff-merges")
_FIELDS: Final = 6
# Titles and trailers stand at the two ends of a message: what is cut from a monstrous one is its middle.
_HEAD_BYTES: Final = 48_000
_TAIL_BYTES: Final = 16_000
_CUT: Final = b"\n[...]\n"
_CUT_OFF: Final = "history is cut off at this commit; set fetch-depth: 0"
_LEADING_BLANK_LINES: Final = re.compile(r"\A(?:[^\S\n]*\n)+")


def read_commits(
    repository: Repository,
    revision_range: str | Sequence[str],
    *,
    limit: int | None = None,
    with_changes: bool = True,
) -> Iterator[Commit]:
    """Yield commits, newest first, as git prints them.

    Args:
        repository: where to read.
        revision_range: ``A..B``, one revision, or several as for ``git log`` (``^base`` leaves out).
        limit: at most so many commits.
        with_changes: also the changed files with their line counts, against the first parent; merges have none.

    Yields:
        Commits whose message is cut in the middle above 64,000 bytes. Bytes that are no UTF-8 are replaced. Where a
        shallow clone is cut, git shows a commit without parents that adds the whole tree: it comes with its real
        parents, and its changes are not known.

    Raises:
        SourceUnavailable: a revision is unknown, or git can't read an object (a partial clone without the blobs: then
            ``with_changes=False`` still works, as it reads commits only).
    """
    revisions = [revision_range] if isinstance(revision_range, str) else list(revision_range)
    if any("\0" in revision for revision in revisions):
        raise SourceUnavailable("a revision can't hold a NUL")
    bound = () if limit is None else (f"--max-count={limit}",)
    changes = _CHANGES if with_changes else ()
    cut = _cut_commits(repository, revisions) if repository.is_shallow() else {}
    for commit in _parse(repository.stream(*_LOG, *changes, *bound, "--end-of-options", *revisions, "--")):
        if commit.sha in cut:
            yield replace(commit, parents=cut[commit.sha], changes=(), unknown_changes=_CUT_OFF)
        else:
            yield commit


def read_named_commits(repository: Repository, shas: Iterable[str]) -> dict[str, Commit]:
    """Read the named commits, without changes, in one pass.

    Args:
        repository: where to read.
        shas: full ids.

    Returns:
        The commits by their id.

    Raises:
        SourceUnavailable: one of them is not there.
    """
    wanted = "".join(f"{sha}\n" for sha in shas).encode("ascii")
    if not wanted:
        return {}
    chunks = repository.stream(*_LOG, "--no-walk=unsorted", "--stdin", stdin=wanted)
    return {commit.sha: commit for commit in _parse(chunks)}


def read_net_changes(repository: Repository, base: str, head: str) -> tuple[FileChange, ...]:
    """Read the changed files between two commits, with their line counts, as if all were one commit.

    Raises:
        SourceUnavailable: a commit is unknown, or git can't read an object.
    """
    chunks = repository.stream("diff-tree", "-r", "-z", *_NUMSTAT, "--end-of-options", base, head, "--")
    return _changes(_tokens(chunks))[0]


def _cut_commits(repository: Repository, revisions: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The commits at which a shallow clone is cut, with the parents that their raw objects name."""
    arguments = ("rev-list", "--header", "--max-parents=0", "--end-of-options", *revisions, "--")
    found = {}
    for record in _tokens(repository.stream(*arguments)):
        sha, *headers = record.partition(b"\n\n")[0].decode("ascii", "replace").split("\n")
        parents = tuple(line.removeprefix("parent ") for line in headers if line.startswith("parent "))
        if parents:
            found[sha] = parents
    return found


def _parse(chunks: Iterable[bytes]) -> Iterator[Commit]:
    tokens = _tokens(chunks)
    sha = next(tokens, b"")
    while sha:
        fields = [next(tokens).decode("utf-8", "replace") for _ in range(_FIELDS - 1)]
        next(tokens, b"")  # the terminator that -z sets after each entry
        changes, following = _changes(tokens)
        parents, name, email, committed_at, message = fields
        yield Commit(
            sha=sha.decode("ascii"),
            parents=tuple(parents.split()),
            author_name=name,
            author_email=email,
            committed_at=int(committed_at),
            message=_clean(message),
            changes=changes,
        )
        sha = following


def _changes(tokens: Iterator[bytes]) -> tuple[tuple[FileChange, ...], bytes]:
    """Read the numstat entries of one commit; also return the token after them, the id of the next commit."""
    changes: list[FileChange] = []
    for token in tokens:
        added, tab, rest = token.partition(b"\t")
        if not tab:
            return tuple(changes), token
        deleted, _, path = rest.partition(b"\t")
        old_path = None if path else _path(next(tokens))  # an entry without a path is a rename, both paths follow
        new_path = _path(path or next(tokens))
        changes.append(FileChange(new_path, _count(added), _count(deleted), old_path))
    return tuple(changes), b""


def _path(raw: bytes) -> str:
    return printable(decode_path(raw))


def _count(raw: bytes) -> int | None:
    return None if raw.strip() == b"-" else int(raw)


def _tokens(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split on NUL; of a token beyond all measure the middle is dropped while it streams past."""
    pending = bytearray()
    for chunk in chunks:
        *complete, rest = chunk.split(b"\0")
        for part in complete:
            pending += part
            _cut(pending)
            yield bytes(pending)
            pending.clear()
        pending += rest
        if len(pending) > 2 * (_HEAD_BYTES + _TAIL_BYTES):
            _cut(pending)
    if pending:
        yield bytes(pending)


def _cut(token: bytearray) -> None:
    if len(token) > _HEAD_BYTES + len(_CUT) + _TAIL_BYTES:
        token[_HEAD_BYTES:-_TAIL_BYTES] = _CUT


def _clean(message: str) -> str:
    """Use line feeds only, and leave out the blank lines that git itself ignores around a message."""
    unified = message.replace("\r\n", "\n").replace("\r", "\n")
    return _LEADING_BLANK_LINES.sub("", unified).rstrip("\n")
