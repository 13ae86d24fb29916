from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ai_code_metrics import model
from ai_code_metrics.errors import InvalidSummary
from ai_code_metrics.measure import catalog
from ai_code_metrics.report.prometheus_text import registry, render
from support.origin_comparisons import comparison
from support.summaries import HOSTILE_NAME, hostile_summary, summary, unavailable_summary

SUMMARIES = {
    "whole": summary,
    "compared": lambda: summary(comparison=comparison()),
    "hostile": hostile_summary,
    "unavailable": unavailable_summary,
}


@pytest.mark.parametrize("kind", SUMMARIES)
def test_the_text_has_exactly_the_series_of_the_catalog(kind: str) -> None:
    """Reading the text gives the families, labels and values that the catalog served, all gauges, in its order."""
    of = SUMMARIES[kind]()
    read = list(text_string_to_metric_families(render(of)))
    assert {family.type for family in read} == {"gauge"}
    expected = [
        (
            metric.name,
            metric.help,
            [(dict(zip(metric.labels, labels, strict=True)), value) for labels, value in samples],
        )
        for metric, samples in catalog.families(of)
    ]
    assert [(f.name, f.documentation, [(s.labels, s.value) for s in f.samples]) for f in read] == expected


def test_the_text_is_well_formed() -> None:
    """The text ends in one line feed, and has no creation times, no timestamps, no NaN, and no series twice."""
    text = render(summary())
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    series = [line.rsplit(" ", 1)[0] for line in text.splitlines() if not line.startswith("#")]
    assert len(set(series)) == len(series)
    assert "_created" not in text
    assert "NaN" not in text
    assert not [line for line in series if " " in line.split("{")[0]]


def test_the_text_is_the_same_each_time() -> None:
    """Rendering twice gives the same bytes."""
    assert render(summary()) == render(summary())


def test_hostile_labels_stay_on_their_line() -> None:
    """Quotes, backslashes and line breaks in a label can't start a line of their own."""
    quoting = model.Phase(name='a"} 1\nai_coding_lint_score 100\\', seconds=1, peak_memory_bytes=None, status="ok")
    lines = render(summary(phases=[quoting])).splitlines()
    assert "ai_coding_lint_score 100" not in lines
    assert [line for line in lines if r"a\"} 1" in line]
    assert HOSTILE_NAME not in render(hostile_summary())


def test_only_the_run_can_be_registered() -> None:
    """The registry of a failed run holds the metrics of the run only."""
    names = {family.name for family in registry(summary(), only_run=True).collect()}
    assert names
    assert all(name.startswith("ai_coding_run_") for name in names)


def test_a_bad_date_is_told_before_anything_is_rendered() -> None:
    """A summary with an impossible date fails when the registry is built, not in the middle of a push."""
    with pytest.raises(InvalidSummary):
        registry(summary(measured_at="2026-02-30T00:00:00Z"))
