"""Which files can't have changed their blame between two commits.

Git blame hands a file whole to the first parent that has the same content under the same path. Where that walk leads
from one commit to another, both have the same blame; a file that was changed and changed back is stopped on the way,
and so is one that came round the other commit through a merge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ai_code_metrics.collect.git_paths import decode_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_code_metrics.collect.repository import Repository

_MAX_COMMITS: Final = 5_000  # further apart, nearly everything has changed
_Edge = tuple[str, str]  # a commit and one of its parents


def unchanged_files(repository: Repository, one: str, other: str, paths: set[str]) -> set[str]:
    """Return those of ``paths`` whose blame is the same at two commits.

    Args:
        repository: where to read.
        one: a full id.
        other: a full id.
        paths: as git has them, relative to the opened directory, all at ``other``.

    Returns:
        The paths that are there at both, and whose walk from both leads to their merge base.
    """
    base = repository.merge_base(one, other)
    if base is None:
        return set()
    return _reaching(repository, other, base, _reaching(repository, one, base, paths))


def _reaching(repository: Repository, tip: str, base: str, paths: set[str]) -> set[str]:
    """Walk from ``tip`` to ``base`` with all paths at once."""
    if tip == base or not paths:
        return paths
    parents = _parents(repository, tip, base)
    if parents is None:
        return set()
    edges = [(commit, parent) for commit, its_parents in parents.items() for parent in its_parents]
    changes = _changes(repository, edges)
    waiting: dict[str, set[str]] = {tip: set(paths)}
    for commit, its_parents in parents.items():
        here = waiting.pop(commit, set())
        for parent in its_parents:
            changed = next(changes)
            passed = here - changed
            here &= changed
            if passed:
                waiting.setdefault(parent, set()).update(passed)
    return waiting.get(base, set())


def _parents(repository: Repository, tip: str, base: str) -> dict[str, list[str]] | None:
    """The commits between the two with their parents, children first; None where there are too many."""
    bound = f"--max-count={_MAX_COMMITS + 1}"
    listed = repository.run("rev-list", "--topo-order", "--parents", bound, f"{base}..{tip}").decode("ascii")
    commits = [line.split() for line in listed.splitlines()]
    return {commit: parents for commit, *parents in commits} if len(commits) <= _MAX_COMMITS else None


def _changes(repository: Repository, edges: list[_Edge]) -> Iterator[set[str]]:
    """For each edge the paths that differ between commit and parent."""
    questions = "".join(f"{commit} {parent}\n" for commit, parent in edges).encode("ascii")
    arguments = ("diff-tree", "--stdin", "--always", "-r", "-z", "--raw", "--no-renames", "--relative")
    tokens = iter(repository.run(*arguments, stdin=questions).split(b"\0")[:-1])
    changed: set[str] | None = None
    for token in tokens:
        if not token.startswith(b":"):  # the id of the commit, before what changed in it
            if changed is not None:
                yield changed
            changed = set()
        elif changed is not None:
            changed.add(decode_path(next(tokens)))
    if changed is not None:
        yield changed
