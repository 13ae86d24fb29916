"""What several integration tests need: a command line of its own, and GitHub's own description."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from support.github_openapi import GithubDescription, cache_directory, fetch
from support.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def github_description() -> GithubDescription:
    """GitHub's own OpenAPI description."""
    return GithubDescription.load(fetch(cache_directory(os.environ)))


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    """A command line that knows nothing of the machine's own CI."""
    for name in os.environ:
        if name.startswith(("GITHUB_", "AI_CODE_METRICS_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Shell(tmp_path, monkeypatch, capfd)
