"""Which attribution view a summary leads with: the one rule that reports, outputs and gates share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_code_metrics import model

if TYPE_CHECKING:
    from ai_code_metrics.model import AttributionView, Summary


def headline_view(summary: Summary) -> AttributionView | model.Unavailable:
    """Choose the view behind the AI share: ``changed`` on a pull request, else ``surviving``."""
    attribution = summary.attribution
    if isinstance(attribution, model.Unavailable):
        return attribution
    return attribution.changed if summary.context.pull_request is not None else attribution.surviving
