"""The bootstrap for real: environments built from the package index, reused, and not bent by the caller."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import install
from support.action_copy import copy_action

if TYPE_CHECKING:
    from collections.abc import Mapping

FINDER = install.ROOT / "scripts" / "find_python.sh"
BASE_PYTHON = Path(sys.base_prefix) / ("python.exe" if os.name == "nt" else "bin/python3")
# what a caller's job may have set for its own installs; each of them broke an install once
HARMFUL = {
    "PIP_TARGET": "/nonexistent/target",
    "PIP_CONSTRAINT": "/nonexistent/constraints.txt",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "UV_SYSTEM_PYTHON": "1",
    "UV_CONSTRAINT": "/nonexistent/constraints.txt",
    "PYTHONHOME": "/nonexistent/python",
    "PYTHONPATH": "/nonexistent/path",
    "GITHUB_TOKEN": "planted-token",
}


def run_install(action: Path, *arguments: str | Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run install.py as the action does; PYTHONHOME would stop the interpreter itself, were it not for -I."""
    return subprocess.run(
        [BASE_PYTHON, "-I", "-X", "utf8", action / "scripts" / "install.py", *arguments],
        env=dict(environ), capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the action."""
    return copy_action(tmp_path_factory.mktemp("copy") / "action")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for environments, with a space in its name."""
    return tmp_path_factory.mktemp("the environments")


@pytest.fixture(scope="module")
def python(action: Path, base: Path) -> str:
    """The interpreter of an environment that was installed amid settings that would break it."""
    done = run_install(action, "--directory", base, environ={**os.environ, **HARMFUL})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().split("\n")[-1]


def test_the_environment_runs_the_tool_and_its_analysers(python: str, tmp_path: Path) -> None:
    """The last line of the output names an interpreter that has the package and what it starts."""
    done = subprocess.run(
        [python, "-I", "-m", "ai_code_metrics", "--version"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ai-code-metrics")
    imports = "import pylint, bandit, radon, coverage, ai_code_metrics; print(ai_code_metrics.__file__)"
    where = subprocess.run([python, "-I", "-c", imports], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert where.stdout.startswith(str(Path(python).parents[1]))


def test_an_environment_is_reused(action: Path, base: Path, python: str, tmp_path: Path) -> None:
    """A second install of the same thing gives the same interpreter, without an index, and tells the step."""
    output = tmp_path / "output"
    environ = {**os.environ, "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "GITHUB_OUTPUT": str(output)}
    done = run_install(action, "--directory", base, "--github-output", environ=environ)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == python
    assert output.read_text(encoding="utf-8").split("\n")[1] == python


def test_an_index_that_cannot_be_reached_is_named_without_its_password(action: Path, tmp_path: Path) -> None:
    """The error says which index failed, leaves nothing half-built behind, and keeps the password."""
    environ = {
        "PATH": os.defpath,
        "HOME": str(tmp_path),
        "PIP_INDEX_URL": "http://user:password@127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
        "UV_HTTP_TIMEOUT": "1",
    }
    done = run_install(action, "--directory", tmp_path / "environments", environ=environ)
    assert done.returncode == install.INSTALL_FAILED
    assert "http://127.0.0.1:9/simple" in done.stderr
    assert "user:password" not in done.stdout + done.stderr
    assert list((tmp_path / "environments").iterdir()) == []


def test_pip_does_it_where_uv_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A uv that fails costs nothing but time."""
    (tmp_path / "uv").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tmp_path / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    python = install.provide(tmp_path / "environments", editable=True)
    done = subprocess.run(
        [python, "-I", "-c", "import ai_code_metrics; print(ai_code_metrics.__file__)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(done.stdout.strip()).is_relative_to(install.ROOT / "src")


def test_a_python_is_found_on_the_path_and_told_to_the_step(tmp_path: Path) -> None:
    """The finder gives an interpreter of a version that the tool runs on."""
    output = tmp_path / "output"
    done = subprocess.run(
        ["bash", FINDER, "--github-output"],  # noqa: S607
        env={**os.environ, "GITHUB_OUTPUT": str(output)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = done.stdout.strip()
    version = subprocess.run(
        [found, "-c", "import sys; print(sys.version_info[:2] >= (3, 11))"], capture_output=True, text=True, check=True
    )
    assert version.stdout.strip() == "True"
    assert output.read_text(encoding="utf-8").split("\n")[1] == found


def test_a_python_is_found_in_the_tool_cache(tmp_path: Path) -> None:
    """A self-hosted machine may have no Python on PATH, but one that setup-python put there before."""
    cached = tmp_path / "Python" / "3.13.1" / "x64" / "bin"
    install.create(cached.parent)
    found = _find_python(tmp_path, tool_cache=tmp_path)
    # a virtual environment's python3 answers for itself
    assert Path(found) == cached / "python3"


def test_no_python_is_no_error(tmp_path: Path) -> None:
    """Where there is none the answer is empty, and the action goes on to set one up."""
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    assert _find_python(tmp_path, tool_cache=tmp_path / "nothing") == ""


def _find_python(directory: Path, tool_cache: Path) -> str:
    """Run the finder where PATH holds ``directory`` and the programs it needs, but no Python."""
    bash, tr = shutil.which("bash"), shutil.which("tr")
    assert bash
    assert tr
    (directory / "tr").symlink_to(tr)
    done = subprocess.run(
        [bash, FINDER],
        env={"PATH": str(directory), "RUNNER_TOOL_CACHE": str(tool_cache)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
