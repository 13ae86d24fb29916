from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_code_metrics.measure.origin_cells import Cell
from ai_code_metrics.measure.origin_estimate import Pair
from ai_code_metrics.measure.origin_estimates import proportion, rate
from support.origin_tables import cell, mixed_files

CELLS = st.lists(
    st.builds(
        lambda path, unit, commit, hunk, arm, total, share: Cell(
            f"{path}.py", unit, str(commit), hunk, arm, round(share * total), total
        ),
        st.integers(0, 7), st.integers(0, 4), st.integers(0, 9), st.integers(0, 3), st.sampled_from(["ai", "untagged"]),
        st.integers(1, 60), st.floats(0, 1),
    ),
    max_size=80,
)  # fmt: skip


def spread(count: int, ai: tuple[int, int], untagged: tuple[int, int]) -> list[Cell]:
    """So many files of each arm, wholly of it."""
    return [
        cell(arm, *numbers, path=f"{arm}{number}.py", unit=0)
        for number in range(count)
        for arm, numbers in (("ai", ai), ("untagged", untagged))
    ]


class TestProportion:
    def test_functions_are_compared_within_files(self) -> None:
        """Where 5 files hold two functions of each arm; the difference is that of Mantel and Haenszel."""
        found = proportion(mixed_files(5, (6, 10), (9, 10)), "lines", seed=1)
        assert found.permuted == "functions within files"
        assert found.difference == pytest.approx(-0.3)
        assert found.sizes.clusters == Pair(20, 20)
        assert found.p == pytest.approx(0.0001)
        low, high = found.limits
        assert low is not None
        assert high is not None
        assert low < -0.3 < high < 0

    def test_files_are_compared_where_they_are_of_one_arm(self) -> None:
        """Then the crude difference is the headline."""
        found = proportion(spread(8, (6, 20), (15, 20)), "lines", seed=1)
        assert found.permuted == "files"
        assert found.stratified is None
        assert found.difference == found.crude == pytest.approx(-0.45)
        assert found.p is not None
        assert found.p < 0.001

    def test_four_mixed_files_are_too_few(self) -> None:
        """Then whole files are compared."""
        assert proportion(mixed_files(4, (6, 10), (9, 10)), "lines", seed=1).permuted == "files"

    def test_a_mix_effect_is_told(self) -> None:
        """In each file the AI arm is covered more, but it stands in files that are covered less."""
        bad = mixed_files(5, (3, 30), (0, 3), functions_each=2)
        good = [one._replace(path=f"good{one.path}") for one in mixed_files(5, (3, 3), (27, 30), functions_each=2)]
        found = proportion([*bad, *good], "lines", seed=1)
        assert found.crude is not None
        assert found.crude < 0
        assert found.difference == pytest.approx(0.1)
        assert found.is_mix

    def test_lines_outside_of_functions_are_in_the_crude_figure_only(self) -> None:
        """They run at import, whoever wrote them."""
        outside = [cell("ai", 100, 100, path=f"{number}.py", unit=0) for number in range(5)]
        alone = proportion(mixed_files(5, (6, 10), (9, 10)), "lines", seed=1)
        found = proportion([*mixed_files(5, (6, 10), (9, 10)), *outside], "lines", seed=1)
        assert found.difference == alone.difference
        assert found.p == alone.p
        assert found.crude != alone.crude

    @pytest.mark.parametrize(
        "cells",
        [
            [],
            [cell("ai", 1, 500)],
            spread(4, (10, 100), (10, 100)),
            spread(5, (10, 19), (10, 100)),
            [one for one in spread(9, (1, 100), (1, 100)) if one.arm == "untagged"],
            mixed_files(1, (50, 100), (50, 100)),
        ],
    )
    def test_too_little_data_is_no_comparison(self, cells: list[Cell]) -> None:
        """One arm empty, all in one file, few clusters, few lines: there is no p and no interval."""
        found = proportion(cells, "lines", seed=1)
        assert found.shortage.startswith("not enough data: ")
        assert found.p is None
        assert found.limits == (None, None)

    def test_all_covered_has_limits(self) -> None:
        """Where no line differs the clusters count as observations, and nothing is shown."""
        found = proportion(mixed_files(6, (10, 10), (10, 10)), "lines", seed=1)
        assert found.difference == 0
        assert found.p == 1.0
        low, high = found.limits
        assert low is not None
        assert high is not None
        assert low < 0 < high

    def test_clusters_widen_the_interval(self) -> None:
        """The same lines in functions that are all or nothing tell less."""
        alike = mixed_files(6, (5, 10), (5, 10))
        random = Random(3)  # noqa: S311
        torn = [one._replace(events=random.choice((0, 10))) for one in alike]
        narrow, wide = (proportion(cells, "lines", seed=1).limits for cells in (alike, torn))
        assert None not in (*narrow, *wide)
        assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])  # type: ignore[operator]

    @given(CELLS)
    @settings(max_examples=60)
    def test_any_cells_give_a_sound_estimate(self, cells: list[Cell]) -> None:
        """Shares and differences stay in their bounds, the interval holds the difference, and p is a share."""
        found = proportion(cells, "lines", seed=1, permutations=99)
        assert (found.p is None) == bool(found.shortage) or found.limits == (None, None)
        if found.difference is not None:
            assert -1 <= found.difference <= 1
        low, high = found.limits
        if low is not None and high is not None and found.difference is not None:
            assert -1 <= low <= found.difference + 1e-9
            assert found.difference - 1e-9 <= high <= 1
        if found.p is not None:
            assert 0 < found.p <= 1

    @given(CELLS)
    @settings(max_examples=30)
    def test_arms_are_treated_alike(self, cells: list[Cell]) -> None:
        """If the arms change their names, the difference changes its sign and the interval its side."""
        swapped = [one._replace(arm="ai" if one.arm == "untagged" else "untagged") for one in cells]
        one, other = (proportion(given_cells, "lines", seed=1, permutations=0) for given_cells in (cells, swapped))
        if one.crude is not None and other.crude is not None:
            assert one.crude == pytest.approx(-other.crude)
        if one.limits[0] is not None and other.limits[1] is not None and one.permuted == other.permuted:
            assert one.limits[0] == pytest.approx(-other.limits[1])


class TestRate:
    def test_a_ratio_within_files(self) -> None:
        """Twice the findings by lines, in each file."""
        found = rate(mixed_files(6, (4, 20), (2, 20)), "lines", seed=1)
        assert found.scale == "ratio"
        assert found.difference == pytest.approx(2.0)
        low, high = found.limits
        assert low is not None
        assert high is not None
        assert 1 < low < 2 < high
        assert found.p == pytest.approx(0.0001)

    def test_ten_events_of_each_arm_are_needed(self) -> None:
        """Nine are described, with what could have been shown."""
        few = [
            one._replace(events=int(one.arm == "untagged" or one.path < "1")) for one in mixed_files(5, (1, 9), (1, 9))
        ]
        found = rate(few, "lines", seed=1)
        assert "4 and 20 findings" in found.shortage
        assert found.p is None
        assert found.crude == pytest.approx(0.2)
        assert found.smallest is not None
        assert found.smallest > 1

    def test_a_limit_beyond_all_measure_is_none(self) -> None:
        """All findings of one arm stand in one of many large files."""
        cells = [cell("ai", 10_000 * (number == 0), 1_000, path=f"a{number}", unit=0) for number in range(40)]
        cells += [cell("untagged", 3 * (number < 4), 1_000, path=f"u{number}", unit=0) for number in range(40)]
        low, high = rate(cells, "lines", seed=1).limits
        assert high is None or high < 1e12
        assert low is not None
        assert low >= 0

    def test_no_finding_has_the_rule_of_three(self) -> None:
        """An upper bound instead of a ratio."""
        found = rate(mixed_files(5, (0, 15), (3, 15)), "lines", seed=1)
        assert found.bounds == {"ai": pytest.approx(3 / 300, rel=0.01)}
        assert found.shortage
        assert found.limits == (None, None)

    @given(CELLS)
    @settings(max_examples=60)
    def test_any_cells_give_a_sound_estimate(self, cells: list[Cell]) -> None:
        """Ratios are positive, and the interval holds the one that is told."""
        found = rate(cells, "lines", seed=1, permutations=99)
        low, high = found.limits
        if low is not None and high is not None and found.difference is not None:
            assert 0 <= low <= found.difference * (1 + 1e-9)
            assert found.difference * (1 - 1e-9) <= high
