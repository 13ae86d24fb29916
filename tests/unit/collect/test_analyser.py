from __future__ import annotations

import os
from pathlib import Path

import pytest

from ai_code_metrics.collect.analyser import SourceLines, number, relative_path, text

ROOT = Path("/project")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("./src/a.py", "src/a.py"),
        ("././a.py", "a.py"),
        ("/project/a b.py", "a b.py"),
        ("./-a.py", "-a.py"),
        ("/elsewhere/a.py", "/elsewhere/a.py"),
    ],
)
def test_relative_path(name: str, expected: str) -> None:
    """A tool's spelling of a path becomes the one that git has; a path elsewhere stays as it is."""
    assert relative_path(name, ROOT) == expected


def test_text_is_bounded_and_fit_for_json() -> None:
    """Foreign text is cut, and a lone surrogate, which no JSON can hold, is replaced."""
    assert text("abc", 2) == "ab"
    assert text("a\ud800", 9) == "a?"


@pytest.mark.parametrize("value", [None, 3, ["a"], b"a"])
def test_text_refuses_what_is_no_text(value: object) -> None:
    """A report with another type in the place of a text is no report."""
    with pytest.raises(TypeError, match="is no text"):
        text(value, 10)


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (7, 7), (-1, 0)])
def test_number(value: int, expected: int) -> None:
    """A tool's -1 for "nowhere" becomes 0."""
    assert number(value) == expected


@pytest.mark.parametrize("value", [None, True, 1.5, "1", float("nan")])
def test_number_refuses_what_is_no_whole_number(value: object) -> None:
    """A report with another type in the place of a number is no report."""
    with pytest.raises(TypeError, match="is no whole number"):
        number(value)


def test_source_lines(tmp_path: Path) -> None:
    """Lines end at line feeds only, bytes that are no UTF-8 are replaced, and what isn't there is empty."""
    (tmp_path / "a.py").write_bytes(b"one\x0cstill one\ncaf\xe9\n")
    (tmp_path / "b.py").write_bytes(b"other")
    lines = SourceLines(tmp_path)

    assert lines("a.py", 1) == "one\x0cstill one"
    assert lines("a.py", 2) == "caf\ufffd"
    assert lines("b.py", 1) == "other"
    assert [lines("a.py", line) for line in (0, 99, -1)] == ["", "", ""]
    assert lines("gone.py", 1) == ""


@pytest.mark.timeout(10)
@pytest.mark.skipif(os.name == "nt", reason="there are no FIFOs in Windows' file system")
def test_source_lines_of_a_fifo(tmp_path: Path) -> None:
    """Code that is no file any more has no lines, and reading it comes to an end."""
    os.mkfifo(tmp_path / "a.py")

    assert SourceLines(tmp_path)("a.py", 1) == ""
