from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics import model
from ai_code_metrics.errors import InvalidSummary
from ai_code_metrics.gateway_groups import OWN_LABELS
from ai_code_metrics.measure import catalog, catalog_samples
from ai_code_metrics.report.prometheus_text import render
from support import origin_comparisons
from support.summaries import (
    attribution,
    attribution_view,
    context,
    coverage,
    hostile_summary,
    quality,
    source,
    summary,
    surviving_view,
    unavailable_summary,
)

if TYPE_CHECKING:
    from ai_code_metrics.comparison_model import Comparison

GOLD = Path(__file__).parent / "gold" / f"catalog-schema-{summary().schema_version}.txt"
MISSING = model.Unavailable(reason="not there")


def values(of: model.Summary) -> dict[str, dict[tuple[str, ...], float]]:
    """The served values by metric name without the prefix."""
    return {metric.name.removeprefix(catalog.PREFIX): dict(samples) for metric, samples in catalog.families(of)}


def agents(count: int) -> model.Attribution:
    by_agent = {f"agent-{number:02}": model.AgentLines(lines=1000 - number) for number in range(count)}
    return attribution(surviving=surviving_view(by_agent=by_agent))


def test_names_labels_and_help_are_frozen() -> None:
    """Names, units, labels and help are those of the gold file: changing one is a change of the schema version."""
    lines = [f"{m.name}{{{','.join(m.labels)}}} [{m.unit}] {m.help}" for m in catalog.CATALOG]
    assert "\n".join(lines) + "\n" == GOLD.read_text(encoding="utf-8")


def test_the_exposition_has_help_and_type_of_the_catalog() -> None:
    """What a gateway gets is the frozen help and the type gauge, once a metric, in the order of the gold file."""
    frozen = [re.match(r"(\w+)\{.*?\} \[.*?\] (.*)", line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    wanted = [f"# HELP {m[1]} {m[2]}\n# TYPE {m[1]} gauge" for m in frozen if m]
    assert len(wanted) == len(catalog.CATALOG)
    whole = [model.Phase(name=catalog_samples.TOTAL_PHASE, seconds=9, peak_memory_bytes=1, status="ok")]
    of = summary(
        context=context(head_committed_at=1),
        phases=[*summary().phases, *whole],
        comparison=origin_comparisons.comparison(),
    )
    assert re.findall(r"^# HELP .*\n# TYPE .*", render(of), re.MULTILINE) == wanted


def test_no_label_is_one_of_a_grouping_key() -> None:
    """A gateway overwrites a metric's label by that of the key, so no metric has one of these names."""
    taken = OWN_LABELS | {"instance", "gateway"}
    assert not [metric.name for metric in catalog.CATALOG if taken & set(metric.labels)]


def test_names_follow_the_rules_of_prometheus() -> None:
    """Names have one prefix and are unique; no gauge ends like a counter or a histogram; every metric has a help."""
    names = [metric.name for metric in catalog.CATALOG]
    assert len(set(names)) == len(names)
    for metric in catalog.CATALOG:
        assert re.fullmatch(r"ai_coding_[a-z][a-z_]*[a-z]", metric.name)
        assert not metric.name.endswith(("_total", "_count", "_sum", "_bucket"))
        assert metric.help.endswith(".")
        assert "\n" not in metric.help
        assert "|" not in metric.help


def test_no_label_can_grow_without_bound() -> None:
    """No metric is labelled by a commit, a run, a person, a path, a rule or a title."""
    labels = {label for metric in catalog.CATALOG for label in metric.labels}
    assert labels == {
        "agent", "bound", "category", "complexity", "component", "event", "gate", "kind", "language", "metric",
        "origin", "phase", "result", "schema_version", "severity", "tool", "tool_version", "view",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("run_info", ("0.1.0", "1", "pull_request"), 1),
        ("run_success", (), 1),
        ("run_phase_duration_seconds", ("pylint",), 4.2),
        ("run_phase_peak_memory_bytes", ("bandit",), 62_000_000),
        ("run_completed_timestamp_seconds", (), 1_767_268_800),
        ("run_last_success_timestamp_seconds", (), 1_767_268_800),
        ("run_commit_timestamp_seconds", (), 1_767_225_600),
        ("run_tool_failures", ("pylint",), 0),
        ("source_lines", ("python",), 2400),
        ("coverage_covered", ("line",), 812),
        ("coverage_covered", ("branch",), 210),
        ("coverage_coverable", ("line",), 950),
        ("coverage_coverable", ("branch",), 260),
        ("coverage_ratio", ("line",), 812 / 950),
        ("coverage_ratio", ("branch",), 210 / 260),
        ("tests", ("passed",), 128),
        ("tests", ("error",), 0),
        ("tests_duration_seconds", (), 12.75),
        ("lint_messages", ("warning",), 2),
        ("lint_score", (), 100 - 800 / 940),
        ("security_findings", ("medium",), 1),
        ("functions", ("low",), 94),
        ("function_complexity_max", (), 23),
        ("quality_score", ("overall",), 91.73),
        ("quality_score", ("security",), 100 * 2 ** (-2.15 / 24)),
        ("gate_passed", ("quality.score >= 80",), 1),
        ("gate_passed", ("coverage.percent >= 90",), 0),
        ("commit_score_median", (), 64.2),
        ("commit_score_worst", (), 33.5),
        ("commits", ("bot",), 1),
        ("lines", ("ai",), 480),
        ("lines", ("untagged",), 1520),
        ("changed_lines", ("ai",), 48),
        ("changed_lines", ("suggestion",), 3),
        ("ai_share_ratio", ("changed",), 0.4),
        ("ai_share_ratio", ("surviving",), 0.24),
        ("origin_ratio", ("coverage", "ai"), 0.712),
        ("origin_ratio", ("survival", "untagged"), 0.93),
        ("origin_ratio", ("lint", "ai"), 0.065),
        ("origin_ratio", ("security", "ai"), 0),
        ("origin_difference", ("coverage", "low"), -0.14),
        ("origin_difference", ("survival", "high"), 0.02),
        ("origin_rate_ratio", ("lint", "high"), 1.86),
        ("origin_difference_shown", ("coverage",), -1),
        ("origin_difference_shown", ("complexity",), 1),
        ("origin_difference_shown", ("lint",), 0),
        ("ai_lines", ("claude-code",), 300),
    ],
)
def test_values_are_those_of_the_summary(name: str, labels: tuple[str, ...], value: float) -> None:
    """Each metric carries the number of the summary that it names."""
    assert values(summary(comparison=origin_comparisons.comparison()))[name][labels] == pytest.approx(value)


def test_every_metric_can_be_served() -> None:
    """A whole summary serves the whole catalog: no metric is dead."""
    whole = summary(
        phases=[model.Phase(name="measure", seconds=20.5, peak_memory_bytes=None, status="ok"), *summary().phases],
        comparison=origin_comparisons.comparison(),
    )
    served = values(whole)
    assert [f"ai_coding_{name}" for name in served] == [metric.name for metric in catalog.CATALOG]
    assert served["run_duration_seconds"] == {(): 20.5}
    assert ("measure",) not in served["run_phase_duration_seconds"]


@pytest.mark.parametrize(
    ("part", "tool", "gone"),
    [
        ("lint", "pylint", {"lint_messages", "lint_score"}),
        ("coverage", "coverage", {"coverage_covered", "coverage_coverable", "coverage_ratio"}),
        ("security", "bandit", {"security_findings"}),
        ("complexity", "radon", {"functions", "function_complexity_max"}),
        ("commits", "commits", {"commit_score_median", "commit_score_worst"}),
        ("attribution", "attribution", {"commits", "lines", "changed_lines", "ai_share_ratio", "ai_lines"}),
    ],
)
def test_an_unavailable_part_is_absent_and_counted(part: str, tool: str, gone: set[str]) -> None:
    """What could not be measured is left out, never 0 or NaN, and its tool is counted as failed, it alone."""
    served = values(summary(**{part: MISSING}))
    assert set(values(summary())) - set(served) == gone
    assert {tool_ for (tool_,), failed in served["run_tool_failures"].items() if failed} == {tool}


@pytest.mark.parametrize(("with_coverage", "failed"), [(True, 0.0), (False, 1.0)])
def test_tests_that_nobody_had_to_run_are_no_failure(with_coverage: bool, failed: float) -> None:  # noqa: FBT001
    """Tests count as failed only where no report gave the coverage either."""
    parts: dict[str, Any] = {"tests": MISSING} if with_coverage else {"tests": MISSING, "coverage": MISSING}
    served = values(summary(**parts))
    assert served["run_tool_failures"]["tests",] == failed
    assert "tests" not in served


def test_a_missing_view_alone_is_no_failure() -> None:
    """A push has no changed lines: the other view still counts, and attribution has not failed."""
    served = values(summary(attribution=attribution(changed=MISSING)))
    assert served["run_tool_failures"]["attribution",] == 0
    assert "changed_lines" not in served
    assert set(served["ai_share_ratio"]) == {("surviving",)}


def test_a_failed_run_serves_only_the_run() -> None:
    """Where nothing could be measured, run metrics and the size of the source are all there is, and no last success."""
    served = values(unavailable_summary())
    assert all(name.startswith("run_") for name in served)
    assert served["run_success"] == {(): 0.0}
    assert "run_last_success_timestamp_seconds" not in served
    assert sum(served["run_tool_failures"].values()) == 7


@pytest.mark.parametrize("part", ["lint", "coverage", "security", "complexity", "commits", "attribution"])
def test_one_part_is_enough_for_a_success(part: str) -> None:
    """A run succeeded as soon as one part was measured."""
    assert catalog.run_succeeded(unavailable_summary(**{part: getattr(summary(), part)}))


def test_views_without_lines_are_no_success() -> None:
    """An attribution whose views are both unavailable measured nothing."""
    nothing = attribution(changed=MISSING, surviving=MISSING)
    assert not catalog.run_succeeded(unavailable_summary(attribution=nothing))


def test_only_run_leaves_everything_else_out() -> None:
    """The metrics of the run can be had alone, for the POST of a failed run."""
    names = [metric.name for metric, _ in catalog.families(summary(), only_run=True)]
    assert names
    assert all(name.startswith("ai_coding_run_") for name in names)


def test_nothing_to_count_has_no_ratio() -> None:
    """0 of 0 is no ratio: not 0, not 1."""
    nothing = coverage(covered_lines=0, num_statements=0, covered_branches=0, num_branches=0)
    view = attribution_view(ai_share=None, ai_lines=0, untagged_lines=0, counted_lines=0)
    served = values(summary(coverage=nothing, attribution=attribution(changed=view, surviving=MISSING)))
    assert "coverage_ratio" not in served
    assert "ai_share_ratio" not in served


def test_lines_alone_have_no_branch_series() -> None:
    """A coverage report without branches gives no branch series."""
    served = values(summary(coverage=coverage(covered_branches=0, num_branches=0)))
    assert set(served["coverage_covered"]) == set(served["coverage_ratio"]) == {("line",)}


def test_a_component_that_was_not_measured_has_no_score() -> None:
    """Components with a null score are left out of the scores."""
    served = values(summary(quality=quality(components={"coverage": None, "lint": 90.0})))
    assert set(served["quality_score"]) == {("overall",), ("lint",)}


def test_the_smallest_agents_are_folded() -> None:
    """Twenty agents have a series of their own, the rest is summed as other."""
    served = values(summary(attribution=agents(30)))["ai_lines"]
    assert len(served) == 21
    assert served["agent-00",] == 1000
    assert served["other",] == sum(1000 - number for number in range(20, 30))


def test_an_agent_called_other_is_part_of_other() -> None:
    """A label that is itself called other is summed into the fold, so that no series is there twice."""
    by_agent = {"other": model.AgentLines(lines=5000)} | {
        f"agent-{number:02}": model.AgentLines(lines=10) for number in range(25)
    }
    served = values(summary(attribution=attribution(surviving=surviving_view(by_agent=by_agent))))["ai_lines"]
    assert served["other",] == 5000 + 50
    assert len(served) == 21


@pytest.mark.parametrize("part", [None, MISSING, origin_comparisons.comparison(metrics={})])
def test_without_a_comparison_nothing_is_told_of_it(part: Comparison | model.Unavailable | None) -> None:
    """What was not compared has no series, which is no failure of a tool."""
    served = values(summary(comparison=part))
    assert not [name for name in served if name.startswith("origin_")]
    assert not any(served["run_tool_failures"].values())


def test_what_could_not_be_told_of_a_metric_is_absent() -> None:
    """Too few findings give no verdict and no interval, but the figures; an interval may have one bound."""
    open_ended = origin_comparisons.metric(9.0, 3.0, (1.2, None), scale="ratio")
    nothing = origin_comparisons.metric(None, None)
    served = values(
        summary(
            comparison=origin_comparisons.comparison(
                metrics=origin_comparisons.metrics() | {"lint": open_ended, "coverage": nothing}
            )
        )
    )
    assert served["origin_rate_ratio"] == {("lint", "low"): 1.2}
    assert set(served["origin_difference_shown"]) == {("lint",), ("complexity",), ("survival",)}
    assert {name for name, _ in served["origin_ratio"]} == {"lint", "security", "complexity", "survival"}


def test_rework_is_not_told_beside_survival() -> None:
    """It is of the same lines and not tested: no series has it."""
    served = values(summary(comparison=origin_comparisons.comparison()))
    assert {labels[0] for name, of in served.items() if name.startswith("origin_") for labels in of} == {
        "coverage", "lint", "security", "complexity", "survival",
    }  # fmt: skip


def test_a_group_stays_under_128_series() -> None:
    """However many phases, languages, gates and agents there are, a group has at most 127 series; agents give way."""
    crowded = summary(
        source=source(lines={f"language-{n}": n for n in range(50)}),
        phases=[model.Phase(name=f"phase-{n}", seconds=n, peak_memory_bytes=n, status="ok") for n in range(50)],
        gates=[
            model.GateResult(
                expression=f"coverage.percent >= {n}", metric="coverage.percent", required="", result="passed"
            )
            for n in range(50)
        ],
        attribution=agents(50),
        comparison=origin_comparisons.comparison(
            metrics={name: origin_comparisons.metric(0.5, 0.25, (0.1, 0.4)) for name in catalog_samples.COMPARED}
        ),
    )
    served = values(crowded)
    assert sum(len(of) for name, of in served.items() if name.startswith("origin_")) == 25
    assert sum(map(len, served.values())) <= 127
    assert len(served["ai_lines"]) >= 11
    assert served["run_phase_duration_seconds"]["other",] == sum(range(7, 50))
    assert served["run_phase_peak_memory_bytes"]["other",] == 49


def test_folded_gates_pass_only_together() -> None:
    """The gate series other is 1 only if every folded gate passed."""
    gates = [
        model.GateResult(
            expression=f"lint.score >= {n}", metric="lint.score", required="", result="failed" if n == 19 else "passed"
        )
        for n in range(20)
    ]
    assert values(summary(gates=gates))["gate_passed"]["other",] == 0


def test_a_gate_that_was_not_evaluated_is_absent() -> None:
    """A gate without a verdict has no series."""
    assert "gate_passed" not in values(unavailable_summary())


def test_hostile_labels_are_printable_and_short() -> None:
    """Label values from foreign text hold no control or bidi characters and at most 100 characters."""
    for _, samples in catalog.families(hostile_summary()):
        for labels, _value in samples:
            assert all(label.isprintable() and len(label) <= 100 for label in labels)


def test_labels_that_become_equal_are_one_series() -> None:
    """Two agents whose names differ only in control characters are summed, not sent twice."""
    by_agent = {"a\x00": model.AgentLines(lines=3), "a\x01": model.AgentLines(lines=4)}
    served = values(summary(attribution=attribution(surviving=surviving_view(by_agent=by_agent))))
    assert served["ai_lines"] == {("a\ufffd",): 7}


def test_a_date_that_does_not_exist_is_an_invalid_summary() -> None:
    """A date of the right form that no calendar has is named in the error."""
    with pytest.raises(InvalidSummary, match="2026-13-41"):
        catalog.families(summary(measured_at="2026-13-41T00:00:00Z"))


@given(st.dictionaries(st.text(max_size=300), st.integers(0, 10**6), max_size=60))
def test_folding_keeps_the_sum(lines: dict[str, int]) -> None:
    """Whatever the agents are called and however many there are, their lines sum up to the same."""
    by_agent = {name: model.AgentLines(lines=count) for name, count in lines.items()}
    served = values(summary(attribution=attribution(surviving=surviving_view(by_agent=by_agent))))
    assert sum(served.get("ai_lines", {}).values()) == sum(lines.values())


def test_the_table_has_a_row_for_each_metric() -> None:
    """The README's table has one row a metric with name, unit, labels and meaning."""
    header, rule, *rows = catalog.markdown_table().split("\n")
    assert header.count("|") == rule.count("|") == 5
    assert len(rows) == len(catalog.CATALOG)
    for metric, row in zip(catalog.CATALOG, rows, strict=True):
        assert row.startswith(f"| `{metric.name}` | {metric.unit} |")
        assert row.count("|") == 5
