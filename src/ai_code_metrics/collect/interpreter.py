"""The target interpreter: the one that has the project's dependencies and runs its tests.

Ours never does: the tools live in an environment of their own.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ai_code_metrics import process
from ai_code_metrics.errors import SourceUnavailable, UsageError
from ai_code_metrics.files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_code_metrics.collect.workspace import Workspace

OLDEST_TARGET = (3, 8)
_PROBE_SECONDS = 60
_MAX_ANSWER_BYTES = 4 * 1024 * 1024
# Written for Python 3.8; prints nothing, because a sitecustomize of the project may print as well. The working
# directory leaves the import path first: a json.py in the project's root would be imported here.
_PROBE = """
import sys
sys.path[:] = [p for p in sys.path if p]
import importlib.util, json
def version(name):
    try:
        from importlib.metadata import version
        return version(name) if importlib.util.find_spec(name) else None
    except Exception:
        return None
with open(sys.argv[1], "w") as out:
    json.dump({
        "version": list(sys.version_info[:3]),
        "path": sys.path,
        "coverage": version("coverage"),
        "plugins": [n for n in ("pytest", "pytest_cov", "xdist") if importlib.util.find_spec(n)],
    }, out)
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python interpreter of the caller's: where it is, what it can import, which test tools it has."""

    executable: str
    version: tuple[int, int, int]
    import_path: tuple[str, ...]
    coverage: str | None
    plugins: frozenset[str]

    def has(self, module: str) -> bool:
        """Whether the interpreter can import one of pytest, pytest_cov, xdist."""
        return module in self.plugins


class GivenPath(str):
    """The path of an interpreter that the setting ``python`` names: a wrong one is the caller's mistake."""

    __slots__ = ()


def find(setting: str, *, root: Path, environ: Mapping[str, str]) -> str:
    """Return the path of the target interpreter.

    In order: the setting ``python``, ``$VIRTUAL_ENV``, ``.venv`` in ``root``, ``$pythonLocation`` (set by
    actions/setup-python), ``python3`` and ``python`` on ``PATH``.

    What the setting names comes as a :class:`GivenPath`.

    Raises:
        UsageError: the setting names no program.
        SourceUnavailable: there is no interpreter at all.
    """
    if setting:
        beside = root / setting
        found = str(beside) if beside.is_file() else shutil.which(setting, path=environ.get("PATH", ""))
        if found is None:
            raise UsageError(f"python: there is no interpreter {setting!r}, neither on PATH nor below {root}")
        return GivenPath(found)
    for candidate in _candidates(root, environ):
        if candidate.is_file():
            return str(candidate)
    for name in ("python3", "python"):
        if found := shutil.which(name, path=environ.get("PATH", "")):
            return found
    raise SourceUnavailable("no Python interpreter of the project was found; set python to its path")


def _candidates(root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    binary = Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python")
    if virtual_env := environ.get("VIRTUAL_ENV"):
        yield Path(virtual_env) / binary
    yield root / ".venv" / binary
    if location := environ.get("pythonLocation"):  # set by actions/setup-python
        yield Path(location) / ("python.exe" if os.name == "nt" else binary)


def probe(executable: str, workspace: Workspace) -> Interpreter:
    """Ask the interpreter for its version, its import path and its test tools.

    It sees what the tests see (:func:`process.caller_environment`): ``PYTHONPATH`` is part of how the project finds its
    modules, and variables like ``PYENV_VERSION`` decide which interpreter a name stands for.

    Raises:
        UsageError: it is a :class:`GivenPath`, and doesn't start or doesn't answer as an interpreter does.
        SourceUnavailable: another one doesn't; or it is too slow or older than Python 3.8.
    """
    interpreter = _ask(executable, workspace)
    if interpreter.version < OLDEST_TARGET:
        found_version = ".".join(map(str, interpreter.version))
        raise SourceUnavailable(f"python: {executable} is Python {found_version}; 3.8 is the oldest supported")
    return interpreter


def _ask(executable: str, workspace: Workspace) -> Interpreter:
    try:
        answer = workspace.room("interpreter") / "answer.json"
    except OSError as error:
        raise SourceUnavailable(f"python: there is no place for the answer of {executable}: {error}") from None
    try:
        finished = process.run(
            [executable, "-c", _PROBE, str(answer)], cwd=workspace.root,
            env=process.caller_environment(workspace.environ), timeout=_PROBE_SECONDS, stop=workspace.stop,
        )  # fmt: skip
    except OSError as error:
        raise _no_interpreter(executable, f"doesn't start: {error}") from None
    if finished.timed_out:
        raise SourceUnavailable(f"python: {executable} did not answer within {_PROBE_SECONDS} s")
    try:
        found = json.loads(read_regular(answer, _MAX_ANSWER_BYTES))
        return Interpreter(
            executable=executable,
            version=(int(found["version"][0]), int(found["version"][1]), int(found["version"][2])),
            import_path=tuple(str(entry) for entry in found["path"]),
            coverage=None if found["coverage"] is None else str(found["coverage"]),
            plugins=frozenset(map(str, found["plugins"])),
        )
    except FileNotFoundError:
        raise _no_interpreter(executable, f"did not answer: {finished.last_words}") from None
    except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
        raise _no_interpreter(executable, f"answered nonsense: {error}") from None


def _no_interpreter(executable: str, why: str) -> UsageError | SourceUnavailable:
    if isinstance(executable, GivenPath):
        return UsageError(f"python: {executable} is no Python interpreter: it {why}")
    return SourceUnavailable(f"python: {executable} {why}")
