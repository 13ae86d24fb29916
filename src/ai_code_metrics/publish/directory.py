"""The output directory: summary, comment, findings, exposition and the tools' own reports, as the artifact has them."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Final

from ai_code_metrics.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUMMARY_FILE: Final = "metrics-summary.json"
COMMENT_FILE: Final = "comment.md"
SARIF_FILE: Final = "findings.sarif"
EXPOSITION_FILE: Final = "metrics.prom"
RAW_DIRECTORY: Final = "raw"
_TEXT_FILES: Final = (COMMENT_FILE, SARIF_FILE, EXPOSITION_FILE)
_PROBE: Final = ".writable"
_RAW_PATTERNS: Final = (
    "pylint.json",
    "bandit.json",
    "radon.json",
    "coverage.json",
    "junit.xml",
    "base-*.json",
    "caller-*",
)


def prepare(directory: Path) -> None:
    """Make the output directory, or remove from it what an earlier run left there.

    A new or empty one is also hidden from git. In one that holds other things, nothing of theirs is touched.

    Raises:
        UsageError: it can't be made or written to, or it holds files of the names to be written that no earlier run
            left there; or it is a symbolic link, which the analysed repository may have set to lead out of itself.
    """
    raw = directory / RAW_DIRECTORY
    for place in (directory, raw):
        if place.is_symlink():
            raise UsageError(f"output: {place} is a symbolic link; name the directory itself")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not any(directory.iterdir()):
            (directory / ".gitignore").write_text("*\n", encoding="utf-8")
        left = [path for pattern in _RAW_PATTERNS for path in raw.glob(pattern)]
        texts = [directory / name for name in _TEXT_FILES if (directory / name).exists()]
        if (left or texts) and not (directory / SUMMARY_FILE).exists():
            names = ", ".join(path.relative_to(directory).as_posix() for path in [*texts, *left][:5])
            raise UsageError(f"output: {directory} holds files that are not of an earlier run: {names}; name another")
        for path in [*left, *texts]:
            path.unlink()
        (directory / SUMMARY_FILE).unlink(missing_ok=True)
        raw.mkdir(exist_ok=True)
        (raw / _PROBE).touch()
        (raw / _PROBE).unlink()
    except OSError as error:
        raise UsageError(f"output: {directory} can't be written to: {error}") from None


def write(directory: Path, texts: Mapping[str, bytes], raw: Path) -> None:
    """Write files into a prepared directory, all of them or none, and move the raw reports there.

    Args:
        directory: the prepared output directory.
        texts: content by file name.
        raw: a directory with the tools' reports.

    Raises:
        UsageError: a file can't be written (disk full, permissions).
    """
    unfinished = {name: directory / f".{name}.{os.getpid()}" for name in texts}
    try:
        for pattern in _RAW_PATTERNS:
            for path in sorted(raw.glob(pattern)):
                if path.is_file() and not path.is_symlink():
                    shutil.move(path, directory / RAW_DIRECTORY / path.name)
        for name, content in texts.items():
            unfinished[name].write_bytes(content)
        for name, path in unfinished.items():
            path.replace(directory / name)
    except OSError as error:
        raise UsageError(f"output: {directory} can't be written to: {error}") from None
    finally:
        for path in unfinished.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
