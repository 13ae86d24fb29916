"""The quality score of the base, where it can be held against that of the head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_code_metrics.measure import quality
from ai_code_metrics.measure.security import is_grave
from ai_code_metrics.model import Quality, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_code_metrics import model


def assess(
    head: Quality | Unavailable,
    *,
    coverage: model.BaseCoverage | Unavailable,
    lint: model.Lint | Unavailable,
    security: model.Security | Unavailable,
    complexity: model.Complexity | Unavailable,
    weights: Mapping[str, float],
    thresholds: Mapping[str, float],
) -> Quality | Unavailable:
    """Return the quality of the base; unavailable where it is made of other components than that of the head."""
    components = {
        "coverage": None if isinstance(coverage, Unavailable) else coverage.percent,
        "lint": None if isinstance(lint, Unavailable) else lint.score,
        "security": None if isinstance(security, Unavailable) else security.score,
        "complexity": None if isinstance(complexity, Unavailable) else complexity.score,
    }
    if isinstance(head, Unavailable):
        return head
    # what only the base has would make its score another measure; what only the head has, too
    lacking = [name for name, score in components.items() if score is None and head.components[name] is not None]
    if lacking:
        return Unavailable(reason=f"the base has no {', '.join(lacking)}, so that its score would mean something else")
    components |= {name: None for name, score in head.components.items() if score is None}
    found = () if isinstance(security, Unavailable) else security.findings
    return quality.assess(components, weights, thresholds, grave=sum(map(is_grave, found)))
