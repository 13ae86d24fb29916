"""Deletes groups of a Pushgateway by their exact keys, and looks again until they are gone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.publish.gateway_http import DEADLINE_SECONDS, delete, direct_opener
from ai_code_metrics.publish.gateway_query import read_groups
from ai_code_metrics.publish.grouping import exact_url

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from urllib.request import OpenerDirector

    from ai_code_metrics.gateway_groups import Group
    from ai_code_metrics.publish.push_target import PushTarget

_MAX_FAILURES: Final = 3
_PAUSE_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What became of the groups that were to be deleted; ``failures`` says why the others are still there."""

    deleted: tuple[Group, ...]
    failures: tuple[str, ...]


def delete_groups(
    target: PushTarget,
    groups: Sequence[Group],
    *,
    deadline: float = DEADLINE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Cleaning:
    """Delete groups, and wait until the gateway, which only queues deletions, has none of them any more.

    A group that was pushed anew in between is there again, and counts as deleted.

    Args:
        target: the Pushgateway.
        groups: as they were read from it.
        deadline: seconds for each deletion, and for seeing them all gone.
        clock: monotonic seconds.
        sleep: waits that many seconds.

    Raises:
        UsageError: the target's ``ca_file`` can't be used.
    """
    opener = direct_opener(target.ca_file)
    sent, failures = _send(target, groups, opener, deadline)
    end = clock() + deadline
    try:
        while (left := _still_there(target, sent, opener)) and clock() < end:
            sleep(_PAUSE_SECONDS)
    except PublishFailed as error:
        return Cleaning((), (*failures, f"it can't be told whether they are gone: {error}"))
    if left:
        failures.append(f"Pushgateway {target.url} still has {len(left):,} of them")
    return Cleaning(tuple(group for group in sent if group not in left), tuple(failures))


def _send(
    target: PushTarget, groups: Sequence[Group], opener: OpenerDirector, deadline: float
) -> tuple[list[Group], list[str]]:
    """Ask for each deletion; return those that were taken, and why others weren't."""
    sent: list[Group] = []
    failures: list[str] = []
    for group in groups:
        try:
            delete(target, exact_url(target.url, group.labels), opener=opener, deadline=deadline)
        except PublishFailed as error:
            failures.append(str(error))
            if len(failures) == _MAX_FAILURES:
                break
        else:
            sent.append(group)
    untried = len(groups) - len(sent) - len(failures)
    return sent, failures + ([f"{untried:,} more were not tried"] if untried else [])


def _still_there(target: PushTarget, sent: Sequence[Group], opener: OpenerDirector) -> list[Group]:
    if not sent:
        return []
    there = {_identity(group) for group in read_groups(target, opener=opener)}
    return [group for group in sent if _identity(group) in there]


def _identity(group: Group) -> tuple[object, ...]:
    return tuple(sorted(group.labels.items())), group.pushed_at, group.failed_at
