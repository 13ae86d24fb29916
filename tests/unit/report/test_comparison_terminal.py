from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from ai_code_metrics.report.comparison_terminal import print_comparison
from ai_code_metrics.report.terminal import print_report
from support import origin_comparisons, summaries

if TYPE_CHECKING:
    from ai_code_metrics.comparison_model import Comparison
    from support.gold import Gold


def printed(comparison: Comparison, *, encoding: str = "utf-8", is_terminal: bool = False, width: int = 100) -> str:
    """The comparison as it stands in a log, or at a terminal, without the blanks that pad its tables."""
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding, newline="\n", write_through=True)
    console = Console(file=stream, width=width, force_terminal=is_terminal, _environ={"TERM": "xterm"})
    print_comparison(comparison, console)
    return re.sub(r" +$", "", written.getvalue().decode(encoding), flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "comparison"),
    [
        ("comparison.txt", origin_comparisons.judged(change=origin_comparisons.judged().arms)),
        ("comparison-hostile.txt", origin_comparisons.hostile()),
    ],
)
def test_the_comparison_is_as_somebody_found_it_good(name: str, comparison: Comparison, gold: Gold) -> None:
    """The whole plain text."""
    gold.check(name, printed(comparison))


def test_bars_have_one_scale_a_metric() -> None:
    """Shares fill up to 100 %, rates up to the larger of the two."""
    lines = printed(origin_comparisons.judged()).split("\n")
    bars = [line.count("█") for line in lines if "█" in line]
    assert bars[:4] == [28, 32, 40, 31]


def test_bars_read_without_unicode() -> None:
    """Where the stream's encoding can't hold them, and a minus is still one."""
    text = printed(origin_comparisons.judged(), encoding="ascii")
    assert "############################............" in text
    assert "-8.1 points [-14.0, -2.1]" in text
    assert "?" not in text


def test_colour_is_for_terminals() -> None:
    """A log gets no sequence of ours, and neither gets one of the project's."""
    assert "\x1b" not in printed(origin_comparisons.hostile())
    text = printed(origin_comparisons.hostile(), is_terminal=True)
    assert not re.search(r"\x1b\[(?!\d*(?:;\d+)*m)", text)


def test_attested_lines_have_a_column_only_if_there_are_any() -> None:
    """Most projects have none."""
    assert "Attested human" not in printed(origin_comparisons.judged())


def test_the_report_of_a_run_has_the_comparison_at_its_end() -> None:
    """Without the details, which the command tells."""
    written = io.StringIO()
    print_report(summaries.summary(comparison=origin_comparisons.judged()), Console(file=written, width=100))
    _, found, rest = written.getvalue().partition("AI-tagged against untagged code: 2 differences shown")
    assert found
    assert "AI-tagged lines are covered less" in rest
    assert "permutations" not in rest
