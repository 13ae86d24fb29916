"""The one rule for the attribution view that a report leads with."""

from __future__ import annotations

from ai_code_metrics import model
from ai_code_metrics.measure.headline import headline_view
from support import summaries

NO_BASE = model.Unavailable(reason="the clone is shallow; set fetch-depth: 0")


def test_a_pull_request_leads_with_the_changed_lines() -> None:
    """On a pull request the share is the one of its own lines."""
    summary = summaries.summary()
    assert isinstance(summary.attribution, model.Attribution)
    assert headline_view(summary) is summary.attribution.changed


def test_a_push_leads_with_the_surviving_lines() -> None:
    """Elsewhere the share is the one of the whole tree."""
    summary = summaries.summary(context=summaries.push_context())
    assert isinstance(summary.attribution, model.Attribution)
    assert headline_view(summary) is summary.attribution.surviving


def test_an_unavailable_view_is_not_replaced_by_the_other() -> None:
    """A pull request without its base has no headline share; the tree's share would be another figure."""
    summary = summaries.summary(attribution=summaries.attribution(changed=NO_BASE))
    assert headline_view(summary) is NO_BASE


def test_unavailable_attribution_gives_its_reason() -> None:
    """Where nothing could be attributed, the reason is handed on."""
    assert headline_view(summaries.summary(attribution=NO_BASE)) is NO_BASE
