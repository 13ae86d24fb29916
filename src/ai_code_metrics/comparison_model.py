"""The comparison of AI-tagged with untagged code, as the summary holds it (schema version 1).

Shares are 0-1, rates per 1,000 lines, times days. A difference is AI-tagged minus untagged on the metric's ``scale``:
of shares the difference, of rates the ratio. What could not be told is null; numbers are never NaN or infinite.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ai_code_metrics.bounds import Count, Share, Text, Timestamp

Arm = Literal["ai", "untagged", "human"]
Metric = Literal["coverage", "lint", "security", "complexity", "survival", "rework"]
Scale = Literal["difference", "ratio"]
Permuted = Literal[
    "functions within files",
    "functions within files, and commits",
    "files",
    "files, and commits",
    "commits",
    "commits, and files",
]
Verdict = Literal["higher", "lower", "no difference shown", "not enough data", "described"]
Number = Annotated[float, Meta(ge=-1e15, le=1e15)]


class OriginArm(Struct, frozen=True, kw_only=True):
    """What one arm consists of: counted code lines outside of tests, and what stands in them.

    ``lines`` are of any language, ``linted_lines`` and ``scanned_lines`` of the files that the linter and the security
    scanner could read, ``written_lines`` those that its commits wrote since ``written_since``, of which some are gone.
    ``test_lines`` are code lines in test files, which no other figure holds.
    """

    lines: Count = 0
    test_lines: Count = 0
    files: Count = 0
    commits: Count = 0
    functions: Count = 0
    function_lines: Count = 0
    complex_lines: Count = 0
    executable_lines: Count = 0
    covered_lines: Count = 0
    linted_lines: Count = 0
    lint_findings: Count = 0
    scanned_lines: Count = 0
    security_findings: Count = 0
    written_lines: Count = 0
    median_age_days: Annotated[float, Meta(ge=0, le=1e7)] | None = None


class ByArm(Struct, frozen=True, kw_only=True):
    """A count of each arm that is compared."""

    ai: Count
    untagged: Count


class Horizon(Struct, frozen=True, kw_only=True):
    """The estimated share of lines that are still there so many days after they were written; null: not enough left."""

    days: Count
    ai: Share | None
    untagged: Share | None


class HiddenShare(Struct, frozen=True, kw_only=True):
    """The difference if that share of all AI lines were hidden among the untagged; null: they couldn't be."""

    share: Share
    difference: Number | None


class MetricComparison(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """One metric of both arms.

    Attributes:
        unit: ``share`` or ``per_1000_lines``, of ``ai`` and ``untagged``.
        scale: what ``crude``, ``difference``, ``low``, ``high``, ``smallest`` and those of ``hidden`` are.
        ai: the figure of the AI-tagged arm; its events are ``events.ai`` of ``totals.ai``.
        untagged: that of the untagged arm.
        crude: the difference of the two.
        difference: the headline: stratified by file where ``stratified`` is true, else the crude one.
        low: lower 95 % limit of ``difference``; null also where it has none.
        high: upper limit.
        p: two-sided, by permutation of what ``permuted`` says; of two, the larger p.
        p_adjusted: by Holm over the five metrics that are tested.
        permutations: how many were made.
        clusters: what is taken as independent, by arm: functions, files or commits.
        by_hunk_size: the difference stratified by the size of the hunk that a line was written in.
        mix_effect: crude and stratified difference differ in sign, or by more than 2 times.
        smallest: the smallest difference that this data would have shown in 4 of 5 cases.
        bounds: of rates without a finding, by arm, the upper 95 % bound.
        hidden: the difference under AI lines that are not tagged.
        horizons: of survival, the share left after 14, 30 and 90 days.
        verdict: ``higher`` or ``lower`` only where ``p_adjusted`` is below 0.05 and the interval leaves out none.
        reason: the verdict in words, with what there was.
    """

    unit: Literal["share", "per_1000_lines"]
    scale: Scale
    verdict: Verdict
    reason: Text
    events: ByArm
    totals: ByArm
    clusters: ByArm
    ai: Number | None = None
    untagged: Number | None = None
    crude: Number | None = None
    difference: Number | None = None
    low: Number | None = None
    high: Number | None = None
    p: Share | None = None
    p_adjusted: Share | None = None
    permuted: Permuted | None = None
    permutations: Count = 0
    stratified: bool = False
    by_hunk_size: Number | None = None
    mix_effect: bool = False
    smallest: Number | None = None
    bounds: dict[Literal["ai", "untagged"], Number] = {}
    hidden: list[HiddenShare] = []
    horizons: list[Horizon] = []


class Comparison(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """AI-tagged against untagged code of the whole tree.

    Attributes:
        since: only lines committed at or after it are compared, seconds since 1970; null: all.
        written_since: survival and rework are of lines written at or after it, the first AI-tagged commit or ``since``.
        arms: ``ai``, ``untagged``, and attested ``human`` lines apart.
        change: the same of the lines that a change added, which are described and not judged; null without a base.
        metrics: coverage, lint, security, complexity, survival, rework.
        seed: of the permutations.
        notes: what the reader should know.
    """

    arms: dict[Arm, OriginArm]
    metrics: dict[Metric, MetricComparison]
    seed: Count
    since: Timestamp | None = None
    written_since: Timestamp | None = None
    change: dict[Arm, OriginArm] | None = None
    notes: list[Text] = []
