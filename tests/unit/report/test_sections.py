from __future__ import annotations

from typing import Any

import pytest

from ai_code_metrics import model
from ai_code_metrics.report.sections import Place, Section, changed_paths, sections
from support import summaries

GONE = model.Unavailable(reason="it broke")


def section(summary: model.Summary, heading: str) -> Section:
    """The only section whose title starts with ``heading``."""
    (found,) = [part for part in sections(summary) if part.title.startswith(heading)]
    return found


def whole(**fields: Any) -> model.Summary:
    """A summary of a push, which shows all files."""
    return summaries.summary(context=summaries.push_context(), **fields)


def test_sections_come_with_the_most_valuable_first() -> None:
    """What a reviewer must see stands above what is merely good to know."""
    titles = [part.title.partition(":")[0] for part in sections(summaries.summary())]
    assert titles == ["Security", "Lint", "Complexity", "Coverage", "Commits", "AI-tagged", "Phases"]


def test_a_section_without_rows_is_left_out() -> None:
    """No empty tables."""
    summary = summaries.summary(
        lint=summaries.lint(findings=[]), security=GONE, coverage=GONE, complexity=GONE, commits=GONE, attribution=GONE
    )
    assert [part.title for part in sections(summary)] == ["Phases: 4"]


@pytest.mark.parametrize(
    ("failed", "errors", "notes"), [(1, 1, ()), (0, 0, ()), (1200, 2, ("1,200 more are not listed",))]
)
def test_failed_tests_come_first(failed: int, errors: int, notes: tuple[str, ...]) -> None:
    """Tests that failed or broke are named before anything else, and how many are not."""
    names = ["tests.test_a::test_b", "tests.test_c"]

    first = sections(whole(tests=summaries.own_tests(failed=failed, errors=errors, failed_tests=names)))[0]

    assert first.title == f"Tests: {max(2, failed + errors):,} failed"
    assert first.rows == ((names[0],), (names[1],))
    assert first.notes == notes


def test_every_row_has_a_value_for_each_column() -> None:
    """Tables are rectangular."""
    for part in sections(summaries.summary()):
        assert {len(row) for row in part.rows} == {len(part.columns)}


@pytest.mark.parametrize(
    ("context", "attribution", "paths"),
    [
        (summaries.context(), summaries.attribution(), {"src/shop/cart.py", "src/shop/store.py"}),
        (
            summaries.context(event="local", pull_request=None),
            summaries.attribution(),
            {"src/shop/cart.py", "src/shop/store.py"},
        ),
        (summaries.push_context(), summaries.attribution(), None),
        (summaries.context(base_sha=None), summaries.attribution(), None),
        (summaries.context(), summaries.attribution(changed=GONE), None),
        (summaries.context(), GONE, None),
    ],
)
def test_a_comparison_shows_changed_files_only(
    context: model.Context, attribution: model.Attribution | model.Unavailable, paths: set[str] | None
) -> None:
    """A reviewer sees the files of the pull request; where these aren't known, or on a push, all of them."""
    assert changed_paths(summaries.summary(context=context, attribution=attribution)) == paths


@pytest.mark.parametrize(
    ("heading", "scoped", "all_files"),
    [
        ("Security", "Security: 2 findings (all in changed files)", "Security: 2 findings"),
        ("Lint", "Lint: 3 findings (in changed files; 4 in all)", "Lint: 4 findings"),
        (
            "Complexity",
            "Complexity: 1 function over 10 (in changed files; 2 in all)",
            "Complexity: 2 functions over 10",
        ),
        (
            "Coverage",
            "Coverage: 138 statements not covered, in 2 files (all in changed files)",
            "Coverage: 138 statements not covered, in 2 files",
        ),
    ],
)
def test_a_title_says_how_many_there_are_and_where(heading: str, scoped: str, all_files: str) -> None:
    """What is out of view is counted, never silently absent."""
    assert section(summaries.summary(), heading).title == scoped
    assert section(whole(), heading).title == all_files


def test_lint_findings_come_with_the_worst_first() -> None:
    """By pylint's severity, then by place; a severity of a later version comes last."""
    severities = ["convention", "info", "fatal", "warning", "novel", "error", "refactor"]
    findings = [summaries.finding(severity=severity) for severity in severities]
    rows = section(whole(lint=summaries.lint(findings=findings)), "Lint").rows
    assert [row[0] for row in rows] == ["fatal", "error", "warning", "refactor", "convention", "info", "novel"]


def test_new_findings_come_before_old_ones() -> None:
    """Where a comparison knows which findings are new, these are what the reader came for."""
    findings = [
        summaries.finding(severity="error", line=1, is_new=False),
        summaries.finding(severity="warning", line=2, is_new=True),
    ]
    rows = section(whole(lint=summaries.lint(findings=findings)), "Lint").rows
    assert [row[0] for row in rows] == ["warning", "error"]


def test_functions_come_with_the_most_complex_first() -> None:
    """Each with the lines that it takes."""
    rows = section(whole(), "Complexity").rows
    assert [row[0] for row in rows] == ["23", "13"]
    assert rows[0][1:] == ("Store.import_orders", Place("src/shop/store.py", 200, 325))


def test_files_come_with_the_largest_gap_first_and_its_line_ranges() -> None:
    """A file with everything covered is no news."""
    covered = summaries.file_coverage(path="src/full.py", missing=[])
    coverage = summaries.coverage(files=[*summaries.coverage().files, covered])
    rows = section(whole(coverage=coverage), "Coverage").rows
    path = "src/shop/store.py"
    gaps = (Place(path, 40, 47), Place(path, 88, 88), Place(path, 200, 325))
    assert rows[0] == ("135", "82.86 %", Place(path), gaps)
    assert [row[2] for row in rows] == [Place(path), Place("src/shop/cart.py")]


def test_commits_come_with_the_worst_first_and_what_costs_them_most() -> None:
    """The heaviest losses of a commit are named, full marks are not; skipped commits are counted by reason."""
    parts = {
        "form": model.RubricPart(points=8, max=10, why=["light"]),
        "what": model.RubricPart(points=5, max=35, why=["heavy", "heavy too"]),
        "why": model.RubricPart(points=30, max=30, why=["nothing lost"]),
    }
    items = [
        summaries.commit_item(score=90.0, parts={}),
        model.CommitItem(sha="d" * 40, subject="m", skipped_reason="a merge"),
        summaries.commit_item(sha="b" * 40, subject="wip", score=10.0, parts=parts),
        model.CommitItem(sha="e" * 40, subject="m", skipped_reason="a merge"),
    ]
    found = section(summaries.summary(commits=summaries.commits(items=items)), "Commits")
    assert found.title == "Commits: 2 scores, worst 10"
    assert found.rows == (
        ("10", "b" * 40, "wip", "heavy; heavy too"),
        ("90", summaries.HEAD_SHA, "fix(cart): round each line before summing the total", ""),
    )
    assert found.notes == ("Not scored: a merge (2)",)


def test_a_squash_commit_to_be_stands_above_the_commits() -> None:
    """The pull request's title and body have a row of their own, also where no commit is scored."""
    item = summaries.commit_item(score=90.0, parts={"form": model.RubricPart(points=8, max=10, why=["light"])})
    squash = model.MessageItem(subject="Round (#42)", score=71.2, parts=item.parts)
    words = "Pull request title and body — becomes the squash commit's message"
    both = section(summaries.summary(commits=summaries.commits(items=[item], pull_request=squash)), "Commits")
    assert both.rows == (("71.2", "", words, "light"), ("90", summaries.HEAD_SHA, item.subject, "light"))
    assert both.title == "Commits: 1 score, worst 90"
    by_bot = model.MessageItem(subject="Bump (#42)", skipped_reason="by a bot")
    alone = section(summaries.summary(commits=summaries.commits(items=[], pull_request=by_bot)), "Commits")
    assert alone.rows == (("n/a", "", words, "not scored: by a bot"),)
    assert alone.title == "Commits: 0 scores"


def test_ai_lines_come_by_file_with_agents_and_models() -> None:
    """Files without AI lines are left out; what could not be counted is said."""
    found = section(summaries.summary(), "AI-tagged")
    assert found.title == "AI-tagged: 48 changed lines in 1 file"
    assert found.rows == (("48", "60", Place("src/shop/cart.py")),)
    assert found.notes == (
        "By agent: claude-code 30 (Claude Opus 4.6 30), aider 18",
        "Not counted: docs/api.md (the content is not in this clone; check out without `filter`)",
    )


def test_ai_lines_of_the_tree_are_shown_where_no_changes_were_counted() -> None:
    """A push without a base still tells where the AI lines are."""
    surviving = summaries.surviving_view(by_file=summaries.attribution_view().by_file)
    summary = whole(attribution=summaries.attribution(changed=GONE, surviving=surviving))
    assert section(summary, "AI-tagged").title == "AI-tagged: 480 surviving lines in 1 file"


def test_phases_come_with_the_longest_first() -> None:
    """Memory that the platform doesn't tell is n/a."""
    rows = section(summaries.summary(), "Phases").rows
    assert [row[2] for row in rows] == ["tests", "pylint", "bandit", "radon"]
    assert rows[0] == ("12.8 s", "93 MiB", "tests", "ok")
    assert rows[3][1] == "n/a"
