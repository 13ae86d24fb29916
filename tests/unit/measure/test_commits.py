"""Scores of the commits of a range."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure.commits import RubricOptions, changed_lines, score_commits, skip_reason
from ai_code_metrics.records import Commit, FileChange

if TYPE_CHECKING:
    from ai_code_metrics.model import CommitItem, Commits

GOOD = (
    "Round each line before the sum\n\n"
    "The total was off by a cent for some carts, because lines were rounded\nafter the sum. Fixes #12.\n"
)
LAST_50_LINK = "of the last 50 commits link an issue"
D_OFF = "D convention: switched off in the configuration"
NO_CUSTOM = "C link: the history before the range shows no custom"


def commit(message: str = GOOD, *changes: FileChange, **fields: object) -> Commit:
    values = {
        "sha": "a" * 40,
        "parents": ("b" * 40,),
        "author_name": "Ada",
        "author_email": "ada@example.org",
        "committed_at": 1_767_225_600,
        "message": message,
        "changes": changes or (change(),),
    }
    return Commit(**values | fields)  # type: ignore[arg-type]


def change(path: str = "src/shop/cart.py", added: int | None = 20, deleted: int | None = 5) -> FileChange:
    return FileChange(path, added, deleted)


def nothing_generated(path: str) -> bool:
    return False


def scored(*commits: Commit, history: list[Commit] | None = None, options: RubricOptions | None = None) -> Commits:
    return score_commits(
        commits,
        history=history or [],
        options=options or RubricOptions(),
        range_name="main..cart",
        is_generated=nothing_generated,
    )


def one(message: str = GOOD, *changes: FileChange) -> CommitItem:
    return scored(commit(message, *changes)).items[0]


def test_a_perfect_commit_scores_100() -> None:
    """All points, and a change of reviewable size."""
    item = one()
    assert (item.score, item.message_score, item.shape_score) == (100.0, 100.0, 100.0)
    assert list(item.parts) == ["what", "why", "form"]


def test_a_commit_is_its_message_and_its_shape() -> None:
    """0.85 of the message and 0.15 of the shape: 400 lines halve the shape."""
    item = one(GOOD, change(added=400, deleted=0))
    assert (item.score, item.message_score, item.shape_score) == (92.5, 100.0, 50.0)


def test_a_message_is_its_points_of_the_parts_that_apply() -> None:
    """`copy` on a large change: 20 of 35, 0 of 30 and 10 of 10 points are 40 of 100."""
    item = one("copy", change(added=1000))
    assert item.message_score == 40.0
    assert item.score == 34.0
    assert sum(part.points for part in item.parts.values()) == 30


def test_a_range_has_median_and_worst() -> None:
    """The median of an even number of commits lies between the two in the middle."""
    result = scored(commit(GOOD), commit("copy", change(added=1000)), commit("Merge x", parents=("b" * 40, "c" * 40)))
    assert (result.median, result.worst) == (67.0, 34.0)
    assert (result.scored, result.skipped, result.range) == (2, 1, "main..cart")
    assert [item.score for item in result.items] == [100.0, 34.0, None]


def test_an_empty_range_has_no_median() -> None:
    """Nothing scored is nothing, not 0."""
    result = scored()
    assert (result.scored, result.skipped, result.median, result.worst, result.items) == (0, 0, None, None, [])


def test_a_range_of_skipped_commits_lists_them() -> None:
    """What is not scored is listed with its reason."""
    result = scored(commit("v1.2.3"))
    assert (result.scored, result.skipped, result.median, result.worst) == (0, 1, None, None)
    assert result.items[0].skipped_reason == "only a version"
    assert result.items[0].score is None


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ('Revert "Add a cart"', "a revert in git's own words"),
        ('Revert "Add a cart (#12)" (#13)', "a revert in git's own words"),
        ('Reapply "Add a cart"', "a revert in git's own words"),
        ("Revert the cart, it loses cents", None),
        ("revert: add a cart", None),
        ("fixup! Add a cart", "to be squashed (fixup!, squash! or amend!)"),
        ("squash! Add a cart", "to be squashed (fixup!, squash! or amend!)"),
        ("amend! Add a cart", "to be squashed (fixup!, squash! or amend!)"),
        ("fixup the cart", None),
        ("v1.2.3", "only a version"),
        ("1.2.3", "only a version"),
        ("v2", "only a version"),
        ("1.2.0-rc.1", "only a version"),
        ("Release 1.2", "only a version"),
        ("Version 10.5.0", "only a version"),
        ("Release v1.2.3 (#12)", "only a version"),
        ("chore(release): 1.2.3", "only a version"),
        ("chore: release v1.2.3", "only a version"),
        ("chore(release): 1.2.3 [skip ci]", "only a version"),
        ("Bump version to 1.2.3", "only a version"),
        ("Bump version: 1.2.3 → 1.2.4", "only a version"),
        ("version bump to 0.86.1", "only a version"),
        ("set version to 0.86.2.dev", "only a version"),
        ("Prepare release 1.2.3.", "only a version"),
        ("Support Python 3.14", None),
        ("Drop 3.8", None),
        ("Bump ruff from 0.15.20 to 0.16.0", None),
        ("Release the lock before 1.2.3 times out", None),
        ("12", None),
        ("Add a cart", None),
        ("", None),
    ],
)
def test_what_nobody_worded_is_skipped(subject: str, reason: str | None) -> None:
    """Git's own words, autosquash commits and bare versions are no messages to judge."""
    assert skip_reason(commit(subject)) == reason


@pytest.mark.parametrize(
    ("name", "email", "reason"),
    [
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "by a bot"),
        ("Dependabot", "49699333+dependabot[bot]@users.noreply.github.com", "by a bot"),
        ("renovate[bot]", "bot@example.org", "by a bot"),
        ("Abbot", "abbot@example.org", None),
    ],
)
def test_bots_are_skipped(name: str, email: str, reason: str | None) -> None:
    """A bot is who says so by `[bot]`, in name or address."""
    assert skip_reason(commit(author_name=name, author_email=email)) == reason


def test_merges_are_skipped() -> None:
    """A commit of several parents is a merge."""
    assert skip_reason(commit(parents=("b" * 40, "c" * 40))) == "a merge"


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ((), 0),
        ((change(added=3, deleted=4), change("README.md", 1, 0)), 8),
        ((change("logo.png", None, None),), 0),
        ((change("uv.lock", 900, 900),), 0),
        ((change("src/shop_pb2.py", 900, 0), change(added=2, deleted=0)), 2),
        ((FileChange("new.py", 0, 0, old_path="old.py"),), 0),
    ],
)
def test_only_written_lines_are_changed_lines(changes: tuple[FileChange, ...], lines: int) -> None:
    """What the caller calls generated is out, and so are binary files and pure renames."""
    subject = commit("x", changes=changes)
    assert changed_lines(subject, lambda path: path.endswith(("_pb2.py", ".lock"))) == lines


def test_a_commit_of_unknown_changes_is_its_message() -> None:
    """Without its size a commit has no shape, is no small change, and says why."""
    reason = "history is cut off at this commit; set fetch-depth: 0"
    short = "Round each line before the sum"
    known = one(short, change(added=1, deleted=0))
    unknown = scored(commit(short, changes=(), unknown_changes=reason)).items[0]
    large = one(short, change(added=5_000))
    assert unknown.shape_score is None
    assert unknown.score == unknown.message_score == large.message_score
    assert unknown.dropped == [*known.dropped, f"shape: {reason}"]
    assert unknown.parts["why"].points < known.parts["why"].points


CONVENTIONAL = [commit(f"fix: thing {n}") for n in range(25)]
LINKED = [commit(f"Fix thing (#{n + 1})") for n in range(10)]
PLAIN = [commit("Add a thing") for _ in range(60)]


@pytest.mark.parametrize(
    ("history", "options", "parts", "dropped"),
    [
        ([], RubricOptions(), set(), [NO_CUSTOM, NO_CUSTOM.replace("C link", "D convention")]),
        (
            PLAIN,
            RubricOptions(),
            set(),
            [
                "C link: only 0 of the last 50 commits link an issue",
                "D convention: only 0 of the last 50 commits follow Conventional Commits",
            ],
        ),
        (
            LINKED + PLAIN,
            RubricOptions(),
            {"link"},
            ["D convention: only 0 of the last 50 commits follow Conventional Commits"],
        ),
        (
            LINKED[1:] + PLAIN,
            RubricOptions(conventional="on"),
            {"convention"},
            ["C link: only 9 of the last 50 commits link an issue"],
        ),
        (CONVENTIONAL + PLAIN, RubricOptions(links="on"), {"link", "convention"}, []),
        (
            CONVENTIONAL[1:] + PLAIN,
            RubricOptions(links="off"),
            set(),
            [
                "C link: switched off in the configuration",
                "D convention: only 24 of the last 50 commits follow Conventional Commits",
            ],
        ),
        ([], RubricOptions("on", "on"), {"link", "convention"}, []),
        (
            CONVENTIONAL + PLAIN,
            RubricOptions("off", "on"),
            {"link"},
            [D_OFF],
        ),
    ],
)
def test_a_projects_customs_decide_on_links_and_convention(
    history: list[Commit], options: RubricOptions, parts: set[str], dropped: list[str]
) -> None:
    """A fifth of the last 50 commits with links, half of them conventional; dropped parts are named with the reason."""
    item = scored(commit(), history=history, options=options).items[0]
    assert set(item.parts) - {"what", "why", "form"} == parts
    assert item.dropped == dropped


def test_customs_are_those_of_people() -> None:
    """Merges, bots and versions show no custom: their links and prefixes are not counted, nor their absence."""
    merges = [commit(f"Merge pull request #{n + 1}", parents=("b" * 40, "c" * 40)) for n in range(20)]
    bots = [commit("Bump x", author_name="x[bot]") for _ in range(20)]
    people = [commit("fix: a thing") for _ in range(3)]
    item = scored(commit(), history=merges + bots + people).items[0]
    assert "convention" in item.parts
    assert item.dropped == ["C link: only 0 of the last 3 commits link an issue"]


def test_a_further_kind_of_link_counts_in_history_and_range() -> None:
    """With a pattern, keys of a tracker are links."""
    options = RubricOptions(link_pattern=r"\bSHOP-\d+")
    item = scored(commit("SHOP-1 Round each line"), history=[commit("SHOP-2 Add a cart")], options=options).items[0]
    assert item.parts["link"].points == 10


@pytest.mark.parametrize("pattern", ["(", "*", "a{99999999999}", "x*", "(?P<a>x)(?P<a>y)"])
def test_an_unusable_pattern_is_a_usage_error(pattern: str) -> None:
    """The error names the setting and the pattern."""
    with pytest.raises(UsageError, match=r"^link-pattern: "):
        scored(commit(), options=RubricOptions(link_pattern=pattern))


def test_a_long_subject_is_cut() -> None:
    """A subject stays within the bounds of the summary."""
    item = one("x" * 1_000_000)
    assert len(item.subject) == 300


MESSAGES = st.text(max_size=150) | st.sampled_from([GOOD, "wip", "", "fix: a thing", "Add a cart\nwith lines"])
CHANGES = st.builds(change, st.just("a.py"), st.none() | st.integers(0, 2_000), st.none() | st.integers(0, 2_000))
CHOICES = st.sampled_from(["auto", "on", "off"])


@given(
    messages=st.lists(st.tuples(MESSAGES, CHANGES), max_size=6),
    options=st.builds(RubricOptions, CHOICES, CHOICES),
)
def test_scores_stay_in_bounds_and_repeat(messages: list[tuple[str, FileChange]], options: RubricOptions) -> None:
    """Every score is 0-100, median and worst are those of the items, and the same input gives the same result."""
    commits = [commit(text, file) for text, file in messages]
    result = scored(*commits, history=PLAIN, options=options)
    assert result == scored(*commits, history=PLAIN, options=options)
    scores = [item.score for item in result.items if item.score is not None]
    assert all(0 <= score <= 100 for score in scores)
    assert result.scored + result.skipped == len(messages)
    assert result.worst == (min(scores) if scores else None)
    assert result.median == (pytest.approx(median(scores), abs=0.006) if scores else None)


@given(message=MESSAGES, lines=st.integers(0, 1_500), more=st.integers(0, 500))
def test_a_larger_change_never_raises_a_score(message: str, lines: int, more: int) -> None:
    """With the same message, more changed lines score the same or less."""
    small, large = one(message, change(added=lines)), one(message, change(added=lines + more))
    assert (small.score is None) == (large.score is None)
    assert small.score is None or large.score is None or large.score <= small.score


def test_a_coding_agent_that_calls_itself_bot_is_scored() -> None:
    """What counts as automation is the caller's to say: an agent's commit is judged like anybody's."""
    agent = commit("Add the cart's total", author_name="copilot-swe-agent[bot]")
    scored = score_commits(
        [agent], history=[], options=RubricOptions(), range_name="x", is_generated=lambda _: False,
        is_bot=lambda commit: "dependabot" in commit.author_name,
    )  # fmt: skip
    assert (scored.scored, scored.skipped) == (1, 0)
