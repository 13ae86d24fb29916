"""The metrics that leave the project, one table: the README, the exposition and the tests read it.

Names, labels and help texts are an interface: they stay as they are for a schema version, because a Pushgateway logs
every group whose help differs from another's at each scrape. The rules are Prometheus's own
(https://prometheus.io/docs/practices/naming/): base units, ratios 0-1, all gauges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ai_code_metrics.measure import catalog_samples as read
from ai_code_metrics.measure.catalog_samples import by_label, known, largest_first, measured, one

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ai_code_metrics.measure.catalog_samples import Extractor, Samples
    from ai_code_metrics.model import (
        Commits,
        Complexity,
        Coverage,
        Lint,
        Quality,
        Security,
        Summary,
        Tests,
        Unavailable,
    )

PREFIX: Final = "ai_coding_"
RUN_PREFIX: Final = f"{PREFIX}run_"
# A push costs a Pushgateway more with every series that it holds, so a group has no more than it needs: everything but
# agents takes up to 116 series, and even then ten agents have one of their own.
MAX_SERIES: Final = 127
OTHER: Final = "other"
_MAX_LABEL: Final = 100


@dataclass(frozen=True, slots=True)
class Metric:
    """One gauge: ``samples`` reads it from a summary.

    At most ``limit`` series leave; what is beyond is folded into one series with the label ``other`` by ``fold``.
    """

    name: str
    unit: str
    help: str
    samples: Extractor
    labels: tuple[str, ...] = ()
    limit: int = 1
    fold: Callable[[Iterable[float]], float] = sum

    @property
    def is_run(self) -> bool:
        """Whether the metric describes the run itself, and so leaves even where the run failed."""
        return self.name.startswith(RUN_PREFIX)


def _lint(summary: Summary) -> Lint | Unavailable:
    return summary.lint


def _coverage(summary: Summary) -> Coverage | Unavailable:
    return summary.coverage


def _tests(summary: Summary) -> Tests | Unavailable:
    return summary.tests


def _security(summary: Summary) -> Security | Unavailable:
    return summary.security


def _complexity(summary: Summary) -> Complexity | Unavailable:
    return summary.complexity


def _quality(summary: Summary) -> Quality | Unavailable:
    return summary.quality


def _commits(summary: Summary) -> Commits | Unavailable:
    return summary.commits


def _results(tests: Tests) -> Samples:
    return by_label({"passed": tests.passed, "failed": tests.failed, "error": tests.errors, "skipped": tests.skipped})


def _scores(quality: Quality) -> Samples:
    components = {name: quality.components.get(name) for name in read.COMPONENTS}
    return by_label(
        {"overall": quality.score} | {name: score for name, score in components.items() if score is not None}
    )


def _gauge(
    name: str,
    unit: str,
    help_text: str,
    samples: Extractor,
    *,
    label: str | tuple[str, ...] = (),
    limit: int = 1,
    fold: Callable[[Iterable[float]], float] = sum,
) -> Metric:
    labels = (label,) if isinstance(label, str) else label
    return Metric(PREFIX + name, unit, help_text, samples, labels, limit, fold)


# ai_lines stands last: what the other metrics leave of MAX_SERIES is what it may use.
CATALOG: Final[tuple[Metric, ...]] = (
    _gauge("run_info", "1", "Constant 1; version of the tool, of the schema, and the event that started the run.",
           read.run_info, label=("tool_version", "schema_version", "event")),
    _gauge("run_success", "0 or 1", "Whether the run could measure anything at all.",
           lambda summary: one(float(read.run_succeeded(summary)))),
    _gauge("run_duration_seconds", "seconds", "Wall time of the whole measurement.", read.run_duration),
    _gauge("run_phase_duration_seconds", "seconds", "Wall time of one phase; phases overlap.",
           read.phase_durations, label="phase", limit=8),
    _gauge("run_phase_peak_memory_bytes", "bytes", "Largest resident set of one phase's process.",
           read.phase_peak_memory, label="phase", limit=8, fold=max),
    _gauge("run_completed_timestamp_seconds", "seconds since 1970", "When the last measurement ended.",
           read.run_completed),
    _gauge("run_last_success_timestamp_seconds", "seconds since 1970", "When the last successful measurement ended.",
           read.run_last_success),
    _gauge("run_commit_timestamp_seconds", "seconds since 1970", "When the measured commit was committed.",
           lambda summary: one(summary.context.head_committed_at)),
    _gauge("run_tool_failures", "0 or 1", "Whether what this tool measures is unavailable in the last run.",
           read.tool_failures, label="tool", limit=7),
    _gauge("source_lines", "lines", "Lines that are not blank in the measured source files, by language.",
           lambda summary: largest_first(summary.source.lines), label="language", limit=4),
    _gauge("coverage_covered", "items", "Covered statements (kind line) or branches (kind branch).",
           measured(_coverage, read.coverage_covered), label="kind", limit=2),
    _gauge("coverage_coverable", "items", "Statements (kind line) or branches (kind branch) that could be covered.",
           measured(_coverage, read.coverage_coverable), label="kind", limit=2),
    _gauge("coverage_ratio", "ratio 0-1", "Covered by coverable statements (kind line) or branches (kind branch).",
           measured(_coverage, read.coverage_ratio), label="kind", limit=2),
    _gauge("tests", "tests", "Tests of the last run by result: passed, failed, error, skipped.",
           measured(_tests, _results), label="result", limit=4),
    _gauge("tests_duration_seconds", "seconds", "Wall time of the tests.",
           measured(_tests, lambda tests: one(tests.seconds))),
    _gauge("lint_messages", "messages", "Messages of pylint by category.",
           measured(_lint, lambda lint: known(read.LINT_CATEGORIES, lint.messages)), label="category", limit=6),
    _gauge("lint_score", "score 0-100", "Ten times pylint's own score.",
           measured(_lint, lambda lint: one(lint.score))),
    _gauge("security_findings", "findings", "Findings of bandit by severity.",
           measured(_security, lambda security: known(read.SEVERITIES, security.findings_by_severity)),
           label="severity", limit=3),
    _gauge("functions", "functions", "Functions by cyclomatic complexity: low to 10, moderate to 20, high to 50.",
           measured(_complexity, lambda complexity: known(read.BANDS, complexity.bands)),
           label="complexity", limit=4),
    _gauge("function_complexity_max", "paths", "Cyclomatic complexity of the most complex function.",
           measured(_complexity, lambda complexity: one(complexity.max))),
    _gauge("quality_score", "score 0-100", "Quality score, overall and of each component that was measured.",
           measured(_quality, _scores), label="component", limit=5),
    _gauge("gate_passed", "0 or 1", "Whether a gate of the configuration passed; absent where it was not evaluated.",
           read.gates_passed, label="gate", limit=8, fold=min),
    _gauge("commit_score_median", "score 0-100", "Median score of the commits of the range.",
           measured(_commits, lambda commits: one(commits.median))),
    _gauge("commit_score_worst", "score 0-100", "Lowest score of the commits of the range.",
           measured(_commits, lambda commits: one(commits.worst))),
    _gauge("commits", "commits", "Commits that own at least one surviving line, by declared origin.",
           measured(read.surviving, lambda view: known(read.ORIGINS, view.commits.by_origin)),
           label="origin", limit=5),
    _gauge("lines", "lines", "Surviving lines by declared origin; the AI share is ai by ai + human + untagged.",
           measured(read.surviving, read.lines_by_origin), label="origin", limit=5),
    _gauge("changed_lines", "lines", "Lines added since the base by declared origin.",
           measured(read.changed, read.lines_by_origin), label="origin", limit=5),
    _gauge("ai_share_ratio", "ratio 0-1", "AI-tagged by counted lines of a view (changed, surviving); a floor.",
           read.ai_shares, label="view", limit=2),
    _gauge("origin_ratio", "ratio",
           "Lines covered, in functions over 10, or left after 30 days, or findings, by all such lines of an origin.",
           read.origin_ratios, label=("metric", "origin"), limit=10),
    _gauge("origin_difference", "ratio",
           "AI-tagged less untagged ratio of a metric, as the bounds (low, high) of its 95 % interval.",
           read.origin_limits("coverage", "complexity", "survival"), label=("metric", "bound"), limit=6),
    _gauge("origin_rate_ratio", "ratio",
           "AI-tagged by untagged rate of findings, as the bounds (low, high) of its 95 % interval.",
           read.origin_limits("lint", "security"), label=("metric", "bound"), limit=4),
    _gauge("origin_difference_shown", "-1, 0 or 1",
           "1 where the AI-tagged figure is shown to be higher, -1 lower, 0 neither; absent without enough data.",
           read.origin_differences_shown, label="metric", limit=5),
    _gauge("ai_lines", "lines", "Surviving AI-tagged lines by agent; the smallest are summed as other.",
           measured(read.surviving, lambda view: largest_first({k: v.lines for k, v in view.by_agent.items()})),
           label="agent", limit=21),
)  # fmt: skip


def run_succeeded(summary: Summary) -> bool:
    """Tell whether the run measured anything at all: a success replaces a group, a failure only its run metrics."""
    return read.run_succeeded(summary)


def families(summary: Summary, *, only_run: bool = False) -> list[tuple[Metric, Samples]]:
    """Return the metrics that the summary can serve with their samples, in the order of the catalog.

    Label values are printable and at most 100 characters; no metric has two samples with the same labels; all
    together have at most :data:`MAX_SERIES`.

    Args:
        summary: what was measured; may come from an untrusted place.
        only_run: give the metrics of the run itself only.

    Raises:
        InvalidSummary: ``measured_at`` is no date.
    """
    room = MAX_SERIES
    served = []
    for metric in CATALOG:
        if metric.is_run or not only_run:
            samples = _bounded(metric, metric.samples(summary), min(metric.limit, room))
            room -= len(samples)
            if samples:
                served.append((metric, samples))
    return served


def markdown_table() -> str:
    """Return the catalog as a Markdown table, one row a metric, without a final newline."""
    rows = ["| metric | unit | labels | meaning |", "|---|---|---|---|"]
    for metric in CATALOG:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        rows.append(f"| `{metric.name}` | {metric.unit} | {labels} | {metric.help} |")
    return "\n".join(rows)


def _bounded(metric: Metric, samples: Samples, limit: int) -> Samples:
    """Clean the labels, merge samples that became equal by it, and fold what is beyond the limit into ``other``."""
    merged: dict[tuple[str, ...], list[float]] = {}
    for labels, value in samples:
        merged.setdefault(tuple(map(_clean, labels)), []).append(value)
    keys = list(merged)
    if len(keys) > limit:
        kept = [key for key in keys if key != (OTHER,)][: limit - 1]
        rest = [value for key in keys if key not in kept for value in merged[key]]
        merged = {key: merged[key] for key in kept} | {(OTHER,): rest}
    return [(key, float(metric.fold(values))) for key, values in merged.items()]


def _clean(label: str) -> str:
    printable = "".join(character if character.isprintable() else "\ufffd" for character in label[:_MAX_LABEL])
    return printable or OTHER
