"""Survival of what may still be there when it is last looked at."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


class Lifetime(NamedTuple):
    """``weight`` observations that ended after ``time``, or that were there still (censored) where not ``ended``."""

    time: float
    ended: bool
    weight: float = 1
    cluster: Hashable = None


class _Step(NamedTuple):
    """A time at which some ended: how many, and how many were there until then."""

    time: float
    ended: float
    at_risk: float


def kaplan_meier(lifetimes: Sequence[Lifetime], at: Sequence[float]) -> list[float | None]:
    """Return the share that is left after each time of ``at`` (Kaplan and Meier 1958, doi:10.2307/2281868).

    What ends and what is censored at the same time: the end comes first.

    Returns:
        Shares, 0-1; None beyond the last time at which something is there, unless nothing is left.
    """
    steps, last = _steps(lifetimes), max((each.time for each in lifetimes), default=-1.0)
    return [_share(steps, time) if time <= last or _share(steps, last) == 0 else None for time in at]


def _share(steps: Sequence[_Step], at: float) -> float:
    share = 1.0
    for time, ended, at_risk in steps:
        if time > at:
            break
        share *= 1 - ended / at_risk
    return share


def greenwood(lifetimes: Sequence[Lifetime], at: float) -> float | None:
    """Return the variance of :func:`kaplan_meier` for independent observations: S²·Σ d/(Y(Y-d)) (Greenwood 1926).

    Returns:
        The variance, 0 where nothing is left; None where the share is.
    """
    share = kaplan_meier(lifetimes, (at,))[0]
    if share is None or share == 0:
        return share
    steps = (step for step in _steps(lifetimes) if step.time <= at)
    return share**2 * sum(ended / (at_risk * (at_risk - ended)) for _, ended, at_risk in steps)


def kaplan_meier_variance(lifetimes: Sequence[Lifetime], at: float) -> float | None:
    """Return the variance of :func:`kaplan_meier` over independent clusters, S²·m/(m-1)·Σ(influence of a cluster)².

    The influence of an observation on -log S is 1/(Y-d) at its end less the sum of d/(Y(Y-d)) until it leaves, from
    the derivative of log(1 - d/Y) (Williams 1995, doi:10.2307/2533324, for clusters). Without censoring and clusters
    that is S(1-S)/(n-1).

    Returns:
        The variance, 0 where nothing is left; None under two clusters, or where the share is.
    """
    share = kaplan_meier(lifetimes, (at,))[0]
    if share is None or share == 0:
        return share
    steps = [step for step in _steps(lifetimes) if step.time <= at]
    left = {step.time: step.at_risk - step.ended for step in steps}
    paid = _until(steps, [ended / (risk * (risk - ended)) for _, ended, risk in steps], lifetimes, at)
    influence: defaultdict[Hashable, float] = defaultdict(float)
    for each, before in zip(lifetimes, paid, strict=True):
        own = 1 / left[each.time] if each.ended and each.time <= at else 0.0
        influence[each.cluster] += each.weight * (own - before)
    count = len(influence)
    if count < 2:  # noqa: PLR2004
        return None
    return share**2 * count / (count - 1) * sum(value**2 for value in influence.values())


def log_rank_scores(lifetimes: Sequence[Lifetime]) -> list[float]:
    """Return of each entry how many ended less how many were expected to: weight·(ended - H(time)).

    H is the cumulative hazard of all (Nelson 1969, Aalen 1978). The scores of one arm add up to the O - E of the
    log-rank test (Peto and Peto 1972, doi:10.2307/2344317), those of all to 0.
    """
    steps = _steps(lifetimes)
    hazard = _until(steps, [ended / risk for _, ended, risk in steps], lifetimes, float("inf"))
    return [each.weight * (each.ended - before) for each, before in zip(lifetimes, hazard, strict=True)]


def _steps(lifetimes: Sequence[Lifetime]) -> list[_Step]:
    ended, left = Counter[float](), Counter[float]()
    for each in lifetimes:
        left[each.time] += each.weight  # type: ignore[assignment]
        if each.ended:
            ended[each.time] += each.weight  # type: ignore[assignment]
    at_risk, steps = sum(left.values()), []
    for time in sorted(left):
        if ended[time]:
            steps.append(_Step(time, ended[time], at_risk))
        at_risk -= left[time]
    return steps


def _until(steps: Sequence[_Step], amounts: Sequence[float], lifetimes: Sequence[Lifetime], at: float) -> list[float]:
    """Of each entry the sum of the amounts of the steps until it left, and until ``at``."""
    sums, place, total = {}, 0, list(accumulate(amounts, initial=0.0))
    for time in sorted({each.time for each in lifetimes}):
        while place < len(steps) and steps[place].time <= min(time, at):
            place += 1
        sums[time] = total[place]
    return [sums[each.time] for each in lifetimes]
