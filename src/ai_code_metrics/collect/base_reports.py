"""Which artifacts may tell of the base: those of the repository's own commits on the way back from the merge base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.collect.run_artifacts import StoredArtifact

MAX_COMMITS: Final = 500
"""Commits that are walked back to find one with a report."""


def walk(repository: Repository, commit: str) -> list[str]:
    """Return the commit and those before it on its own branch, nearest first.

    Raises:
        SourceUnavailable: the clone lacks the commit, or git failed.
    """
    sha = repository.commit_id(commit)
    return repository.run("rev-list", "--first-parent", f"--max-count={MAX_COMMITS}", sha, "--").decode().split()


def committed_at(repository: Repository, commit: str, seconds: int) -> str | None:
    """Return which of the commits of :func:`walk` was committed at that second, in one pass; None where none was.

    Raises:
        SourceUnavailable: the clone lacks the commit, or git failed.
    """
    sha = repository.commit_id(commit)
    listed = repository.run("rev-list", "--first-parent", f"--max-count={MAX_COMMITS}", "--timestamp", sha, "--")
    times = (line.split(" ") for line in listed.decode("ascii").splitlines())
    return next((found for time, found in times if int(time) == seconds), None)


def candidates(artifacts: Iterable[StoredArtifact], commits: Sequence[str]) -> list[StoredArtifact]:
    """Keep what may serve as a base, the best first: of the nearest commit, and of one commit the newest.

    A run for a fork's pull request is listed with the base repository. Its artifact is the fork's work, so whatever
    commit it says it is of, it is left out: it would let a stranger set the figures that others are compared with.

    Args:
        artifacts: newest first.
        commits: nearest first.
    """
    distance = {sha: index for index, sha in enumerate(commits)}
    fitting = [a for a in artifacts if a.is_own and not a.is_expired and a.head_sha in distance]
    return sorted(fitting, key=lambda artifact: distance[artifact.head_sha or ""])
