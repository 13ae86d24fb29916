from __future__ import annotations

from typing import Any

import pytest

from ai_code_metrics.collect.base_reports import candidates
from ai_code_metrics.collect.run_artifacts import StoredArtifact

COMMITS = ["a" * 40, "b" * 40, "c" * 40]


def stored(number: int, sha: str | None, **fields: Any) -> StoredArtifact:
    values: dict[str, Any] = {
        "name": "ai-code-metrics-quality-0", "size_bytes": 1, "is_expired": False, "created_at": "", "is_own": True,
    }  # fmt: skip
    return StoredArtifact(id=number, head_sha=sha, **values | fields)


def test_the_nearest_commit_comes_first_and_its_newest_artifact() -> None:
    """Distance counts before age; of one commit the order of the listing, newest first, stays."""
    artifacts = [stored(5, COMMITS[2]), stored(4, COMMITS[1]), stored(3, COMMITS[0]), stored(2, COMMITS[0])]
    assert [artifact.id for artifact in candidates(artifacts, COMMITS)] == [3, 2, 4, 5]


@pytest.mark.parametrize(
    "artifact",
    [
        stored(1, COMMITS[0], is_own=False),
        stored(1, COMMITS[0], is_expired=True),
        stored(1, "d" * 40),
        stored(1, None),
    ],
)
def test_what_is_a_fork_s_expired_or_of_another_branch_is_no_base(artifact: StoredArtifact) -> None:
    """A fork that claims a commit of the base branch is left out like one that is not on the way."""
    assert candidates([artifact], COMMITS) == []
