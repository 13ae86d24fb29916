"""The parts of the commit rubric, each with the points and sentences that the design's table gives."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure import commit_message, commit_rubric

if TYPE_CHECKING:
    from ai_code_metrics.model import RubricPart

LONG_BODY = "The total was off by a cent for some carts with several lines, see the report of the shop."
LARGE = 500


def what(header: str) -> RubricPart:
    return commit_rubric.score_what(commit_message.read(header))


def why(text: str, *, changed_lines: int = LARGE, is_linked: bool = False) -> RubricPart:
    message = commit_message.read(text)
    return commit_rubric.score_why(message, changed_lines=changed_lines, is_linked=is_linked)


@pytest.mark.parametrize(
    ("header", "points"),
    [
        ("Round each line before the sum", 35),
        ("fix(cart): round each line before the sum", 35),
        ("fix typo in README", 12 + 15),
        ("copy", 5 + 15),
        ("fix", 15),
        ("Rounds each line before the sum", 35),
        ("Added rounding of each line", 31),
        ("fix: Fixed rounding of each cart line", 31),
        ("[cart] Fixes rounding of each line", 31),
        ("cart: added rounding of each line", 31),
        ("Round each line before the sum.", 32),
        ("Round each line before the sum. (#12)", 32),
        ("行ごとに端数を丸めてから合計する。", 32),
        ("Round each line before the sum ", 32),
        ("WIP: round each cart line", 32),
        ("[WIP] round each cart line", 32),
        ("fix: wip round each cart line", 32),
        ("", 0),
        ("  ", 0),
    ],
)
def test_what_has_its_points(header: str, points: float) -> None:
    """Words 20, length 8, mood 4, tidiness 3."""
    part = what(header)
    assert (part.points, part.max) == (points, 35)
    assert bool(part.why) is (points < 35)


@pytest.mark.parametrize(("length", "lost"), [(72, 0), (79, 2), (86, 4), (100, 8), (300, 8), (200_000, 8)])
def test_the_header_may_have_72_characters(length: int, lost: float) -> None:
    """Full points up to 72, none from 100 on, linear between; the reference of a squash merge doesn't count."""
    header = ("round each line " + "x" * length)[:length]
    assert what(header).points == 35 - lost
    assert what(f"{header} (#12)").points == 35 - lost


def test_what_says_what_a_reader_misses() -> None:
    """Each loss is a sentence."""
    assert what("Fixed bug.").why == [
        "the header has 0 words that tell what changed; three or more make it clear",
        "the header begins with 'Fixed'; the imperative is shorter: 'fix'",
        "the header ends with a period",
    ]
    assert what("copy").why == ["the header has 1 word that tells what changed; three or more make it clear"]
    assert what("copy " + "x" * 75).why == [
        "the header has 2 words that tell what changed; three or more make it clear",
        "the header has 80 characters; lists cut it after 72",
    ]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Round lines", 0),
        ("Round lines\n\none two three four", 5),
        (f"Round lines\n\n{LONG_BODY}", 15),
        ("Round lines to avoid lost cents", 5),
        (f"Round lines\n\n{LONG_BODY} Rounding late is wrong because\ncents get lost.", 20),
        ("Round lines\n\nSigned-off-by: A very long name because of the many words in it", 0),
        ("金額を丸める\n\n合計がずれるため、行ごとに端数を丸めてから合計する必要がある。", 20),
    ],
)
def test_why_has_its_points(text: str, points: float) -> None:
    """15 for twelve words of prose, 5 for a reason, 10 for a link."""
    assert why(text).points == points
    assert why(text, is_linked=True).points == points + 10


@pytest.mark.parametrize(
    ("header", "lines", "points"),
    [
        ("Round lines", 10, 20),
        ("Round lines", 11, 0),
        ("fix: round lines", 11, 0),
        ("docs: name the rounding", 30, 20),
        ("Test(cart): name the rounding", 30, 20),
        ("docs: name the rounding", 31, 0),
    ],
)
def test_a_small_change_needs_no_reason(header: str, lines: int, points: float) -> None:
    """Up to 10 changed lines, or 30 of docs, style, chore, ci, build and test, have at least 20 points."""
    assert why(header, changed_lines=lines).points == points


def test_a_small_change_keeps_what_it_has_above_20() -> None:
    """The allowance is a floor, not a value."""
    text = f"Round lines\n\n{LONG_BODY} Because of cents."
    assert why(text, changed_lines=1, is_linked=True).points == 30
    small = why("Round lines", changed_lines=1)
    assert small.earned == ["20 of 30: a small change (1 line) needs little explanation"]
    assert small.why == [
        "a small change (1 line) needs no more; a body, a reason or a link would bring the other 10 points"
    ]


@pytest.mark.parametrize(("header", "points"), [("wip", 0), ("fix #12", 10), ("docs: update", 0), ("fix: typo", 20)])
def test_the_allowance_is_for_headers_that_tell_what_changed(header: str, points: float) -> None:
    """A small change without a word on what it is has only the points that it earns."""
    part = why(header, changed_lines=3, is_linked="#" in header)
    assert part.points == points
    assert ("even a small change needs a header that tells what changed" in part.why) is (points < 20)


def test_what_earned_the_points_is_said() -> None:
    """Each rule that brought points is a sentence with its points, so that they add up to the part's."""
    assert what("Added rounding of each line").earned == [
        "20 of 20: the header has 3 words that tell what changed",
        "8 of 8: the header has 27 characters, at most 72 fit",
        "3 of 3: the header is tidy: no WIP, no stray space, no period at its end",
    ]
    assert why("Round lines\n\nSo that cents stay.", is_linked=True).earned == [
        "5 of 15: the body has 4 words of prose",
        "5 of 5: a reason is given (So that)",
        "10 of 10: an issue or pull request is linked",
    ]
    assert commit_rubric.score_convention(commit_message.read("net: add a cart")).earned == [
        "8 of 8: the header is a Conventional Commits header",
        "3 of 3: footers and breaking changes are well formed",
    ]
    assert commit_rubric.score_form(commit_message.read("Add a cart")).earned == [
        "10 of 10: there is no body that could be out of form"
    ]


def test_why_says_what_a_reader_misses() -> None:
    """Each loss is a sentence, and a full part has none."""
    assert why("Round lines\n\nOdd cents.").why == [
        "the body has only 2 words of prose; a sentence on why the change was needed helps its readers",
        "no reason is given (because, so that, to avoid, instead of, …)",
        "a link to an issue or pull request would say more",
    ]
    assert why(f"Round lines\n\n{LONG_BODY} Because of cents.", is_linked=True).why == []


@pytest.mark.parametrize(("is_linked", "points"), [(True, 10), (False, 0)])
def test_a_link_is_all_or_nothing(*, is_linked: bool, points: float) -> None:
    """Part C is 10 or 0."""
    part = commit_rubric.score_link(is_linked=is_linked)
    assert (part.points, part.max, bool(part.why)) == (points, 10, not is_linked)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("feat: add a cart", 15),
        ("FEAT(api,cli)!: add a cart\n\nWhy.\n\nBREAKING CHANGE: the basket is gone", 15),
        ("net: add a cart", 11),
        ("feat: add a cart\n\nbreaking change: the basket is gone", 12),
        ("feat: add a cart\nattached", 12),
        ("net: add a cart\nattached", 8),
        ("feat:add a cart", 0),
        ("Add a cart", 0),
    ],
)
def test_convention_has_its_points(text: str, points: float) -> None:
    """Parses 8, known type 4, footers and breaking changes in order 3."""
    part = commit_rubric.score_convention(commit_message.read(text))
    assert (part.points, part.max) == (points, 15)
    assert bool(part.why) is (points < 15)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Add a cart", 10),
        ("Add a cart\n\nWhy.\n\nSigned-off-by: A <a@example.org>", 10),
        ("Add a cart\nWhy.", 5),
        ("Add a cart\n\n" + "a b " * 26, 7),
        ("Add a cart\n\n" + "x" * 200, 10),
        ("Add a cart\n\nsee https://example.org/" + "x" * 200, 10),
        ("Add a cart\n\nCo-authored-by A", 8),
        ("wip", 0),
        ("wip\n\nSigned-off-by: A <a@example.org>", 0),
        ("wip\n\nThe cart is to be copied.", 10),
        ("x" * 48_000 + "\n[...]\n" + "x" * 16_000, 10),
        ("Add a cart\n[...]", 5),
        ("Add a cart\n\nReviewed-by: A\n\n# On branch main\n#\n# Changes:", 10),
        ("Add a cart\n\n# ------------------------ >8 ------------------------\n" + "a b " * 60, 10),
        ("Add a cart\nWhy.\n" + "a b " * 26 + "\nReviewed-by: A", 0),
    ],
)
def test_form_has_its_points(text: str, points: float) -> None:
    """Empty second line 5, lines that fit 3, trailers 2."""
    part = commit_rubric.score_form(commit_message.read(text))
    assert (part.points, part.max) == (points, 10)
    assert bool(part.why) is (points < 10)


@pytest.mark.parametrize(
    ("lines", "score"),
    [(0, 100), (200, 100), (204, 99), (300, 75), (400, 50), (700, 25), (1000, 0), (1001, 0), (10**9, 0)],
)
def test_shape_has_its_values(lines: int, score: int) -> None:
    """100 up to 200 lines, 50 at 400, 0 at 1,000, linear between."""
    assert commit_rubric.score_shape(lines) == score


@given(st.integers(0, 3_000))
def test_a_larger_change_never_raises_the_shape(lines: int) -> None:
    """The shape falls, and by a straight line between its corners."""
    here, there = commit_rubric.score_shape(lines), commit_rubric.score_shape(lines + 1)
    assert 0 <= there <= here <= 100
    assert here - there in {Fraction(0), Fraction(50, 200), Fraction(50, 600)}


BODIES = st.text(alphabet="ab .:#-*`<!>\n\t修", max_size=120) | st.lists(
    st.sampled_from(
        [
            "Why.",
            "",
            "* one",
            "    code",
            "```",
            "Signed-off-by: A",
            "Co-authored-by B",
            "https://a.b/c",
            "- x",
            "so that",
        ]
    ),
    max_size=12,
).map("\n".join)


@given(header=st.text(alphabet="abc :(!)#.", max_size=30), body=BODIES, lines=st.integers(0, 50), linked=st.booleans())
def test_adding_a_reason_never_lowers_why(header: str, body: str, lines: int, *, linked: bool) -> None:
    """One more paragraph with a reason leaves part B as it is or raises it."""
    before = why(f"{header}\n\n{body}", changed_lines=lines, is_linked=linked)
    after = why(f"{header}\n\n{body}\n\nThis is so because cents get lost.", changed_lines=lines, is_linked=linked)
    assert before.points <= after.points <= after.max


@given(text=st.text(max_size=200), lines=st.integers(0, 2_000), linked=st.booleans())
def test_points_stay_in_bounds(text: str, lines: int, *, linked: bool) -> None:
    """No message has fewer than no points or more than all, and lost points come with a sentence."""
    message = commit_message.read(text)
    for part in (
        commit_rubric.score_what(message),
        commit_rubric.score_why(message, changed_lines=lines, is_linked=linked),
        commit_rubric.score_link(is_linked=linked),
        commit_rubric.score_convention(message),
        commit_rubric.score_form(message),
    ):
        assert 0 <= part.points <= part.max
        assert part.points == part.max or part.why
        assert bool(part.earned) is (part.points > 0)
        assert sum(float(sentence.partition(" ")[0]) for sentence in part.earned) == pytest.approx(
            part.points, abs=0.02
        )
        assert all(len(sentence) <= 4_000 for sentence in part.why)
