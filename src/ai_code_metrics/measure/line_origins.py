"""The declared origin of each line: notes first, then the commit's author, its message, and in-code markers."""

from __future__ import annotations

import heapq
import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ai_code_metrics.measure import markers as marking
from ai_code_metrics.measure.identities import OTHER
from ai_code_metrics.records import AttributedFile, LineAttribution, LineOrigin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_code_metrics.measure.identities import IdentityTable
    from ai_code_metrics.records import BlamedFile, BlamedLines, Hunk, NotedRange

_NOT_COUNTED: Final = re.compile(b"\0+")
_MAX_WARNINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """What counts as evidence beside notes, authors and messages.

    ``count_suggestions``: accepted review suggestions of AI reviewers are AI lines. ``markers``: see
    :func:`ai_code_metrics.measure.markers.find_marks`; empty: none count.
    """

    count_suggestions: bool = False
    markers: tuple[str, ...] = ()


def attribute(
    lines: BlamedLines, table: IdentityTable, evidence: Evidence | None = None
) -> tuple[LineAttribution, tuple[str, ...]]:
    """Tell the origin of each counted line of a view.

    Per line the strongest evidence wins: a note on the commit that added the line, for the lines that it covers; then
    what the commit's author and message declare; then an in-code marker, where these declare nothing.

    Args:
        lines: the view.
        table: who counts as an agent.
        evidence: what else counts.

    Returns:
        The origins, and warnings: sessions that tag no line, markers that make no sense.
    """
    attribution = _Attribution(lines, table, evidence or Evidence())
    files = {file.path: AttributedFile(file.path, attribution.file(file)) for file in lines.files}
    warnings = (*_sessions(lines, table), *attribution.warnings[:_MAX_WARNINGS])
    return LineAttribution(tuple(attribution.origins), files), warnings


def _sessions(lines: BlamedLines, table: IdentityTable) -> Iterable[str]:
    """Say how many commits had an agent at work without telling which lines are its: a presence, not a share."""
    count = sum(map(table.has_session, lines.commits.values()))
    if count:
        yield f"Entire-Checkpoint: messages that name an agent's session, but not its lines, tag none: {count}"


@dataclass(slots=True)
class _Attribution:
    """Collects the distinct origins of a view; lines hold indexes into them."""

    lines: BlamedLines
    table: IdentityTable
    evidence: Evidence
    warnings: list[str] = field(default_factory=list)
    origins: list[LineOrigin | None] = field(default_factory=lambda: [None])
    _indexes: dict[LineOrigin, int] = field(default_factory=dict)
    _by_commit: dict[str, int] = field(default_factory=dict)
    _by_marker: dict[int, int] = field(default_factory=dict)

    def file(self, file: BlamedFile) -> array[int]:
        origins = array("I", bytes(4 * len(file.counted)))
        claims = {
            index: _disjoint(noted)
            for index, version in enumerate(file.blame.versions)
            if (noted := self.lines.notes.ranges.get(version))
        }
        for hunk in file.blame.hunks():
            sha = file.blame.versions[hunk.version].sha
            _fill(origins, hunk.start - 1, hunk.length, self._declared(sha))
            for start, length, claim in _within(claims.get(hunk.version, ()), hunk):
                _fill(origins, start - 1, length, self._noted(sha, claim))
        if self.evidence.markers:
            self._mark(file, origins)
        for blank in _NOT_COUNTED.finditer(file.counted):
            _fill(origins, blank.start(), blank.end() - blank.start(), 0)
        return origins

    def _index(self, origin: LineOrigin) -> int:
        index = self._indexes.setdefault(origin, len(self.origins))
        if index == len(self.origins):
            self.origins.append(origin)
        return index

    def _declared(self, sha: str) -> int:
        """The origin that a commit's author and message declare."""
        known = self._by_commit.get(sha)
        if known is None:
            commit = self.lines.commits[sha]
            found = self.table.classify(commit)
            is_ai = found.origin == "suggestion" and self.evidence.count_suggestions
            origin = "ai" if is_ai else found.origin
            known = self._by_commit[sha] = self._index(
                LineOrigin(origin, found.kind, found.agent, found.model, found.source, sha, commit.committed_at)
            )
        return known

    def _noted(self, sha: str, claim: NotedRange) -> int:
        at = self.lines.commits[sha].committed_at
        if claim.origin == "human":
            return self._index(LineOrigin("human", None, None, None, "note", sha, at))
        agent = self.table.by_tool(claim.agent) or OTHER
        return self._index(LineOrigin("ai", "authored", agent.name, claim.model, "note", sha, at))

    def _mark(self, file: BlamedFile, origins: array[int]) -> None:
        marks = marking.find_marks(file.marked, len(origins), self.evidence.markers)
        self.warnings.extend(f"markers of {file.path}: {problem}" for problem in marks.problems)
        for first, last in marks.ranges:
            for index in range(first - 1, min(last, len(origins))):
                origins[index] = self._marked(origins[index])

    def _marked(self, index: int) -> int:
        """The origin of a marked line, given the one that it has without the marker."""
        known = self._by_marker.get(index)
        if known is None:
            origin = self.origins[index]
            known = index
            if origin is not None and origin.origin == "untagged":
                marked = LineOrigin("ai", "assisted", OTHER.name, None, "marker", origin.commit, origin.committed_at)
                known = self._index(marked)
            self._by_marker[index] = known
        return known


def _fill(origins: array[int], start: int, length: int, value: int) -> None:
    origins[start : start + length] = array("I", (value,)) * length


def _within(claims: Sequence[NotedRange], hunk: Hunk) -> Iterable[tuple[int, int, NotedRange]]:
    """The parts of a hunk that are claimed: first line at head, number of lines, and the claim."""
    end = hunk.line + hunk.length
    for index in range(bisect_left(claims, hunk.line, key=lambda claim: claim.last), len(claims)):
        claim = claims[index]
        if claim.first >= end:
            return
        first = max(claim.first, hunk.line)
        yield hunk.start + first - hunk.line, min(claim.last + 1, end) - first, claim


def _disjoint(claims: Sequence[NotedRange]) -> list[NotedRange]:
    """Cut overlapping claims so that each line has one, the first that was made; in the order of the lines."""
    waiting = sorted(range(len(claims)), key=lambda order: claims[order].first, reverse=True)
    bounds = sorted({claim.first for claim in claims} | {claim.last + 1 for claim in claims})
    active: list[int] = []  # a heap: the claim that was made first is on top
    found = []
    for start, following in pairwise(bounds):
        while waiting and claims[waiting[-1]].first == start:
            heapq.heappush(active, waiting.pop())
        while active and claims[active[0]].last < start:
            heapq.heappop(active)
        if active:
            found.append(claims[active[0]]._replace(first=start, last=following - 1))
    return found
