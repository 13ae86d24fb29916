from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import install
import tool


def test_an_install_that_fails_is_told_and_is_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback: the reason, the code of a failed installation, and an empty output."""

    def fail() -> Path:
        raise install.CannotInstall("no network")

    monkeypatch.setattr(tool, "interpreter", fail)
    done = tool.run(["report"], stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (install.INSTALL_FAILED, b"")
    assert "no network" in capsys.readouterr().err


@pytest.mark.parametrize(("exit_code", "python"), [(0, "this"), (1, "provided")])
def test_an_environment_is_made_only_where_the_package_is_missing(
    exit_code: int, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interpreter that has the package is used as it is; else the place is the one of ``scripts/run.py``."""
    asked: list[list[str]] = []

    def answer(arguments: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        asked.append(arguments)
        return subprocess.CompletedProcess(arguments, exit_code)

    def provide(base: Path, *, editable: bool) -> Path:
        assert base == install.ROOT / "build" / "environments"
        assert editable
        return Path("provided")

    monkeypatch.setattr(sys, "executable", "this")
    monkeypatch.setattr(subprocess, "run", answer)
    monkeypatch.setattr(install, "provide", provide)
    assert tool.interpreter() == Path(python)
    assert asked == [["this", "-I", "-c", "import ai_code_metrics"]]
