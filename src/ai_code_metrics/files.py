"""Reading files that the analysed code may have put there: whatever a path leads to, reading it comes to an end."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_regular(path: Path, limit: int) -> bytes:
    """Return the content of a regular file of at most ``limit`` bytes.

    A FIFO would block for ever, and a device or a link to ``/dev/zero`` has no end.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: it can't be opened or read.
        ValueError: it is no regular file, or larger.
    """
    # without O_NONBLOCK opening a FIFO waits for a writer
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("not a regular file")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"over {limit:,} bytes")
    return content
