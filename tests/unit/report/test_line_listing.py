"""A file line by line."""

from __future__ import annotations

import io
import re

from rich.console import Console

from ai_code_metrics.records import LineListing, LineOrigin, LineRow
from ai_code_metrics.report.line_listing import print_lines, rows

SHA = "a" * 40
NOTED = LineOrigin("ai", "authored", "claude-code", "claude-opus-4-6", "note", SHA, 1_700_000_000)
LISTING = LineListing(
    path="a.py", view="changed", left_out=False,
    rows=[LineRow(9, "def f():", NOTED), LineRow(10, "", None), LineRow(11, "    return 1",
          LineOrigin("untagged", None, None, None, None, SHA, 0))],
)  # fmt: skip


def printed(listing: LineListing, *, encoding: str = "utf-8", is_terminal: bool = False) -> str:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding, newline="\n", write_through=True)
    print_lines(listing, Console(file=stream, width=60, force_terminal=is_terminal, _environ={"TERM": "xterm"}))
    return written.getvalue().decode(encoding)


def test_evidence_stands_in_columns_before_the_text() -> None:
    """Numbers and texts line up; a line that isn't counted has a dash; the text keeps its indentation."""
    short = SHA[:12]
    evidence = f"{short}  ai, authored by note, claude-code (claude-opus-4-6)"
    assert printed(LISTING).split("\n") == [
        f" 9  {evidence}  def f():",
        "10  -",
        f"11  {f'{short}  untagged':<{len(evidence)}}      return 1",
        "",
    ]


def test_a_file_outside_of_the_view_and_warnings_are_said() -> None:
    """The reader of the lines learns that they are not in the counts."""
    listing = LineListing("a.lock", "surviving", left_out=True, rows=[], warnings=["markers of a.lock: odd"])
    assert printed(listing).split("\n") == [
        "note: this file is left out of the view; its lines are not in the counts",
        "warning: markers of a.lock: odd",
        "",
    ]  # fmt: skip


def test_hostile_text_does_not_drive_the_terminal() -> None:
    """Escape sequences, control characters and direction changes are taken out of lines, agents and models."""
    text = "\x1b[2J\x1b]0;title\x07x\u202ey\ttail\x00"
    origin = LineOrigin("ai", "authored", "\x1b[31magent", "mo\ndel 1", "note", SHA, 0)
    listing = LineListing("a.py", "surviving", left_out=False, rows=[LineRow(1, text, origin)], warnings=["\x1b[2Jw"])
    shown = re.sub(r"\x1b\[[0-9;]*m", "", printed(listing, is_terminal=True))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    assert "[U+202E]" in shown


def test_what_an_encoding_can_not_hold_is_a_question_mark() -> None:
    """No line is a crash."""
    listing = LineListing("a.py", "changed", left_out=False, rows=[LineRow(1, "café", None)])
    assert "caf?" in printed(listing, encoding="ascii")


def test_json_has_every_field_of_every_line() -> None:
    """Fields of a line that isn't counted are null."""
    listed = rows(LISTING)
    assert (listed["path"], listed["view"], listed["left_out"], listed["warnings"]) == ("a.py", "changed", False, [])
    assert listed["lines"][0] == {"line": 9, **NOTED._asdict()}
    assert set(listed["lines"][1].values()) == {10, None}
    assert set(listed["lines"][1]) == set(listed["lines"][0])
