from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

from ai_code_metrics.inference.lifetimes import (
    Lifetime,
    greenwood,
    kaplan_meier,
    kaplan_meier_variance,
    log_rank_scores,
)

LIVES = st.lists(
    st.builds(Lifetime, st.integers(1, 60).map(float), st.booleans(), st.integers(1, 9), st.integers(0, 9)),
    min_size=2,
    max_size=40,
)


def fitted(lives: list[Lifetime]) -> KaplanMeierFitter:
    return KaplanMeierFitter().fit(
        [life.time for life in lives], [life.ended for life in lives], weights=[life.weight for life in lives]
    )


@given(LIVES, st.integers(1, 60))
def test_survival_is_lifelines(lives: list[Lifetime], at: int) -> None:
    """The share that is left, with weights as counts."""
    found = kaplan_meier(lives, (at,))[0]
    expected = float(fitted(lives).predict(at))
    last = max(life.time for life in lives)
    if at > last and expected > 0:
        assert found is None
    else:
        assert found == pytest.approx(expected, abs=1e-10)


@given(LIVES, st.integers(1, 60))
def test_greenwood_is_lifelines(lives: list[Lifetime], at: int) -> None:
    """The variance for independent observations: lifelines keeps the sum that S² is multiplied by."""
    share = kaplan_meier(lives, (at,))[0]
    variance = greenwood(lives, at)
    if not share:
        assert variance == share
        return
    sums = fitted(lives)._cumulative_sq_
    expected = share**2 * float(sums[sums.index <= at].iloc[-1])
    assert variance == pytest.approx(expected, abs=1e-10)


@given(LIVES, st.lists(st.booleans(), min_size=40, max_size=40))
def test_the_scores_of_one_arm_are_the_log_rank_tests(lives: list[Lifetime], arms: list[bool]) -> None:
    """They add up to O - E; with the hypergeometric variance that is lifelines' statistic."""
    scores = log_rank_scores(lives)
    chosen = [is_one for _, is_one in zip(lives, arms, strict=False)]
    difference = sum(score for score, is_one in zip(scores, chosen, strict=True) if is_one)
    variance = _hypergeometric(lives, chosen)
    if variance < 1e-9:
        return
    one = [life for life, is_one in zip(lives, chosen, strict=True) if is_one]
    two = [life for life, is_one in zip(lives, chosen, strict=True) if not is_one]
    expected = logrank_test(
        [life.time for life in one],
        [life.time for life in two],
        [life.ended for life in one],
        [life.ended for life in two],
        weights_A=[life.weight for life in one],
        weights_B=[life.weight for life in two],
    )
    assert difference**2 / variance == pytest.approx(expected.test_statistic, rel=1e-9, abs=1e-10)


def _hypergeometric(lives: list[Lifetime], chosen: list[bool]) -> float:
    """The variance of O - E by its textbook formula."""
    variance = 0.0
    for time in {life.time for life in lives if life.ended}:
        at_risk = sum(life.weight for life in lives if life.time >= time)
        of_one = sum(life.weight for life, is_one in zip(lives, chosen, strict=True) if life.time >= time and is_one)
        ended = sum(life.weight for life in lives if life.time == time and life.ended)
        if at_risk > 1:
            share = of_one / at_risk
            variance += share * (1 - share) * (at_risk - ended) / (at_risk - 1) * ended
    return variance


@given(LIVES)
def test_all_scores_add_up_to_nothing(lives: list[Lifetime]) -> None:
    """What one arm has too many of, the other has too few of."""
    assert sum(log_rank_scores(lives)) == pytest.approx(0, abs=1e-9)


@given(st.lists(st.integers(1, 30), min_size=5, max_size=60), st.integers(1, 30))
def test_clusters_of_one_are_near_greenwood(times: list[int], at: int) -> None:
    """Without censoring before, the variance over clusters is S(1-S)/(n-1), and Greenwood's S(1-S)/n."""
    lives = [Lifetime(float(time), ended=True, cluster=number) for number, time in enumerate(times)]
    variance, independent = kaplan_meier_variance(lives, at), greenwood(lives, at)
    assert variance is not None
    assert independent is not None
    assert variance == pytest.approx(independent * len(lives) / (len(lives) - 1), abs=1e-12)


@given(LIVES, st.integers(1, 60))
def test_the_variance_over_clusters_is_that_of_the_infinitesimal_jackknife(lives: list[Lifetime], at: int) -> None:
    """A cluster's influence is how the share changes with its weight, by differences; also where some are censored."""
    share, names = kaplan_meier(lives, (at,))[0], {life.cluster for life in lives}
    if not share or len(names) < 2:
        return
    step = 1e-4

    def weighted(name: object, factor: float) -> float:
        found = kaplan_meier(
            [life._replace(weight=life.weight * factor) if life.cluster == name else life for life in lives], (at,)
        )[0]
        assert found is not None
        return found

    slopes = [(weighted(name, 1 + step) - weighted(name, 1 - step)) / (2 * step) for name in names]
    expected = len(names) / (len(names) - 1) * sum(slope**2 for slope in slopes)
    assert kaplan_meier_variance(lives, at) == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_lines_that_go_together_tell_as_one() -> None:
    """Ten commits of ten lines, each gone as a whole, have the variance of ten lines."""
    lives = [Lifetime(5.0 if number < 5 else 40.0, number < 5, 10, number) for number in range(10)]
    alone = [Lifetime(life.time, life.ended, 1, life.cluster) for life in lives]
    assert kaplan_meier_variance(lives, 30) == pytest.approx(kaplan_meier_variance(alone, 30))


def test_what_ends_and_is_censored_at_once_ends_first() -> None:
    """The censored one was still at risk."""
    assert kaplan_meier([Lifetime(3, ended=True), Lifetime(3, ended=False)], (3,)) == [0.5]


def test_nothing_is_told_beyond_the_last_that_is_followed() -> None:
    """Unless nothing is left of it."""
    assert kaplan_meier([Lifetime(3, ended=True), Lifetime(5, ended=False)], (5, 6)) == [0.5, None]
    assert kaplan_meier([Lifetime(3, ended=True)], (2, 3, 6)) == [1.0, 0.0, 0.0]
    assert kaplan_meier([], (1,)) == [None]


def test_one_cluster_has_no_variance() -> None:
    """There is nothing to compare it with."""
    assert (
        kaplan_meier_variance([Lifetime(3, ended=True, cluster="a"), Lifetime(9, ended=False, cluster="a")], 4) is None
    )
    assert kaplan_meier_variance([], 4) is None
