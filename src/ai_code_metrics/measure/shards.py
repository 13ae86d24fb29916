"""Which summaries can be joined, and how they belong together: the same source is a matrix, another one a shard."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure import complexity, lint, security
from ai_code_metrics.model import Complexity, Lint, Quality, Security, Summary, Unavailable
from ai_code_metrics.records import NOTHING_TO_ANALYSE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

PartT = TypeVar("PartT", Lint, Security, Complexity)

_NOTHING: Final = (NOTHING_TO_ANALYSE, lint.NOTHING, security.NOTHING, complexity.NOTHING, complexity.NO_FUNCTION)
_SAME: Final[Mapping[str, Callable[[Summary], object]]] = {
    "schema version": lambda summary: summary.schema_version,
    "repository": lambda summary: summary.context.repository,
    "head commit": lambda summary: summary.context.head_sha,
    "pull request": lambda summary: summary.context.pull_request,
    "base commit": lambda summary: summary.context.base_sha,
}


@dataclass(frozen=True, slots=True)
class Group:
    """The summaries of one source: one of a shard, several of a matrix; ``name`` is the source in words."""

    name: str
    members: tuple[Summary, ...]


def group(summaries: Mapping[str, Summary]) -> list[Group]:
    """Check that summaries are of one measurement, and sort them by what they measured.

    Args:
        summaries: by the names of their files or artifacts; paths are seen from the same directory.

    Raises:
        UsageError: two are of another commit, pull request, base or repository, weigh in another way, or measured
            sources that overlap without being the same; the text names both.
    """
    for what, value in _SAME.items():
        _check_same(what, {name: value(summary) for name, summary in summaries.items()})
    _check_same(
        "base commit", {name: s.base.sha for name, s in summaries.items() if not isinstance(s.base, Unavailable)}
    )
    rated = {name: s.quality for name, s in summaries.items() if isinstance(s.quality, Quality)}
    _check_same("weights", {name: quality.weights for name, quality in rated.items()})
    _check_same("thresholds", {name: quality.thresholds for name, quality in rated.items()})
    by_source: dict[frozenset[str], list[str]] = {}
    for name, summary in summaries.items():
        by_source.setdefault(frozenset(_roots(summary)), []).append(name)
    _check_disjoint({names[0]: roots for roots, names in by_source.items()})
    return [
        Group(", ".join(sorted(roots)) or "no source", tuple(summaries[name] for name in names))
        for roots, names in by_source.items()
    ]


def combine(
    groups: Iterable[Group],
    part: Callable[[Summary], PartT | Unavailable],
    *,
    unite: Callable[[Sequence[PartT]], PartT],
    add: Callable[[Sequence[PartT]], PartT | Unavailable],
) -> PartT | Unavailable:
    """Return a part of all groups: united where several measured the same files, then added up.

    A shard with nothing to measure is left out. One whose measurement failed makes the whole unavailable, as it would
    have done in one run, unless the same files were measured in another job.
    """
    found: list[PartT] = []
    reasons: list[str] = []
    for each in groups:
        parts = [part(summary) for summary in each.members]
        measured = [known for known in parts if not isinstance(known, Unavailable)]
        said = [known.reason for known in parts if isinstance(known, Unavailable)]
        failed = [reason for reason in said if not reason.startswith(_NOTHING)]
        if measured:
            found.append(unite(measured) if len(measured) > 1 else measured[0])
        elif failed:
            return Unavailable(reason=f"{each.name}: {failed[0]}"[:4_000])
        reasons += said
    if not found:
        return Unavailable(reason=reasons[0])
    return add(found) if len(found) > 1 else found[0]


def is_below(path: str, root: str) -> bool:
    """Whether a path is a directory or file of a root, or that itself."""
    return root in {".", "", path} or path.startswith(f"{root}/")


def _roots(summary: Summary) -> list[str]:
    return [posixpath.normpath(root) for root in summary.source.roots]


def _check_same(what: str, values: Mapping[str, Any]) -> None:
    (first, expected), *others = [*values.items()] or [("", None)]
    for name, value in others:
        if value != expected:
            raise UsageError(
                f"merge: the {what} of {first} is {_shown(expected)}, but that of {name} is {_shown(value)}; "
                "merge only what jobs of one run measured with the same settings"
            )


def _shown(value: object) -> str:
    return repr(value)[:300]


def _check_disjoint(sources: Mapping[str, Collection[str]]) -> None:
    owners = {root: name for name, roots in sources.items() for root in roots}
    for name, roots in sources.items():
        for root in sorted(roots):
            around = (place for place in _and_around(root) if owners.get(place, name) != name)
            other = next(around, None)
            if other is not None:
                raise UsageError(
                    f"merge: the sources of {name} and {owners[other]} overlap: {root[:300]!r} and {other[:300]!r}; "
                    "give each job other paths by `source`, or all jobs of a matrix the same"
                )


def _and_around(root: str) -> Iterator[str]:
    """Yield a path and all directories that it lies in, the top last."""
    yield root
    while "/" in root:
        root = root.rpartition("/")[0]
        yield root
    yield "."
