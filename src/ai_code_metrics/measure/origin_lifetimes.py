"""How long the lines of both arms last: survival by Kaplan and Meier, and the share that is soon replaced.

The lines of one commit live and die together, so commits are what is permuted. Lines are followed for 90 days: what
happens to them later is told by too few of the younger arm.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.comparison_model import Horizon
from ai_code_metrics.inference import lifetimes, proportions
from ai_code_metrics.inference.permutation import Cluster
from ai_code_metrics.measure import origin_estimates
from ai_code_metrics.measure.origin_cells import ARM_OF, Cell, hunk_stratum
from ai_code_metrics.measure.origin_estimate import (
    MIN_CLUSTERS,
    MIN_LINES,
    PERMUTATIONS,
    Estimate,
    Pair,
    Sizes,
    shortage,
    small_sample,
    smallest_difference,
    tested,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_code_metrics.comparison_model import Arm
    from ai_code_metrics.inference.lifetimes import Lifetime
    from ai_code_metrics.records import LineAttribution, WrittenLines

HORIZONS: Final = (14, 30, 90)
HEADLINE: Final = 30
REWORK_DAYS: Final = 21
_DAY: Final = 86_400


class LifeCell(NamedTuple):
    """Lines of one arm that one commit wrote in one file and that went together; times in days.

    ``followed`` is the time from their writing to the head, ``gone_after`` the one to their removal, None where they
    are still there.
    """

    path: str
    commit: str
    hunk: int
    arm: Arm
    followed: float
    gone_after: float | None
    lines: int


def life_cells(written: WrittenLines, origins: LineAttribution) -> list[LifeCell]:
    """Join the lines that were written, those that are gone too, with their origins."""
    counts: Counter[LifeCell] = Counter()
    for path, file in written.fates.items():
        lines = origins.files[path].lines
        for fate in file.fates():
            for index, count in Counter(lines[fate.start - 1 : fate.start - 1 + fate.length]).items():
                origin = origins.origins[index]
                arm = None if origin is None else ARM_OF.get(origin.origin)
                if origin is None or arm is None:
                    continue
                gone = None if fate.removed_at < 0 else (fate.removed_at - origin.committed_at) / _DAY
                followed = max(0, written.until - origin.committed_at) / _DAY
                counts[LifeCell(path, origin.commit, hunk_stratum(fate.hunk), arm, followed, gone, 0)] += count
    return [cell._replace(lines=count) for cell, count in counts.items()]


def survival(
    cells: Sequence[LifeCell], *, seed: int, permutations: int = PERMUTATIONS
) -> tuple[Estimate, list[Horizon]]:
    """Compare the share of lines that are left 30 days after they were written; also return those at all horizons.

    The estimate is the difference of the Kaplan-Meier shares; its interval is Newcombe's on effective sizes, by their
    variance over commits. The test permutes the shares of AI-tagged lines of the commits, by the score of the log-rank
    test over 90 days, and then those of the files: some files are rewritten often, whoever writes them. The larger p of
    the two counts.

    Args:
        cells: of the arms ``ai`` and ``untagged``; others are left out.
        seed: of the permutations.
        permutations: at most so many.
    """
    cells_of = {arm: [cell for cell in cells if cell.arm == arm] for arm in Pair._fields}
    arms = {arm: _lifetimes(own) for arm, own in cells_of.items()}
    sizes = Sizes(*(Pair(*map(measure, arms.values())) for measure in (_commits, _ended, _lines)))
    shares = {arm: _shares(own, arms[arm]) for arm, own in cells_of.items()}
    horizons = [
        Horizon(days=days, ai=ai, untagged=untagged)
        for days, ai, untagged in zip(HORIZONS, shares["ai"], shares["untagged"], strict=True)
    ]
    place = HORIZONS.index(HEADLINE)
    ai, untagged = shares["ai"][place], shares["untagged"][place]
    estimate = Estimate("difference", sizes, sizes, "commits, and files", (ai, untagged))
    lacking = shortage(sizes, "commits", "lines that were written")
    if ai is None or untagged is None:
        few = (
            f"not enough data: too few lines were followed for {HEADLINE} days, of {int(sizes.totals.ai):,} AI-tagged "
            f"and {int(sizes.totals.untagged):,} untagged ones; a comparison needs {MIN_LINES} of "
            f"{MIN_CLUSTERS} commits of each"
        )
        return replace(estimate, shortage=lacking or few), horizons
    effective = _effective(arms, Pair(ai, untagged))
    difference = ai - untagged
    estimate = replace(
        estimate,
        crude=difference,
        difference=difference,
        by_hunk_size=_by_hunk_size(cells),
        smallest=smallest_difference(_pooled(Pair(ai, untagged), sizes.totals), sizes, effective),
        shortage=lacking,
    )
    if lacking or effective is None:
        return estimate, horizons
    limits = proportions.newcombe(
        effective.events.ai, effective.totals.ai, effective.events.untagged, effective.totals.untagged
    )
    estimate = replace(estimate, limits=(limits.low, limits.high))
    return tested(estimate, _clusters(cells), seed, permutations), horizons


def rework(cells: Sequence[LifeCell]) -> Estimate:
    """Compare the share of lines that were replaced or removed within 21 days, of those that were followed so long.

    It is not tested: these are the lines of :func:`survival`, and its removals.
    """
    followed = [cell for cell in cells if cell.arm != "human" and cell.followed >= REWORK_DAYS]
    counts = [
        Cell(cell.path, 0, cell.commit, cell.hunk, cell.arm, _replaced(cell) * cell.lines, cell.lines)
        for cell in followed
    ]
    noun = f"lines followed for {REWORK_DAYS} days"
    return origin_estimates.proportion(counts, noun, seed=0, permutations=0, by_commit=True)


def _replaced(cell: LifeCell) -> bool:
    return cell.gone_after is not None and cell.gone_after <= REWORK_DAYS


def _lifetimes(cells: Iterable[LifeCell]) -> list[Lifetime]:
    """Lines of both arms, followed for 90 days at most."""
    return [_lifetime(cell) for cell in cells]


def _lifetime(cell: LifeCell) -> Lifetime:
    last = float(HORIZONS[-1])
    ends = cell.gone_after is not None and cell.gone_after <= last
    time = min(cell.followed if cell.gone_after is None else cell.gone_after, last)
    return lifetimes.Lifetime(time, ends, cell.lines, cell.commit)


def _commits(own: Sequence[Lifetime]) -> int:
    return len({lifetime.cluster for lifetime in own})


def _ended(own: Sequence[Lifetime]) -> float:
    return sum(lifetime.weight for lifetime in own if lifetime.ended)


def _lines(own: Sequence[Lifetime]) -> float:
    return sum(lifetime.weight for lifetime in own)


def _shares(cells: Sequence[LifeCell], own: Sequence[Lifetime]) -> list[float | None]:
    """The estimated shares at the horizons; None where too few lines or commits were followed so long."""
    shares = lifetimes.kaplan_meier(own, HORIZONS)
    return [share if _is_followed(cells, days) else None for share, days in zip(shares, HORIZONS, strict=True)]


def _is_followed(cells: Sequence[LifeCell], days: int) -> bool:
    known = [cell for cell in cells if cell.followed >= days]
    return sum(cell.lines for cell in known) >= MIN_LINES and len({cell.commit for cell in known}) >= MIN_CLUSTERS


def _effective(arms: dict[str, list[Lifetime]], shares: Pair) -> Sizes | None:
    """Sizes of which independent lines would have the variance that the shares have over commits."""
    totals = []
    for own, share in zip(arms.values(), shares, strict=True):
        variance = lifetimes.kaplan_meier_variance(own, HEADLINE)
        if variance is None:
            return None
        independent = share * (1 - share)
        # all or none are left: as if each commit were one observation
        size = independent / variance if variance and independent else float(_commits(own))
        totals.append(min(size, _lines(own)) / small_sample(_commits(own)))
    events = [share * size for share, size in zip(shares, totals, strict=True)]
    return Sizes(Pair(*map(_commits, arms.values())), Pair(*events), Pair(*totals))


def _pooled(shares: Pair, totals: Pair) -> float:
    return (shares.ai * totals.ai + shares.untagged * totals.untagged) / sum(totals)


def _by_hunk_size(cells: Sequence[LifeCell]) -> float | None:
    """The differences within each stratum of hunk size, weighted as by Mantel and Haenszel."""
    upper = lower = 0.0
    for hunk in {cell.hunk for cell in cells}:
        arms = [_lifetimes(cell for cell in cells if cell.hunk == hunk and cell.arm == arm) for arm in Pair._fields]
        shares = [lifetimes.kaplan_meier(own, (HEADLINE,))[0] if own else None for own in arms]
        if shares[0] is None or shares[1] is None:
            continue
        sizes = [_lines(own) for own in arms]
        weight = sizes[0] * sizes[1] / sum(sizes)
        upper += weight * (shares[0] - shares[1])
        lower += weight
    return upper / lower if lower else None


def _clusters(cells: Sequence[LifeCell]) -> tuple[list[Cluster], list[Cluster]]:
    """The commits, and the files, with what the log-rank test has too many removals of."""
    compared = [cell for cell in cells if cell.arm != "human"]
    scores = lifetimes.log_rank_scores(_lifetimes(compared))
    return (
        _clustered((cell.commit, cell, score) for cell, score in zip(compared, scores, strict=True)),
        _clustered((cell.path, cell, score) for cell, score in zip(compared, scores, strict=True)),
    )


def _clustered(scored: Iterable[tuple[str, LifeCell, float]]) -> list[Cluster]:
    residuals: defaultdict[str, float] = defaultdict(float)
    lines: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, cell, score in scored:
        residuals[key] += score
        lines[key][cell.arm] += cell.lines
    return [Cluster(residual, lines[key]["ai"] / lines[key].total(), None) for key, residual in residuals.items()]
