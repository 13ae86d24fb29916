"""Which groups of Pushgateways nobody needs any more, and why: a decision over what is there, which deletes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ai_code_metrics.measure.catalog import RUN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_code_metrics.gateway_groups import Group, Held

SECONDS_OF_A_DAY: Final = 86_400.0
_PULL_REQUEST: Final = re.compile(r"pr-([1-9][0-9]*)", re.ASCII)
_OF_BRANCHES: Final = frozenset({"push", "schedule", "workflow_dispatch", "local"})


@dataclass(frozen=True, slots=True)
class Criteria:
    """What makes a group one to delete; names narrow down what the others choose, and choose where there is no other.

    Attributes:
        job: the job that the groups must have.
        older_than_days: groups whose last push is longer ago.
        closed_pull_requests: groups of pull requests that are closed or merged.
        deleted_branches: groups of branches that are no more.
        repository: only groups of this ``owner/name``.
        branch: only groups of this branch, ``pr-N`` for a pull request.
        project: only groups of this part of a monorepo.
    """

    job: str
    older_than_days: float | None = None
    closed_pull_requests: bool = False
    deleted_branches: bool = False
    repository: str | None = None
    branch: str | None = None
    project: str | None = None

    @property
    def asks_github(self) -> bool:
        """Whether only GitHub can tell."""
        return self.closed_pull_requests or self.deleted_branches

    @property
    def names_only(self) -> bool:
        """Whether nothing but names chooses."""
        return not self.asks_github and self.older_than_days is None


@dataclass(frozen=True, slots=True)
class Live:
    """What a repository has: numbers of its open pull requests, names of its branches; None for what wasn't asked."""

    open_pull_requests: frozenset[int] | None = None
    branches: frozenset[str] | None = None


Answers: TypeAlias = "Mapping[str, Live | str]"
"""By repository what GitHub says of it, or why it doesn't."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A group to delete, and why."""

    held: Held
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be deleted, and of which repositories that couldn't be told for how many groups and why."""

    choices: tuple[Choice, ...]
    untold: Mapping[str, tuple[int, str]]


def candidates(held: Iterable[Held], criteria: Criteria) -> list[Held]:
    """Return the groups that the criteria may be about: of our keys, of the job, and of what is named."""
    wanted = {
        "job": criteria.job,
        "repository": criteria.repository,
        "branch": criteria.branch,
        "project": criteria.project,
    }
    return [
        each
        for each in held
        if each.group.is_ours
        and all(value is None or each.group.labels.get(label) == value for label, value in wanted.items())
    ]


def questions(held: Iterable[Held], criteria: Criteria) -> dict[str, tuple[bool, bool]]:
    """Return the repositories to ask GitHub about, with whether for its open pull requests and for its branches."""
    asked: dict[str, tuple[bool, bool]] = {}
    for each in candidates(held, criteria):
        pulls, branches = asked.get(each.group.labels["repository"], (False, False))
        if pull_request(each.group) is None:
            branches |= criteria.deleted_branches
        else:
            pulls |= criteria.closed_pull_requests
        if pulls or branches:
            asked[each.group.labels["repository"]] = pulls, branches
    return asked


def plan(held: Iterable[Held], criteria: Criteria, answers: Answers, now: float) -> Plan:
    """Decide which groups are to be deleted.

    Args:
        held: all groups of all gateways.
        criteria: what makes a group one to delete.
        answers: what GitHub says of the repositories that :func:`questions` names.
        now: seconds since 1970.
    """
    choices: list[Choice] = []
    untold: dict[str, tuple[int, str]] = {}
    for each in candidates(held, criteria):
        repository = each.group.labels["repository"]
        answer = answers.get(repository, Live())
        reason = _named(criteria) or _aged(each.group, criteria, now)
        if not reason and isinstance(answer, Live):
            reason = _gone(each.group, criteria, answer)
        if reason:
            choices.append(Choice(each, reason))
        elif isinstance(answer, str) and _is_asked_for(each.group, criteria):
            untold[repository] = untold.get(repository, (0, ""))[0] + 1, answer
    return Plan(tuple(choices), untold)


def pull_request(group: Group) -> int | None:
    """Return the number of the pull request that a group is of; None for one of a branch, also of one called pr-7."""
    match = _PULL_REQUEST.fullmatch(group.labels.get("branch", ""))
    family = group.families.get(f"{RUN_PREFIX}info")
    events = {sample.labels.get("event") for sample in family.samples} if family else set()
    return int(match[1]) if match and not events & _OF_BRANCHES else None


def _named(criteria: Criteria) -> str:
    if not criteria.names_only:
        return ""
    return "its branch is named" if criteria.branch is not None else "its repository is named"


def _aged(group: Group, criteria: Criteria, now: float) -> str:
    """Say that a group is too old; one that was never pushed to is as old as the last push that was rejected."""
    moment = group.pushed_at or group.failed_at
    days = (now - moment) / SECONDS_OF_A_DAY
    # written so that no comparison with NaN deletes, and so that a group without any time is left to the doctor
    if criteria.older_than_days is None or not (moment > 0 and days > criteria.older_than_days):
        return ""
    what = "was last pushed" if group.pushed_at else "never took a push, and last rejected one"
    return f"{what} {days:,.0f} days ago"


def _is_asked_for(group: Group, criteria: Criteria) -> bool:
    return criteria.deleted_branches if pull_request(group) is None else criteria.closed_pull_requests


def _gone(group: Group, criteria: Criteria, live: Live) -> str:
    number = pull_request(group)
    if not _is_asked_for(group, criteria):
        return ""
    if number is None:
        is_gone = live.branches is not None and group.labels["branch"] not in live.branches
        return "its branch is deleted" if is_gone else ""
    is_gone = live.open_pull_requests is not None and number not in live.open_pull_requests
    return f"pull request {number} is not open any more" if is_gone else ""
