"""The builders of :mod:`support.summaries` give what a reader of a summary file would accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from ai_code_metrics import model
from support import summaries

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("build", [summaries.summary, summaries.hostile_summary, summaries.unavailable_summary])
def test_each_summary_survives_strict_decoding(build: Callable[[], model.Summary]) -> None:
    """A built summary keeps to the bounds of the schema and comes back unchanged from JSON."""
    built = build()
    assert msgspec.json.decode(msgspec.json.encode(built), type=model.Summary) == built


def test_the_coverage_totals_are_the_sums_of_the_files() -> None:
    """Totals and files tell the same story, so that a report may add them up."""
    built = summaries.coverage()
    assert built.covered_lines == sum(file.covered_lines for file in built.files)
    assert built.num_statements == sum(file.num_statements for file in built.files)
    assert built.covered_branches == sum(file.covered_branches for file in built.files)
    assert built.num_branches == sum(file.num_branches for file in built.files)
    assert all(len(file.missing) == file.num_statements - file.covered_lines for file in built.files)


@pytest.mark.parametrize("view", [summaries.attribution_view(), summaries.surviving_view()])
def test_the_attribution_adds_up(view: model.AttributionView) -> None:
    """AI, human and untagged lines make the counted lines; sources, kinds and agents make the AI lines."""
    assert view.counted_lines == view.ai_lines + view.human_lines + view.untagged_lines
    assert view.ai_lines == sum(view.by_source.values()) == sum(view.by_kind.values())
    assert view.ai_lines == sum(agent.lines for agent in view.by_agent.values())
    assert view.ai_share == view.ai_lines / view.counted_lines
