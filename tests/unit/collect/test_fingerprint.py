from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect.fingerprint import fingerprint

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
