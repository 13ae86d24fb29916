"""Reads one file out of an artifact's zip, in memory: anybody may have made the zip, so no entry becomes a path."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Final

from ai_code_metrics.errors import ReportRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ENTRIES: Final = 1_000
MAX_DIRECTORY_BYTES: Final = 1 << 20
_END: Final = struct.Struct("<4s4H2LH")  # APPNOTE 4.3.16, end of central directory record
_END_SIGNATURE: Final = b"PK\x05\x06"
_ZIP64_SIGNATURE: Final = b"PK\x06\x07"
_ZIP64_LOCATOR_BYTES: Final = 20
_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # those whose output can be bounded
_DRIVE: Final = re.compile(r"[A-Za-z]:")


def read_entry(archive: IO[bytes], name: str, max_bytes: int) -> bytes:
    """Return the content of the entry ``name``.

    Args:
        archive: the zip, seekable; it is read from its start.
        name: the entry, at the top of the zip.
        max_bytes: what its content may have; counted while reading, since a zip may lie about it.

    Raises:
        ReportRefused: the zip is broken, encrypted or too large, one of its names would lead out of a directory, or
            the entry is missing, too large or there twice.
    """
    try:
        _check_directory(archive)
        with zipfile.ZipFile(archive) as opened:
            entry = _find(opened.infolist(), name)
            with opened.open(entry) as file:
                content = file.read(max_bytes + 1)
    # besides its own error, zipfile lets those of the formats it reads through
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError, OSError) as error:
        raise ReportRefused(f"the artifact is no usable zip: {error}") from None
    if len(content) > max_bytes:
        raise ReportRefused(f"{name} in the artifact has more than the {max_bytes:,} bytes that are read")
    return content


def _check_directory(archive: IO[bytes]) -> None:
    """Refuse a large table of contents before zipfile makes objects of it: 128 MiB hold three million entries."""
    size = archive.seek(0, 2)
    archive.seek(max(0, size - _END.size - _ZIP64_LOCATOR_BYTES))
    tail = archive.read()
    end = tail[-_END.size :]
    if len(end) < _END.size or not end.startswith(_END_SIGNATURE):
        raise ReportRefused("the artifact is no zip, or was cut off, or has a comment, which GitHub's have not")
    _, _, _, _, entries, directory_bytes, _, comment_bytes = _END.unpack(end)
    if comment_bytes or tail[: -_END.size].startswith(_ZIP64_SIGNATURE):
        raise ReportRefused("the artifact is a zip with a comment or a zip64, which GitHub makes none of at this size")
    if entries > MAX_ENTRIES or directory_bytes > MAX_DIRECTORY_BYTES:
        raise _too_many(entries)
    archive.seek(0)


def _too_many(entries: int) -> ReportRefused:
    return ReportRefused(f"the artifact has too many files ({entries:,}) or too long names; {MAX_ENTRIES:,} are read")


def _find(entries: Sequence[zipfile.ZipInfo], name: str) -> zipfile.ZipInfo:
    if len(entries) > MAX_ENTRIES:
        raise _too_many(len(entries))
    for entry in entries:
        problem = _problem(entry)
        if problem:
            raise ReportRefused(f"the artifact was tampered with: the entry {entry.orig_filename[:200]!r} {problem}")
    found = [entry for entry in entries if entry.orig_filename == name]
    if not found:
        raise ReportRefused(f"the artifact holds no {name}, so it is none of ai-code-metrics")
    if len(found) > 1:
        raise ReportRefused(f"the artifact was tampered with: it holds {name} {len(found)} times")
    (entry,) = found
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        raise ReportRefused(f"{name} in the artifact is encrypted or compressed in a way that GitHub doesn't use")
    return entry


def _problem(entry: zipfile.ZipInfo) -> str:
    """Say what is wrong with an entry, in words that follow its name; empty where it is nothing."""
    name = entry.orig_filename
    if name.startswith("/") or _DRIVE.match(name):
        return "is an absolute path"
    if "\\" in name or "\0" in name or not name:
        return "is no path as GitHub writes it"
    if ".." in name.split("/"):
        return "leads out of the directory"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a symbolic link"
    return ""
