"""What a Pushgateway holds of one group: read back by its API, as hostile as any answer of a server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.publish.pushgateway import DEADLINE_SECONDS, PushTarget, fetch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.request import OpenerDirector

MAX_BYTES: Final = 64 * 1024 * 1024
_COVERED: Final = "ai_coding_coverage_covered"
_COVERABLE: Final = "ai_coding_coverage_coverable"
_COMMITTED: Final = "ai_coding_run_commit_timestamp_seconds"


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
        opener: opens the request; default :func:`~ai_code_metrics.publish.pushgateway.direct_opener`.
        deadline: seconds for everything together.

    Raises:
        PublishFailed: the gateway could not be reached, refused, or answered with something else.
    """
    content = fetch(target, "/api/v1/metrics", limit=MAX_BYTES, opener=opener, deadline=deadline)
    wanted = {"job": target.job, **grouping}
    try:
        groups = json.loads(content)["data"]
        group = next((found for found in groups if found["labels"] == wanted), None)
        return None if group is None else _coverage(group)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        raise PublishFailed(
            f"Pushgateway {target.url} answered with something else than its API does: check pushgateway-url"
        ) from None


def _coverage(group: Mapping[str, Any]) -> GroupCoverage | None:
    covered, coverable = _by_kind(group, _COVERED), _by_kind(group, _COVERABLE)
    if "line" not in coverable or "line" not in covered:
        return None
    committed = [int(float(sample["value"])) for sample in group.get(_COMMITTED, {}).get("metrics", [])]
    found = GroupCoverage(
        covered_lines=covered["line"],
        num_statements=coverable["line"],
        covered_branches=covered.get("branch", 0),
        num_branches=coverable.get("branch", 0),
        committed_at=committed[0] if committed else None,
    )
    if not (0 <= found.covered_lines <= found.num_statements and 0 <= found.covered_branches <= found.num_branches):
        raise ValueError("covers more than there is")
    return found


def _by_kind(group: Mapping[str, Any], name: str) -> dict[str, int]:
    samples = group.get(name, {}).get("metrics", [])
    return {sample["labels"]["kind"]: int(float(sample["value"])) for sample in samples}
