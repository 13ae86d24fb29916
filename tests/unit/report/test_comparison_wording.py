from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.comparison_model import ByArm, Comparison, HiddenShare, MetricComparison, OriginArm, Verdict
from ai_code_metrics.report import comparison_wording as words
from ai_code_metrics.report.overview import MINUS
from support import origin_comparisons
from support.origin_comparisons import metric

if TYPE_CHECKING:
    from ai_code_metrics.comparison_model import Arm, Metric

NUMBERS = st.none() | st.floats(-1e3, 1e3)
COUNTS = st.integers(0, 10_000)
METRICS = st.builds(
    MetricComparison,
    unit=st.sampled_from(["share", "per_1000_lines"]),
    scale=st.sampled_from(["difference", "ratio"]),
    verdict=st.sampled_from(get_args(Verdict)),
    reason=st.just("not enough data: few"),
    events=st.builds(ByArm, ai=COUNTS, untagged=COUNTS),
    totals=st.builds(ByArm, ai=COUNTS, untagged=COUNTS),
    clusters=st.builds(ByArm, ai=COUNTS, untagged=COUNTS),
    ai=NUMBERS, untagged=NUMBERS, crude=NUMBERS, difference=NUMBERS, low=NUMBERS, high=NUMBERS, smallest=NUMBERS,
    by_hunk_size=NUMBERS, p=st.none() | st.floats(0, 1), p_adjusted=st.none() | st.floats(0, 1),
    permuted=st.sampled_from([None, "files", "commits", "functions within files"]),
    stratified=st.booleans(), mix_effect=st.booleans(),
    bounds=st.dictionaries(st.sampled_from(["ai", "untagged"]), st.floats(0, 10)),
    hidden=st.lists(st.builds(HiddenShare, share=st.floats(0, 1), difference=NUMBERS), max_size=3),
)  # fmt: skip
FORBIDDEN = re.compile(r"caus|better|worse|significan|(?<!attested )human", re.IGNORECASE)
COMPARATIVE = re.compile(r"\b(more|less|fewer|longer|sooner|higher|lower)\b")


@given(st.sampled_from([*words.NAMES]), METRICS)
def test_no_word_says_more_than_the_verdict(name: Metric, one: MetricComparison) -> None:
    """Nothing is caused, nobody is called human, and a comparative stands only where a difference is shown."""
    text = " ".join([words.reading(name, one), words.difference(one), words.p_value(one), *words.details(one)])
    assert not FORBIDDEN.search(text)
    has_words = COMPARATIVE.search(words.reading(name, one)) is not None
    assert has_words == (one.verdict in {"higher", "lower"} and name != "rework")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (metric(0.712, 0.804, (-0.14, -0.021), difference=-0.081), "-8.1 points [-14.0, -2.1]"),
        (metric(0.7, 0.7, (-0.05, 0.05), difference=0.0), "0.0 points [-5.0, +5.0]"),
        (metric(2.0, 1.0, (0.92, None), scale="ratio", difference=1.31), "1.31 times [0.92, ∞]"),
        (metric(2.0, 1.0, (0.0, 123_456.0), scale="ratio", difference=500.2), "500 times [0.00, 123,456]"),
        (metric(0.7, 0.8, difference=-0.1), "-10.0 points"),
        (metric(0.7, None), ""),
    ],
)
def test_differences_have_their_interval(value: MetricComparison, text: str) -> None:
    """Points of shares, times of rates; what has no limit is open."""
    assert words.difference(value).replace(MINUS, "-") == text


@pytest.mark.parametrize(
    ("p", "adjusted", "text"),
    [(0.0001, 0.0005, "< 0.001"), (0.002, 0.01, "0.010"), (0.02, None, "0.020"), (0.3, 0.9, "0.90"), (None, None, "")],
)
def test_the_p_that_counts_is_the_adjusted_one(p: float | None, adjusted: float | None, text: str) -> None:
    """Three decimals where it matters."""
    assert words.p_value(metric(0.1, 0.2, p=p, p_adjusted=adjusted)) == text


@pytest.mark.parametrize(
    ("verdicts", "text"),
    [
        (["higher", "lower", "not enough data"], "2 differences shown"),
        (["lower", "no difference shown"], "1 difference shown"),
        (["no difference shown", "not enough data"], "no difference shown"),
        (["not enough data", "described"], "not enough data"),
    ],
)
def test_the_outcome_is_told_in_a_few_words(verdicts: list[str], text: str) -> None:
    """What is shown comes first."""
    metrics = {name: metric(0.1, 0.2, verdict=verdict) for name, verdict in zip(words.NAMES, verdicts, strict=False)}
    assert words.outcome(origin_comparisons.comparison(metrics=metrics)) == text


@pytest.mark.parametrize(
    ("name", "verdict"), [(name, verdict) for name in words.NAMES for verdict in ("higher", "lower")]
)
def test_each_direction_has_its_words(name: Metric, verdict: str) -> None:
    """Each metric says in which direction; rework is never judged."""
    text = words.reading(name, metric(0.1, 0.2, verdict=verdict))
    assert ("AI-tagged lines" in text) == (name != "rework")


def test_readings_tell_what_limits_them() -> None:
    """The smallest difference that could have been shown, and where the mix of files turned it around."""
    found = origin_comparisons.judged().metrics
    assert words.reading("lint", found["lint"]) == (
        "no difference shown; this data could have shown 1.74 times; mix effect: 0.60 times without regard to files"
    )
    assert words.reading("security", found["security"]).startswith("not enough data: 0 and 2 findings")


def test_details_tell_what_a_verdict_rests_on() -> None:
    """Stratification, permutations, horizons, bounds, and lines that may be hidden."""
    found = origin_comparisons.judged().metrics
    crude, permuted, hidden = (line.replace(MINUS, "-") for line in words.details(found["coverage"]))
    assert crude == "stratified by file, crude -9.2 points, stratified by hunk size -6.0 points"
    assert permuted == "9,999 permutations of functions within files (12 AI-tagged and 31 untagged)"
    assert hidden.startswith("if AI lines were hidden among the untagged: 10 % of all -8.5 points, 25 % of all -10.9")
    assert hidden.endswith("50 % of all not possible")
    assert [*words.details(found["security"])] == ["no finding in 480 AI-tagged lines: at most 6.25 per 1,000"]
    assert "after 14 days 96.0 % against 98.0 %" in [*words.details(found["survival"])][2]


def test_a_change_is_described() -> None:
    """Counts of each arm that has lines, and no verdict."""
    change: dict[Arm, OriginArm] = {
        "ai": OriginArm(
            lines=40, test_lines=3, executable_lines=30, covered_lines=21, linted_lines=40, lint_findings=1
        ),
        "untagged": OriginArm(),
        "human": OriginArm(lines=1, scanned_lines=1),
    }
    assert [*words.described(change)] == [
        "AI-tagged in this change: 40 lines of code, 3 in tests, 21 of 30 executable ones covered, 1 lint finding",
        "Attested human in this change: 1 line of code, 0 security findings",
    ]


@pytest.mark.parametrize(
    ("ai", "is_shown"), [(OriginArm(), False), (OriginArm(lines=1), True), (OriginArm(written_lines=1), True)]
)
def test_an_empty_arm_is_no_comparison(ai: OriginArm, *, is_shown: bool) -> None:
    """A project without AI-tagged lines is spared the section."""
    arms: dict[str, OriginArm] = {"ai": ai, "untagged": OriginArm(lines=5)}
    found: Comparison = origin_comparisons.comparison(arms=arms)
    assert words.is_shown(found) == is_shown
