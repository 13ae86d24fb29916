from __future__ import annotations

from dataclasses import replace

import pytest

from ai_code_metrics.measure.origin_estimate import Estimate, Pair, Sizes, shortage, smallest_difference


@pytest.mark.parametrize(
    ("scale", "crude", "stratified", "is_mix"),
    [
        ("difference", -0.1, 0.1, True),
        ("difference", 0.1, 0.15, False),
        ("difference", 0.1, 0.21, True),
        ("difference", 0.1, None, False),
        ("ratio", 0.5, 2.0, True),
        ("ratio", 2.0, 3.0, False),
        ("ratio", 1.5, 4.0, True),
        ("ratio", 0.0, 1.0, True),
    ],
)
def test_a_mix_effect_is_another_sign_or_twice_as_much(
    scale: str, crude: float, stratified: float | None, *, is_mix: bool
) -> None:
    """Of ratios by their logarithms."""
    sizes = Sizes(Pair(1, 1), Pair(1, 1), Pair(1, 1))
    estimate = Estimate(scale, sizes, sizes, "files", (None, None))  # type: ignore[arg-type]
    assert replace(estimate, crude=crude, stratified=stratified).is_mix == is_mix


def test_what_is_short_is_told_with_what_there_is() -> None:
    """And with what would be enough."""
    sizes = Sizes(Pair(3, 4_000), Pair(9, 10), Pair(120, 90))
    assert shortage(sizes, "functions within files", "executable lines", events="findings") == (
        "not enough data: 3 AI-tagged and 4,000 untagged functions with 120 and 90 executable lines and 9 and 10 "
        "findings; a comparison needs 5 functions, 100 executable lines, 10 findings of each"
    )
    assert not shortage(Sizes(Pair(5, 5), Pair(0, 0), Pair(100, 100)), "files", "lines")


def test_what_could_have_been_shown_depends_on_the_effective_sizes() -> None:
    """Without them each cluster is one observation; without a cluster nothing could have been shown."""
    sizes = Sizes(Pair(10, 10), Pair(50, 50), Pair(100, 100))
    effective = Sizes(Pair(10, 10), Pair(25, 25), Pair(50, 50))
    crude, known = (smallest_difference(0.5, sizes, one) for one in (None, effective))
    assert crude is not None
    assert known is not None
    assert known == pytest.approx(2.8016 * (0.5 * 0.5 * (1 / 50 + 1 / 50)) ** 0.5, rel=1e-3)
    assert crude > known
    assert smallest_difference(0.0, sizes, effective) != 0
    assert smallest_difference(0.5, Sizes(Pair(0, 9), Pair(0, 9), Pair(0, 9)), None) is None
