"""The output directory: summary, comment, exposition and the tools' own reports, as the artifact holds them."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from ai_code_metrics.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUMMARY_FILE: Final = "metrics-summary.json"
COMMENT_FILE: Final = "comment.md"
EXPOSITION_FILE: Final = "metrics.prom"
RAW_DIRECTORY: Final = "raw"
_RAW_PATTERNS: Final = ("pylint.json", "bandit.json", "radon.json", "coverage.json", "caller-*")


def prepare(directory: Path) -> None:
    """Make the output directory, ignored by git, and remove what an earlier run left in it.

    Only files that a run writes are removed; the directory may be one that holds other things too.

    Raises:
        UsageError: it can't be made or written to.
    """
    try:
        (directory / RAW_DIRECTORY).mkdir(parents=True, exist_ok=True)
        ignore = directory / ".gitignore"
        if not ignore.exists() and not (directory / ".git").exists():
            ignore.write_text("*\n", encoding="utf-8")
        for name in (SUMMARY_FILE, COMMENT_FILE, EXPOSITION_FILE):
            (directory / name).unlink(missing_ok=True)
        for pattern in _RAW_PATTERNS:
            for path in (directory / RAW_DIRECTORY).glob(pattern):
                path.unlink()
    except OSError as error:
        raise UsageError(f"output: {directory} can't be written to: {error}") from None


def write(directory: Path, texts: Mapping[str, bytes], raw: Path) -> None:
    """Write files into a prepared directory, each whole or not at all, and move the raw reports there.

    Args:
        directory: the prepared output directory.
        texts: content by file name.
        raw: a directory with the tools' reports.

    Raises:
        UsageError: a file can't be written (disk full, permissions).
    """
    try:
        for path in sorted(raw.iterdir()):
            shutil.move(path, directory / RAW_DIRECTORY / path.name)
        for name, content in texts.items():
            unfinished = directory / f".{name}.{os.getpid()}"
            unfinished.write_bytes(content)
            unfinished.replace(directory / name)
    except OSError as error:
        raise UsageError(f"output: {directory} can't be written to: {error}") from None
