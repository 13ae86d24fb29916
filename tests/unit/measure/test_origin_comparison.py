from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_code_metrics.comparison_model import Comparison, OriginArm
from ai_code_metrics.measure.origin_cells import Cell, OriginCells
from ai_code_metrics.measure.origin_comparison import TESTED, Written, compare
from ai_code_metrics.measure.origin_lifetimes import LifeCell
from ai_code_metrics.model import Unavailable
from support.origin_tables import cell, mixed_files

NOTHING = Unavailable(reason="this clone is shallow")


def compared(**fields: object) -> Comparison:
    """A comparison of the given cells; other metrics have none."""
    return compare(OriginCells(**fields), NOTHING, {})  # type: ignore[arg-type]


def test_every_metric_is_there() -> None:
    """Also where nothing is known of it; and says so without a number."""
    found = compared()
    assert [*found.metrics] == ["coverage", "lint", "security", "complexity", "survival", "rework"]
    for metric in found.metrics.values():
        assert metric.verdict == "not enough data"
        assert metric.reason.startswith("not enough data: ")
        numbers = (metric.ai, metric.crude, metric.difference, metric.low, metric.high, metric.p, metric.p_adjusted)
        assert numbers == (None,) * 7
    assert found.metrics["survival"].reason == "not enough data: this clone is shallow"


def test_what_could_not_be_measured_says_why() -> None:
    """The tool's reason comes before the lack of lines."""
    found = compare(OriginCells(), NOTHING, {"lint": "pylint crashed"})
    assert found.metrics["lint"].reason == "not enough data: pylint crashed"


def test_what_is_short_has_no_comparing_number() -> None:
    """Both figures, what there was, and what it could have shown; but no difference."""
    few = [cell("ai", 40, 90), cell("untagged", 10, 90, unit=2)]
    for metric in (compared(coverage=few).metrics["coverage"], compared(lint=few).metrics["lint"]):
        assert metric.verdict == "not enough data"
        assert metric.ai is not None
        assert metric.smallest is not None
        numbers = (metric.crude, metric.difference, metric.low, metric.high, metric.p, metric.by_hunk_size)
        assert numbers == (None,) * 6
        assert not metric.hidden
        assert not metric.mix_effect


def test_a_difference_is_shown() -> None:
    """Where the adjusted p and the interval agree, with its direction."""
    metric = compared(coverage=mixed_files(8, (3, 10), (9, 10))).metrics["coverage"]
    assert metric.verdict == "lower"
    assert metric.p_adjusted == metric.p == pytest.approx(0.0001)
    assert metric.stratified
    assert metric.smallest is None
    assert metric.ai == pytest.approx(0.3)
    assert metric.untagged == pytest.approx(0.9)
    assert metric.reason == "9,999 permutations of functions within files"


def test_rates_are_told_by_1000_lines() -> None:
    """Findings by lines, and their ratio."""
    metric = compared(lint=mixed_files(8, (4, 20), (1, 20))).metrics["lint"]
    assert (metric.unit, metric.scale, metric.verdict) == ("per_1000_lines", "ratio", "higher")
    assert metric.ai == pytest.approx(200)
    assert metric.difference == pytest.approx(4)


def test_no_difference_is_not_called_one() -> None:
    """With the smallest that the data could have shown."""
    metric = compared(coverage=mixed_files(8, (9, 10), (9, 10))).metrics["coverage"]
    assert metric.verdict == "no difference shown"
    assert metric.smallest is not None


def test_p_is_adjusted_for_the_metrics_that_are_tested() -> None:
    """By Holm over those that had enough data; rework is not among them."""
    torn = mixed_files(6, (6, 10), (8, 10))
    found = compared(coverage=torn, complexity=mixed_files(6, (5, 10), (5, 10)))
    one, other = found.metrics["coverage"], found.metrics["complexity"]
    assert one.p is not None
    assert one.p_adjusted == pytest.approx(2 * one.p)
    assert other.p_adjusted == other.p == 1.0
    assert found.metrics["rework"].p_adjusted is None
    assert "rework" not in TESTED


def test_rework_is_described() -> None:
    """Survival tests the same lines."""
    lives = [
        LifeCell(f"{number}.py", f"{arm}{number}", 0, arm, 100.0, 5.0 if number % 2 else None, 30)
        for arm in ("ai", "untagged")
        for number in range(10)
    ]
    found = compare(OriginCells(arms={"ai": OriginArm(), "untagged": OriginArm()}), Written(lives, since=5), {})
    metric = found.metrics["rework"]
    assert (metric.verdict, metric.p, metric.difference) == ("described", None, 0.0)
    assert found.arms["ai"].written_lines == 300
    assert found.written_since == 5
    assert [horizon.ai for horizon in found.metrics["survival"].horizons] == [0.5, 0.5, 0.5]
    assert not metric.horizons


def test_hidden_lines_make_a_difference_larger() -> None:
    """Of 100 tagged lines that are 90 % of all AI lines, 11.1 are among the 200 untagged: 0.2 becomes 0.2/(1-0.056)."""
    cells = [cell("ai", 7, 10, path=f"{n}", unit=0) for n in range(10)]
    cells += [cell("untagged", 10, 20, path=f"u{n}", unit=0) for n in range(10)]
    metric = compared(coverage=cells).metrics["coverage"]
    assert metric.difference == pytest.approx(0.2)
    assert [hidden.share for hidden in metric.hidden] == [0.1, 0.25, 0.5]
    expected = [0.2 / (1 - 100 / 9 / 200), 0.2 / (1 - 100 / 3 / 200), 0.4]
    assert [hidden.difference for hidden in metric.hidden] == pytest.approx(expected)


def test_more_lines_can_t_be_hidden_than_there_are() -> None:
    """Nor findings: what would be left of the untagged would have less than none."""
    cells = [cell("ai", 3, 30, path=f"{n}", unit=0) for n in range(10)]
    cells += [cell("untagged", 2, 20, path=f"u{n}", unit=0) for n in range(10)]
    assert [one.difference for one in compared(coverage=cells).metrics["coverage"].hidden][2] is None
    assert [one.difference for one in compared(lint=[*cells, *cells]).metrics["lint"].hidden][2] is None


@given(
    st.lists(
        st.builds(
            cell, st.sampled_from(["ai", "untagged"]), st.integers(0, 500), st.integers(500, 600),
            path=st.sampled_from("abcdefg"), unit=st.integers(0, 5), commit=st.sampled_from("xyz"),
        ),
        max_size=60,
    )
)  # fmt: skip
@settings(max_examples=30)
def test_what_is_written_can_be_read(cells: list[Cell]) -> None:
    """Any comparison fits the bounds that readers hold it against."""
    found = compared(coverage=cells, lint=cells, security=cells, complexity=cells)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Comparison) == found


def test_the_same_cells_give_the_same_comparison() -> None:
    """The seed is told."""
    cells = mixed_files(6, (6, 10), (8, 10))
    assert compared(coverage=cells) == compared(coverage=cells)
    assert compared().seed == compare(OriginCells(), NOTHING, {}, seed=20_200_101).seed
