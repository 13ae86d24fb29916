from __future__ import annotations

import math
from fractions import Fraction

import pytest
import scipy.special
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from ai_code_metrics.inference.proportions import Stratum
from ai_code_metrics.inference.rates import log_rate_ratio_variance, poisson_ratio, rate_ratio, rule_of_three

COUNTS = st.integers(0, 20_000)
EXPOSURES = st.integers(1, 1_000_000)
STRATA = st.lists(st.builds(Stratum, COUNTS, EXPOSURES, COUNTS, EXPOSURES), min_size=1, max_size=8)


@given(COUNTS, EXPOSURES, COUNTS, EXPOSURES)
def test_the_limits_of_a_ratio_are_scipys(events_1: int, exposure_1: int, events_2: int, exposure_2: int) -> None:
    """Given all events, those of one arm are binomial: the limits are scipy's beta quantiles, as odds."""
    assume(events_1 + events_2)
    low, high = poisson_ratio(events_1, exposure_1, events_2, exposure_2)
    scale = exposure_2 / exposure_1

    def odds(probability: float, one: int, two: int) -> float:
        return float(
            scipy.special.betaincinv(one, two, probability) / scipy.special.betaincinv(two, one, 1 - probability)
        )

    assert low == (pytest.approx(scale * odds(0.025, events_1, events_2 + 1), rel=1e-10) if events_1 else 0)
    assert high == (pytest.approx(scale * odds(0.975, events_1 + 1, events_2), rel=1e-10) if events_2 else math.inf)


@given(st.integers(1, 5_000), st.integers(1, 5_000))
def test_the_limits_are_those_of_the_exact_test(events_1: int, events_2: int) -> None:
    """At the lower limit as many events as there are, or more, are found in 2.5 % of the cases."""
    low, high = poisson_ratio(events_1, 1, events_2, 1)
    total = events_1 + events_2
    assert scipy.stats.binom.sf(events_1 - 1, total, low / (1 + low)) == pytest.approx(0.025, abs=1e-9)
    assert scipy.stats.binom.cdf(events_1, total, high / (1 + high)) == pytest.approx(0.025, abs=1e-9)


@given(STRATA)
def test_the_ratio_over_strata_is_exact(strata: list[Stratum]) -> None:
    """Computed in fractions, with the variance of its logarithm."""
    upper = lower = spread = Fraction(0)
    for events_1, exposure_1, events_2, exposure_2 in (map(int, stratum) for stratum in strata):
        total = exposure_1 + exposure_2
        upper += Fraction(events_1 * exposure_2, total)
        lower += Fraction(events_2 * exposure_1, total)
        spread += Fraction(exposure_1 * exposure_2 * (events_1 + events_2), total**2)
    found, variance = rate_ratio(strata), log_rate_ratio_variance(strata)
    if not lower:
        assert found is None
        return
    assert found == pytest.approx(float(upper / lower), rel=1e-10, abs=1e-12)
    assert variance == (pytest.approx(float(spread / (upper * lower)), rel=1e-10) if upper else None)


@given(COUNTS, EXPOSURES, COUNTS, EXPOSURES)
def test_one_stratum_is_the_crude_ratio(events_1: int, exposure_1: int, events_2: int, exposure_2: int) -> None:
    """Its variance is 1/x₁ + 1/x₂."""
    assume(events_1 and events_2)
    stratum = Stratum(events_1, exposure_1, events_2, exposure_2)
    assert rate_ratio([stratum]) == pytest.approx(events_1 * exposure_2 / (events_2 * exposure_1), rel=1e-10)
    assert log_rate_ratio_variance([stratum]) == pytest.approx(1 / events_1 + 1 / events_2, rel=1e-10)


@given(EXPOSURES)
def test_no_event_has_the_bound_of_the_exact_limits(total: int) -> None:
    """As the upper limit of a Poisson count of 0, one-sided; about 3 by the total."""
    assert rule_of_three(total) == pytest.approx(scipy.stats.chi2.ppf(0.95, 2) / 2 / total, rel=1e-10)
    assert rule_of_three(total) == pytest.approx(3 / total, rel=0.002)


def test_what_has_no_rate_is_refused() -> None:
    """The message names the argument."""
    with pytest.raises(ValueError, match="exposure"):
        poisson_ratio(1, 0, 1, 1)
    with pytest.raises(ValueError, match="events"):
        poisson_ratio(0, 1, 0, 1)
    with pytest.raises(ValueError, match="events"):
        poisson_ratio(-1, 1, 3, 1)
    with pytest.raises(ValueError, match="confidence"):
        poisson_ratio(1, 1, 3, 1, confidence=1.5)
    with pytest.raises(ValueError, match="total"):
        rule_of_three(0)
    with pytest.raises(ValueError, match="confidence"):
        rule_of_three(5, confidence=1.0)
