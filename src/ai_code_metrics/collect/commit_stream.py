"""The commits of a range one by one, so that a history of any length takes the same memory.

Git goes on with the next commits while those before are being scored.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from ai_code_metrics.collect import history
from ai_code_metrics.collect.attributes import generated_paths
from ai_code_metrics.collect.commit_range import CommitRange, read_habit, read_range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.collect.revisions import Revisions
    from ai_code_metrics.records import Commit

_BATCH: Final = 250
_MAX_PATHS: Final = 200_000  # known ones are asked for again above it; they are a few megabytes by then


def stream_range(repository: Repository, found: Revisions) -> CommitRange:
    """As :func:`.commit_range.read_range`, but ``commits`` can be gone through once, while git reads.

    A partial clone is read as a whole, since what it lacks is known at the end only.

    Raises:
        SourceUnavailable: git can't read them; also while they are gone through.
    """
    if found.base is None or found.range is None or repository.is_partial():
        return read_range(repository, found)
    generated: set[str] = set()
    commits = _stream(repository, found.range, generated)
    name = f"{found.base[:12]}..{found.head[:12]}"
    return CommitRange(commits, read_habit(repository, found.base), generated, name)


def _stream(repository: Repository, revisions: str, generated: set[str]) -> Iterator[Commit]:
    """Yield commits; what is generated of their paths is in ``generated`` when they come."""
    known: set[str] = set()
    commits = history.read_commits(repository, revisions)
    while batch := list(islice(commits, _BATCH)):
        if len(known) > _MAX_PATHS:
            known.clear()
            generated.clear()
        paths = {change.path for commit in batch for change in commit.changes} - known
        generated |= generated_paths(repository, sorted(paths))
        known |= paths
        yield from batch
