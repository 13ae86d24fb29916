from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.inference.clusters import proportion_design_effect, ratio_variance


@st.composite
def clusters(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Events and total of some clusters, in which not all is alike."""
    totals = draw(st.lists(st.integers(1, 40), min_size=2, max_size=12))
    found = [(draw(st.integers(0, total)), total) for total in totals]
    events, total = sum(events for events, _ in found), sum(totals)
    return found if 0 < events < total else [(1, 2), *found[1:], (0, 1)]


@given(clusters())
def test_the_variance_is_statsmodels_for_clusters(found: list[tuple[int, int]]) -> None:
    """A mean is a regression on a constant, whose sandwich over clusters has the same m/(m-1)."""
    outcomes = np.concatenate([[1.0] * events + [0.0] * (total - events) for events, total in found])
    groups = np.concatenate([[number] * total for number, (_, total) in enumerate(found)])
    fit = sm.OLS(outcomes, np.ones((len(outcomes), 1))).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "df_correction": False, "use_correction": False}
    )
    count = len(found)
    expected = fit.cov_params()[0, 0] * count / (count - 1)
    variance = ratio_variance([events for events, _ in found], [total for _, total in found])
    assert variance == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(clusters())
def test_the_design_effect_is_at_least_1(found: list[tuple[int, int]]) -> None:
    """It is the variance over clusters by that of independent observations."""
    effect = proportion_design_effect(found)
    total = sum(size for _, size in found)
    share = sum(events for events, _ in found) / total
    variance = ratio_variance([events for events, _ in found], [size for _, size in found])
    assert effect is not None
    assert variance is not None
    assert effect == pytest.approx(max(1.0, variance / (share * (1 - share) / total)))


def test_clusters_that_are_alike_count_once() -> None:
    """Ten clusters of ten, each all or nothing, tell what ten observations would."""
    effect = proportion_design_effect([(10, 10), (0, 10)] * 5)
    assert effect == pytest.approx(10 * 10 / 9)


def test_all_or_none_is_as_if_clusters_were_observations() -> None:
    """There is no spread to tell how alike they are."""
    assert proportion_design_effect([(4, 4), (8, 8)]) == pytest.approx((16 + 64) / 12)
    assert proportion_design_effect([(0, 4), (0, 4)]) == pytest.approx(4)


@pytest.mark.parametrize("found", [[], [(1, 2)], [(0, 0), (0, 0)]])
def test_one_cluster_has_no_spread(found: list[tuple[int, int]]) -> None:
    """Nor has none, or one without observations."""
    assert proportion_design_effect(found) is None
