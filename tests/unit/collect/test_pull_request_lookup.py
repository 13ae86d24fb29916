from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ai_code_metrics.collect.pull_request_lookup import Candidate, Head, choose, matching
from ai_code_metrics.errors import PullRequestGone, ReportRefused

SHA = "1" * 40
HEAD = Head("octo/shop", "mallory/shop", "topic", SHA)
PULL = Candidate(42, True, "octo/shop", "mallory/shop", "topic", SHA, "main")  # noqa: FBT003 - a record


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"branch": "renamed"}, True),
        ({"base_ref": "v1"}, True),
        ({"is_open": False}, False),
        ({"repository": "octo/other"}, False),
        ({"repository": None}, False),
        ({"head_repository": "octo/shop"}, False),
        ({"head_repository": "Mallory/shop"}, False),
        ({"head_repository": None}, False),
        ({"sha": "2" * 40}, False),
        ({"sha": SHA[:12]}, False),
    ],
)
def test_repository_fork_and_commit_must_be_the_same(changes: dict[str, Any], fits: bool) -> None:  # noqa: FBT001
    """A pull request counts where it is open and its head is exactly what was measured."""
    candidate = replace(PULL, **changes)
    assert matching([candidate], HEAD) == ([candidate] if fits else [])


def test_the_only_one_is_it() -> None:
    """One match is the answer."""
    assert choose([PULL], [PULL], HEAD) == 42


def test_several_are_refused() -> None:
    """Two pull requests of one head are named with their bases."""
    with pytest.raises(ReportRefused, match=r"#42 to 'main', #43 to 'v1'"):
        choose([PULL, replace(PULL, number=43, base_ref="v1")], [], HEAD)


@pytest.mark.parametrize(
    ("by_branch", "words"),
    [
        ([replace(PULL, sha="2" * 40)], r"#42 has moved on to another commit \(2{12}\): the measured commit 1{12} of"),
        ([], "head of no open pull request of octo/shop"),
        ([replace(PULL, sha="2" * 40, head_repository="eve/shop")], "head of no open pull request"),
        ([replace(PULL, sha="2" * 40, branch="other")], "head of no open pull request"),
        ([replace(PULL, sha="2" * 40, is_open=False)], "head of no open pull request"),
    ],
)
def test_one_that_moved_on_is_told_from_none(by_branch: list[Candidate], words: str) -> None:
    """A later push to the branch is another reason than a pull request that isn't there."""
    with pytest.raises(PullRequestGone, match=words):
        choose([], by_branch, HEAD)
