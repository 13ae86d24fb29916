"""Merging: shards add up to what one run over all files says, a matrix unites what its jobs say of the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ai_code_metrics import model
from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure import (
    base_quality,
    complexity,
    line_coverage,
    lint,
    merging,
    patch_coverage,
    patch_quality,
    quality,
    security,
)
from ai_code_metrics.records import (
    FILES_OUTSIDE,
    NOTHING_TO_ANALYSE,
    ComplexityReport,
    CoverageReport,
    CoveredFile,
    HeadLines,
    LintReport,
    Patch,
    PatchFile,
    SecurityReport,
    files_outside,
)
from ai_code_metrics.report import summary_json
from ai_code_metrics.setting_kinds import DEFAULT_THRESHOLDS, DEFAULT_WEIGHTS
from support import origin_comparisons, summaries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FILES: Final = tuple(f"pkg{number}/mod.py" for number in range(5))
BASE_COUNTS: Final = (7, 20, 3, 6)


def lint_of(summary: model.Summary) -> model.Lint:
    assert isinstance(summary.lint, model.Lint)
    return summary.lint


def coverage_of(summary: model.Summary) -> model.Coverage:
    assert isinstance(summary.coverage, model.Coverage)
    return summary.coverage


def shard(root: str, **fields: Any) -> model.Summary:
    """A summary of one source below the top."""
    return summaries.summary(source=summaries.source(roots=[root]), **fields)


def merge(*parts: model.Summary) -> model.Summary:
    """Merge summaries under short names; what comes out must be readable again."""
    merged = merging.merge({f"{number}.json": part for number, part in enumerate(parts)})
    assert summary_json.decode(summary_json.encode(merged)) == merged
    return merged


# One file as the tools see it; functions are complexity and further lines, risks severity and confidence
FILE: Final = st.fixed_dictionaries(
    {
        "severities": st.lists(st.sampled_from(lint.SEVERITIES), max_size=4),
        "statements": st.integers(1, 30),
        "risks": st.lists(
            st.tuples(st.sampled_from(security.SEVERITIES), st.sampled_from(["high", "low"])), max_size=3
        ),
        "functions": st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)), min_size=1, max_size=3),
        "covered": st.integers(0, 10),
        "missing": st.integers(1, 10),
        "added": st.sets(st.integers(1, 20), min_size=1),
    }
)


def measured(files: Mapping[str, Any]) -> model.Summary:
    """Measure files as a run over just these would, by the measures themselves."""
    patch = Patch(
        {path: PatchFile(path, path, frozenset(f["added"]), frozenset(f["added"])) for path, f in files.items()}
    )
    lint_report = LintReport(
        findings=tuple(
            summaries.finding(path=path, line=line, severity=severity, on_patch=patch.holds(path, line))
            for path, file in files.items()
            for line, severity in enumerate(file["severities"], start=1)
        ),
        statements=sum(file["statements"] for file in files.values()),
        files=len(files),
        files_failed=(),
    )
    risks = SecurityReport(
        findings=tuple(
            summaries.security_finding(
                path=path, line=line, severity=severity, confidence=confidence, on_patch=patch.holds(path, line)
            )
            for path, file in files.items()
            for line, (severity, confidence) in enumerate(file["risks"], start=1)
        ),
        source_lines=sum(100 * file["statements"] for file in files.values()),
        files=len(files),
        files_failed=(),
    )
    functions = ComplexityReport(
        functions=tuple(
            summaries.function(path=path, name=f"f{start}", line=start, end_line=start + length, complexity=degree)
            for path, file in files.items()
            for start, (degree, length) in enumerate(file["functions"], start=1)
        ),
        files=len(files),
        files_failed=(),
    )
    report = CoverageReport(
        tuple(
            CoveredFile(
                path,
                frozenset(range(1, file["covered"] + 1)),
                frozenset(range(file["covered"] + 1, file["covered"] + file["missing"] + 1)),
            )
            for path, file in files.items()
        ),
        "pytest",
    )
    return _summary(files, patch, lint_report, risks, functions, report)


def _summary(
    files: Mapping[str, Any],
    patch: Patch,
    lint_report: LintReport,
    risks: SecurityReport,
    functions: ComplexityReport,
    report: CoverageReport,
) -> model.Summary:
    coverage = line_coverage.measure(report)
    assert isinstance(coverage, model.Coverage)
    coverage = replace(coverage, patch=patch_coverage.measure(report, patch, HeadLines(), files))
    parts = {
        "lint": lint.measure(lint_report),
        "security": security.measure(risks),
        "complexity": complexity.measure(functions),
    }
    read = patch_quality.Sources(coverage.patch, lint_report, risks, functions, files, HeadLines())  # type: ignore[arg-type]
    of_patch = patch_quality.measure(patch.files, read, DEFAULT_WEIGHTS, DEFAULT_THRESHOLDS)
    whole = quality.measure(coverage=coverage, weights=DEFAULT_WEIGHTS, patch=of_patch, **parts)  # type: ignore[arg-type]
    lines, statements, branches, all_branches = (len(files) * count for count in BASE_COUNTS)
    older = model.BaseCoverage(
        percent=100 * (lines + branches) / (statements + all_branches),
        covered_lines=lines,
        num_statements=statements,
        covered_branches=branches,
        num_branches=all_branches,
        source="pytest",
        sha=summaries.BASE_SHA,
        commits_back=0,
    )
    at_base = {
        "lint": replace(parts["lint"], findings=[]),
        "security": parts["security"],
        "complexity": replace(parts["complexity"], functions_over_10=[]),
    }
    base = model.Base(
        sha=summaries.BASE_SHA,
        source="the same files",
        coverage=older,
        quality=base_quality.assess(
            whole, coverage=older, weights=DEFAULT_WEIGHTS, thresholds=DEFAULT_THRESHOLDS, **at_base  # type: ignore[arg-type]
        ),
        **at_base,  # type: ignore[arg-type]
    )  # fmt: skip
    roots = sorted({path.partition("/")[0] for path in files})
    return summaries.summary(
        source=summaries.source(roots=roots, files=len(files), test_files=3, other_files=len(FILES) - len(files)),
        coverage=coverage,
        quality=whole,
        base=base,
        gates=[],
        **parts,
    )


@given(files=st.lists(FILE, min_size=len(FILES), max_size=len(FILES)), data=st.data())
def test_shards_add_up_to_one_run(files: Sequence[Any], data: st.DataObject) -> None:
    """However files are spread over jobs, every sum, score and percent, also of base and patch, is that of one run."""
    project = dict(zip(FILES, files, strict=True))
    jobs = data.draw(st.lists(st.integers(0, 2), min_size=len(FILES), max_size=len(FILES)))
    spread = [{path: project[path] for path, job in zip(FILES, jobs, strict=True) if job == one} for one in set(jobs)]
    merged, whole = merge(*map(measured, spread)), measured(project)
    for part in ("lint", "security", "complexity", "coverage", "quality", "base"):
        assert getattr(merged, part) == getattr(whole, part), part
    assert (merged.source.roots, merged.source.files) == (whole.source.roots, whole.source.files)
    assert (merged.source.test_files, merged.source.other_files) == (3, 0)


def test_one_summary_stays_what_it_is() -> None:
    """A run that turned out to have a single shard loses nothing."""
    file = {
        "severities": ["warning"], "statements": 9, "risks": [("high", "low")], "functions": [(12, 9)],
        "covered": 3, "missing": 2, "added": {1, 2, 3, 4},
    }  # fmt: skip
    one = replace(measured(dict.fromkeys(FILES, file)), phases=[])
    assert merge(one) == one


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"context": summaries.context(repository="octo/other")}, ["repository", "'octo/shop'", "'octo/other'"]),
        ({"context": summaries.context(head_sha="9" * 40)}, ["head commit", summaries.HEAD_SHA, "9" * 40]),
        ({"context": summaries.context(pull_request=7)}, ["pull request", "42", "7"]),
        ({"context": summaries.context(base_sha="8" * 40)}, ["base commit", summaries.BASE_SHA, "8" * 40]),
        ({"quality": summaries.quality(thresholds={"A": 95.0, "B": 80.0, "C": 70.0, "D": 60.0})}, ["thresholds", "95"]),
        (
            {"quality": summaries.quality(weights={"coverage": 1.0, "security": 0.0, "lint": 0.0, "complexity": 0.0})},
            ["weights", "0.3", "1.0"],
        ),
        ({"source": summaries.source(roots=["a/b"])}, ["overlap", "'a'", "'a/b'", "`source`"]),
        ({"source": summaries.source(roots=["."])}, ["overlap", "'a'", "'.'"]),
        ({"source": summaries.source(roots=["b", "a"])}, ["overlap", "'a'"]),
        ({"source": summaries.source(roots=["b", "./a/"])}, ["overlap", "'a'"]),
    ],
)
def test_what_does_not_belong_together_is_refused(change: dict[str, Any], words: list[str]) -> None:
    """Both files, what differs and both values are named."""
    fields = {"source": summaries.source(roots=["b"]), **change}
    with pytest.raises(UsageError) as refused:
        merge(shard("a"), summaries.summary(**fields))
    assert [word for word in ("0.json", "1.json", *words) if word not in str(refused.value)] == []


def test_bases_of_two_commits_are_refused() -> None:
    """A base branch that moved on between two jobs makes their differences incomparable."""
    base = measured(dict.fromkeys(FILES[:1], _PLAIN)).base
    assert isinstance(base, model.Base)
    with pytest.raises(UsageError, match="base commit"):
        merge(shard("a", base=base), shard("b", base=replace(base, sha="8" * 40)))


_PLAIN: Final = {
    "severities": [], "statements": 5, "risks": [], "functions": [(1, 1)], "covered": 1, "missing": 1, "added": {1},
}  # fmt: skip


def test_names_that_begin_alike_do_not_overlap() -> None:
    """`src/ab` is not below `src/a`."""
    assert merge(shard("src/a"), shard("src/ab")).source.roots == ["src/a", "src/ab"]


def test_a_matrix_finds_each_finding_once() -> None:
    """Findings of two environments are united, one that both have counts once, and one that is twice in a run twice."""
    shared, only_new, twice = summaries.finding(), summaries.finding(line=5), summaries.finding(line=7)
    one = summaries.lint(findings=[shared, twice, twice], messages=lint.by_severity([shared, twice, twice]))
    other = summaries.lint(findings=[shared, only_new, twice], messages=lint.by_severity([shared, only_new, twice]))
    merged = lint_of(merge(shard("a", lint=one), shard("a", lint=replace(other, statements=950))))
    assert [found.line for found in merged.findings] == [5, 7, 7, 17]
    assert (merged.messages["warning"], merged.statements) == (4, 950)
    assert merged.score == lint.score(merged.messages, 950)


def test_a_finding_that_one_job_knows_from_the_base_is_not_new() -> None:
    """New is what no environment found at the base."""
    new = summaries.security_finding(is_new=True)
    jobs = [summaries.security(findings=[replace(new, is_new=known)]) for known in (True, False)]
    merged = merge(*(shard("a", security=part) for part in jobs)).security
    assert isinstance(merged, model.Security)
    assert [found.is_new for found in merged.findings] == [False]


def test_a_file_is_unreadable_where_no_job_could_read_it() -> None:
    """A file with syntax of a newer Python fails in one job of a matrix only."""
    jobs = [summaries.lint(files_failed=["a/new.py", "a/odd.py"]), summaries.lint(files_failed=["a/odd.py"])]
    assert lint_of(merge(*(shard("a", lint=part) for part in jobs))).files_failed == ["a/odd.py"]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"covered_lines": 2, "missing": [1, 3]}, (3, 4, [3])),  # what either covers is covered
        ({"covered_lines": 4, "missing": []}, (4, 4, [])),
        ({"covered_lines": 1, "num_statements": 5, "missing": [1, 2, 3, 4]}, (1, 5, [1, 2, 3, 4])),  # knows more of it
        ({"covered_lines": 1, "num_statements": 3, "missing": [1, 2]}, (2, 4, [2, 3])),
        ({"covered_lines": 9, "num_statements": 4, "missing": []}, (4, 4, [])),  # a stranger's report
    ],
)
def test_coverage_of_a_file_is_united(other: dict[str, Any], expected: tuple[int, int, list[int]]) -> None:
    """A line is covered where any report covers it; of reports that differ in statements the larger one counts."""
    one = {"covered_lines": 2, "num_statements": 4, "missing": [2, 3], "covered_branches": 1, "num_branches": 2}
    files = [summaries.file_coverage(path="a/x.py", **one), summaries.file_coverage(path="a/x.py", **(one | other))]
    jobs = [shard(root, coverage=summaries.coverage(files=[file])) for root, file in zip("ab", files, strict=True)]
    part = coverage_of(merge(*jobs))
    (united,) = part.files
    assert (united.covered_lines, united.num_statements, united.missing) == expected
    assert part.percent == 100 * (expected[0] + 1) / (expected[1] + 2)


def test_a_shard_without_coverage_is_left_out_with_a_warning() -> None:
    """The figure is that of the others, and the reader is told whose is missing and why."""
    none = model.Unavailable(reason="no tests")
    merged = merge(shard("a"), shard("b", coverage=none))
    assert coverage_of(merged) == replace(summaries.coverage())
    assert [w.message for w in merged.warnings if w.code == "merged-without-coverage"] == [
        "coverage is that of the other sources, without b: no tests"
    ]
    assert merge(shard("a", coverage=none), shard("b", coverage=none)).coverage == none


@pytest.mark.parametrize("part", ["lint", "security", "complexity"])
def test_a_tool_that_failed_in_one_shard_failed(part: str) -> None:
    """A score over the rest would be better than the code; that a shard has no such file is no failure."""
    full = measured(dict.fromkeys(FILES[:1], _PLAIN))
    crashed = merge(full, shard("b", **{part: model.Unavailable(reason="it was killed")}))
    assert getattr(crashed, part) == model.Unavailable(reason="b: it was killed")
    empty = merge(full, shard("b", **{part: model.Unavailable(reason=NOTHING_TO_ANALYSE)}))
    assert getattr(empty, part) == getattr(full, part)
    again = merge(full, replace(full, **{part: model.Unavailable(reason="it was killed")}))
    assert getattr(again, part) == getattr(full, part)


def test_nothing_measured_anywhere_keeps_the_reasons() -> None:
    """Merging shards that could measure nothing is no error, and every part says why."""
    parts = [summaries.unavailable_summary(source=summaries.source(roots=[root])) for root in "ab"]
    merged = merge(*parts)
    assert isinstance(merged.quality, model.Unavailable)
    assert isinstance(merged.lint, model.Unavailable)
    assert merged.lint.reason.startswith("a: lint: ")


def test_tests_phases_and_warnings() -> None:
    """Tests and phases add up, but the whole took as long as its longest job; the same warning is told once."""
    total = model.Phase(name="measure", seconds=9.0, peak_memory_bytes=None, status="ok")
    pylint = model.Phase(name="lint", seconds=2.0, peak_memory_bytes=5, status="ok")
    phases = [[total, pylint], [replace(total, seconds=4.0), replace(pylint, peak_memory_bytes=7, status="failed")]]
    tests = summaries.own_tests(failed_tests=["t::x"])
    merged = merge(
        shard("a", tests=tests, phases=phases[0], measured_at="2026-01-01T12:00:00Z"),
        shard("b", tests=replace(tests, exit_code=0), phases=phases[1], measured_at="2026-01-01T13:00:00Z"),
    )
    assert merged.tests == replace(tests, passed=256, failed=2, skipped=4, seconds=25.5)
    assert [(p.name, p.seconds, p.peak_memory_bytes, p.status) for p in merged.phases] == [
        ("lint", 4.0, 7, "failed"), ("measure", 9.0, None, "ok"),
    ]  # fmt: skip
    assert merged.measured_at == "2026-01-01T13:00:00Z"
    assert merged.warnings == summaries.summary().warnings


def test_files_that_no_shard_measured() -> None:
    """What one shard leaves out is told where no other measured it either."""
    warned = [
        model.MeasurementWarning(code=FILES_OUTSIDE, message=files_outside([root], count))
        for root, count in (("a", 15), ("b", 15))
    ]
    for others, expected in ((14, []), (15, [files_outside(["a", "b"], 1)])):
        jobs = [
            summaries.summary(source=summaries.source(roots=[root], other_files=others), warnings=[warning])
            for root, warning in zip("ab", warned, strict=True)
        ]
        merged = merge(*jobs)
        assert [warning.message for warning in merged.warnings] == expected
        assert merged.source.other_files == len(expected)


def test_attribution_and_commits_of_shards_are_counted_once() -> None:
    """They are of the whole directory, whatever was measured of it."""
    merged = merge(shard("a", attribution=model.Unavailable(reason="killed")), shard("b"), shard("c"))
    assert merged.attribution == summaries.attribution()
    assert merged.commits == summaries.commits()


def test_a_comparison_that_all_jobs_of_a_matrix_made_is_kept() -> None:
    """The same lines were compared in the same way, so that it is that of the whole."""
    one = origin_comparisons.comparison()
    assert merge(shard("a", comparison=one), shard("a", comparison=one)).comparison == one


@pytest.mark.parametrize(
    ("root", "other"),
    [
        ("b", origin_comparisons.comparison()),  # of other files, though its figures are the same
        ("a", origin_comparisons.comparison(seed=1)),
        ("a", None),
        ("a", model.Unavailable(reason="the clone is shallow")),
    ],
)
def test_comparisons_cannot_be_put_together(root: str, other: Any) -> None:
    """Two that differ, or are of other files, are none, and the reader is told how to get one."""
    one = shard("a", comparison=origin_comparisons.comparison())
    for jobs in ((one, shard(root, comparison=other)), (shard(root, comparison=other), one)):
        assert merge(*jobs).comparison == model.Unavailable(reason=merging.NOT_COMPARED)
    assert "`ai-code-metrics compare`" in merging.NOT_COMPARED


@pytest.mark.parametrize("why", [None, model.Unavailable(reason="the clone is shallow")])
def test_where_nothing_was_compared_the_reason_stays(why: model.Unavailable | None) -> None:
    """Summaries without a comparison make one without it, and for the same reason where they have one."""
    assert merge(shard("a", comparison=None), shard("b", comparison=why)).comparison == why


def test_a_monorepo_is_seen_from_its_top() -> None:
    """Paths begin with their directory, its lines are added up, and what can't be told is a warning."""
    jobs = [summaries.summary(context=summaries.context(directory=name)) for name in ("web", "api")]
    merged = merge(*jobs)
    assert merged.context.directory == ""
    assert merged.source.roots == ["api/src", "web/src"]
    assert {found.path for found in lint_of(merged).findings} >= {"web/src/shop/cart.py", "api/src/shop/cart.py"}
    assert coverage_of(merged).files[0].path == "api/src/shop/cart.py"
    assert isinstance(merged.attribution, model.Attribution)
    view = merged.attribution.changed
    assert isinstance(view, model.AttributionView)
    assert (view.ai_lines, view.counted_lines, view.ai_share) == (96, 240, 0.4)
    assert view.by_agent["claude-code"] == model.AgentLines(lines=60, models={"Claude Opus 4.6": 60})
    assert view.by_file[0].path == "api/src/shop/cart.py"
    assert view.commits == summaries.attribution_view().commits
    assert "merged-commits" in {warning.code for warning in merged.warnings}
    assert merged.commits == summaries.commits()


def test_a_directory_within_another_is_not_counted_twice() -> None:
    """The top's attribution holds that of its directories already."""
    jobs = [shard("src"), summaries.summary(context=summaries.context(directory="web"))]
    merged = merge(*jobs)
    assert isinstance(merged.attribution, model.Attribution)
    changed = merged.attribution.changed
    assert isinstance(changed, model.AttributionView)
    assert changed.counted_lines == 120
    assert merged.source.roots == ["src", "web/src"]


def _with_base(change: Callable[[model.BaseCoverage], Any], path: str) -> model.Summary:
    one = measured({path: _PLAIN})
    assert isinstance(one.base, model.Base)
    assert isinstance(one.base.coverage, model.BaseCoverage)
    return replace(one, base=replace(one.base, coverage=change(one.base.coverage)))


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        (lambda part: replace(part, sha="7" * 40, covered_lines=1), FILES[1], "different commits"),
        (lambda _: model.Unavailable(reason="no report"), FILES[1], "pkg1: no report"),
        (lambda part: replace(part, covered_lines=1), FILES[0], "which lines they cover together is not known"),
    ],
)
def test_coverage_of_the_base_that_cannot_be_summed(
    change: Callable[[model.BaseCoverage], Any], path: str, words: str
) -> None:
    """It is unavailable with the reason, and so is the base's quality, rather than a figure that means nothing."""
    base = merge(_with_base(lambda part: part, FILES[0]), _with_base(change, path)).base
    assert isinstance(base, model.Base)
    assert isinstance(base.coverage, model.Unavailable)
    assert words in base.coverage.reason
    assert isinstance(base.quality, model.Unavailable)
    assert isinstance(base.lint, model.Lint)


def test_a_report_of_the_whole_base_counts_once() -> None:
    """Shards that were all given the same report of the base don't multiply it."""
    jobs = [_with_base(lambda part: part, path) for path in FILES[:2]]
    base = merge(*jobs).base
    assert isinstance(base, model.Base)
    assert isinstance(jobs[0].base, model.Base)
    assert base.coverage == jobs[0].base.coverage


def test_without_the_patch_of_one_shard_there_is_none() -> None:
    """The change as a whole is not rated by a part of it, and a warning says so."""
    one, other = (measured({path: _PLAIN}) for path in FILES[:2])
    assert isinstance(other.quality, model.Quality)
    merged = merge(one, replace(other, quality=replace(other.quality, patch=None)))
    assert isinstance(merged.quality, model.Quality)
    assert merged.quality.patch is None
    assert "merged-without-patch" in {warning.code for warning in merged.warnings}


@pytest.mark.parametrize("part", ["lint", "security", "complexity", "coverage"])
def test_a_tool_that_failed_in_one_job_of_a_matrix_is_made_up_for(part: str) -> None:
    """Where another job measured the same files, the change is rated as if nothing had failed."""
    full = measured(dict.fromkeys(FILES[:2], _PLAIN | {"added": set(range(1, 30)), "functions": [(12, 9)]}))
    assert isinstance(full.quality, model.Quality)
    assert full.quality.patch is not None
    lacking = replace(
        full.quality.patch,
        components=full.quality.patch.components | {part: None},
        reasons={part: "it was killed"},
        functions=0 if part == "complexity" else full.quality.patch.functions,
        lines_by_band={} if part == "complexity" else full.quality.patch.lines_by_band,
        statements_estimated=58 if part == "coverage" else 0,
    )
    failed = replace(
        full, quality=replace(full.quality, patch=lacking), **{part: model.Unavailable(reason="it was killed")}
    )
    for jobs in ((full, failed), (failed, full)):
        assert merge(*jobs).quality == full.quality


def test_hostile_summaries_are_merged_all_the_same() -> None:
    """Unknown severities, odd keys and hostile texts make no exception, and the result is a summary again."""
    odd = summaries.hostile_summary(
        source=summaries.source(roots=["a"]),
        lint=summaries.lint(findings=[summaries.finding(severity="x")], messages={"x": 1}),
        quality=summaries.quality(weights={"x": 1.0}, thresholds={}),
    )
    merged = merge(odd, replace(odd, source=summaries.source(roots=["b"])))
    assert lint_of(merged).messages == dict.fromkeys(lint.SEVERITIES, 0)
    assert isinstance(merged.quality, model.Quality)
    assert set(merged.quality.weights) == set(quality.COMPONENTS)
