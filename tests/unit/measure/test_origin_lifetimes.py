from __future__ import annotations

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_code_metrics.measure.origin_estimate import Pair
from ai_code_metrics.measure.origin_lifetimes import LifeCell, life_cells, rework, survival
from ai_code_metrics.records import WrittenFile, WrittenLines
from support.origin_tables import DAY, HEAD_AT, blamed, origins, sha

CELLS = st.lists(
    st.builds(
        LifeCell,
        st.sampled_from(["a.py", "b.py", "c.py"]), st.integers(0, 9).map(str), st.integers(0, 3),
        st.sampled_from(["ai", "untagged", "human"]), st.floats(0, 200), st.none() | st.floats(0, 200),
        st.integers(1, 60),
    ),
    max_size=60,
)  # fmt: skip


def lives(
    arm: str, commits: int, gone_after: float | None, *, followed: float = 120.0, lines: int = 20
) -> list[LifeCell]:
    """So many commits, each of which wrote as many lines into a file of its own."""
    return [
        LifeCell(f"{arm}{number}.py", f"{arm}{number}", 1, arm, followed, gone_after, lines)  # type: ignore[arg-type]
        for number in range(commits)
    ]


def test_fates_get_the_arms_of_their_lines() -> None:
    """A run of lines may be of two origins; its commit's time tells how long they were followed, and lived."""
    files = {"a.py": "aauhb"}
    gone = HEAD_AT - 3 * DAY
    table = array("q", (1, 3, gone, 7, 4, 2, -1, 200))
    written = WrittenLines(blamed(files), {"a.py": WrittenFile("a.py", table)}, since=0, until=HEAD_AT)
    assert sorted(life_cells(written, origins(files)), key=lambda cell: cell.arm) == [
        LifeCell("a.py", sha("a"), 1, "ai", 10.0, 7.0, 2),
        LifeCell("a.py", sha("h"), 3, "human", 50.0, None, 1),
        LifeCell("a.py", sha("u"), 1, "untagged", 30.0, 27.0, 1),
    ]


class TestSurvival:
    def test_shares_at_the_horizons(self) -> None:
        """By Kaplan and Meier: half of one arm is gone after 20 days, a tenth of the other after 40."""
        cells = [
            *lives("ai", 10, 20.0), *lives("ai2", 10, None),
            *lives("untagged", 2, 40.0), *lives("untagged2", 18, None),
        ]  # fmt: skip
        cells = [cell._replace(arm=cell.arm.rstrip("2")) for cell in cells]  # type: ignore[arg-type]
        found, horizons = survival(cells, seed=1)
        assert [horizon.days for horizon in horizons] == [14, 30, 90]
        assert [horizon.ai for horizon in horizons] == pytest.approx([1.0, 0.5, 0.5])
        assert [horizon.untagged for horizon in horizons] == pytest.approx([1.0, 1.0, 0.9])
        assert found.difference == pytest.approx(-0.5)
        assert found.figures == (0.5, 1.0)
        assert found.permuted == "commits, and files"
        assert found.p is not None
        assert found.p < 0.05
        low, high = found.limits
        assert low is not None
        assert high is not None
        assert low < -0.5 < high < 0

    def test_no_difference_is_none(self) -> None:
        """Both arms alike."""
        cells = [*lives("ai", 8, 20.0), *lives("untagged", 8, 20.0)]
        found, _ = survival(cells, seed=1)
        assert found.difference == 0
        assert found.p == 1.0

    def test_the_larger_p_counts(self) -> None:
        """Many commits of few files: what a file has in common is not taken for the arm's."""
        cells = [
            LifeCell(f"{arm}{number % 2}.py", f"{arm}{number}", 1, arm, 120.0, gone, 20)  # type: ignore[arg-type]
            for arm, gone in (("ai", 10.0), ("untagged", None))
            for number in range(20)
        ]
        found, _ = survival(cells, seed=1)
        assert found.p == pytest.approx(1 / 3)  # of 6 ways to choose 2 of 4 files, two are as far apart

    @pytest.mark.parametrize(
        ("cells", "words"),
        [
            ([], "0 AI-tagged and 0 untagged commits"),
            (lives("untagged", 50, 3.0), "0 AI-tagged and 50 untagged commits"),
            ([*lives("ai", 4, 3.0), *lives("untagged", 50, 3.0)], "4 AI-tagged and 50 untagged commits"),
            ([*lives("ai", 9, 3.0, lines=1), *lives("untagged", 50, 3.0)], "9 and 1,000 lines"),
            ([*lives("ai", 9, None, followed=12.0), *lives("untagged", 50, 3.0)], "too few lines were followed for 30"),
        ],
    )
    def test_too_little_data_is_no_comparison(self, cells: list[LifeCell], words: str) -> None:
        """One arm empty, few commits, few lines, too young: there is no p and no interval."""
        found, _ = survival(cells, seed=1)
        assert found.shortage.startswith("not enough data: ")
        assert words in found.shortage
        assert found.p is None
        assert found.limits == (None, None)

    def test_young_lines_have_the_horizons_that_they_reached(self) -> None:
        """Followed for 40 days, nothing is told of 90."""
        cells = [*lives("ai", 9, 20.0, followed=40.0), *lives("untagged", 9, None)]
        _, horizons = survival(cells, seed=1)
        assert [horizon.ai for horizon in horizons] == [1.0, 0.0, None]

    def test_attested_human_lines_are_in_no_arm(self) -> None:
        """They change nothing."""
        cells = [*lives("ai", 8, 20.0), *lives("untagged", 8, None)]
        assert survival([*cells, *lives("human", 8, 1.0)], seed=1) == survival(cells, seed=1)

    @given(CELLS)
    @settings(max_examples=60)
    def test_any_cells_give_a_sound_estimate(self, cells: list[LifeCell]) -> None:
        """Shares fall with time, and the interval holds the difference."""
        found, horizons = survival(cells, seed=1, permutations=99)
        for shares in ([one.ai for one in horizons], [one.untagged for one in horizons]):
            known = [share for share in shares if share is not None]
            assert known == sorted(known, reverse=True)
        low, high = found.limits
        if low is not None and high is not None and found.difference is not None:
            assert low - 1e-9 <= found.difference <= high + 1e-9


class TestRework:
    def test_only_lines_that_were_followed_long_enough_count(self) -> None:
        """Of those the share that was gone within 21 days."""
        cells = [
            *lives("ai", 6, 21.0), *lives("ai", 6, 22.0), *lives("ai", 6, 5.0, followed=20.0),
            *lives("untagged", 12, None),
        ]  # fmt: skip
        found = rework(cells)
        assert found.whole.events == Pair(120, 0)
        assert found.whole.totals == Pair(240, 240)
        assert found.difference == pytest.approx(0.5)
        assert found.p is None
        assert found.limits != (None, None)

    def test_too_little_data(self) -> None:
        """Nothing was followed for so long."""
        assert rework(lives("ai", 9, None, followed=3.0)).shortage.startswith("not enough data: 0 AI-tagged and 0")
