from __future__ import annotations

import pytest
import scipy.special
import scipy.stats
from hypothesis import example, given
from hypothesis import strategies as st

from ai_code_metrics.inference.special import beta_probability, beta_quantile, student_quantile

SHAPES = st.floats(0.5, 1e6)
PROBABILITIES = st.floats(1e-6, 1 - 1e-6)


@given(PROBABILITIES, SHAPES, SHAPES)
def test_beta_probabilities_are_scipys(x: float, a: float, b: float) -> None:
    """The regularised incomplete beta function agrees to 1e-10."""
    assert beta_probability(x, a, b) == pytest.approx(scipy.special.betainc(a, b, x), abs=1e-10)


@example(1e-4, 0.501864909110156, 11.389724334233755)
@example(1e-4, 0.5546292913477364, 2160.8921835930323)
@example(0.5000000000000001, 0.640625, 0.640625)
@given(PROBABILITIES, SHAPES, SHAPES)
def test_beta_quantiles_are_scipys(probability: float, a: float, b: float) -> None:
    """Its inverse agrees to 1e-10 of itself, also where the density is a needle, and in the last corner of a tail.

    Where scipy's inverse is not that good (it misses the median of Beta(0.64, 0.64) by 2e-9), scipy's own distribution
    function has to find this one nearer.
    """
    found, expected = beta_quantile(probability, a, b), scipy.special.betaincinv(a, b, probability)

    def miss(quantile: float) -> float:
        return abs(float(scipy.special.betainc(a, b, quantile)) - probability)

    assert found == pytest.approx(expected, rel=1e-10, abs=0) or miss(found) < miss(expected)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_the_ends_of_the_beta_distribution(probability: float) -> None:
    """All of it is between 0 and 1."""
    assert beta_quantile(probability, 2, 3) == probability
    assert beta_probability(probability, 2, 3) == probability


@given(st.floats(0.5, 0.999), st.integers(1, 10_000))
def test_students_quantiles_are_scipys(confidence: float, freedom: int) -> None:
    """The reach of an interval by few clusters."""
    expected = scipy.stats.t.ppf((1 + confidence) / 2, freedom)
    assert student_quantile(confidence, freedom) == pytest.approx(expected, rel=1e-9)


def test_what_has_no_value_is_refused() -> None:
    """The message names the argument."""
    with pytest.raises(ValueError, match="a, b"):
        beta_probability(0.5, 0, 1)
    with pytest.raises(ValueError, match="a, b"):
        beta_quantile(0.5, 1, float("nan"))
    with pytest.raises(ValueError, match="probability"):
        beta_quantile(1.5, 1, 1)
    with pytest.raises(ValueError, match="freedom"):
        student_quantile(0.95, 0)
