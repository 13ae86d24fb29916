from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect.fingerprint import content_print, fingerprint

FINDING = {"tool": "pylint", "rule": "W0612", "path": "a.py", "symbol": "f", "line_text": "x = 1"}


def test_white_space_does_not_matter() -> None:
    """A line that is indented anew keeps the fingerprint of its finding."""
    assert fingerprint(**FINDING) == fingerprint(**{**FINDING, "line_text": "\t x=1 "})


@pytest.mark.parametrize("field", FINDING)
def test_everything_else_does(field: str) -> None:
    """Another tool, rule, path, symbol or line is another finding."""
    assert fingerprint(**FINDING) != fingerprint(**{**FINDING, field: "other"})


@given(st.text(), st.text(), st.text())
def test_any_text_has_one(path: str, symbol: str, line: str) -> None:
    """A fingerprint is 16 hexadecimal digits, whatever the texts hold."""
    made = fingerprint(tool="t", rule="r", path=path, symbol=symbol, line_text=line)

    assert re.fullmatch("[0-9a-f]{16}", made)


def test_the_content_is_the_same_wherever_it_stands() -> None:
    """Rule and text of the line make it, white space does not."""
    made = content_print(tool="pylint", rule="W0612", line_text="x = 1")
    assert made == content_print(tool="pylint", rule="W0612", line_text="\t x=1 ")
    assert made != content_print(tool="pylint", rule="W0612", line_text="x = 2")
    assert made != content_print(tool="pylint", rule="W0613", line_text="x = 1")
    assert made != content_print(tool="bandit", rule="W0612", line_text="x = 1")


@pytest.mark.parametrize("text", ["", "  \t\r"])
def test_a_line_without_text_has_no_content(text: str) -> None:
    """Nothing is known again by it."""
    assert content_print(tool="pylint", rule="C0114", line_text=text) == ""
