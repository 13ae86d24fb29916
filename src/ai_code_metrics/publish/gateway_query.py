"""What a Pushgateway holds, read back by its API: as hostile as any answer of a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.gateway_groups import parse_groups
from ai_code_metrics.publish.gateway_http import DEADLINE_SECONDS, MAX_ATTEMPTS, fetch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.request import OpenerDirector

    from ai_code_metrics.gateway_groups import Group
    from ai_code_metrics.publish.push_target import PushTarget

MAX_BYTES: Final = 256 * 1024 * 1024
_PATH: Final = "/api/v1/metrics"
_COVERED: Final = "ai_coding_coverage_covered"
_COVERABLE: Final = "ai_coding_coverage_coverable"
COMMITTED: Final = "ai_coding_run_commit_timestamp_seconds"


@dataclass(frozen=True, slots=True)
class GroupCoverage:
    """The coverage that a group tells: covered and all statements and branches, and when its commit was committed."""

    covered_lines: int
    num_statements: int
    covered_branches: int
    num_branches: int
    committed_at: int | None


def read_coverage(
    target: PushTarget,
    grouping: Mapping[str, str],
    *,
    opener: OpenerDirector | None = None,
    deadline: float = DEADLINE_SECONDS,
) -> GroupCoverage | None:
    """Return the coverage that a group holds; None where there is no such group, or none in it.

    Args:
        target: the Pushgateway.
        grouping: the labels of the group beside ``job``.
        opener: opens the request; default :func:`~ai_code_metrics.publish.gateway_http.direct_opener`.
        deadline: seconds for everything together.

    Raises:
        PublishFailed: the gateway could not be reached, refused, or answered with something else.
    """
    wanted = {"job": target.job, **grouping}
    group = next(
        (found for found in read_groups(target, opener=opener, deadline=deadline) if found.labels == wanted), None
    )
    try:
        return None if group is None else _coverage(group)
    except (ValueError, OverflowError):
        raise PublishFailed(
            f"Pushgateway {target.url} has impossible figures of coverage in group {wanted}: check pushgateway-url"
        ) from None


def read_groups(
    target: PushTarget,
    *,
    opener: OpenerDirector | None = None,
    deadline: float = DEADLINE_SECONDS,
    is_patient: bool = True,
) -> list[Group]:
    """Return all groups of a Pushgateway, whoever pushed them.

    Args:
        target: the Pushgateway.
        opener: opens the request; default :func:`~ai_code_metrics.publish.gateway_http.direct_opener`.
        deadline: seconds for everything together.
        is_patient: whether what may pass is tried again.

    Raises:
        PublishFailed: the gateway could not be reached, refused, answered with something else, or is none that keeps
            groups.
    """
    if not target.keeps_groups:
        raise PublishFailed(f"{target.url} is VictoriaMetrics' import endpoint, which has no groups to read or delete")
    attempts = MAX_ATTEMPTS if is_patient else 1
    content = fetch(target, _PATH, limit=MAX_BYTES, opener=opener, deadline=deadline, attempts=attempts)
    try:
        return parse_groups(content)
    except ValueError:
        raise PublishFailed(
            f"Pushgateway {target.url} answered with something else than its API does: check pushgateway-url"
        ) from None


def _coverage(group: Group) -> GroupCoverage | None:
    covered, coverable = _by_kind(group, _COVERED), _by_kind(group, _COVERABLE)
    if "line" not in coverable or "line" not in covered:
        return None
    committed = group.value(COMMITTED)
    found = GroupCoverage(
        covered_lines=covered["line"],
        num_statements=coverable["line"],
        covered_branches=covered.get("branch", 0),
        num_branches=coverable.get("branch", 0),
        committed_at=None if committed is None else int(committed),
    )
    if not (0 <= found.covered_lines <= found.num_statements and 0 <= found.covered_branches <= found.num_branches):
        raise ValueError("covers more than there is")
    return found


def _by_kind(group: Group, name: str) -> dict[str, int]:
    family = group.families.get(name)
    return {sample.labels.get("kind", ""): int(sample.value) for sample in family.samples} if family else {}
