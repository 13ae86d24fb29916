from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.report import workflow_commands


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


@given(st.text(), st.text())
def test_no_text_breaks_out_of_a_command(text: str, title: str) -> None:
    """Whatever text and title hold, a command is one line with the text last, and unescaping gives the text back."""
    command = workflow_commands.warning(text, title=title)
    assert "\n" not in command
    assert "\r" not in command
    payload = command.split("::", 2)[2]
    assert payload.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%") == text
