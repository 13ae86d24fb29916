from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.files import read_regular

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    """A file of exactly the limit is read, one byte more is refused."""
    file = tmp_path / "file"
    file.write_bytes(b"1234")

    assert read_regular(file, 4) == b"1234"
    with pytest.raises(ValueError, match=r"^over 3 bytes$"):
        read_regular(file, 3)


def test_what_is_not_there_stays_file_not_found(tmp_path: Path) -> None:
    """A missing file is told apart from one that can't be used."""
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "gone", 4)


@pytest.mark.timeout(10)
@pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs and devices in Windows' file system")
def test_a_fifo_and_a_device_are_refused(tmp_path: Path) -> None:
    """Neither a FIFO without a writer nor a link to a device without an end holds up the reader."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "zero").symlink_to("/dev/zero")

    for name in ("fifo", "zero"):
        with pytest.raises(ValueError, match=r"^not a regular file$"):
            read_regular(tmp_path / name, 4)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    """A directory is an error that callers expect."""
    with pytest.raises((OSError, ValueError)):
        read_regular(tmp_path, 4)
