"""When the first AI-tagged commit of a history was made: what is older has nothing of the other arm beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_code_metrics.collect.authorship_notes import note_references, noted_commits
from ai_code_metrics.collect.history import read_commits

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.records import Commit


def first_tagged(
    repository: Repository, head: str, is_tagged: Callable[[Commit], bool], *, notes: bool = True
) -> int | None:
    """Return when the first commit was made that is tagged or has an authorship note; None where there is none.

    Args:
        repository: where to read.
        head: the commit whose history is looked through.
        is_tagged: what the author and the message of a commit declare.
        notes: whether authorship notes count.

    Returns:
        Seconds since 1970, by the committer's clock.

    Raises:
        SourceUnavailable: ``head`` names no commit, or notes can't be read.
    """
    noted = noted_commits(repository, note_references(repository)) if notes else set[str]()
    commits = read_commits(repository, head, with_changes=False)
    return min((commit.committed_at for commit in commits if commit.sha in noted or is_tagged(commit)), default=None)
