from __future__ import annotations

from itertools import permutations as orders
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_code_metrics.inference.permutation import Cluster, PermutationResult, permutation_test

RESIDUALS = st.floats(-50, 50).map(lambda value: round(value, 3))


def clustered(residuals: list[float], doses: list[float], stratum: object = None) -> list[Cluster]:
    return [Cluster(residual, dose, stratum) for residual, dose in zip(residuals, doses, strict=True)]


@given(st.lists(RESIDUALS, min_size=4, max_size=8), st.data())
def test_few_assignments_are_scipys_exact_test(residuals: list[float], data: st.DataObject) -> None:
    """Of two arms all partitions are looked at, and p is the share that is as far from the mean."""
    count = data.draw(st.integers(2, len(residuals) - 2))
    doses = [1.0] * count + [0.0] * (len(residuals) - count)
    centred = np.array(residuals) - np.mean(residuals)

    def statistic(one: Any, two: Any, axis: int = -1) -> Any:
        found: Any = np.abs(np.round(np.sum(one, axis=axis), 9))
        return found

    expected = scipy.stats.permutation_test(
        (centred[:count], centred[count:]), statistic, vectorized=True, alternative="greater", n_resamples=np.inf
    )
    found = permutation_test(clustered(list(centred), doses), seed=1)
    assert found.is_exact
    assert found.p == pytest.approx(expected.pvalue, abs=1e-10)


@given(st.lists(st.tuples(RESIDUALS, st.sampled_from([0.0, 0.25, 0.5, 1.0])), min_size=2, max_size=5))
def test_fractional_doses_are_enumerated(pairs: list[tuple[float, float]]) -> None:
    """The exact p over distinct assignments is that over all orders."""
    residuals, doses = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    mean = sum(doses) * sum(residuals) / len(doses)

    def distance(order: tuple[float, ...]) -> float:
        return abs(sum(dose * residual for dose, residual in zip(order, residuals, strict=True)) - mean)

    sums = [distance(order) for order in orders(doses)]
    tolerance = 1e-9 * sum(map(abs, residuals))
    expected = sum(value >= distance(tuple(doses)) - tolerance for value in sums) / len(sums)
    assert permutation_test(clustered(residuals, doses), seed=1).p == pytest.approx(expected)


PAIRS = st.lists(st.tuples(RESIDUALS, st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=4)


@given(st.lists(PAIRS, min_size=2, max_size=3))
def test_strata_are_enumerated_together(strata: list[list[tuple[float, float]]]) -> None:
    """Every order of one stratum's doses meets every order of the others'; none goes to another stratum."""
    of_each = [
        [sum(dose * pair[0] for dose, pair in zip(order, pairs, strict=True)) for order in orders(p[1] for p in pairs)]
        for pairs in strata
    ]
    sums = [sum(choice) for choice in product(*of_each)]
    mean = sum(sums) / len(sums)
    # the order that each list of orders begins with is the one that was seen
    least = abs(sums[0] - mean) - 1e-9 * sum(abs(residual) for pairs in strata for residual, _ in pairs)
    expected = sum(abs(value - mean) >= least for value in sums) / len(sums)
    clusters = [Cluster(*pair, stratum) for stratum, pairs in enumerate(strata) for pair in pairs]
    found = permutation_test(clusters, seed=1, permutations=20_000)
    assert found.is_exact
    assert found.p == pytest.approx(expected)


@pytest.mark.parametrize(("strata", "size"), [(60, 3), (20, 9), (3, 300)])
def test_draws_over_strata_are_near_the_normal_approximation(strata: int, size: int) -> None:
    """Sums of strata that are listed, drawn and rotated add up: the variance is that of all of them."""
    random = Random(f"{strata} strata of {size}")  # noqa: S311
    clusters = [Cluster(random.gauss(n, 1), random.random(), n) for n in range(strata) for _ in range(size)]
    variance = distance = 0.0
    for stratum in range(strata):
        own = np.array([cluster[:2] for cluster in clusters if cluster.stratum == stratum])
        centred = own - own.mean(axis=0)
        variance += np.prod(np.sum(centred**2, axis=0)) / (size - 1)
        distance += np.sum(np.prod(centred, axis=1))
    expected = 2 * scipy.stats.norm.sf(abs(distance) / np.sqrt(variance))
    found = permutation_test(clusters, seed=5)
    assert not found.is_exact
    assert found.p == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize("doses", [[0.0, 1.0], [0.0, 0.3, 1.0], [0.2, 0.4, 0.6, 0.8]])
@pytest.mark.parametrize("size", [30, 700])
def test_what_is_drawn_is_near_the_normal_approximation(doses: list[float], size: int) -> None:
    """Of many clusters the statistic is nearly normal, with the variance of a permutation; also by rotated blocks."""
    random = Random(f"{doses} {size}")  # noqa: S311
    clusters = [Cluster(random.gauss(0, 1), random.choice(doses)) for _ in range(size)]
    dose, residual = (np.array(values) for values in zip(*((c.dose, c.residual) for c in clusters), strict=True))
    spread = np.sqrt(np.sum((dose - dose.mean()) ** 2) * np.sum((residual - residual.mean()) ** 2) / (size - 1))
    distance = abs(np.sum(dose * residual) - size * dose.mean() * residual.mean())
    expected = 2 * scipy.stats.norm.sf(distance / spread)
    found = permutation_test(clusters, seed=3)
    assert not found.is_exact
    assert found.permutations == 9_999
    assert found.p == pytest.approx(expected, abs=0.04)


@given(st.integers(0, 2**32), st.integers(2, 700))
@settings(max_examples=25)
def test_the_same_seed_gives_the_same_p(seed: int, size: int) -> None:
    """A run can be repeated; p is never 0, and at most 1."""
    random = Random(size)  # noqa: S311
    clusters = [Cluster(random.gauss(0, 1), random.random(), number % 3) for number in range(size)]
    first = permutation_test(clusters, seed=seed, permutations=199)
    assert first == permutation_test(clusters, seed=seed, permutations=199)
    assert 0 < first.p <= 1


@pytest.mark.parametrize("size", [24, 900])
def test_a_true_difference_is_found(size: int) -> None:
    """Clusters of the first arm have more of it, all of them."""
    clusters = [Cluster(1.0 if number % 2 else -1.0, float(number % 2)) for number in range(size)]
    assert permutation_test(clusters, seed=1).p < 0.001


@pytest.mark.parametrize("size", [40, 800])
def test_no_difference_is_found_as_often_as_the_level_says(size: int) -> None:
    """Arms by chance, residuals with a long tail: about 5 % of the trials are below 0.05."""
    random = Random(f"arms of {size}")  # noqa: S311
    residuals = [random.gauss(0, 1) * random.paretovariate(1.5) for _ in range(size)]
    found = 0
    for trial in range(400):
        clusters = [Cluster(residual, random.choice((0.0, 0.5, 1.0))) for residual in residuals]
        found += permutation_test(clusters, seed=trial, permutations=99).p <= 0.05
    assert 0.02 <= found / 400 <= 0.08


def test_clusters_stay_in_their_stratum() -> None:
    """Between strata nothing is compared: each has one arm only, so that there is one assignment."""
    clusters = [Cluster(9.0, 1.0, "a"), Cluster(8.0, 1.0, "a"), Cluster(-9.0, 0.0, "b"), Cluster(-8.0, 0.0, "b")]
    assert permutation_test(clusters, seed=1) == PermutationResult(1.0, 1, is_exact=True)


def test_names_of_strata_don_t_matter() -> None:
    """Only which clusters are in the same one."""
    random = Random(5)  # noqa: S311
    numbers = [(random.gauss(0, 1), random.random(), stratum) for stratum in range(40) for _ in range(8)]
    one = permutation_test([Cluster(*number) for number in numbers], seed=2)
    other = permutation_test([Cluster(r, d, f"file {s}") for r, d, s in numbers], seed=2)
    assert one == other


def test_nothing_has_no_difference() -> None:
    """Without clusters there is the one assignment that was seen."""
    assert permutation_test([], seed=1).p == 1.0
