from __future__ import annotations

from typing import Any

import pytest

from ai_code_metrics.gateway_groups import Family, Group, Sample
from ai_code_metrics.publish.admission import COMPLETED, SUCCEEDED, admit
from ai_code_metrics.publish.gateway_query import COMMITTED
from support.summaries import context, push_context, summary, unavailable_summary

KEY = {"job": "ai-code-metrics", "repository": "octo/shop", "branch": "main"}
COMMITTED_AT = 1_767_225_600
COMPLETED_AT = 1_767_268_800


def group(times: dict[str, float] | None = None, labels: dict[str, str] | None = None) -> Group:
    """A group with the times of a commit and of a run, as far as they are given."""
    names = {"committed": COMMITTED, "completed": COMPLETED, "succeeded": SUCCEEDED}
    families = {names[k]: Family(names[k], "GAUGE", "", (Sample({}, value),)) for k, value in (times or {}).items()}
    return Group(labels or KEY, pushed_at=1, failed_at=0, families=families)


def others(count: int) -> list[Group]:
    return [group(labels={**KEY, "repository": f"octo/r{n}"}) for n in range(count)]


def of(**fields: Any) -> Any:
    return summary(context=push_context(head_committed_at=COMMITTED_AT, **fields))


@pytest.mark.parametrize(
    "times",
    [
        {"committed": COMMITTED_AT - 1, "completed": COMPLETED_AT + 99},
        {"committed": COMMITTED_AT, "completed": COMPLETED_AT - 1},
        {"committed": COMMITTED_AT, "completed": COMPLETED_AT},
        {"completed": COMPLETED_AT - 1},
        {"committed": COMMITTED_AT},
        {},
    ],
)
def test_a_later_run_replaces_an_earlier_one(times: dict[str, float]) -> None:
    """An earlier commit's figures, or an earlier or the same run's of the same commit, make way."""
    assert admit([group(times)], KEY, of()).refusal == ""


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"committed": COMMITTED_AT + 1, "completed": COMPLETED_AT - 99}, "later commit, of 2026-01-01 00:00:01 UTC"),
        ({"committed": COMMITTED_AT, "completed": COMPLETED_AT + 1}, "later measurement, of 2026-01-01 12:00:01 UTC"),
        ({"completed": COMPLETED_AT + 1}, "later measurement"),
        ({"committed": 1e300}, "later commit, of 1e+300 s"),
        ({"committed": 1e300, "completed": COMPLETED_AT + 1}, "later measurement, of 2026-01-01 12:00:01 UTC"),
    ],
)
def test_an_earlier_run_does_not_replace_a_later_one(times: dict[str, float], words: str) -> None:
    """Runs that end in the wrong order leave the later commit's figures, and the message says the way out."""
    for summarised in (of(), unavailable_summary(context=push_context(head_committed_at=COMMITTED_AT))):
        refusal = admit([group(times)], KEY, summarised).refusal
        assert words in refusal
        assert "`ai-code-metrics prune --repository octo/shop --branch main`" in refusal


def test_a_part_of_a_monorepo_is_named_in_the_way_out() -> None:
    """What the message says to remove is the refused group, and no other part's."""
    key = {**KEY, "branch": "a b", "project": "api"}
    refusal = admit([group({"completed": COMPLETED_AT + 1}, key)], key, of()).refusal
    assert "prune --repository octo/shop --branch 'a b' --project api`" in refusal


def test_a_clock_that_was_wrong_holds_nobody_back() -> None:
    """A commit that is dated after its own measurement tells nothing: the runs' times decide."""
    years_ahead = {"committed": COMMITTED_AT + 1e8, "completed": COMPLETED_AT - 1}
    assert admit([group(years_ahead)], KEY, of()).refusal == ""


def test_a_failed_run_makes_way_for_figures() -> None:
    """A later run that measured nothing left its time beside old figures: newer figures replace them."""
    failed = {"committed": COMMITTED_AT + 9, "completed": COMPLETED_AT + 9, "succeeded": 0.0}
    assert admit([group(failed)], KEY, of()).refusal == ""
    assert admit([group(failed)], KEY, unavailable_summary(context=push_context())).refusal


def test_another_group_decides_nothing() -> None:
    """Only the group with exactly the labels of the key counts."""
    other = group({"committed": COMMITTED_AT + 9}, {**KEY, "project": "api"})
    assert admit([other], KEY, of()).refusal == ""


@pytest.mark.parametrize(("count", "warned"), [(249, False), (250, True), (5000, True)])
def test_many_groups_are_a_warning(count: int, *, warned: bool) -> None:
    """From 250 groups on every push is told that pushes get slow, and still takes place."""
    admission = admit(others(count), KEY, of())
    assert admission.refusal == ""
    assert bool(admission.warning) is warned
    assert not warned or f"{count:,} groups" in admission.warning


@pytest.mark.parametrize(("count", "refused"), [(499, False), (500, True)])
def test_pull_requests_start_no_group_beyond_the_limit(count: int, *, refused: bool) -> None:
    """From 500 groups on a pull request without a group gets none; one that has one goes on."""
    key = {**KEY, "branch": "pr-42"}
    pull_request = summary(context=context())
    assert bool(admit(others(count), key, pull_request).refusal) is refused
    assert admit([*others(count), group(labels=key)], key, pull_request).refusal == ""
