from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from support.prometheus import Prometheus, QueryFailed, prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.prometheus


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), "global: {scrape_interval: 1s}\n") as started:
        yield started


def test_an_expression_has_its_value_at_a_time(running: Prometheus) -> None:
    """A query is answered for the time that it names."""
    assert [series["value"] for series in running.query("vector(time())", at=86_400)] == [[86_400, "86400"]]


def test_a_range_has_a_value_each_step(running: Prometheus) -> None:
    """A range query gives the values from start to end."""
    [series] = running.query_range("vector(time())", 60, 180, 60)
    assert series["values"] == [[60, "60"], [120, "120"], [180, "180"]]


def test_a_refused_expression_fails_with_its_reason(running: Prometheus) -> None:
    """A query that doesn't parse is an error, not an empty answer."""
    with pytest.raises(QueryFailed, match=r"sum\(: .*parse error"):
        running.query("sum(")


def test_waiting_ends_with_the_first_answer_or_an_error(running: Prometheus) -> None:
    """What becomes true is waited for, and what never does fails."""
    assert running.wait_for(f"vector(time()) > {time.time() + 1}")
    with pytest.raises(AssertionError, match="stayed empty"):
        running.wait_for("absent_over_time(vector(1)[1m:1s])", seconds=0.5)
