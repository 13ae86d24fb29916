"""Paths and tree entries as git prints them: any bytes, at times in quotes."""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED: Final = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def decode_path(raw: bytes) -> str:
    """Decode a path as git printed it; bytes that are no UTF-8 become surrogates, so that they find the file again."""
    return raw.decode("utf-8", "surrogateescape")


def encode_path(path: str) -> bytes:
    """Return the bytes of a path that :func:`decode_path` gave."""
    return path.encode("utf-8", "surrogateescape")


def unquoted(name: bytes) -> bytes:
    """Return a path as it is; git puts one with control characters, quotes or backslashes into quotes, as C does."""
    if not (name.startswith(b'"') and name.endswith(b'"') and len(name) > 1):
        return name
    return _ESCAPE.sub(_unescaped, name[1:-1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    escape = found[1]
    return bytes([int(escape, 8) & 0xFF]) if escape[:1] in b"01234567" else _ESCAPED.get(escape, escape)


def printable(path: str) -> str:
    """Return ``path`` fit for JSON: what was no UTF-8 is replaced."""
    return encode_path(path).decode("utf-8", "replace")


def is_regular(meta: bytes) -> bool:
    """Whether an entry of a tree, which begins with its mode, is a regular file; git prints no other modes for one."""
    return meta[:6] in {b"100644", b"100755"}
