"""The lock files against pyproject.toml and against each other."""

from __future__ import annotations

import re
import tomllib
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.yaml_files import ROOT

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS: Final = ["runtime", "development", "bootstrap"]


def locked(name: str) -> dict[str, str]:
    """Return the locked versions by canonical name; a fork for another platform or Python stands as its own entry."""
    entries = re.split(r"\n(?=\S)", lock_text(name).strip())
    requirements = [Requirement(re.split(r"\s+\\\n", entry, maxsplit=1)[0]) for entry in entries]
    return {
        canonicalize_name(found.name) + (f" ; {found.marker}" if found.marker else ""): str(found.specifier)
        for found in requirements
    }


def lock_text(name: str) -> str:
    return (ROOT / "scripts" / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def declared(group: str | None) -> list[Requirement]:
    texts = PROJECT["project"]["dependencies"] if group is None else PROJECT["dependency-groups"][group]
    return [Requirement(text) for text in texts if isinstance(text, str)]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_one_version_and_hashes(name: str) -> None:
    """The installers take nothing that isn't pinned and hashed, so each entry has both."""
    entries = re.split(r"\n(?=\S)", lock_text(name).strip())
    loose = [entry.split("\n")[0] for entry in entries if not re.search(r"^[\w.-]+==\S+.*\\\n\s+--hash=sha256:", entry)]
    assert loose == []


@pytest.mark.parametrize(
    ("lock", "group"), [("runtime", None), ("runtime", "build"), ("development", None), ("development", "dev")]
)
def test_a_lock_holds_all_that_is_declared(lock: str, group: str | None) -> None:
    """Each declared dependency is locked, at a version that it allows."""
    versions = {name.partition(" ; ")[0]: pin.removeprefix("==") for name, pin in locked(lock).items()}
    for requirement in declared(group):
        version = versions.get(canonicalize_name(requirement.name))
        assert version, f"{requirement} is not in {lock}.txt: run scripts/lock.sh"
        assert requirement.specifier.contains(version), f"{lock}.txt has {version}, {requirement} is declared"


def test_what_is_tested_is_what_users_get() -> None:
    """Every package of the runtime lock stands in the development lock, at the same version."""
    development = locked("development")
    runtime = locked("runtime")
    assert runtime
    assert {name: development.get(name) for name in runtime} == runtime


def test_the_bootstrap_s_uv_is_the_developers_uv() -> None:
    """The installer that the action fetches is the one that the tests have run."""
    assert locked("bootstrap") == {"uv": locked("development")["uv"]}
