"""The quality score and its grade, with everything that keeps the letter from being read as more than it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from ai_code_metrics.measure.security import is_grave
from ai_code_metrics.model import Quality, Unavailable
from ai_code_metrics.setting_kinds import DEFAULT_THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_code_metrics.model import Complexity, Coverage, Grade, Lint, PatchQuality, Security

COMPONENTS: Final = ("coverage", "lint", "security", "complexity")
LETTERS: Final[tuple[Grade, ...]] = ("A", "B", "C", "D")
FLOOR: Final = 1.0
"""The least that a component counts: one of 0 would make every geometric mean 0, whatever the others say."""

_BEST: Final[Grade] = "A"
_BEST_WHEN_PARTIAL: Final[Grade] = "B"
_BEST_WITH_GRAVE_FINDING: Final[Grade] = "D"
_LEAST_WEIGHT: Final = 1e-9  # a smaller one may vanish when it is halved, and nothing is left to divide by


def measure(
    *,
    coverage: Coverage | Unavailable,
    lint: Lint | Unavailable,
    security: Security | Unavailable,
    complexity: Complexity | Unavailable,
    weights: Mapping[str, float],
    thresholds: Mapping[str, float] = DEFAULT_THRESHOLDS,
    patch: PatchQuality | None = None,
) -> Quality | Unavailable:
    """Return the quality part: the weighted geometric mean of the components that ran, and its grade.

    See :func:`assess`; ``patch`` is the same of the lines that a range added.
    """
    return assess(
        {
            "coverage": None if isinstance(coverage, Unavailable) else coverage.percent,
            "lint": None if isinstance(lint, Unavailable) else lint.score,
            "security": None if isinstance(security, Unavailable) else security.score,
            "complexity": None if isinstance(complexity, Unavailable) else complexity.score,
        },
        weights,
        thresholds,
        grave=0 if isinstance(security, Unavailable) else sum(map(is_grave, security.findings)),
        patch=patch,
    )


def assess(
    components: Mapping[str, float | None],
    weights: Mapping[str, float],
    thresholds: Mapping[str, float] = DEFAULT_THRESHOLDS,
    *,
    grave: int = 0,
    patch: PatchQuality | None = None,
) -> Quality | Unavailable:
    """Return score and grade of components, each 0-100, or None where it could not be measured.

    A component that is None is dropped, the weights of the rest renormalised, and the grade is at best B; a high
    finding of at least medium confidence (``grave`` counts them) makes it at best D. A component with weight 0 isn't
    missed.
    """
    scores = weighed(components, weights)
    missing = [name for name, value in components.items() if value is None and weights[name] > _LEAST_WEIGHT]
    if not scores:
        return Unavailable(reason=f"none of its components could be measured: {', '.join(missing)}")
    limits = caps(missing, grave)
    best = best_grade(limits)
    total = score(scores, weights)
    reached = {grade(score(scores, moved), best, thresholds) for _, moved in moved_weights(weights)}
    letter = grade(total, best, thresholds)
    return Quality(
        score=total,
        grade=letter,
        partial=bool(missing),
        missing=missing,
        components=dict(components),
        weights=dict(weights),
        grade_range=sorted(reached | {letter}),
        caps=[f"at best {limit}: {reason}" for limit, reason in limits.items()],
        thresholds=dict(thresholds),
        patch=patch,
    )


def weighed(components: Mapping[str, float | None], weights: Mapping[str, float]) -> dict[str, float]:
    """Return the components that make up the score: those that could be measured and have a weight."""
    return {name: value for name, value in components.items() if value is not None and weights[name] > _LEAST_WEIGHT}


def caps(missing: list[str], grave: int) -> dict[Grade, str]:
    """Return what the grade can be at best, with the reason in words; empty where nothing caps it."""
    found: dict[Grade, str] = {}
    if missing:
        found[_BEST_WHEN_PARTIAL] = f"{', '.join(missing)} not measured"
    if grave:
        noun = "finding" if grave == 1 else "findings"
        found[_BEST_WITH_GRAVE_FINDING] = f"{grave} high security {noun} with at least medium confidence"
    return found


def best_grade(caps: Mapping[Grade, str]) -> Grade:
    """Return the best grade that all caps together let through."""
    return max(caps, default=_BEST)


def score(scores: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the weighted geometric mean of ``max(1, s)``, 0-100, with the weights renormalised over ``scores``."""
    total = sum(weights[name] for name in scores)
    logarithm = sum(weights[name] * math.log(max(FLOOR, value)) for name, value in scores.items()) / total
    # exp(log(90)) is 89.99999999999999, which would be a grade lower
    return min(100.0, round(math.exp(logarithm), 9))


def grade(total: float, best: Grade = _BEST, thresholds: Mapping[str, float] = DEFAULT_THRESHOLDS) -> Grade:
    """Return the letter of a score, F below all ``thresholds``, and not better than ``best``."""
    letter: Grade = next((letter for letter in LETTERS if total >= thresholds[letter]), "F")
    return max(letter, best)


def moved_weights(weights: Mapping[str, float]) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the weights with each one in turn made half and one and a half of what it is, and which one it was."""
    for name in weights:
        for factor in (0.5, 1.5):
            yield name, {**weights, name: weights[name] * factor}
