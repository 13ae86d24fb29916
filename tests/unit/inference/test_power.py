from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower

from ai_code_metrics.inference.power import smallest_difference, smallest_ratio

SIZES = st.floats(10, 1e6)


@given(st.floats(0.05, 0.95), SIZES, SIZES)
def test_the_smallest_difference_has_the_power_that_is_asked_for(share: float, one: float, two: float) -> None:
    """By statsmodels' power of a normal test; what it leaves out is the other tail, below 1e-5 at 80 %."""
    found = smallest_difference(share, one, two)
    if found == 1.0:
        return
    size = found / math.sqrt(share * (1 - share))
    power = NormalIndPower().power(size, one, 0.05, ratio=two / one, alternative="two-sided")
    assert power == pytest.approx(0.8, abs=1e-5)


@given(st.floats(1, 1e5), st.floats(1, 1e5), st.floats(1, 20))
def test_the_smallest_ratio_is_that_of_the_logarithms_spread(one: float, two: float, overdispersion: float) -> None:
    """It is above 1, and the larger the fewer events there are."""
    found = smallest_ratio(one, two, overdispersion=overdispersion)
    assert found is not None
    spread = math.sqrt(overdispersion * (1 / one + 1 / two))
    assert min(30.0, spread * (1.959963984540054 + 0.8416212335729143)) == pytest.approx(math.log(found), abs=1e-9)
    assert found > 1


def test_what_has_no_data_shows_nothing() -> None:
    """Without events of both arms there is no ratio, and without sizes no difference."""
    assert smallest_ratio(0, 5) is None
    with pytest.raises(ValueError, match="total"):
        smallest_difference(0.5, 0, 5)


def test_what_is_no_share_and_no_level_is_refused() -> None:
    """The message names the argument."""
    with pytest.raises(ValueError, match="proportion"):
        smallest_difference(1.5, 5, 5)
    with pytest.raises(ValueError, match="power"):
        smallest_difference(0.5, 5, 5, power=1.0)
    with pytest.raises(ValueError, match="power"):
        smallest_ratio(5, 5, power=0.0)
    with pytest.raises(ValueError, match="overdispersion"):
        smallest_ratio(5, 5, overdispersion=-1.0)
