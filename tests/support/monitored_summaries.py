"""The summaries of a small fleet over two weeks: scores that rise and fall, a gate that fails, a run that breaks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from ai_code_metrics import model
from ai_code_metrics.comparison_model import OriginArm
from ai_code_metrics.measure import quality
from ai_code_metrics.setting_kinds import DEFAULT_WEIGHTS
from support import origin_comparisons
from support import summaries as build

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from ai_code_metrics.comparison_model import Comparison, MetricComparison
    from ai_code_metrics.model import Summary

DAYS: Final = 14
SECONDS_A_DAY: Final = 86_400
_PULL_REQUEST: Final = 7
# values at equal distances over the two weeks
Course: TypeAlias = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group of the gateway and how its figures go over the two weeks; days count from their start."""

    repository: str
    branch: str
    project: str | None = None
    first_day: float = 0
    last_day: float = DAYS
    last_run_fails: bool = False
    lines: Course
    coverage: Course
    lint_messages: Course
    high_findings: Course = (0,)
    low_findings: Course = (2,)
    complex_functions: Course
    ai_share: Course
    seconds: Course
    # how much less of the AI-tagged than of the untagged lines are covered
    coverage_gap: Course = (0.02,)

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """The grouping key; ``project`` only where there is one."""
        project = (("project", self.project),) if self.project else ()
        return (("job", "ai-code-metrics"), ("repository", self.repository), ("branch", self.branch), *project)

    @property
    def is_pull_request(self) -> bool:
        """Whether fleet figures leave the group out."""
        return self.branch.startswith("pr-")


GROUPS: Final = (
    Group(
        repository="octo/shop", branch="main",
        lines=(11_800, 12_100, 12_900, 13_600), coverage=(0.74, 0.76, 0.81, 0.86, 0.88),
        lint_messages=(210, 190, 140, 96), complex_functions=(0.16, 0.14, 0.12, 0.1),
        ai_share=(0.19, 0.24, 0.33, 0.38, 0.36), seconds=(74, 78, 61, 58), coverage_gap=(0.13, 0.11, 0.04, 0.02),
    ),
    Group(
        repository="octo/shop", branch="pr-7", first_day=9, last_day=11.5,
        lines=(13_000,), coverage=(0.31,), lint_messages=(900,), complex_functions=(0.4,),
        high_findings=(4,), ai_share=(0.93,), seconds=(240,),
    ),
    Group(
        repository="acme/platform", branch="main", project="api",
        lines=(27_500, 27_900, 28_700, 29_400), coverage=(0.9, 0.91, 0.91, 0.83, 0.77),
        lint_messages=(160, 170, 210, 290), high_findings=(0, 0, 0, 0, 1, 1), low_findings=(5, 6, 6, 8),
        complex_functions=(0.08, 0.08, 0.09, 0.11), ai_share=(0.31, 0.33, 0.42, 0.55, 0.57), seconds=(128, 131, 150),
        coverage_gap=(-0.03, 0.01, 0.05, 0.12),
    ),
    Group(
        repository="acme/platform", branch="main", project="worker", last_run_fails=True,
        lines=(6_300, 6_350, 6_400), coverage=(0.83, 0.84, 0.84), lint_messages=(44, 41, 40),
        complex_functions=(0.05, 0.05), ai_share=(0.12, 0.12, 0.11), seconds=(33, 34, 36),
    ),
    Group(
        repository="lab/notebooks", branch="master", last_day=6,
        lines=(4_100, 4_400, 4_450), coverage=(0.52, 0.56, 0.55), lint_messages=(180, 230, 220),
        low_findings=(9, 11), complex_functions=(0.2, 0.24), ai_share=(0.48, 0.61, 0.44, 0.4), seconds=(22, 25, 24),
        coverage_gap=(-0.09, -0.12),
    ),
)  # fmt: skip


def summary_of(group: Group, at: int, progress: float, chance: random.Random, *, failed: bool) -> Summary:
    """Return the summary of a run that ended ``at`` (seconds since 1970), at ``progress`` (0-1) of the two weeks."""
    context = _context(group, at)
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    seconds = _along(group.seconds, progress) * chance.uniform(0.9, 1.15)
    if failed:
        phases = [model.Phase(name="measure", seconds=900.0, peak_memory_bytes=61_000_000, status="failed")]
        return build.unavailable_summary(context=context, measured_at=moment, phases=phases)
    lines = round(_along(group.lines, progress))
    coverage = _coverage(lines, _along(group.coverage, progress) + chance.uniform(-0.006, 0.006))
    lint = _lint(coverage.num_statements, _along(group.lint_messages, progress) * chance.uniform(0.97, 1.03))
    security = _security(lines, _along(group.high_findings, progress), _along(group.low_findings, progress))
    complexity = _complexity(lines // 22, _along(group.complex_functions, progress))
    share = _along(group.ai_share, progress)
    score = quality.measure(
        coverage=coverage, lint=lint, security=security, complexity=complexity, weights=DEFAULT_WEIGHTS
    )
    return build.summary(
        context=context,
        measured_at=moment,
        source=build.source(lines={"python": lines}),
        coverage=coverage,
        lint=lint,
        security=security,
        complexity=complexity,
        quality=score,
        tests=_tests(lines // 45, seconds, chance),
        commits=build.commits(median=chance.uniform(62, 90), worst=chance.uniform(25, 58)),
        attribution=_attribution(lines, share, chance),
        comparison=_comparison(group, lines, share, progress),
        gates=[_gate("coverage.percent", 80, coverage.percent), _gate("security.score", 90, security.score)],
        phases=_phases(seconds, lines),
    )


def _along(course: Course, progress: float) -> float:
    """Return where a course is at ``progress``, by straight lines between its values."""
    place = max(0.0, min(1.0, progress)) * (len(course) - 1)
    before = int(place)
    after = min(before + 1, len(course) - 1)
    return course[before] + (course[after] - course[before]) * (place - before)


def _context(group: Group, at: int) -> model.Context:
    if group.is_pull_request:
        return build.context(repository=group.repository, pull_request=_PULL_REQUEST, head_committed_at=at - 400)
    return build.push_context(repository=group.repository, branch=group.branch, head_committed_at=at - 400)


def _coverage(lines: int, ratio: float) -> model.Coverage:
    statements, branches = lines * 2 // 5, lines // 9
    covered_lines, covered_branches = round(statements * ratio), round(branches * (ratio - 0.06))
    return build.coverage(
        percent=100 * (covered_lines + covered_branches) / (statements + branches),
        covered_lines=covered_lines,
        num_statements=statements,
        covered_branches=covered_branches,
        num_branches=branches,
        files=[],
    )


def _lint(statements: int, messages: float) -> model.Lint:
    counts = {"error": messages / 40, "warning": messages / 4, "refactor": messages / 6, "convention": messages / 2}
    rounded = {category: round(count) for category, count in counts.items()}
    weight = 5 * rounded["error"] + rounded["warning"] + rounded["refactor"] + rounded["convention"]
    return build.lint(
        score=max(0, 100 - 100 * weight / statements), messages=rounded, statements=statements, findings=[]
    )


def _security(lines: int, high: float, low: float) -> model.Security:
    found = {"high": int(high), "medium": round(low / 3), "low": round(low)}
    weight = 5 * found["high"] + 2 * found["medium"] + 0.5 * found["low"]
    return build.security(
        score=100 * 2 ** (-1000 * weight / lines / 10), findings_by_severity=found, source_lines=lines, findings=[]
    )


def _complexity(functions: int, share: float) -> model.Complexity:
    over = round(functions * share)
    bands = {"moderate": over * 3 // 4, "high": over // 5, "very_high": over // 20}
    return build.complexity(
        score=100 - 130 * share,
        functions=functions,
        max=18 + round(120 * share),
        bands=bands | {"low": functions - sum(bands.values())},
        functions_over_10=[],
    )


def _tests(count: int, seconds: float, chance: random.Random) -> model.Tests:
    failed = chance.choice((0, 0, 0, 0, 1))
    skipped = count // 60
    return build.own_tests(passed=count - failed - skipped, failed=failed, skipped=skipped, seconds=seconds * 0.7)


def _attribution(lines: int, share: float, chance: random.Random) -> model.Attribution:
    changed = chance.randint(20, 420)
    changed_share = max(0.02, min(0.98, share + chance.uniform(-0.25, 0.3)))
    return build.attribution(
        changed=_view("changed", changed, changed_share), surviving=_view("surviving", lines, share)
    )


def _comparison(group: Group, lines: int, share: float, progress: float) -> Comparison:
    """Both arms around the figures of the whole, surer with more lines of each; security findings are too few."""
    gap, coverage = _along(group.coverage_gap, progress), _along(group.coverage, progress)
    half = 2 / math.sqrt(lines * share * (1 - share))
    rate = 1000 * _along(group.lint_messages, progress) / lines
    ratio = (1 + 2 * gap) / (1 - gap)
    over = _along(group.complex_functions, progress)
    metrics = {
        "coverage": _shares(origin_comparisons.metric, coverage + gap * share, -gap, half),
        "lint": origin_comparisons.metric(
            rate * (1 + 2 * gap), rate * (1 - gap), (ratio / (1 + 3 * half), ratio * (1 + 3 * half)), scale="ratio"
        ),
        "security": origin_comparisons.metric(1000 / lines, 2000 / lines, scale="ratio"),
        "complexity": _shares(origin_comparisons.metric, over, gap, half),
        "survival": _shares(origin_comparisons.survival, 0.86, gap / 2, half),
    }
    arms = {"ai": OriginArm(lines=round(lines * share)), "untagged": OriginArm(lines=lines - round(lines * share))}
    return origin_comparisons.comparison(arms=arms, metrics=metrics)


def _shares(
    build_metric: Callable[..., MetricComparison], untagged: float, difference: float, half: float
) -> MetricComparison:
    ai = max(0.0, min(1.0, untagged + difference))
    return build_metric(ai, untagged, (difference - half, difference + half))


def _view(name: str, counted: int, share: float) -> model.AttributionView:
    ai, human = round(counted * share), counted // 50
    agents = {"claude-code": ai * 3 // 5, "copilot": ai // 4, "aider": ai // 10}
    agents["cursor"] = ai - sum(agents.values())
    commits = max(1, counted // 90)
    return build.attribution_view(
        view=name,
        ai_share=ai / counted,
        ai_lines=ai,
        human_lines=human,
        untagged_lines=counted - ai - human,
        suggestion_lines=counted // 80,
        bot_lines=counted // 40,
        counted_lines=counted,
        by_agent={agent: model.AgentLines(lines=count) for agent, count in agents.items() if count},
        commits=model.AttributedCommits(
            total=commits,
            tagged=round(commits * share),
            with_note=0,
            by_origin={"ai": round(commits * share), "untagged": commits - round(commits * share)},
        ),
    )


def _gate(metric: str, least: float, actual: float) -> model.GateResult:
    return model.GateResult(
        expression=f"{metric} >= {least}",
        metric=metric,
        required=f">= {least}",
        result="passed" if actual >= least else "failed",
        actual=actual,
        reason=f"{metric} is {actual:.2f}, required is >= {least}",
    )


def _phases(seconds: float, lines: int) -> list[model.Phase]:
    """The analysers run beside the tests, the whole takes a little longer than these."""
    shares = {"measure": 1.0, "tests": 0.7, "pylint": 0.55, "attribution": 0.2, "bandit": 0.12, "radon": 0.06}
    memory = {"measure": 61, "tests": 140, "pylint": 190, "attribution": 75, "bandit": 64, "radon": 52}
    return [
        model.Phase(
            name=name, seconds=seconds * share, peak_memory_bytes=memory[name] * 10**6 + 900 * lines, status="ok"
        )
        for name, share in shares.items()
    ]
