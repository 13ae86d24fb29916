"""Which commits a run is about: head, and the merge base that it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_code_metrics.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_code_metrics.collect.context import EventContext
    from ai_code_metrics.collect.repository import Repository

_SHALLOW = "the clone is shallow; set `fetch-depth: 0` for actions/checkout"


@dataclass(frozen=True, slots=True)
class Revisions:
    """Head and merge base, as full shas; ``reason`` says why there is no base.

    ``checked_out`` is head, or the merge of a pull request that is checked out in its place.

    ``tip`` is the commit whose merge base ``base`` is. Where both branches were merged into each other there are
    several merge bases, and only what ``tip`` has tells which commits are head's own.

    ``compared`` is the commit that differs from what is checked out by head's own changes alone: ``base``, but where
    the merge of a pull request is checked out, the commit of the base branch that was merged. That may be newer, and
    what the base branch changed since the merge base is not the pull request's doing.
    """

    head: str
    base: str | None
    reason: str = ""
    tip: str | None = None
    compared: str | None = None
    checked_out: str = ""

    @property
    def excluded(self) -> str | None:
        """The commit whose history is not head's own; None without a base."""
        return self.tip or self.base

    @property
    def range(self) -> str | None:
        """The range as git spells it, None without a base."""
        return f"{self.excluded}..{self.head}" if self.base else None


def resolve(repository: Repository, head: str, context: EventContext, *, base: str = "") -> Revisions:
    """Find head and merge base of a run.

    A pull request is checked out at ``refs/pull/N/merge``: head is then its second parent, and the base branch as it
    was merged its first (``pull_request.base.sha`` can be stale). A push is compared with the commit that it replaced,
    a push of a new branch with the default branch. The setting ``base`` wins over all of these.

    Args:
        repository: the repository.
        head: the commit that is checked out.
        context: what the event says.
        base: a commit or ref to compare with.

    Raises:
        UsageError: ``base`` is given and names no commit, or shares no history with head.
    """
    is_merge_ref = bool(context.head_sha) and repository.resolve(f"{head}^2") == context.head_sha
    own_head = context.head_sha if is_merge_ref and context.head_sha else head
    if base:
        tip, its_base = _given_base(repository, base, own_head)
        return Revisions(own_head, its_base, tip=tip, compared=repository.merge_base(tip, head), checked_out=head)
    candidates = [f"{head}^1"] if is_merge_ref else list(_candidates(context))
    if not candidates:
        return Revisions(
            own_head, None, "there is no base to compare with; set base to a commit or branch", checked_out=head
        )
    for candidate in candidates:
        sha = repository.resolve(candidate)
        merge_base = repository.merge_base(sha, own_head) if sha else None
        if sha and merge_base:
            return Revisions(own_head, merge_base, tip=sha, compared=repository.merge_base(sha, head), checked_out=head)
    wanted = ", ".join(candidate[:100] for candidate in candidates)
    way_out = _SHALLOW if repository.is_shallow() else "fetch the base branch, or set base"
    return Revisions(own_head, None, f"no merge base of head with {wanted} was found: {way_out}", checked_out=head)


def _given_base(repository: Repository, base: str, head: str) -> tuple[str, str]:
    sha = repository.resolve(base) or repository.resolve(f"origin/{base}")
    if sha is None:
        hint = f" ({_SHALLOW})" if repository.is_shallow() else ""
        raise UsageError(f"base: {base[:100]!r} names no commit of {repository.root}{hint}")
    merge_base = repository.merge_base(sha, head)
    if merge_base is None:
        hint = _SHALLOW if repository.is_shallow() else "do they share any history?"
        raise UsageError(f"base: {base[:100]!r} has no merge base with {head[:12]}: {hint}")
    return sha, merge_base


def _candidates(context: EventContext) -> Iterator[str]:
    if context.pull_request is not None:
        if context.base_ref:
            yield f"refs/remotes/origin/{context.base_ref}"
        if context.base_sha:
            yield context.base_sha
    elif context.event == "push":
        if context.before:
            yield context.before
        if context.default_branch and context.branch != context.default_branch:
            yield f"refs/remotes/origin/{context.default_branch}"
