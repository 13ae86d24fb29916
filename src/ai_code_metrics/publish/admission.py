"""Whether a summary may go to its group, by what is there: later runs stay, and new pull requests find room or not."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ai_code_metrics.gateway_groups import MAX_GROUPS, WARN_GROUPS
from ai_code_metrics.measure.catalog_samples import run_completed, run_succeeded
from ai_code_metrics.publish.gateway_query import COMMITTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_code_metrics.gateway_groups import Group
    from ai_code_metrics.model import Summary

_CLOCK_SECONDS: Final = 3_600
SUCCEEDED: Final = "ai_coding_run_success"
COMPLETED: Final = "ai_coding_run_completed_timestamp_seconds"


@dataclass(frozen=True, slots=True)
class Admission:
    """Why a summary is not to be pushed (empty: it is), and what is worth a warning."""

    refusal: str = ""
    warning: str = ""


def admit(groups: Sequence[Group], key: Mapping[str, str], summary: Summary) -> Admission:
    """Decide whether a summary may be pushed beside or over the groups that are there.

    A later run that is there already stays: jobs of two pushes can end in the wrong order, and an old run can be run
    again. Which run is later, the times of their commits tell, and for one commit those of the runs.

    Args:
        groups: all that the gateway has.
        key: the group that the summary goes to, with ``job``.
        summary: what was measured.

    Raises:
        InvalidSummary: ``measured_at`` is no date.
    """
    own = next((group for group in groups if group.labels == key), None)
    refusal = "" if own is None else _later(own, key, summary)
    is_pull_request = summary.context.pull_request is not None
    if own is None and is_pull_request and len(groups) >= MAX_GROUPS:
        refusal = (
            f"not pushed: the Pushgateway has {len(groups):,} groups, and a pull request starts no new one from "
            f"{MAX_GROUPS} on: remove those of closed ones (ai-code-metrics prune), or give it a second pushgateway-url"
        )
    return Admission(refusal, _crowded(len(groups)) if len(groups) >= WARN_GROUPS else "")


def _later(own: Group, key: Mapping[str, str], summary: Summary) -> str:
    """Say that the group has a later run than the summary's, else nothing."""
    if own.value(SUCCEEDED) == 0 and run_succeeded(summary):
        return ""  # a failed run left its own time beside older figures
    ((_, completed),) = run_completed(summary)
    committed = _believed(summary.context.head_committed_at, completed)
    completed_there = own.value(COMPLETED)
    committed_there = _believed(own.value(COMMITTED), completed_there)
    if committed is not None and committed_there is not None and committed != committed_there:
        is_later, moment = committed_there > committed, f"commit, of {_date(committed_there)}"
    else:
        is_later = completed_there is not None and completed_there > completed
        moment = f"measurement, of {_date(completed_there or 0)}"
    if not is_later:
        return ""
    named = " ".join(
        f"--{label} {shlex.quote(key[label])}" for label in ("repository", "branch", "project") if label in key
    )
    return (
        f"not pushed: its group has the figures of a later {moment}; if that is gone for good, see what "
        f"`ai-code-metrics prune {named}` would remove"
    )


def _believed(committed: float | None, completed: float | None) -> float | None:
    """Return the time of a commit, unless it was measured before it was committed: then its clock was wrong."""
    if committed is None or completed is None:
        return committed
    return None if committed > completed + _CLOCK_SECONDS else committed


def _crowded(count: int) -> str:
    return (
        f"the Pushgateway has {count:,} groups, and each makes every push slower: remove those that nobody needs "
        "(ai-code-metrics prune), spread them over several (pushgateway-url takes a list), or push to VictoriaMetrics"
    )


def _date(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):  # anybody may push any number
        return f"{seconds:g} s"
