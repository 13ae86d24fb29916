"""The commits that a run scores, and those before them that tell the repository's habits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from ai_code_metrics.collect import attributes, history
from ai_code_metrics.collect.repository import GitFailed
from ai_code_metrics.errors import UsageError
from ai_code_metrics.records import Commit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from ai_code_metrics.collect.context import EventContext
    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.collect.revisions import Revisions

HABIT = 50
"""Commits that tell a repository's habits, and that are scored where there is no base to start from."""
_NO_CONTENTS = "contents are missing in this clone; check out without `filter`"


@dataclass(frozen=True, slots=True)
class CommitRange:
    """The commits of a run, newest first; they may be such as can be gone through once.

    Attributes:
        habit: the commits before them, which tell the repository's habits.
        generated: changed paths whose attributes call them generated or vendored.
        name: the range in words.
        warning: why the changes of the commits are not known; empty where they are.
        squash: the commit that a squash merge would make of the pull request; None outside of one.
    """

    commits: Iterable[Commit]
    habit: tuple[Commit, ...]
    generated: AbstractSet[str]
    name: str
    warning: str = ""
    squash: Commit | None = None


def read_range(repository: Repository, found: Revisions) -> CommitRange:
    """Read the commits of base..head, or the last :data:`HABIT` commits where there is no base.

    Where the clone lacks the contents, the commits come without their changes, and ``warning`` says so.

    Raises:
        SourceUnavailable: git can't read them.
    """
    revisions, limit = (found.head, HABIT) if found.range is None else (found.range, None)
    commits, warning = _read_commits(repository, revisions, limit)
    if found.base is None:
        habit, name = commits, f"the last {len(commits)} commits"
    else:
        habit, name = read_habit(repository, found.base), f"{found.base[:12]}..{found.head[:12]}"
    return CommitRange(commits, habit, generated_changes(repository, commits), name, warning)


def read_one(repository: Repository, found: Revisions, revision: str) -> CommitRange:
    """Read one commit, with the habits by which it is judged in the listing of ``found``, else those before it.

    Raises:
        SourceUnavailable: git can't read them.
        UsageError: ``revision`` names no commit, or one outside of the range that ``found`` holds.
    """
    sha = repository.resolve(revision)
    if sha is None:
        raise UsageError(f"{revision[:100]!r} names no commit of {repository.root}")
    if found.base is not None:
        if not _is_in(repository, found, sha):
            raise UsageError(f"{revision[:100]!r} is not in the range {found.base[:12]}..{found.head[:12]}")
        habit = read_habit(repository, found.base)
    else:
        habit = tuple(history.read_commits(repository, found.head, limit=HABIT, with_changes=False))
    commits, warning = _read_commits(repository, sha, 1)
    if found.base is None and sha not in {commit.sha for commit in habit}:
        parent = repository.resolve(f"{sha}^")
        habit = () if parent is None else read_habit(repository, parent)
    return CommitRange(commits, habit, generated_changes(repository, commits), sha[:12], warning)


def _is_in(repository: Repository, found: Revisions, sha: str) -> bool:
    """Whether a commit is in ``A..B``: reachable from B, and not from A."""
    return repository.merge_base(sha, found.head) == sha and repository.merge_base(sha, found.excluded or "") != sha


def _read_commits(repository: Repository, revisions: str, limit: int | None) -> tuple[tuple[Commit, ...], str]:
    """The commits, and a warning where their changes are not known."""
    try:
        return tuple(history.read_commits(repository, revisions, limit=limit)), ""
    except GitFailed as error:
        # a partial clone (`filter`) has all commits, but not the contents that a diff needs
        known = history.read_commits(repository, revisions, limit=limit, with_changes=False)
        commits = tuple(replace(commit, unknown_changes=commit.unknown_changes or _NO_CONTENTS) for commit in known)
        return commits, f"sizes of commits are not known; check out without `filter`: {error}"


def generated_changes(repository: Repository, commits: Iterable[Commit]) -> frozenset[str]:
    """Return the changed paths that the attributes of the work tree call generated or vendored."""
    paths = {change.path for commit in commits for change in commit.changes}
    return frozenset(attributes.generated_paths(repository, sorted(paths)))


def read_squash(repository: Repository, found: Revisions, context: EventContext) -> Commit | None:
    """Put together what a squash merge would make of a pull request: its title and body, and the range as one change.

    As GitHub does it, the title gets the pull request's number. The author is the account that opened it, whose address
    is not known. None outside of pull requests, and where there is no base.
    """
    if context.title is None or found.base is None:
        return None
    number = f" (#{context.pull_request})" if context.pull_request else ""
    header = context.title if context.title.endswith(number) else f"{context.title}{number}"
    try:
        changes, unknown = history.read_net_changes(repository, found.base, found.head), ""
    except GitFailed:
        changes, unknown = (), _NO_CONTENTS
    return Commit(
        sha="",
        parents=(found.base,),
        author_name=context.author or "",
        author_email="",
        committed_at=0,
        message=f"{header}\n\n{(context.body or '').strip()}".rstrip(),
        changes=changes,
        unknown_changes=unknown,
    )


def read_habit(repository: Repository, revision: str) -> tuple[Commit, ...]:
    """Read the last :data:`HABIT` commits at ``revision`` that are no merges.

    Raises:
        SourceUnavailable: git can't read them.
    """
    commits = history.read_commits(repository, revision, with_changes=False)
    return tuple(islice((commit for commit in commits if not commit.is_merge), HABIT))
