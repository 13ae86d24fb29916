from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.gateway_groups import Held
from ai_code_metrics.measure.gateway_prune import Criteria, Live, plan, pull_request, questions
from support.groups import DAY, GATEWAY, JOB, NOW, family, group, held, key

if TYPE_CHECKING:
    from ai_code_metrics.gateway_groups import Family, Group

LIVE = Live(frozenset({7}), frozenset({"main", "a/b"}))


def event(name: str) -> list[Family]:
    return [family("ai_coding_run_info", ({"tool_version": "0.1.0", "schema_version": "1", "event": name}, 1))]


def reason(of: Group, answer: Live | str = LIVE, **criteria: Any) -> str:
    """Why a group would be deleted; empty where it stays."""
    settings = Criteria(JOB, **criteria)
    decided = plan([Held(GATEWAY, of)], settings, {"octo/shop": answer}, NOW)
    return decided.choices[0].reason if decided.choices else ""


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (group(days=31), "was last pushed 31 days ago"),
        (group(days=30), ""),
        (group(days=-400), ""),
        (group(days=0, failed_days=31), "never took a push, and last rejected one 31 days ago"),
        (group(days=0, failed_days=29), ""),
        (group(days=0), ""),
        (group(days=31, failed_days=1), "was last pushed 31 days ago"),
        (group({"job": JOB}, days=31), ""),
        (group(key() | {"job": "other"}, days=31), ""),
        (group(key(instance="x"), days=31), ""),
        (group(days=math.nan), ""),
        (group(days=-math.inf), ""),
    ],
)
def test_age(of: Group, expected: str) -> None:
    """A group of ours goes when its last push, or its last rejected one, is longer ago; without a time it stays."""
    assert reason(of, older_than_days=30.0) == expected


@pytest.mark.parametrize(
    ("branch", "metrics", "expected"),
    [
        ("pr-7", event("pull_request"), ""),
        ("pr-8", event("pull_request"), "pull request 8 is not open any more"),
        ("pr-8", [], "pull request 8 is not open any more"),
        ("pr-8", event("push"), "its branch is deleted"),
        ("pr-08", [], "its branch is deleted"),
        ("pr-٨", [], "its branch is deleted"),
        ("pr-", [], "its branch is deleted"),
        ("main", event("push"), ""),
        ("a/b", [], ""),
        ("a", [], "its branch is deleted"),
        ("", [], "its branch is deleted"),
    ],
)
def test_what_github_tells(branch: str, metrics: list[Family], expected: str) -> None:
    """Groups of pull requests that aren't open and of branches that aren't there go; a branch may be called pr-8."""
    of = group(key(branch=branch), metrics=metrics)
    assert reason(of, closed_pull_requests=True, deleted_branches=True) == expected
    asked = {"its branch is deleted": "deleted_branches"}.get(expected, "closed_pull_requests")
    other = {"deleted_branches", "closed_pull_requests"} - {asked}
    assert reason(of, LIVE, **dict.fromkeys(other, True)) == ""


def test_what_cannot_be_told_stays() -> None:
    """Of a repository that GitHub doesn't show nothing goes but by age, and how many groups stay is told with why."""
    groups = [held(key(branch=name)) for name in ("pr-8", "gone", "old")] + [held(key("octo/cart", "gone"))]
    groups.append(held(key(branch="older"), days=90))
    criteria = Criteria(JOB, older_than_days=60, closed_pull_requests=True)
    decided = plan(groups, criteria, {"octo/shop": "404 Not Found"}, NOW)
    assert [choice.held.group.labels["branch"] for choice in decided.choices] == ["older"]
    assert decided.untold == {"octo/shop": (1, "404 Not Found")}
    assert plan(groups, criteria, {}, NOW).untold == {}


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ({"repository": "octo/shop"}, {"octo/shop main", "octo/shop pr-7"}),
        ({"repository": "octo/shop", "branch": "pr-7"}, {"octo/shop pr-7"}),
        ({"repository": "octo"}, set()),
        ({"repository": "octo/shop", "older_than_days": 30.0}, set()),
        ({"older_than_days": 0.5}, {"octo/shop main", "octo/shop pr-7", "octo/cart main"}),
    ],
)
def test_names_choose_alone_and_narrow_otherwise(names: dict[str, Any], chosen: set[str]) -> None:
    """A name alone is the choice, exactly; beside another criterion it narrows that down."""
    groups = [held(), held(key(branch="pr-7")), held(key("octo/cart")), held({"job": JOB, "repository": "octo/shop"})]
    decided = plan(groups, Criteria(JOB, **names), {}, NOW)
    labels = [choice.held.group.labels for choice in decided.choices]
    assert {f"{of['repository']} {of['branch']}" for of in labels} == chosen


def test_a_part_of_a_monorepo_goes_alone() -> None:
    """A project that is named leaves the branch's other parts, and the branch itself, as they are."""
    groups = [held(), held(key(project="api")), held(key(project="web"))]
    decided = plan(groups, Criteria(JOB, repository="octo/shop", branch="main", project="api"), {}, NOW)
    assert [choice.held.group.labels for choice in decided.choices] == [key(project="api")]


def test_a_repository_is_asked_only_what_is_needed() -> None:
    """Pull requests are asked for where there are groups of them, branches likewise, each repository once."""
    groups = [held(), held(key(branch="pr-7")), held(key(branch="pr-8")), held(key("octo/cart", "pr-1"))]
    groups.append(held(key("octo/other") | {"job": "other"}))
    both = Criteria(JOB, closed_pull_requests=True, deleted_branches=True)
    assert questions(groups, both) == {"octo/shop": (True, True), "octo/cart": (True, False)}
    assert questions(groups, Criteria(JOB, deleted_branches=True)) == {"octo/shop": (False, True)}
    assert questions(groups, Criteria(JOB, older_than_days=3)) == {}


LABELS = st.dictionaries(
    st.sampled_from(["job", "repository", "branch", "project", "instance"]),
    st.sampled_from([JOB, "octo/shop", "main", "gone", "pr-7", "pr-8", "", "x"]),
)


@given(
    st.lists(st.builds(group, LABELS | st.sampled_from([key(), key(branch="pr-8")]), days=st.floats(0, 90))),
    st.floats(1, 90),
    st.tuples(st.booleans(), st.booleans()),
    st.sampled_from([LIVE, Live(), "no answer"]),
)
def test_nothing_else_ever_goes(
    groups: list[Group],
    days: float,
    asked: tuple[bool, bool],
    answer: Live | str,
) -> None:
    """Whatever is there, what goes is of our keys and job, and either too old or by GitHub's word gone."""
    pulls, names = asked
    criteria = Criteria(JOB, older_than_days=days, closed_pull_requests=pulls, deleted_branches=names)
    decided = plan([Held(GATEWAY, each) for each in groups], criteria, {"octo/shop": answer}, NOW)
    for choice in decided.choices:
        of = choice.held.group
        assert of.is_ours
        assert of.labels["job"] == JOB
        number = pull_request(of)
        is_gone = isinstance(answer, Live) and of.labels["repository"] == "octo/shop" and (
            (names and number is None and answer.branches is not None and of.labels["branch"] not in answer.branches)
            or (pulls and number is not None and answer.open_pull_requests is not None
                and number not in answer.open_pull_requests)
        )  # fmt: skip
        assert is_gone or NOW - of.pushed_at > days * DAY
