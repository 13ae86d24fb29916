"""Gold files: ``pytest --update-gold`` writes what the code gives now; look at the diff before you commit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.gold import Gold

if TYPE_CHECKING:
    from pathlib import Path


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update-gold``."""
    parser.addoption("--update-gold", action="store_true", help="write the gold files anew instead of comparing")


@pytest.fixture
def gold(request: pytest.FixtureRequest) -> Gold:
    """Compares a text with a file in the directory ``gold`` beside the test's file."""
    path: Path = request.path
    return Gold(path.parent / "gold", update=bool(request.config.getoption("--update-gold")))
