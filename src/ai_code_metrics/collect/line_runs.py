"""Lines on their way back through history, those that are gone too: what one commit did to the runs of one file.

A run is some lines of one version of a file, with the time at which they go. A walk from the head backwards knows that
time before it knows who wrote them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_code_metrics.collect.written_hunks import WrittenHunk

ALIVE: Final = -1
WHOLE_FILE: Final = 1 << 40  # more lines than any file has


class Run(NamedTuple):
    """So many lines from ``line`` on, 1-based; ``gone`` is when they are removed in seconds since 1970, or ALIVE."""

    line: int
    length: int
    gone: int


class Born(NamedTuple):
    """Lines that a commit wrote, and the hunk that they were written in."""

    run: Run
    hunk: WrittenHunk


def step(
    runs: Sequence[Run], hunks: Sequence[WrittenHunk], gone: int | None, *, is_format: bool = False
) -> tuple[list[Run], list[Born]]:
    """Follow runs from a version of a file to the one before.

    Args:
        runs: in order, none over another.
        hunks: what was done to the older version, in order.
        gone: when; the lines that were removed then are followed from here on. None: they are not.
        is_format: only the format changed, whatever the hunks say.

    Returns:
        The runs of the older version, in order; and those that are new in the newer one.
    """
    older, born = _Runs(), list[Born]()
    place = shift = 0
    rest = list(reversed(runs))
    for hunk in hunks:
        place = hunk.start + shift
        while rest and rest[-1].line < hunk.start:
            run = rest.pop()
            inside = min(run.length, hunk.start - run.line)
            older.add(run.line + shift, inside, run.gone)
            if inside < run.length:
                rest.append(Run(hunk.start, run.length - inside, run.gone))
        new = _taken(rest, hunk.stop)
        if hunk.removed and hunk.stop > hunk.start and (hunk.is_format or is_format):
            older.extend(_mapped(new, hunk, place))
        else:
            born += [Born(run, hunk) for run in new]
            if gone is not None and hunk.removed:
                older.add(place, hunk.removed, gone)
        shift += hunk.shift
    for run in reversed(rest):
        older.add(run.line + shift, run.length, run.gone)
    return older.runs, born


def narrowed(born: Sequence[Born]) -> list[Born]:
    """Give lines of a merge that no parent has hunks of their own, as any parent's hunks hold other parents' lines.

    Args:
        born: in order.

    Returns:
        The same runs; those that are one below the other are in one hunk.
    """
    groups: list[list[Born]] = []
    for one in born:
        last = groups[-1][-1] if groups else None
        if last is not None and last.hunk is one.hunk and last.run.line + last.run.length == one.run.line:
            groups[-1].append(one)
        else:
            groups.append([one])
    return [Born(one.run, hunk) for group in groups for hunk in (_spanned(group),) for one in group]


def _spanned(group: Sequence[Born]) -> WrittenHunk:
    start, hunk = group[0].run.line, group[0].hunk
    stop = group[-1].run.line + group[-1].run.length
    return hunk._replace(
        start=start, stop=stop, removed=0, written=hunk.written[start - hunk.start : stop - hunk.start]
    )


def _taken(rest: list[Run], stop: int) -> list[Run]:
    """Take what is above a line off the runs, which are in reverse order."""
    taken = []
    while rest and rest[-1].line < stop:
        run = rest.pop()
        inside = min(run.length, stop - run.line)
        taken.append(Run(run.line, inside, run.gone))
        if inside < run.length:
            rest.append(Run(stop, run.length - inside, run.gone))
    return taken


def _mapped(new: Iterable[Run], hunk: WrittenHunk, place: int) -> list[Run]:
    """Lines that were reformatted: each goes to the part of the removed lines that is its share of the new ones."""
    older: list[Run] = []
    count = hunk.stop - hunk.start
    for run in new:
        first = run.line - hunk.start
        start = first * hunk.removed // count
        stop = max(start + 1, (first + run.length) * hunk.removed // count)
        older = united(older, [Run(place + start, stop - start, run.gone)])
    return older


class _Runs:
    """Runs in order; those that belong together are joined."""

    def __init__(self) -> None:
        self.runs: list[Run] = []

    def add(self, line: int, length: int, gone: int) -> None:
        if self.runs:
            last = self.runs[-1]
            if last.gone == gone and last.line + last.length == line:
                self.runs[-1] = Run(last.line, last.length + length, gone)
                return
        self.runs.append(Run(line, length, gone))

    def extend(self, runs: Iterable[Run]) -> None:
        for run in runs:
            self.add(*run)


def united(one: list[Run], two: list[Run]) -> list[Run]:
    """Join the runs of one version that come on two ways: a line that is left on one of them is left.

    Of a line that is gone on both, the earlier removal counts.
    """
    if not one or not two:
        return one or two
    joined = _Runs()
    ordered = sorted((*one, *two))
    if all(run.line + run.length <= following.line for run, following in pairwise(ordered)):
        joined.extend(ordered)
        return joined.runs
    bounds = sorted({bound for run in ordered for bound in (run.line, run.line + run.length)})
    ways = (list(reversed(one)), list(reversed(two)))
    for start, stop in pairwise(bounds):
        times = []
        for way in ways:
            while way and way[-1].line + way[-1].length <= start:
                way.pop()
            if way and way[-1].line <= start:
                times.append(way[-1].gone)
        if times:
            joined.add(start, stop - start, min(times))  # ALIVE is less than any time
    return joined.runs
