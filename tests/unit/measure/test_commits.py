"""Scores of the commits of a range."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure.commits import RubricOptions, change_size, score_commits, skip_reason, squash_merges
from ai_code_metrics.records import Commit, FileChange

if TYPE_CHECKING:
    from ai_code_metrics.model import CommitItem, Commits

GOOD = (
    "Round each line before the sum\n\n"
    "The total was off by a cent for some carts, because lines were rounded\nafter the sum. Fixes #12.\n"
)
D_OFF = "D convention: switched off in the configuration"
NO_CUSTOM = "C link: the history shows no custom"
NO_LINKS = "C link: only 0 of the last 50 commits link an issue; 20 % make it a custom"
NO_CONVENTION = "D convention: only 0 of the last 50 commits follow Conventional Commits; 50 % make it a custom"


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
        ("Preparing for 1.2", "only a version"),
        ("update version to 1.2.3-SNAPSHOT", "only a version"),
        ("Prepare next development version.", "only a version"),
        ("chore: prepare for next development iteration", "only a version"),
        ("[maven-release-plugin] prepare release cart-parent-1.2", "only a version"),
        ("[Gradle Release Plugin] - new version commit:  'v1.2'.", "only a version"),
        ("Update cart to 1.2.3", None),
        ("Prepare the next development version of the cart", None),
        ("Update version", None),
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
    assert change_size(changes, lambda path: path.endswith(("_pb2.py", ".lock"))).lines == lines


def test_what_is_left_out_of_a_size_is_named_with_the_reason() -> None:
    """Lock files, generated and binary files and pure renames are listed with their lines; other renames count."""
    changes = (
        change("uv.lock", 300, 12), change("a_pb2.py", 9, 0), change("logo.png", None, None),
        FileChange("new.py", 0, 0, "old.py"), FileChange("b.py", 2, 1, "a.py"), change("c.py", 4, 0),
    )  # fmt: skip
    kinds: dict[str, bool | str] = {"uv.lock": "lock file", "a_pb2.py": True}
    size = change_size(changes, lambda path: kinds.get(path, False))
    assert (size.lines, size.files, size.left_out_files) == (7, 2, 4)
    assert [(file.path, file.lines, file.reason) for file in size.left_out] == [
        ("uv.lock", 312, "lock file"),
        ("a_pb2.py", 9, "generated"),
        ("logo.png", 0, "binary file"),
        ("new.py", 0, "only renamed"),
    ]


def test_only_the_first_files_left_out_are_named() -> None:
    """A commit that adds a thousand vendored files stays small in the summary."""
    size = change_size([change(f"{number}.lock") for number in range(1_000)], lambda _: "lock file")
    assert (size.lines, size.files, size.left_out_files, len(size.left_out)) == (0, 0, 1_000, 20)


def test_a_commit_of_unknown_changes_is_its_message() -> None:
    """Without its size a commit has no shape, is no small change, and says why."""
    reason = "history is cut off at this commit; set fetch-depth: 0"
    short = "Round each line before the sum"
    known = one(short, change(added=1, deleted=0))
    unknown = scored(commit(short, changes=(), unknown_changes=reason)).items[0]
    large = one(short, change(added=5_000))
    assert unknown.shape_score is None
    assert unknown.score == unknown.message_score == large.message_score
    assert unknown.size is None
    assert unknown.dropped == [*known.dropped, f"shape: {reason}"]
    assert unknown.parts["why"].points < known.parts["why"].points


CONVENTIONAL = [commit(f"fix: thing {n}") for n in range(25)]
LINKED = [commit(f"Fix thing, see #{n + 1}") for n in range(10)]
PLAIN = [commit("Add a thing") for _ in range(60)]


@pytest.mark.parametrize(
    ("history", "options", "parts", "dropped"),
    [
        ([], RubricOptions(), set(), [NO_CUSTOM, NO_CUSTOM.replace("C link", "D convention")]),
        (
            PLAIN,
            RubricOptions(),
            set(),
            [NO_LINKS, NO_CONVENTION],
        ),
        (
            LINKED + PLAIN,
            RubricOptions(),
            {"link"},
            [NO_CONVENTION],
        ),
        (
            LINKED[1:] + PLAIN,
            RubricOptions(conventional="on"),
            {"convention"},
            ["C link: only 9 of the last 50 commits link an issue; 20 % make it a custom"],
        ),
        (CONVENTIONAL + PLAIN, RubricOptions(links="on"), {"link", "convention"}, []),
        (
            CONVENTIONAL[1:] + PLAIN,
            RubricOptions(links="off"),
            set(),
            [
                "C link: switched off in the configuration",
                "D convention: only 24 of the last 50 commits follow Conventional Commits; 50 % make it a custom",
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
    people = [commit("fix: a thing") for _ in range(10)]
    item = scored(commit(), history=merges + bots + people).items[0]
    assert "convention" in item.parts
    assert item.dropped == ["C link: only 0 of the last 10 commits link an issue; 20 % make it a custom"]
    assert item.applied == [
        "D convention: 10 of the last 10 commits follow Conventional Commits; 50 % make it a custom"
    ]


@pytest.mark.parametrize(("count", "noun"), [(1, "commit"), (9, "commits")])
def test_a_few_commits_show_no_custom(count: int, noun: str) -> None:
    """Below ten commits nothing is a custom, however many of them agree; a setting has its say all the same."""
    history = [commit("fix: a thing, see #12") for _ in range(count)]
    item = scored(commit(), history=history, options=RubricOptions(links="on")).items[0]
    assert item.applied == ["C link: switched on in the configuration"]
    assert item.dropped == [
        f"D convention: the history has {count} {noun} to tell customs by, and it takes 10",
    ]


def test_a_further_kind_of_link_counts_in_history_and_range() -> None:
    """With a pattern, keys of a tracker are links."""
    options = RubricOptions(link_pattern=r"\bSHOP-\d+")
    history = [commit("SHOP-2 Add a cart")] * 10
    item = scored(commit("SHOP-1 Round each line"), history=history, options=options).items[0]
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


@pytest.mark.parametrize("message", ["wip", "WIP", "fix", "Update", "…", "🚧", "", "fix.", "review comments", "修复"])
def test_a_message_that_says_nothing_scores_low_however_small_its_change(message: str) -> None:
    """Neither smallness nor the form of a body that isn't there earn points for an empty word."""
    item = one(message, change(added=3, deleted=0))
    assert item.score is not None
    assert item.score <= 35
    assert (item.parts["why"].points, item.parts["form"].points) == (0, 0)
    assert "tell" in item.parts["form"].why[0]


HOSTILE = [
    "x" * 1_000_000, "word " * 200_000, "a\n\n" + "x" * 1_000_000, "\0\0", "fix: a\0b", "\x1b[31mred\x1b[0m\x07 text",
    "caf\ufffd \ufffd", "# Please enter the commit message\n# On branch main", "Signed-off-by: Ann <ann@example.org>",
    "ضبط السعر قبل الجمع", "修正金額計算", "🎉 🚀", "a" + "\u0301" * 10_000, "\u202eevil", " ", "\n\n\n", "\t\ttabs\t",
]  # fmt: skip


@pytest.mark.parametrize("message", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.timeout(60)
def test_any_message_has_an_item_within_the_bounds_of_the_summary(message: str) -> None:
    """Whatever stands in a message, its item encodes to the summary's schema and back."""
    result = scored(commit(message), history=[commit(message)] * 50)
    assert msgspec.json.decode(msgspec.json.encode(result), type=type(result)) == result


def test_the_only_commit_of_a_repository_is_scored() -> None:
    """A history of one commit shows no customs, and the commit has its score."""
    only = commit(GOOD)
    item = scored(only, history=[only]).items[0]
    assert item.score == 100.0
    assert [reason.partition(":")[0] for reason in item.dropped] == ["C link", "D convention"]


def test_only_a_trailer_says_nothing() -> None:
    """A message that is one trailer has no header that tells what changed."""
    item = one("Signed-off-by: Ann Author <ann@example.org>", change(added=3, deleted=0))
    assert item.parts["what"].why == [
        "the header has 0 words that tell what changed; three or more make it clear",
        "the header is a trailer",
    ]
    assert item.parts["why"].points == item.parts["form"].points == 0


def squashed(count: int, others: int) -> list[Commit]:
    """A history of squash merges and other commits."""
    return [commit(f"Add a thing (#{number + 1})") for number in range(count)] + [commit("Add")] * others


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (squashed(25, 25), True),
        (squashed(24, 26), False),
        (squashed(25, 25) + squashed(50, 0), True),
        (squashed(5, 5), True),
        (squashed(9, 0), False),
        ([commit("See (#12) there")] * 50, False),
        ([], False),
        ([commit("Merge (#1)", parents=("b" * 40, "c" * 40))] * 40 + squashed(5, 5), True),
    ],
)
def test_a_repository_that_squash_merges_is_known_by_its_headers(history: list[Commit], *, expected: bool) -> None:
    """Half of the last 50 commits that are no merges end in the number of a pull request."""
    assert squash_merges(history) is expected


def with_squash(squash: Commit, history: list[Commit]) -> Commits:
    return score_commits(
        [commit("copy", change(added=1000))], history=history, options=RubricOptions(), range_name="main..cart",
        is_generated=nothing_generated, squash=squash,
    )  # fmt: skip


def test_a_squash_commit_to_be_is_scored_beside_the_commits() -> None:
    """Its message and the size of the whole range are its own score; median and worst stay those of the commits."""
    result = with_squash(commit(GOOD, change(added=400, deleted=0)), squashed(50, 0))
    assert result.pull_request is not None
    assert (result.pull_request.message_score, result.pull_request.shape_score) == (100.0, 50.0)
    assert (result.scored, result.median, result.worst) == (1, result.items[0].score, result.items[0].score)


def test_where_nobody_squash_merges_the_pull_request_is_no_message() -> None:
    """Its title and body never become a commit's."""
    assert with_squash(commit(GOOD), PLAIN).pull_request is None


def test_the_pull_request_of_a_bot_is_not_scored() -> None:
    """It is listed with the reason, as a bot's commit is."""
    item = with_squash(commit("Bump ruff (#9)", author_name="dependabot[bot]"), squashed(50, 0)).pull_request
    assert item is not None
    assert (item.score, item.skipped_reason) == (None, "by a bot")


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


def test_of_a_very_long_range_the_worst_items_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts, median and worst are those of all commits; items that aren't scored, and the best ones, go first."""
    messages = [f"{'fix ' if number % 3 else 'cache the rates of a day '}{'x' * number}" for number in range(30)]
    found = [commit(message, sha=f"{number:040x}") for number, message in enumerate(messages)]
    whole = scored(*found)
    monkeypatch.setattr("ai_code_metrics.measure.commits.MAX_ITEMS", 7)
    part = scored(*found)
    assert (part.scored, part.median, part.worst) == (whole.scored, whole.median, whole.worst)
    assert (len(part.items), part.items_left_out, whole.items_left_out) == (7, 23, 0)
    kept = [item for item in whole.items if item in part.items]
    assert kept == part.items
    best_kept = max(item.score or 0 for item in part.items)
    assert all((item.score or 0) >= best_kept for item in whole.items if item not in part.items)
