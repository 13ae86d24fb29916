from __future__ import annotations

from fractions import Fraction

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from ai_code_metrics.inference.intervals import normal_quantile
from ai_code_metrics.inference.proportions import Stratum, clopper_pearson, newcombe, risk_difference, wilson


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    """Events and total."""
    total = draw(st.integers(1, 100_000))
    return draw(st.integers(0, total)), total


STRATA = st.lists(st.tuples(counts(), counts()).map(lambda arms: Stratum(*arms[0], *arms[1])), min_size=1, max_size=8)


@given(counts(), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_is_statsmodels(arm: tuple[int, int], confidence: float) -> None:
    """The score interval of one share."""
    expected = proportion_confint(*arm, alpha=1 - confidence, method="wilson")
    assert wilson(*arm, confidence) == pytest.approx(expected, abs=1e-10)


@given(counts(), counts())
def test_newcombe_is_statsmodels(one: tuple[int, int], two: tuple[int, int]) -> None:
    """The hybrid score interval of the difference."""
    expected = confint_proportions_2indep(*one, *two, method="newcomb", compare="diff")
    assert newcombe(*one, *two) == pytest.approx(expected, abs=1e-10)


@given(counts(), counts())
def test_newcombe_holds_the_difference(one: tuple[int, int], two: tuple[int, int]) -> None:
    """The interval lies around the estimate, within what a difference of shares can be."""
    low, high = newcombe(*one, *two)
    difference = one[0] / one[1] - two[0] / two[1]
    assert -1 <= low <= difference + 1e-12
    assert difference - 1e-12 <= high <= 1


@given(counts())
def test_clopper_pearson_is_scipys(arm: tuple[int, int]) -> None:
    """The exact interval of one share."""
    expected = scipy.stats.binomtest(*arm).proportion_ci(0.95, method="exact")
    assert clopper_pearson(*arm) == pytest.approx((expected.low, expected.high), abs=1e-10)


@given(STRATA)
def test_the_difference_over_strata_is_exact(strata: list[Stratum]) -> None:
    """Weighted by n₁n₂/N, computed in fractions."""
    upper = lower = Fraction(0)
    for stratum in strata:
        one, two = Fraction(int(stratum.ai_total)), Fraction(int(stratum.rest_total))
        weight = one * two / (one + two)
        upper += weight * (int(stratum.ai_events) / one - int(stratum.rest_events) / two)
        lower += weight
    assert risk_difference(strata) == pytest.approx(float(upper / lower), abs=1e-10)


def test_strata_of_one_arm_tell_nothing() -> None:
    """Without a stratum that holds both there is no estimate."""
    assert risk_difference([Stratum(1, 2, 0, 0), Stratum(0, 0, 3, 4)]) is None
    assert risk_difference([]) is None


def test_counts_may_be_fractions() -> None:
    """Effective sizes are; a size of a half is as wide as one observation can make it."""
    assert wilson(2.5, 5.0) == pytest.approx(proportion_confint(2.5, 5.0, method="wilson"), abs=1e-12)


@pytest.mark.parametrize(("events", "total"), [(0, 0), (1, -1), (3, 2), (-1, 2)])
def test_counts_that_are_none_are_refused(events: int, total: int) -> None:
    """The message names the argument."""
    with pytest.raises(ValueError, match=r"events|total"):
        wilson(events, total)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1.5, float("nan")])
def test_a_confidence_is_between_0_and_1(confidence: float) -> None:
    """The message names the argument, also where no normal quantile is looked up."""
    with pytest.raises(ValueError, match="confidence"):
        normal_quantile(confidence)
    with pytest.raises(ValueError, match="confidence"):
        clopper_pearson(1, 2, confidence)
