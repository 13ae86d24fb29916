from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from ai_code_metrics.inference.multiplicity import holm


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_statsmodels(values: list[float]) -> None:
    """Each p gets its place back under its name."""
    adjusted = holm({str(number): p for number, p in enumerate(values)})
    expected = multipletests(values, method="holm")[1]
    assert [adjusted[str(number)] for number in range(len(values))] == pytest.approx(list(expected), abs=1e-10)


def test_nothing_is_adjusted_to_nothing() -> None:
    """No metric had enough data."""
    assert holm({}) == {}
