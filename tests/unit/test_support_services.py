from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.github_openapi import CACHE_VARIABLE, cache_directory
from support.services import ServiceMissing, find_program

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_program_fails_with_the_way_out() -> None:
    """A program that isn't installed fails the test, never skips it, and names the command that installs it."""
    with pytest.raises(ServiceMissing, match=r"no-such-gateway or nor-this is not on PATH: .*README's test command"):
        find_program("no-such-gateway", "nor-this")


@pytest.mark.parametrize("environ", [{}, {CACHE_VARIABLE: ""}])
def test_the_cache_lies_in_the_environment(environ: dict[str, str]) -> None:
    """Fetched files go beside the virtual environment, which is ignored by git."""
    assert cache_directory(environ).parts[-2:] == (".venv", "test-cache")


def test_the_cache_can_be_moved(tmp_path: Path) -> None:
    """A variable moves the cache."""
    assert cache_directory({CACHE_VARIABLE: str(tmp_path)}) == tmp_path.resolve()
