"""The quality score and its grade, with everything that keeps the letter from being read as more than it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from ai_code_metrics.measure.security import is_grave
from ai_code_metrics.model import Complexity, Coverage, Lint, Quality, Security, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Grade = Literal["A", "B", "C", "D", "F"]

GRADES: tuple[tuple[Grade, float], ...] = (("A", 90), ("B", 80), ("C", 70), ("D", 60), ("F", 0))
_BEST_WHEN_PARTIAL: Grade = "B"
_BEST_WITH_GRAVE_FINDING: Grade = "D"
_FLOOR = 1.0  # a component of 0 would make every geometric mean 0, whatever the others say


def measure(
    *,
    coverage: Coverage | Unavailable,
    lint: Lint | Unavailable,
    security: Security | Unavailable,
    complexity: Complexity | Unavailable,
    weights: Mapping[str, float],
) -> Quality | Unavailable:
    """Return the quality part: the weighted geometric mean of the components that ran, and its grade.

    A component that is unavailable is dropped, the weights of the rest renormalised, and the grade is at best B; a
    high finding of at least medium confidence makes it at best D. A component with weight 0 isn't missed.
    """
    components: dict[str, float | None] = {
        "coverage": None if isinstance(coverage, Unavailable) else coverage.percent,
        "lint": None if isinstance(lint, Unavailable) else lint.score,
        "security": None if isinstance(security, Unavailable) else security.score,
        "complexity": None if isinstance(complexity, Unavailable) else complexity.score,
    }
    scores = {name: score for name, score in components.items() if score is not None and weights[name]}
    missing = [name for name, score in components.items() if score is None and weights[name]]
    if not scores:
        return Unavailable(reason=f"none of its components could be measured: {', '.join(missing)}")
    caps: list[str] = []
    best: Grade = "A"
    if missing:
        best = _BEST_WHEN_PARTIAL
        caps.append(f"at best {best}: {', '.join(missing)} not measured")
    grave = 0 if isinstance(security, Unavailable) else sum(map(is_grave, security.findings))
    if grave:
        best = _BEST_WITH_GRAVE_FINDING
        noun = "finding" if grave == 1 else "findings"
        caps.append(f"at best {best}: {grave} high security {noun} with at least medium confidence")
    total = score(scores, weights)
    reached = {grade(score(scores, moved), best) for moved in moved_weights(weights)}
    return Quality(
        score=total,
        grade=grade(total, best),
        partial=bool(missing),
        missing=missing,
        components=components,
        weights=dict(weights),
        grade_range=sorted(reached | {grade(total, best)}),
        caps=caps,
    )


def score(scores: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the weighted geometric mean of ``max(1, s)``, 0-100, with the weights renormalised over ``scores``."""
    total = sum(weights[name] for name in scores)
    logarithm = sum(weights[name] * math.log(max(_FLOOR, value)) for name, value in scores.items()) / total
    # exp(log(90)) is 89.99999999999999, which would be a grade lower
    return min(100.0, round(math.exp(logarithm), 9))


def grade(total: float, best: Grade = "A") -> Grade:
    """Return the letter of a score, not better than ``best``."""
    letter = next(letter for letter, bound in GRADES if total >= bound)
    return max(letter, best)


def moved_weights(weights: Mapping[str, float]) -> Iterator[dict[str, float]]:
    """Yield the weights with each one in turn made half and one and a half of what it is."""
    for name in weights:
        for factor in (0.5, 1.5):
            yield {**weights, name: weights[name] * factor}
