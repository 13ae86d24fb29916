"""A Prometheus that holds two weeks of a small fleet's history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from support.monitoring_history import write_blocks
from support.prometheus import Prometheus, prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator

HISTORY_END: Final = 1_767_225_600.0


@pytest.fixture(scope="session")
def history_end() -> float:
    """When the history ends, in seconds since 1970."""
    return HISTORY_END


@pytest.fixture(scope="session")
def fleet_history(tmp_path_factory: pytest.TempPathFactory, history_end: float) -> Iterator[Prometheus]:
    """The Prometheus; it scrapes nothing, and keeps what is older than its usual 15 days."""
    directory = tmp_path_factory.mktemp("fleet-history")
    write_blocks(history_end, directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        with prometheus(directory, "global: {}\n", ["--storage.tsdb.retention.time=100y"]) as started:
            yield started
