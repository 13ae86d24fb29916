from __future__ import annotations

from pathlib import Path

import pytest

import install
import run


@pytest.mark.parametrize(
    ("arguments", "path", "options"),
    [
        ([], None, []),
        (["shop"], "shop", []),
        (["shop", "--base", "main"], "shop", ["--base", "main"]),
        (["shop", "--", "--base", "main"], "shop", ["--base", "main"]),
        (["--base", "main"], None, ["--base", "main"]),
        (["--", "--base", "main"], None, ["--base", "main"]),
    ],
)
def test_what_stands_first_is_the_repository_and_the_rest_is_for_the_tool(
    arguments: list[str], path: str | None, options: list[str]
) -> None:
    """Without a path it is this repository; the value of an option is never taken for a path."""
    assert run.split_arguments(arguments) == (Path(path).absolute() if path else install.ROOT, options)


def test_an_install_that_fails_is_told_and_is_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback: the reason, and the code of nothing measured."""

    def fail(base: Path, *, editable: bool) -> Path:
        raise install.CannotInstall("no network")

    monkeypatch.setattr(install, "provide", fail)
    assert run.main(["somewhere"]) == install.INSTALL_FAILED
    assert "no network" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_shows_examples(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is installed for it."""
    assert run.main([option]) == 0
    assert "python3 scripts/run.py" in capsys.readouterr().out
