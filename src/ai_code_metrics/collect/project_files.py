"""Which files are measured: decided here once, never by the tools (two of them exit 0 on a path that doesn't exist)."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ai_code_metrics.collect import exclusions
from ai_code_metrics.errors import UsageError
from ai_code_metrics.files import read_regular
from ai_code_metrics.model import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_SKIPPED_DIRECTORIES = frozenset({"__pycache__", "node_modules", "build", "dist", "site-packages"})
MAX_CONFIG_BYTES = 4 * 1024 * 1024
_MAX_CODE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    """The Python files to measure, as sorted posix paths relative to the measured directory.

    Attributes:
        roots: the directories and files that were chosen, for coverage's ``--source`` and for the reader.
        measured: files for lint and complexity.
        security: those of them that are no tests.
        tests: test files that were left out because no ``source`` names them.
        others: Python files outside the chosen roots.
    """

    roots: tuple[str, ...]
    measured: tuple[str, ...]
    security: tuple[str, ...]
    tests: tuple[str, ...]
    others: tuple[str, ...]


def select(tracked: Iterable[str], *, source: Sequence[str], exclude: Sequence[str]) -> ProjectFiles:
    """Choose the files to measure among ``tracked`` (all tracked paths, relative, posix).

    Without ``source``: the topmost Python packages and the modules directly below ``src``, without tests; where there
    is neither, all Python files that are no tests. With it: the Python files at or below these paths, tests too.

    Raises:
        UsageError: a path of ``source`` holds no tracked Python file.
    """
    python = sorted(path for path in tracked if path.endswith(".py") and not exclusions.matches(path, exclude))
    if source:
        roots = tuple(str(PurePosixPath(root)) for root in source)
        chosen = [path for path in python if any(_is_below(path, root) for root in roots)]
        for root in roots:
            if not any(_is_below(path, root) for path in chosen):
                raise UsageError(f"source: there is no tracked Python file at or below {root!r}")
        return _files(roots, chosen, python)
    code = [path for path in python if not exclusions.is_test_path(path)]
    roots = tuple(_package_roots(code))
    chosen = [path for path in code if any(_is_below(path, root) for root in roots)]
    if chosen:
        return _files(roots, chosen, python)
    return _files((".",) if code else (), code, python)


def _files(roots: tuple[str, ...], chosen: list[str], python: list[str]) -> ProjectFiles:
    rest = sorted(set(python) - set(chosen))
    return ProjectFiles(
        roots=roots,
        measured=tuple(chosen),
        security=tuple(path for path in chosen if not exclusions.is_test_path(path)),
        tests=tuple(path for path in rest if exclusions.is_test_path(path)),
        others=tuple(path for path in rest if not exclusions.is_test_path(path)),
    )


def _package_roots(code: list[str]) -> list[str]:
    packages = {str(PurePosixPath(path).parent) for path in code if PurePosixPath(path).name == "__init__.py"}
    packages.discard(".")  # an __init__.py beside the project's files makes no package of the repository
    topmost = {package for package in packages if not any(str(p) in packages for p in PurePosixPath(package).parents)}
    modules = {path for path in code if PurePosixPath(path).parent == PurePosixPath("src")}
    return sorted(topmost | modules)


def _is_below(path: str, root: str) -> bool:
    return root in {".", path} or path.startswith(f"{root}/")


def walk(root: Path) -> Iterator[str]:
    """Yield the regular files below a directory that is no git work tree.

    Environments, caches, hidden folders and symbolic links are left out, as they are not tracked where there is git.
    """
    for directory, names, files in os.walk(root):
        here = Path(directory)
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".")
            and name not in _SKIPPED_DIRECTORIES
            and not (here / name / "pyvenv.cfg").exists()
            and not (here / name).is_symlink()
        )
        yield from (
            (here / name).relative_to(root).as_posix()
            for name in sorted(files)
            if (here / name).is_file() and not (here / name).is_symlink()
        )


def tool_table(root: Path, tool: str) -> Mapping[str, Any] | None:
    """Return the table ``[tool.<tool>]`` of ``pyproject.toml`` in ``root``; None where there is none to be read."""
    try:
        document = tomllib.loads(read_regular(root / "pyproject.toml", MAX_CONFIG_BYTES).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    tools = document.get("tool")
    table = tools.get(tool) if isinstance(tools, dict) else None
    return table if isinstance(table, dict) else None


def describe(files: ProjectFiles, root: Path) -> Source:
    """Return what the summary says of the measured files; lines that are blank don't count."""
    lines = sum(_lines(root / path) for path in files.measured)
    return Source(
        roots=list(files.roots),
        files=len(files.measured),
        lines={"python": lines},
        test_files=len(files.tests),
        other_files=len(files.others),
    )


def _lines(path: Path) -> int:
    try:
        return sum(1 for line in read_regular(path, _MAX_CODE_BYTES).split(b"\n") if line.strip())
    except (OSError, ValueError):  # listed by git, gone from the disk: the analysers name it
        return 0
