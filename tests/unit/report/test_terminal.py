from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from ai_code_metrics import model
from ai_code_metrics.report.terminal import Progress, print_attribution, print_commits, print_report
from support import summaries

if TYPE_CHECKING:
    from support.gold import Gold


def console(*, is_terminal: bool = False, encoding: str = "utf-8") -> tuple[Console, io.BytesIO]:
    """A console of 120 columns and the bytes that it writes."""
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding, newline="\n", write_through=True)
    environment = {"TERM": "xterm-256color"}
    made = Console(file=stream, width=120, force_terminal=is_terminal, _environ=environment, legacy_windows=False)
    return made, written


def printed(summary: model.Summary, *, is_terminal: bool = False) -> str:
    """The report without the blanks that pad its tables."""
    made, written = console(is_terminal=is_terminal)
    print_report(summary, made)
    return re.sub(r" +$", "", written.getvalue().decode(), flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("terminal.txt", summaries.summary()),
        ("terminal-hostile.txt", summaries.hostile_summary()),
        ("terminal-unavailable.txt", summaries.unavailable_summary()),
    ],
)
def test_the_report_is_as_somebody_found_it_good(name: str, summary: model.Summary, gold: Gold) -> None:
    """The whole plain text, as it stands in a log."""
    gold.check(name, printed(summary))


def test_a_log_gets_no_terminal_sequences() -> None:
    """Plain text where the stream is no terminal."""
    assert "\x1b" not in printed(summaries.summary())


def test_a_terminal_gets_colour() -> None:
    """The verdict stands out."""
    assert "\x1b[1;31mai-code-metrics 0.1.0: failed (1 of 2 gates)" in printed(summaries.summary(), is_terminal=True)


def test_no_sequence_of_the_project_reaches_a_terminal() -> None:
    """Only our own colours are left: no cursor moves, titles, links or direction changes from foreign text."""
    text = printed(summaries.hostile_summary(), is_terminal=True)
    left = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f]", left)


def test_text_that_looks_like_markup_is_printed_as_it_is() -> None:
    """Brackets in a message are no style."""
    finding = summaries.finding(message="[red]not red[/red] [link=x]y[/link] :boom:")
    assert "[red]not red[/red] [link=x]y[/link] :boom:" in printed(
        summaries.summary(context=summaries.push_context(), lint=summaries.lint(findings=[finding]))
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_narrow_encoding_is_no_crash(encoding: str) -> None:
    """What the stream can't hold shows as a question mark."""
    made, written = console(encoding=encoding)
    print_report(summaries.summary(warnings=[model.MeasurementWarning(code="w", message="日本 …")]), made)
    assert b"warning: ??" in written.getvalue()


def test_ten_rows_are_shown_and_the_rest_is_counted() -> None:
    """A terminal is no place for a thousand findings."""
    findings = [summaries.finding(line=line) for line in range(1, 31)]
    text = printed(summaries.summary(context=summaries.push_context(), lint=summaries.lint(findings=findings)))
    assert text.count("W0613") == 10
    assert "and 20 more in metrics-summary.json" in text


def test_many_line_ranges_are_cut() -> None:
    """A file with a gap at every other line takes one line of the report."""
    gaps = summaries.coverage(files=[summaries.file_coverage(missing=list(range(1, 21, 2)))])
    assert "1, 3, 5, 7, 9, 11 and 4 more" in printed(summaries.summary(coverage=gaps))


def test_progress_in_a_log_is_one_line_for_each_finished_phase() -> None:
    """Starting says nothing; the end says how long and how."""
    made, written = console()
    with Progress(made) as progress:
        progress.started("pylint")
        assert written.getvalue() == b""
        progress.finished("pylint", 4.23, "ok")
        progress.finished("tests", 12.0, "failed")
    assert written.getvalue().decode() == "pylint: ok in 4.2 s\ntests: failed in 12.0 s\n"


def test_progress_on_a_terminal_shows_what_runs() -> None:
    """A running phase has a spinner, which goes when it has ended; nothing of it stays but the line."""
    made, written = console(is_terminal=True)
    with Progress(made) as progress:
        progress.started("py[b]lint")
        progress.started("bandit")
        progress.finished("bandit", 1.0, "ok")
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.getvalue().decode())
    assert "py[b]lint" in text
    assert "bandit: ok in 1.0 s" in text
    assert "\x1b[?25h" in written.getvalue().decode()


def test_the_cursor_comes_back_after_an_error() -> None:
    """A run that breaks leaves a usable terminal, and the error goes on."""
    made, written = console(is_terminal=True)

    def run() -> None:
        with Progress(made) as progress:
            progress.started("pylint")
            raise RuntimeError("it broke")

    with pytest.raises(RuntimeError, match="it broke"):
        run()
    assert written.getvalue().decode().rpartition("\x1b[?25")[2].startswith("h")


@pytest.mark.parametrize("is_terminal", [True, False])
def test_phases_may_end_in_any_thread(*, is_terminal: bool) -> None:
    """Every phase gets its own whole line whatever the order."""
    made, written = console(is_terminal=is_terminal)

    def run(number: int) -> None:
        progress.started(f"phase-{number}")
        progress.finished(f"phase-{number}", number, "ok")

    with Progress(made) as progress, ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(40)))
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.getvalue().decode())
    lines = {line.strip() for line in re.split(r"[\r\n]+", text)}
    assert {f"phase-{number}: ok in {number}.0 s" for number in range(40)} <= lines


def test_commits_are_all_listed_worst_first() -> None:
    """The command `commits` shows every score of its range, and the median that sums them up."""
    items = [summaries.commit_item(score=float(score), subject=f"commit {score}") for score in range(50, 90)]
    made, written = console()
    print_commits(summaries.commits(scored=40, median=69.5, worst=50.0, items=items, range="a..b"), made)
    lines = written.getvalue().decode().split("\n")
    assert lines[0].strip() == "a..b: median 69.5, worst 50 of 40 commits"
    listed = [line.split()[0] for line in lines if "commit " in line and line.startswith((" ", "5", "6", "7", "8"))]
    assert listed == [str(score) for score in range(50, 90)]


def test_attribution_names_its_view_and_its_parts() -> None:
    """The command `attribution` says which lines it counted, who is outside, and what it warns of."""
    made, written = console()
    view = summaries.attribution_view(warnings=["3 files are binary"])
    print_attribution(view, made)
    text = written.getvalue().decode()
    assert "AI share of changed lines: 40 %" in text
    assert "AI-tagged 48" in text
    assert "warning: 3 files are binary" in text


def test_attribution_of_nothing_has_no_share() -> None:
    """Where nothing is counted the share is n/a, not 0."""
    made, written = console()
    print_attribution(summaries.attribution_view(ai_share=None, ai_lines=0, by_file=[]), made)
    assert "AI share of changed lines: n/a" in written.getvalue().decode()
