from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.report import workflow_commands
from support.step_log import Command, lines_of, read_line


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (workflow_commands.warning("plain"), "::warning::plain"),
        (workflow_commands.error("100 %\r\n::error::x"), "::error::100 %25%0D%0A::error::x"),
        (workflow_commands.warning("%0A"), "::warning::%250A"),
        (workflow_commands.error("a, b: c", title="x: 1,2\n%"), "::error title=x%3A 1%2C2%0A%25::a, b: c"),
    ],
)
def test_commands_are_escaped(command: str, line: str) -> None:
    """A workflow command is one line, and what it holds is shown as it was written."""
    assert command == line


def test_an_annotation_names_what_it_is_given() -> None:
    """Properties stand in the order given, and what is empty is left out."""
    given = {"file": "src/a,b.py", "line": "3", "endLine": "", "title": "x"}
    line = workflow_commands.annotation("notice", "why", given)
    assert line == "::notice file=src/a%2Cb.py,line=3,title=x::why"


@given(text=st.text(), title=st.text(), file=st.text(), level=st.sampled_from(workflow_commands.LEVELS))
def test_no_text_breaks_out_of_a_command(text: str, title: str, file: str, level: workflow_commands.Level) -> None:
    """Whatever the texts hold, the runner reads one command with exactly these texts."""
    command = workflow_commands.annotation(level, text, {"file": file, "title": title, "line": "1"})
    (line,) = lines_of(command)
    properties = {name: value for name, value in (("file", file), ("title", title), ("line", "1")) if value}
    assert read_line(line) == Command(level, text, properties)
