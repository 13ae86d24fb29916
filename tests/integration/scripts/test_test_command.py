"""Fetching services by the machine's own package manager, without root."""

from __future__ import annotations

import importlib
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

test_command = importlib.import_module("test")
pytestmark = pytest.mark.skipif(not shutil.which("apt-get"), reason="packages are fetched on Debian and Ubuntu only")


def test_a_package_is_unpacked_below_the_directory(tmp_path: Path) -> None:
    """The program is there, and nothing else of the download."""
    assert test_command.unpack_packages(["hello"], tmp_path) is None
    assert (tmp_path / "usr" / "bin" / "hello").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["usr"]


def test_a_package_that_is_not_there_is_said(tmp_path: Path) -> None:
    """The answer holds what the package manager said."""
    assert "no-such-package" in test_command.unpack_packages(["no-such-package"], tmp_path)
