"""Blamed files kept between runs, so that only changed files are blamed again.

One file a repository holds what the last run found, at which commit. What still holds at another commit is told by
:mod:`ai_code_metrics.collect.unchanged`. A cache that can't be used is no failure: it is made anew.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ai_code_metrics import __version__
from ai_code_metrics.collect.git_paths import decode_path, encode_path
from ai_code_metrics.collect.unchanged import unchanged_files
from ai_code_metrics.files import read_regular
from ai_code_metrics.records import FileBlame, FileVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.collect.view_files import ViewFile

_MAX_BYTES: Final = 1 << 30
_DIGEST_BYTES: Final = 32
_HUNK_BYTES: Final = 4 * array("I").itemsize


class _Entry(msgspec.Struct, array_like=True, frozen=True):
    path: bytes
    blob: str
    versions: list[tuple[str, str]]
    table: bytes


class _Content(msgspec.Struct, frozen=True):
    key: str
    head: str
    files: list[_Entry]


class BlameCache:
    """The cache of one repository, for one set of blame options.

    Args:
        directory: where it is kept; made when something is stored.
        repository: whose lines are blamed.
        options: what changes the result of a blame, beside the commit: moves, ignored revisions.
    """

    def __init__(self, directory: Path, repository: Repository, options: Iterable[str]) -> None:
        self._repository = repository
        place = "\0".join((str(repository.root), repository.prefix))
        self._path = directory / f"{hashlib.sha256(encode_path(place)).hexdigest()[:32]}.blame"
        # an array's bytes differ by machine
        machine = f"{sys.byteorder}{array('I').itemsize}"
        git = repository.run("version").decode("utf-8", "replace")
        self._key = "\0".join((__version__, git, machine, *options, *repository.rewritten_history()))

    def load(self, head: str, files: Iterable[ViewFile]) -> dict[str, FileBlame]:
        """Return, by path, the blames that hold at ``head``."""
        content = self._read()
        if content is None or self._repository.resolve(content.head) != content.head:
            return {}
        blobs = {file.path: file.blob for file in files}
        entries = {decode_path(entry.path): entry for entry in content.files}
        same = {path for path, entry in entries.items() if blobs.get(path) == entry.blob}
        kept = unchanged_files(self._repository, content.head, head, same)
        return {path: _blame(entries[path]) for path in kept}

    def store(self, head: str, files: Iterable[ViewFile], blames: Mapping[str, FileBlame]) -> None:
        """Keep the blames of files at ``head``; what was kept before is replaced.

        Raises:
            OSError: the directory can't be written to; what was there is left as it was.
        """
        entries = [
            _Entry(encode_path(file.path), file.blob, [*blame.versions], blame.table.tobytes())
            for file in files
            if (blame := blames.get(file.path)) is not None
        ]
        content = msgspec.msgpack.encode(_Content(self._key, head, entries))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as file:
            try:
                file.write(hashlib.sha256(content).digest() + content)
                file.close()
                Path(file.name).replace(self._path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def _read(self) -> _Content | None:
        try:
            data = read_regular(self._path, _MAX_BYTES)
            digest, content = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
            if hashlib.sha256(content).digest() != digest:
                return None
            decoded = msgspec.msgpack.decode(content, type=_Content)
        except (OSError, ValueError):  # none there, too large, cut off, of another form
            return None
        return decoded if decoded.key == self._key and all(map(_is_sound, decoded.files)) else None


def _is_sound(entry: _Entry) -> bool:
    if len(entry.table) % _HUNK_BYTES:
        return False
    owners = _blame(entry).owners()
    return not owners or max(owners) < len(entry.versions)


def _blame(entry: _Entry) -> FileBlame:
    table = array("I")
    table.frombytes(entry.table)
    return FileBlame(tuple(FileVersion(*version) for version in entry.versions), table)
