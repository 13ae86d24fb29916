from __future__ import annotations

import pytest
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.inference.special import beta_probability, beta_quantile, student_quantile

SHAPES = st.floats(0.5, 1e6)
PROBABILITIES = st.floats(1e-6, 1 - 1e-6)


@given(PROBABILITIES, SHAPES, SHAPES)
def test_beta_probabilities_are_scipys(x: float, a: float, b: float) -> None:
    """The regularised incomplete beta function agrees to 1e-10."""
    assert beta_probability(x, a, b) == pytest.approx(scipy.special.betainc(a, b, x), abs=1e-10)


@given(PROBABILITIES, SHAPES, SHAPES)
def test_beta_quantiles_are_scipys(probability: float, a: float, b: float) -> None:
    """Its inverse agrees to 1e-10, also where the density is a needle."""
    expected = scipy.special.betaincinv(a, b, probability)
    assert beta_quantile(probability, a, b) == pytest.approx(expected, rel=1e-10, abs=1e-10)


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
    with pytest.raises(ValueError, match="probability"):
        beta_quantile(1.5, 1, 1)
    with pytest.raises(ValueError, match="freedom"):
        student_quantile(0.95, 0)
