"""A test that needs no model of how alike the observations of a cluster are: whole clusters change their arms.

Exact where there are few assignments; else so many are drawn that p is known well enough, always the same by the seed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import combinations, compress, pairwise
from operator import add, mul
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

_MAX_LISTED: Final = 1_000  # sums of a stratum that are listed once instead of drawn each time
_MAX_PERMUTED: Final = 500  # clusters of strata that aren't listed; above it blocks are rotated
_STRATUM_EFFORT: Final = 10  # what a stratum costs by itself, in clusters
_BLOCK: Final = 256
_ROUNDS: Final = 10
_SMALL: Final = 400  # clusters of a stratum whose assignments are counted
_MANY: Final = 1 << 62
_KEY_BITS: Final = 64
_TOLERANCE: Final = 1e-9


class Cluster(NamedTuple):
    """What is permuted as a whole.

    ``residual``: by how much its events exceed those expected; ``dose``: the share of it, 0-1, that is in the first
    arm. Clusters only change places within their stratum.
    """

    residual: float
    dose: float
    stratum: Hashable = None


class PermutationResult(NamedTuple):
    """The two-sided p, of how many assignments, and whether these were all that there are."""

    p: float
    permutations: int
    is_exact: bool


class _Stratum(NamedTuple):
    residuals: list[float]
    doses: list[float]
    assignments: int

    @property
    def mean(self) -> float:
        """The mean of the statistic over all assignments."""
        return math.fsum(self.doses) * math.fsum(self.residuals) / len(self.doses)

    @property
    def observed(self) -> float:
        """The statistic of the assignment that was seen, less the mean."""
        return math.fsum(map(mul, self.doses, self.residuals)) - self.mean

    @property
    def is_listed(self) -> bool:
        """Whether there are so few assignments that all their sums are listed."""
        return self.assignments <= _MAX_LISTED


def permutation_test(clusters: Sequence[Cluster], *, seed: int, permutations: int = 9_999) -> PermutationResult:
    """Test whether the doses of clusters have to do with their residuals, by Σ dose·residual.

    Under the null hypothesis every assignment of a stratum's doses to its clusters is as likely as the one that was
    seen (Fisher 1935; for a statistic that is stratified, Good 2005, Permutation, Parametric and Bootstrap Tests of
    Hypotheses, 6). p is the share of assignments that are as far from the mean, with the one that was seen among those
    that are drawn (Phipson and Smyth 2010, doi:10.2202/1544-6115.1585). The same seed gives the same p.

    Of more than about 500 clusters not all permutations are drawn from, but those that rotate the doses within random
    blocks of up to 256 clusters, in a fraction of the time: they are a group too, which is what makes such a test exact
    (Lehmann and Romano 2005, Testing Statistical Hypotheses, 15.2). Ten divisions into blocks are taken, so that none
    decides; that the average of their p keeps the level is measured, not proven.

    Args:
        clusters: in an order that decides, beside the seed, what is drawn.
        seed: of the draws.
        permutations: how many are drawn; where there are no more assignments, all of them are looked at instead.
    """
    strata = [stratum for stratum in _strata(clusters) if stratum.assignments > 1]
    tolerance = _TOLERANCE * math.fsum(abs(value) for stratum in strata for value in stratum.residuals)
    if math.prod(stratum.assignments for stratum in strata) <= permutations:
        sums = _all_sums(strata)
        distance = abs(math.fsum(stratum.observed for stratum in strata)) - tolerance
        return PermutationResult(_far(sums, distance) / len(sums), len(sums), is_exact=True)
    far = _Draws(strata, Random(seed), tolerance).far(permutations)  # noqa: S311 - the same on every machine, no secret
    return PermutationResult((1 + far) / (1 + permutations), permutations, is_exact=False)


class _Draws:
    """Draws assignments and counts those that are as far from the mean as the one that was seen."""

    def __init__(self, strata: Sequence[_Stratum], random: Random, tolerance: float) -> None:
        self._random, self._tolerance = random, tolerance
        self._listed = [_listed(stratum) for stratum in strata if stratum.is_listed]
        self._seen = math.fsum(stratum.observed for stratum in strata if stratum.is_listed)
        self._others = [stratum for stratum in strata if not stratum.is_listed]
        self._is_large = sum(len(stratum.doses) + _STRATUM_EFFORT for stratum in self._others) > _MAX_PERMUTED

    def far(self, permutations: int) -> int:
        """Return how many of so many draws are as far; of large data a tenth of them each by another division."""
        if not self._is_large:
            return self._round(self._others, _drawn, permutations)
        bounds = [permutations * number // _ROUNDS for number in range(_ROUNDS + 1)]
        return sum(
            self._round(list(_blocks(self._others, self._random)), _rotated, last - first)
            for first, last in pairwise(bounds)
        )

    def _round(
        self, parts: Sequence[_Stratum], draw: Callable[[_Stratum, Random, int], Iterator[float]], count: int
    ) -> int:
        sums = [0.0] * count
        for listed in self._listed:
            sums = list(map(add, sums, _chosen(listed, self._random, count)))
        for part in parts:
            sums = list(map(add, sums, draw(part, self._random, count)))
        return _far(sums, abs(self._seen + math.fsum(part.observed for part in parts)) - self._tolerance)


def _far(sums: Sequence[float], distance: float) -> int:
    return sum(abs(value) >= distance for value in sums)


def _strata(clusters: Sequence[Cluster]) -> Iterator[_Stratum]:
    residuals: defaultdict[Hashable, list[float]] = defaultdict(list)
    doses: defaultdict[Hashable, list[float]] = defaultdict(list)
    for residual, dose, stratum in clusters:
        residuals[stratum].append(residual)
        doses[stratum].append(dose)
    for stratum, values in doses.items():
        alike = Counter(values).values()
        # equal doses may change places without a difference
        count = math.factorial(len(values)) // math.prod(map(math.factorial, alike)) if len(values) <= _SMALL else 0
        yield _Stratum(residuals[stratum], values, (count or _MANY) if len(alike) > 1 else 1)


def _all_sums(strata: Sequence[_Stratum]) -> list[float]:
    sums = [0.0]
    for stratum in strata:
        own = _listed(stratum)
        sums = [before + value for before in sums for value in own]
    return sums


def _listed(stratum: _Stratum) -> list[float]:
    """The sums of all assignments, less the mean: each dose in turn goes to a choice of the clusters that are left."""
    sums = [(0.0, tuple(stratum.residuals))]
    for dose, count in Counter(stratum.doses).items():
        sums = [
            (total + dose * math.fsum(left[place] for place in chosen), _without(left, chosen))
            for total, left in sums
            for chosen in combinations(range(len(left)), count)
        ]
    mean = stratum.mean
    return [total - mean for total, _ in sums]


def _without(values: tuple[float, ...], places: tuple[int, ...]) -> tuple[float, ...]:
    gone = set(places)
    return tuple(value for place, value in enumerate(values) if place not in gone)


def _drawn(stratum: _Stratum, random: Random, permutations: int) -> Iterator[float]:
    low, high = min(stratum.doses), max(stratum.doses)
    if all(dose in {low, high} for dose in stratum.doses):
        return _drawn_of_two(stratum, low, high, random, permutations)
    return _drawn_of_many(stratum, random, permutations)


def _chosen(sums: Sequence[float], random: Random, permutations: int) -> Iterator[float]:
    count, draw = len(sums), random.random
    return (sums[int(draw() * count)] for _ in range(permutations))


def _blocks(strata: Sequence[_Stratum], random: Random) -> Iterator[_Stratum]:
    """Divide strata at random into blocks; the clusters keep their doses."""
    for stratum in strata:
        number = len(stratum.doses)
        keys = _keys(random, number)
        order = sorted(range(number), key=keys.__getitem__)
        blocks = -(-number // _BLOCK)
        for block in range(blocks):
            places = order[number * block // blocks : number * (block + 1) // blocks]
            yield _Stratum([stratum.residuals[i] for i in places], [stratum.doses[i] for i in places], _MANY)


def _rotated(stratum: _Stratum, random: Random, permutations: int) -> Iterator[float]:
    number, mean = len(stratum.doses), stratum.mean
    twice = stratum.doses * 2
    sums = [sum(map(mul, stratum.residuals, twice[start : start + number])) - mean for start in range(number)]
    return _chosen(sums, random, permutations)


def _drawn_of_two(stratum: _Stratum, low: float, high: float, random: Random, permutations: int) -> Iterator[float]:
    """Two doses: the clusters with the smallest of random keys get the higher one."""
    residuals, number = stratum.residuals, len(stratum.doses)
    place = stratum.doses.count(high)
    base, step = low * math.fsum(residuals) - stratum.mean, high - low
    for _ in range(permutations):
        keys = _keys(random, number)
        bound = sorted(keys)[place]
        yield base + step * sum(compress(residuals, map(bound.__gt__, keys)))


def _drawn_of_many(stratum: _Stratum, random: Random, permutations: int) -> Iterator[float]:
    """Clusters are put into the order of random keys, and get the doses in turn."""
    residuals, doses = stratum.residuals, stratum.doses
    # what is the same for all is left out: doses that are 0 meet no residual
    lowest = min(doses)
    base = lowest * math.fsum(residuals) - stratum.mean
    steps = [dose - lowest for dose in doses if dose > lowest]
    number = len(doses)
    for _ in range(permutations):
        order = dict(zip(_keys(random, number), residuals, strict=True))
        yield base + sum(map(mul, steps, map(order.__getitem__, sorted(order))))


def _keys(random: Random, number: int) -> list[int]:
    """So many random numbers of 64 bits; two that are alike don't come in the life of a star."""
    drawn = random.getrandbits(_KEY_BITS * number).to_bytes(8 * number, "little")
    return memoryview(drawn).cast("Q").tolist()
