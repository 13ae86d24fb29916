from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.report.annotations import render_annotations
from ai_code_metrics.report.escape import plain
from support import summaries
from support.step_log import Command, lines_of, read_line

if TYPE_CHECKING:
    from ai_code_metrics import model
    from support.gold import Gold

FRAGMENTS = st.sampled_from(
    ["::error::x", "\n", "\r", "\r\n", "%0A", "%0D", "%25", "%3A", ",", ":", "=", "::", "##[error]x", "\x85", "\u2028",
     "::stop-commands::t", "\x1b[31m", "\u202e", "\u200b", " ", "/", "..", "src/a.py", "word"]
)  # fmt: skip
HOSTILE = st.lists(FRAGMENTS | st.text(max_size=3), max_size=12).map("".join)


def new(**fields: Any) -> model.Finding:
    return summaries.finding(is_new=True, **fields)


def with_lint(*findings: model.Finding, **fields: Any) -> model.Summary:
    """A summary with these findings of lint and none of security."""
    return summaries.summary(
        lint=summaries.lint(findings=list(findings)), security=summaries.security(findings=[]), **fields
    )


def commands(of: model.Summary) -> list[Command]:
    """The commands that the runner reads of what is rendered."""
    return [command for command in map(read_line, lines_of(render_annotations(of))) if command]


def only_command(finding: model.Finding, **fields: Any) -> Command:
    (command,) = commands(with_lint(finding, **fields))
    return command


def test_new_findings_of_a_pull_request(gold: Gold) -> None:
    """New findings are annotated at their lines, the worst first and security before lint; old ones are not."""
    gold.check("annotations.txt", render_annotations(summaries.compared_summary()))


def test_hostile_text_stays_inside_of_its_command(gold: Gold) -> None:
    """Paths and messages that imitate commands are shown as text."""
    gold.check("annotations-hostile.txt", render_annotations(summaries.hostile_summary()))


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        ("fatal", "error"), ("error", "error"), ("warning", "warning"), ("refactor", "notice"),
        ("convention", "notice"), ("info", "notice"), ("another", "notice"),
    ],
)  # fmt: skip
def test_the_level_of_a_lint_finding(severity: str, level: str) -> None:
    """Errors of pylint's are errors, its warnings are warnings, the rest is worth a notice."""
    assert only_command(new(severity=severity)).name == level


@pytest.mark.parametrize(
    ("severity", "level"), [("high", "error"), ("medium", "warning"), ("low", "notice"), ("undefined", "notice")]
)
def test_the_level_of_a_security_finding(severity: str, level: str) -> None:
    """A high severity is an error, a medium one a warning."""
    found = summaries.security_finding(severity=severity, is_new=True)
    of = summaries.summary(lint=summaries.lint(findings=[]), security=summaries.security(findings=[found]))
    assert [command.name for command in commands(of)] == [level]


def test_a_finding_of_one_line_has_no_end() -> None:
    """Only a finding of several lines names its last one; the runner drops a range that ends before it begins."""
    assert only_command(new(line=5, end_line=9)).properties["endLine"] == "9"
    assert "endLine" not in only_command(new(line=5, end_line=5)).properties
    assert "endLine" not in only_command(new(line=5, end_line=3)).properties
    assert "endLine" not in only_command(new(line=5, end_line=None)).properties


def test_a_finding_about_a_file_is_annotated_at_the_file() -> None:
    """Line 0 means the whole file, which has no line to point at."""
    command = only_command(new(line=0, end_line=4))
    assert set(command.properties) == {"file", "title"}


def test_a_path_is_told_from_the_top_of_the_repository() -> None:
    """In a monorepo the summary's paths are relative to the measured directory, GitHub's to the top."""
    command = only_command(new(), context=summaries.context(directory="services/shop"))
    assert command.properties["file"] == "services/shop/src/shop/cart.py"


@pytest.mark.parametrize("path", ["../x.py", "/etc/passwd", "a//b.py", "a\nb.py", "two  blanks.py", "\u202egpj.py", ""])
def test_a_path_that_is_none_of_a_file_s_stands_in_the_text(path: str) -> None:
    """GitHub would find no such file, so that the annotation would be lost; its text names it, cleaned."""
    command = only_command(new(path=path))
    assert set(command.properties) == {"title"}
    assert command.text == f"{plain(path)}: Unused argument 'currency'"


def test_a_finding_without_words_shows_its_rule() -> None:
    """The runner drops a command without a text."""
    assert only_command(new(message="\n")).text == "pylint W0613 unused-argument"


def test_the_worst_are_shown_and_the_rest_is_counted() -> None:
    """GitHub shows ten annotations of each level and drops further ones silently."""
    findings = [new(severity="convention", line=line) for line in range(1, 12)]
    findings += [new(severity="warning", line=line) for line in range(1, 1013)]
    findings += [new(severity="error", line=line) for line in range(20, 0, -1)]
    lines = lines_of(render_annotations(with_lint(*findings)))
    read = [command for command in map(read_line, lines) if command]
    assert [command.name for command in read] == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert [command.properties["line"] for command in read[:10]] == [str(line) for line in range(1, 11)]
    last = "10 more errors, 1,002 more warnings, 1 more notice are in the job summary and the artifact"
    assert lines[30:] == [last]


def test_one_that_is_left_out_is_counted_in_words() -> None:
    """One more is one more."""
    text = render_annotations(with_lint(new(line=1), new(line=2)), limit=1)
    assert lines_of(text)[1:] == ["1 more warning is in the job summary and the artifact"]


def test_without_a_base_nothing_is_annotated() -> None:
    """Findings that nobody can tell new from old would drown a pull request; a line says that they are there."""
    text = render_annotations(summaries.summary())
    assert text == "6 findings are not annotated: without a base nobody can tell whether they are new\n"


@pytest.mark.parametrize(
    "of", [with_lint(), with_lint(summaries.finding(is_new=False)), summaries.unavailable_summary()]
)
def test_nothing_new_is_nothing_to_say(of: model.Summary) -> None:
    """Without new findings there is no line at all."""
    assert render_annotations(of) == ""


@given(
    st.lists(
        st.builds(
            new, message=HOSTILE, path=HOSTILE, name=HOSTILE, rule=HOSTILE, tool=HOSTILE, severity=HOSTILE,
            line=st.integers(0, 5), end_line=st.none() | st.integers(0, 9),
        ),
        max_size=3,
    ),
    HOSTILE,
)  # fmt: skip
def test_no_text_of_a_finding_can_be_a_command(findings: list[model.Finding], directory: str) -> None:
    """The runner reads one command a finding, of the level and with the text that are meant, and nothing else."""
    of = with_lint(*findings, context=summaries.context(directory=directory))
    read = [read_line(line) for line in lines_of(render_annotations(of))]
    assert [command and command.name for command in read] == ["notice"] * len(findings)
    messages = {plain(finding.message, 1_000) for finding in findings}
    for command in filter(None, read):
        assert set(command.properties) <= {"file", "line", "endLine", "title"}
        assert any(command.text.endswith(message) for message in messages)
        paths = {f"{directory}/{finding.path}" if directory else finding.path for finding in findings}
        assert command.properties.get("file") in paths | {None}
