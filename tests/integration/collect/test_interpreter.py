from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect.interpreter import GivenPath, probe
from ai_code_metrics.errors import SourceUnavailable, UsageError
from support.python_project import make_environment, make_workspace, write_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts stand in for interpreters")


def test_running_interpreter(tmp_path: Path) -> None:
    """An interpreter tells its version, its import path and its test tools."""
    found = probe(sys.executable, make_workspace(write_files(tmp_path / "project", {})))

    assert found.version == sys.version_info[:3]
    assert found.coverage is not None
    assert all(found.has(plugin) for plugin in ("pytest", "pytest_cov", "xdist"))
    assert any(path.endswith("site-packages") for path in found.import_path)
    assert str(tmp_path / "project") not in found.import_path


def test_environment_with_nothing_in_it(tmp_path: Path) -> None:
    """What isn't installed isn't claimed, also where the project has folders and modules of these names."""
    root = write_files(tmp_path / "project", {"coverage/index.html": "", "pytest.py": "", "xdist/__init__.py": ""})

    found = probe(make_environment(tmp_path / "env"), make_workspace(root))

    assert (found.coverage, found.plugins) == (None, frozenset())


@pytest.mark.parametrize("name", ["json", "importlib"])
def test_modules_of_the_project_are_not_imported(tmp_path: Path, name: str) -> None:
    """A module in the project's root that is named like one of Python's own doesn't break the question."""
    root = write_files(tmp_path / "project", {f"{name}.py": "raise ImportError('trap')\n"})

    assert probe(sys.executable, make_workspace(root)).version == sys.version_info[:3]


def test_callers_import_path_is_honoured(tmp_path: Path) -> None:
    """``PYTHONPATH`` is the caller's, what a ``sitecustomize`` there prints does no harm, and it sees no token."""
    trap = "import os\nprint('noise', {'version': 1})\nassert 'GITHUB_TOKEN' not in os.environ\nopen('ran', 'w')\n"
    site = write_files(tmp_path / "site", {"sitecustomize.py": trap})
    root = write_files(tmp_path / "project", {})

    found = probe(sys.executable, make_workspace(root, PYTHONPATH=str(site), GITHUB_TOKEN="planted-secret"))

    assert str(site) in found.import_path
    assert (root / "ran").exists()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 3", "did not answer: it printed nothing"),
        ("echo no such module >&2; exit 1", "did not answer: no such module"),
        ("echo nonsense > $3", "answered nonsense"),
        ("echo [] > $3", "answered nonsense"),
        ("""echo '{"version": ["x"], "path": [], "coverage": null, "plugins": []}' > $3""", "answered nonsense"),
        (
            """echo '{"version": [Infinity, 1, 1], "path": []}' > $3""",
            "answered nonsense: cannot convert float infinity",
        ),
        ("mkfifo $3", "answered nonsense: not a regular file"),
        (
            """echo '{"version": [3, 7, 16], "path": [], "coverage": null, "plugins": []}' > $3""",
            "is Python 3.7.16; 3.8",
        ),
    ],
)
def test_programs_that_are_no_interpreter(tmp_path: Path, script: str, reason: str) -> None:
    """A program that doesn't answer, answers nonsense or is too old is unavailable, and the reason says which."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)

    with pytest.raises(SourceUnavailable, match=reason):
        probe(str(program), make_workspace(write_files(tmp_path / "project", {})))


def test_program_that_does_not_start(tmp_path: Path) -> None:
    """A file that can't be executed is unavailable."""
    program = tmp_path / "python"
    program.write_text("text", encoding="utf-8")

    with pytest.raises(SourceUnavailable, match="doesn't start"):
        probe(str(program), make_workspace(write_files(tmp_path / "project", {})))


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("#!/bin/sh\nexit 3", "did not answer: it printed nothing"),
        ("#!/bin/sh\necho [] > $3", "answered nonsense"),
        ("#!/no/such/program", "doesn't start"),
    ],
)
def test_setting_that_names_another_program(tmp_path: Path, script: str, reason: str) -> None:
    """A program that the setting names and that is no interpreter is a usage error, not a run without one."""
    program = tmp_path / "python"
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)

    with pytest.raises(UsageError, match=f"python: {program} is no Python interpreter: it {reason}"):
        probe(GivenPath(program), make_workspace(write_files(tmp_path / "project", {})))


def test_scratch_directory_that_is_gone(tmp_path: Path) -> None:
    """What the system refuses us is not the setting's mistake, and ends no run."""
    workspace = make_workspace(write_files(tmp_path / "project", {}))
    workspace.scratch.rmdir()

    with pytest.raises(SourceUnavailable, match="no place for the answer"):
        probe(GivenPath(sys.executable), workspace)


def test_setting_that_names_an_old_interpreter(tmp_path: Path) -> None:
    """An interpreter that is too old is one: the rest is measured without it, whoever named it."""
    program = tmp_path / "python"
    program.write_text(
        """#!/bin/sh\necho '{"version": [3, 7, 1], "path": [], "coverage": null, "plugins": []}' > $3\n""",
        encoding="utf-8",
    )
    program.chmod(0o755)

    with pytest.raises(SourceUnavailable, match=r"is Python 3\.7\.1"):
        probe(GivenPath(program), make_workspace(write_files(tmp_path / "project", {})))
