from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect.interpreter import GivenPath, find
from ai_code_metrics.errors import SourceUnavailable, UsageError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the directories are those of POSIX")


def program(path: Path) -> Path:
    """Make an executable file, and the directories above it."""
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """One interpreter in each place that is looked at, the first place first."""
    (tmp_path / "project").mkdir()
    return {
        "VIRTUAL_ENV": program(tmp_path / "active" / "bin" / "python"),
        ".venv": program(tmp_path / "project" / ".venv" / "bin" / "python"),
        "pythonLocation": program(tmp_path / "setup" / "bin" / "python"),
        "PATH": program(tmp_path / "path" / "python3"),
    }


def environ(places: dict[str, Path]) -> dict[str, str]:
    return {
        "VIRTUAL_ENV": str(places["VIRTUAL_ENV"].parent.parent),
        "pythonLocation": str(places["pythonLocation"].parent.parent),
        "PATH": str(places["PATH"].parent),
    }


@pytest.mark.parametrize("gone", range(4))
def test_places_in_their_order(places: dict[str, Path], tmp_path: Path, gone: int) -> None:
    """Where the first places hold no interpreter, the next one counts."""
    variables = environ(places)
    for path in list(places.values())[:gone]:
        path.unlink()

    assert find("", root=tmp_path / "project", environ=variables) == str(list(places.values())[gone])


def test_python_is_the_last_name(tmp_path: Path) -> None:
    """Where ``PATH`` has no ``python3``, ``python`` will do."""
    only = program(tmp_path / "path" / "python")

    assert find("", root=tmp_path, environ={"PATH": str(only.parent)}) == str(only)


def test_no_interpreter_at_all(tmp_path: Path) -> None:
    """Nothing anywhere is unavailable, with the way out; our own ``PATH`` is not looked at."""
    for variables in ({}, {"PATH": str(tmp_path)}):
        with pytest.raises(SourceUnavailable, match="set python to its path"):
            find("", root=tmp_path, environ=variables)


def test_setting_wins(places: dict[str, Path], tmp_path: Path) -> None:
    """The setting is a path below the project, an absolute path, or a name on ``PATH``."""
    root, variables = tmp_path / "project", environ(places)
    other = program(root / "tools" / "python3.9")
    found = [find(setting, root=root, environ=variables) for setting in ("tools/python3.9", str(other), "python3")]

    assert found == [str(other), str(other), str(places["PATH"])]
    assert all(isinstance(path, GivenPath) for path in found)
    assert not isinstance(find("", root=root, environ=variables), GivenPath)


@pytest.mark.parametrize("setting", ["python9", "no/such/python", "/no/such/python", "-c"])
def test_setting_that_names_nothing(tmp_path: Path, setting: str) -> None:
    """A setting that names no program is a usage error, also where another interpreter could be found."""
    with pytest.raises(UsageError, match="python: there is no interpreter"):
        find(setting, root=tmp_path, environ={"PATH": str(tmp_path)})
