from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from ai_code_metrics import model
from ai_code_metrics.comparison_model import Comparison, OriginArm
from ai_code_metrics.errors import UsageError
from ai_code_metrics.report.markdown import render_comment, render_job_summary
from ai_code_metrics.report.marker import marker
from ai_code_metrics.report.sections import sections
from support import comparisons, origin_comparisons, summaries

if TYPE_CHECKING:
    from support.gold import Gold


def large_summary() -> model.Summary:
    """A summary with far more of everything than fits, each row with a number of its own."""
    count = 2_000
    view = summaries.attribution_view(
        by_file=[
            model.FileAttribution(
                path=f"src/ai_{number}.py", ai_lines=5, human_lines=0, untagged_lines=1, suggestion_lines=0, bot_lines=0
            )
            for number in range(count)
        ]
    )
    return summaries.summary(
        context=summaries.push_context(),
        lint=summaries.lint(findings=[summaries.finding(line=line, message="é" * 300) for line in range(1, count)]),
        security=summaries.security(findings=[summaries.security_finding(line=line) for line in range(1, count)]),
        complexity=summaries.complexity(functions_over_10=[summaries.function(line=line) for line in range(1, count)]),
        coverage=summaries.coverage(
            files=[
                summaries.file_coverage(path=f"src/f_{number}.py", missing=list(range(1, 99, 2)))
                for number in range(count)
            ]
        ),
        commits=summaries.commits(items=[summaries.commit_item(subject="|" * 300) for _ in range(count)]),
        attribution=summaries.attribution(changed=view),
        warnings=[model.MeasurementWarning(code="w", message=f"{number} " + "<" * 3_000) for number in range(count)],
        gates=[
            model.GateResult(
                expression="é" * 4_000, metric="lint.score", required="`" * 4_000, result="failed", actual=float(number)
            )
            for number in range(count)
        ],
    )


def html_of(text: str) -> list[str]:
    """All raw HTML that a Markdown parser finds in the text."""
    found = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        found += [token.content] if token.type == "html_block" else []
        found += [child.content for child in token.children or [] if child.type == "html_inline"]
    return found


def _with(comparison: Comparison) -> model.Summary:
    return summaries.summary(gates=[], warnings=[], comparison=comparison)


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("comment-failed-gate.md", summaries.summary()),
        ("comment-no-gates.md", summaries.summary(gates=[], warnings=[])),
        ("comment-hostile.md", summaries.hostile_summary()),
        ("comment-unavailable.md", summaries.unavailable_summary()),
        ("comment-compared.md", comparisons.compared_summary()),
        ("comment-clean.md", comparisons.clean_summary()),
        ("comment-first-run.md", comparisons.first_run()),
        ("comment-small-change.md", comparisons.small_change()),
        ("comment-no-coverage.md", comparisons.without_coverage()),
        ("comment-fork.md", comparisons.fork()),
        ("comment-compared-hostile.md", comparisons.hostile()),
        ("comment-merged.md", comparisons.merged()),
        ("comment-origins.md", _with(origin_comparisons.judged(change=origin_comparisons.judged().arms))),
        ("comment-origins-hostile.md", _with(origin_comparisons.hostile())),
    ],
)
def test_the_comment_is_as_somebody_found_it_good(name: str, summary: model.Summary, gold: Gold) -> None:
    """The whole text, compared with a file that was looked at in a browser."""
    gold.check(name, render_comment(summary))


def test_the_job_summary_tells_what_the_comparison_rests_on(gold: Gold) -> None:
    """The comment has its verdicts, the job summary also what they are made of."""
    gold.check("job-summary-origins.md", render_job_summary(_with(origin_comparisons.judged())))


def test_without_both_arms_nothing_is_said_of_them() -> None:
    """A project without AI-tagged code gets no section about it."""
    one_arm = {"ai": OriginArm(), "untagged": OriginArm(lines=9)}
    for comparison in (None, model.Unavailable(reason="shallow"), origin_comparisons.comparison(arms=one_arm)):
        assert "against untagged" not in render_comment(summaries.summary(comparison=comparison))


def test_an_oversize_comment_is_as_somebody_found_it_good(gold: Gold) -> None:
    """Of far too much, whole rows are left out, and the text says where the rest is."""
    gold.check("comment-oversize.md", render_comment(large_summary(), budget=8_000))


def test_a_change_shows_what_is_new_and_where_it_is_in_the_diff() -> None:
    """Findings that were there before are none of the reviewer's business; added lines are linked into the diff."""
    text = render_comment(comparisons.compared_summary())
    assert "Lint: 2 new findings (4 in all)" in text
    name = hashlib.sha256(b"src/shop/cart.py").hexdigest()
    assert f"[61\u201362](https://github.com/octo/shop/pull/42/files#diff-{name}R61-R62)" in text
    assert "missing-function-docstring" not in text


def test_a_gate_that_is_not_enforced_is_shown_as_such() -> None:
    """Neither failed nor passed, with the reason in a note."""
    text = render_comment(comparisons.small_change())
    assert "⚪" in text
    assert "the change adds 5 statements; below 20, conditions on its coverage are not enforced" in text
    assert "❌" not in text


def test_the_same_summary_gives_the_same_comment() -> None:
    """An unchanged comment can be told by comparing."""
    assert render_comment(summaries.summary()) == render_comment(summaries.summary())


def test_the_time_of_the_measurement_is_not_in_the_text() -> None:
    """Measuring again at another time changes nothing."""
    later = summaries.summary(measured_at="2031-12-31T23:59:59Z")
    assert render_comment(later) == render_comment(summaries.summary())


@pytest.mark.parametrize(
    "summary", [summaries.summary(), summaries.hostile_summary(), comparisons.hostile(), large_summary()]
)
def test_the_marker_stands_alone_at_the_end_and_nowhere_else(summary: model.Summary) -> None:
    """A blank line before it keeps it out of the text above, and foreign text can't bring a second one."""
    text = render_comment(summary, key="api")
    assert text.endswith(f"</sub>\n\n{marker('api')}\n")
    assert text.count("<!--") - text.count("`<!--") == 1


def test_a_key_of_ones_own_is_in_the_heading() -> None:
    """Two comments on one pull request can be told apart by people too."""
    assert render_comment(summaries.summary(), key="api").startswith(
        "## ai-code-metrics (api) — ❌ failed (1 of 2 gates)"
    )
    with pytest.raises(UsageError, match="comment-key"):
        render_comment(summaries.summary(), key="a b")


def test_only_failed_gates_are_listed_before_the_table() -> None:
    """Actual value, rule, and the key that sets it."""
    top = render_comment(summaries.summary()).partition("| Metric")[0]
    assert top.splitlines()[2:] == [
        '- ❌ `coverage.percent` **84.46 %** — needs `>= 90 %` · `gates: "coverage.percent >= 90"`',
        "",
    ]


@pytest.mark.parametrize(
    ("gates", "heading"),
    [
        ([], "## ai-code-metrics — grade A (91.73)"),
        (summaries.summary().gates[:1], "## ai-code-metrics — ✅ passed"),
    ],
)
def test_without_a_failed_gate_the_table_follows_the_heading(gates: list[model.GateResult], heading: str) -> None:
    """Without gates the heading is neutral; no praise, and no column that is empty."""
    text = render_comment(summaries.summary(gates=gates))
    assert text.startswith(f"{heading}\n\n| Metric | Head |")
    assert ("| Gate |" in text) == bool(gates)


def test_a_gate_that_could_not_be_evaluated_fails_only_where_it_should() -> None:
    """With ``pass`` it is shown beside its metric, not among the failed ones."""
    failed, passed = (render_comment(summaries.unavailable_summary(), on_missing=choice) for choice in ("fail", "pass"))
    assert "- ❌ `coverage.percent` not evaluated: coverage: pytest was not found" in failed
    assert passed.startswith("## ai-code-metrics — ✅ passed\n\n| Metric")
    assert "| Coverage | n/a | ⚠️\u00a0not\u00a0evaluated,\u00a0`>=\u00a080` | coverage: pytest was not found" in passed


@pytest.mark.parametrize(
    ("count", "text"),
    [(3, "<br>✅\u00a0`commits.worst` `>=\u00a02` |"), (5, "<br>✅\u00a0`commits.worst` `>=\u00a02` and 2 more |")],
)
def test_a_row_shows_a_few_gates_and_counts_the_rest(count: int, text: str) -> None:
    """A gate on another metric of the family says on which."""
    gates = [
        model.GateResult(expression="x", metric="commits.worst", required=f">= {number}", result="passed", actual=9.0)
        for number in range(count)
    ]
    assert text in render_comment(summaries.summary(gates=gates))


@pytest.mark.parametrize(
    "summary", [summaries.summary(), summaries.hostile_summary(), comparisons.hostile(), large_summary()]
)
def test_the_only_html_is_our_own(summary: model.Summary) -> None:
    """A Markdown parser finds our own elements, no image, and links to the forge only."""
    text = render_comment(summary)
    own = r"</?(details|summary|sub|code|br)>|<!-- ai-code-metrics:comment-key=default -->"
    for html in html_of(text):
        tags = re.findall(r"<[^>]*>", html)
        assert tags
        assert all(re.fullmatch(own, tag) for tag in tags)
    tokens = [child for token in MarkdownIt().parse(text) for child in token.children or []]
    assert not [token for token in tokens if token.type == "image"]
    addresses = [token.attrs["href"] for token in tokens if token.type == "link_open"]
    assert all(str(address).startswith("https://github.com/octo/shop/") for address in addresses)


@pytest.mark.parametrize(
    "summary", [summaries.summary(), summaries.hostile_summary(), comparisons.hostile(), large_summary()]
)
def test_no_mention_is_left_outside_of_code(summary: model.Summary) -> None:
    """Nobody is pinged by what a commit or a path says."""
    tokens = [child for token in MarkdownIt().parse(render_comment(summary)) for child in token.children or []]
    assert not re.search(r"@\w", "".join(token.content for token in tokens if token.type == "text"))


@pytest.mark.parametrize(
    "summary", [summaries.summary(), summaries.hostile_summary(), comparisons.hostile(), large_summary()]
)
def test_every_table_row_has_as_many_cells_as_its_head(summary: model.Summary) -> None:
    """No text breaks out of its cell."""
    tables = re.findall(r"(?:^\|.*\n)+", render_comment(summary), flags=re.MULTILINE)
    assert len(tables) >= 5
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_a_link_lands_on_the_line_at_head() -> None:
    """Paths with odd characters are quoted for the address."""
    finding = summaries.finding(path="src/a b(1).py", line=12, end_line=14)
    text = render_comment(summaries.summary(context=summaries.push_context(), lint=summaries.lint(findings=[finding])))
    url = f"https://github.com/octo/shop/blob/{summaries.HEAD_SHA}/src/a%20b%281%29.py#L12-L14"
    assert f"[`src/a b(1).py:12`]({url})" in text


def test_without_a_repository_nothing_is_linked() -> None:
    """At a terminal there may be no forge; the text is the same without addresses."""
    text = render_comment(summaries.summary(context=model.Context()))
    assert "](" not in text
    assert "<sub>ai-code-metrics 0.1.0</sub>" in text


@pytest.mark.parametrize(
    ("context", "place"),
    [
        (summaries.push_context(), "`metrics-summary.json` of the run's artifact"),
        (model.Context(), "`metrics-summary.json`"),
    ],
)
def test_what_is_not_shown_is_counted_with_its_place(context: model.Context, place: str) -> None:
    """Twenty rows a block, then how many more there are and where."""
    findings = [summaries.finding(line=line) for line in range(1, 58)]
    summary = summaries.summary(context=context, lint=summaries.lint(findings=findings))
    text = render_comment(summary)
    assert text.count("W0613 unused-argument") == 20
    assert f"\n\nand 37 more in {place}\n\n</details>" in text


@pytest.mark.parametrize("budget", [60_000, 45_000, 30_000, 20_000])
def test_the_comment_keeps_its_budget_in_bytes(budget: int) -> None:
    """Whatever a project brings, GitHub takes the comment; the marker and the footer stay."""
    text = render_comment(large_summary(), budget=budget)
    assert len(text.encode()) <= budget
    assert text.endswith(f"{marker('default')}\n")


def test_the_least_valuable_rows_are_dropped_first_and_named() -> None:
    """Attribution goes before commits, commits before findings, and whole rows at a time."""
    full = render_comment(large_summary(), budget=10**9)
    assert "Left out" not in full
    parts = [part.title for part in sections(large_summary(), with_details=False)]
    dropped_before: list[str] = []
    for budget in range(60_000, 22_000, -4_000):
        text = render_comment(large_summary(), budget=budget)
        dropped = [title for title in parts if f"<summary>{title}</summary>" not in text]
        assert dropped == parts[len(parts) - len(dropped) :]
        assert set(dropped_before) <= set(dropped)
        assert not dropped or f"Left out to stay within GitHub's limit: {', '.join(dropped)}. All of it is in" in text
        dropped_before = dropped
    assert dropped_before == parts


def table_rows(text: str) -> list[str]:
    """The lines of all tables of a report."""
    return [line for line in text.split("\n") if line.startswith("| ")]


def test_a_budget_that_fits_exactly_drops_nothing() -> None:
    """The limit itself is allowed; one byte less costs rows of the last block, and no others."""
    full = render_comment(summaries.summary())
    size = len(full.encode())
    assert render_comment(summaries.summary(), budget=size) == full
    shorter = render_comment(summaries.summary(), budget=size - 1)
    last_block = full.rpartition("<details>")[2]
    assert table_rows(shorter) != table_rows(full)
    assert table_rows(shorter)[: len(table_rows(full)) - len(table_rows(last_block))] == [
        row for row in table_rows(full) if row not in table_rows(last_block)
    ]


def test_a_cut_comment_keeps_as_many_rows_as_fit() -> None:
    """The size of a text that was cut is a budget that this very text fits."""
    full = render_comment(summaries.summary())
    cut = render_comment(summaries.summary(), budget=len(full.encode()) - 30)
    assert len(table_rows(cut)) < len(table_rows(full))
    assert render_comment(summaries.summary(), budget=len(cut.encode())) == cut


def test_the_job_summary_has_more_rows_and_no_marker() -> None:
    """Same content, another length."""
    findings = [summaries.finding(line=line) for line in range(1, 300)]
    summary = summaries.summary(context=summaries.push_context(), lint=summaries.lint(findings=findings))
    text = render_job_summary(summary)
    assert text.count("W0613 unused-argument") == 200
    assert "and 99 more in" in text
    assert "<!--" not in text


def test_the_job_summary_of_a_small_project_is_the_comment_with_the_phases_and_no_marker() -> None:
    """One template serves both; how long the phases took is only for the one that nobody has to read."""
    comment = render_comment(summaries.summary()).removesuffix(f"\n{marker('default')}\n")
    job_summary = render_job_summary(summaries.summary())
    phases = re.search(r"<details><summary>Phases: \d+</summary>.*?</details>\n\n", job_summary, re.DOTALL)
    assert phases is not None
    assert job_summary.replace(phases[0], "") == comment
    assert "Phases" not in comment


def test_the_job_summary_stays_below_what_github_takes() -> None:
    """A job summary over 1 MiB would be dropped as a whole."""
    assert len(render_job_summary(large_summary()).encode()) <= 900 * 1024


@pytest.mark.parametrize("part", ["lint", "coverage", "security", "complexity", "commits", "attribution", "quality"])
def test_a_part_that_is_unavailable_costs_only_its_own_rows(part: str) -> None:
    """One failed tool leaves the rest of the report intact."""
    fields: dict[str, Any] = {part: model.Unavailable(reason="the tool broke; try again")}
    text = render_comment(summaries.summary(**fields))
    assert "| n/a |" in text
    assert text.count("the tool broke; try again") == 1
