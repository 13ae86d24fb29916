from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import development
import install

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done to the environment, by an installer that only makes the interpreter's file."""
    acts: list[str] = []

    def create(environment: Path) -> Path:
        acts.append("create")
        python = install.python_of(environment)
        python.parent.mkdir(parents=True)
        python.touch()
        return python

    def fill(environment: Path, lock: Path, *, editable: bool) -> None:
        acts.append(f"fill {environment.name} from {lock.name}{', editable' if editable else ''}")

    monkeypatch.setattr(install, "create", create)
    monkeypatch.setattr(install, "fill", fill)
    return acts


def test_a_fresh_clone_gets_an_environment(tmp_path: Path, done: list[str]) -> None:
    """It is created and filled with the locked tools and the package from its source."""
    python = development.environment(tmp_path / ".venv")
    assert python == install.python_of(tmp_path / ".venv")
    assert done == ["create", "fill .venv from development.txt, editable"]


def test_an_environment_that_is_up_to_date_is_left_alone(tmp_path: Path, done: list[str]) -> None:
    """The second call does nothing."""
    development.environment(tmp_path / ".venv")
    done.clear()
    development.environment(tmp_path / ".venv")
    assert done == []


@pytest.mark.parametrize("stamp", [None, "", "another lock"])
def test_an_outdated_or_foreign_environment_is_filled_not_replaced(
    tmp_path: Path, done: list[str], stamp: str | None
) -> None:
    """An environment that a developer made by other means stays, and gets what the lock says."""
    install.create(tmp_path / ".venv")
    if stamp is not None:
        (tmp_path / ".venv" / "ai-code-metrics.key").write_text(stamp, encoding="utf-8")
    done.clear()
    development.environment(tmp_path / ".venv")
    assert done == ["fill .venv from development.txt, editable"]


def test_a_broken_environment_is_replaced(tmp_path: Path, done: list[str]) -> None:
    """Without an interpreter, because the Python it was made of is gone, it is made anew."""
    (tmp_path / ".venv" / "lib").mkdir(parents=True)
    development.environment(tmp_path / ".venv")
    assert done == ["create", "fill .venv from development.txt, editable"]
    assert not (tmp_path / ".venv" / "lib").exists()


def test_an_interrupted_install_is_taken_up_again(
    tmp_path: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stamp comes last, so that a failed install doesn't count as done."""

    def fail(environment: Path, lock: Path, *, editable: bool) -> None:
        raise install.CannotInstall("no network")

    with monkeypatch.context() as broken:
        broken.setattr(install, "fill", fail)
        with pytest.raises(install.CannotInstall):
            development.environment(tmp_path / ".venv")
    development.environment(tmp_path / ".venv")
    assert done == ["create", "fill .venv from development.txt, editable"]
