"""Gold files: ``pytest --update-gold`` writes what the code gives now; look at the diff before you commit it.

Property tests have no deadline: how fast a machine is that others use too is no property of the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from support.gold import Gold

if TYPE_CHECKING:
    from pathlib import Path

settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update-gold``."""
    parser.addoption("--update-gold", action="store_true", help="write the gold files anew instead of comparing")


@pytest.fixture
def gold(request: pytest.FixtureRequest) -> Gold:
    """Compares a text with a file in the directory ``gold`` beside the test's file."""
    path: Path = request.path
    return Gold(path.parent / "gold", update=bool(request.config.getoption("--update-gold")))
