"""The code as it was at the base: a copy of the measured directory's Python files with the change taken back.

A copy, because analysers resolve imports from the other files, tracked or not, and because the work tree is the
caller's. The configuration files are those of the head: two versions of the code can only be compared by one rule.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from ai_code_metrics.collect.git_paths import encode_path
from ai_code_metrics.collect.project_files import walk
from ai_code_metrics.errors import SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_code_metrics.collect.patch import Difference
    from ai_code_metrics.collect.repository import Repository

CONFIGURATION: Final = (
    "pylintrc",
    "pylintrc.toml",
    ".pylintrc",
    ".pylintrc.toml",
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
)
_SUFFIXES: Final = (".py", ".pyi")
_MAX_BYTES: Final = 64 * 1024 * 1024
_HEADER_FIELDS: Final = 3
_SEPARATOR: Final = "\\" if os.name == "nt" else "\0"
"""What separates names on this system beside the slash; elsewhere a backslash is a character of a name."""


def make_tree(repository: Repository, root: Path, directory: Path, differences: Iterable[Difference]) -> None:
    """Fill an empty directory with the Python files of ``root`` as they were at the base.

    Args:
        repository: where the older contents are read.
        root: the measured directory.
        directory: the empty directory.
        differences: what differs between the base and ``root``.

    Raises:
        SourceUnavailable: an older content is not in this clone, or a path leads out of the repository.
        OSError: the copy can't be written.
    """
    python = [found for found in differences if any((path or "").endswith(_SUFFIXES) for path in found[:2])]
    newer = {found.path for found in python}
    for path in walk(root):
        if path.endswith(_SUFFIXES) and path not in newer:
            _copy(root / path, directory / path)
    for name in CONFIGURATION:
        if (root / name).is_file() and not (root / name).is_symlink():
            _copy(root / name, directory / name)
    older = {found.old_path: found.old_blob for found in python if found.old_path is not None}
    for path, content in _contents(repository, older).items():
        target = directory / os.fsdecode(encode_path(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _copy(source: Path, target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):  # the project's tests run meanwhile, and may take away what they made
        if source.stat().st_size > _MAX_BYTES:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _contents(repository: Repository, blobs: Mapping[str, str]) -> dict[str, bytes]:
    """Read contents by path, in one pass."""
    for path in blobs:
        if PurePosixPath(path).is_absolute() or {"..", ".git", ""} & set(path.split("/")) or _SEPARATOR in path:
            raise SourceUnavailable(f"the base has a file at {path[:200]!r}, which leads out of the repository")
    found: dict[str, bytes] = {}
    questions = "".join(f"{blob}\n" for blob in blobs.values()).encode("ascii")
    if not blobs:
        return found
    with repository.reading("cat-file", "--batch", "--buffer", stdin=questions) as output:
        for path, blob in blobs.items():
            header = output.readline().split()
            if len(header) != _HEADER_FIELDS:
                raise SourceUnavailable(f"the content {blob[:12]} of {path[:200]!r} at the base is not in this clone")
            found[path] = output.read(int(header[2]))
            output.read(1)  # the line feed after each content
    return found
