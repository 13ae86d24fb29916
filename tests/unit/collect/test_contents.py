"""Counting lines in a stream."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect import contents


def read(content: bytes, *words: str) -> contents.Text | None:
    output = io.BytesIO(content + b"\nnext header")
    text = contents._read_text(output, len(content), contents._pattern(words))
    assert output.read() == b"\nnext header"
    return text


def count(content: bytes) -> int | None:
    text = read(content)
    return None if text is None else text.lines


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", 0),
        (b"\n\n \t\r\n", 0),
        (b"a\n\nb\n", 2),
        (b"a\nb", 2),
        (b"a\r\n\r\nb\r\n", 2),
        (b"a\x0cb\rc\xe2\x80\xa8d", 1),
        (b"a\0b", None),
        (b"a" * 8_000 + b"\0", 1),
        (b"x" * 200_000 + b"\n" + b" " * 200_000 + b"\ny", 2),
        (b"\0" + b"a\n" * 100_000, None),
    ],
)
def test_lines_with_more_than_white_space_are_counted(content: bytes, expected: int | None) -> None:
    r"""Lines end in \n only; a NUL in the first 8,000 bytes makes a file binary; size doesn't matter."""
    assert count(content) == expected


@given(st.lists(st.sampled_from([b"\n", b" ", b"x", b"y" * 9_000, b" " * 70_000, b"\r\n"]), max_size=20))
def test_chunks_do_not_change_the_count(parts: list[bytes]) -> None:
    """However lines fall on the chunks in which they are read, each is counted once."""
    content = b"".join(parts)
    assert count(content) == sum(1 for line in content.split(b"\n") if line.strip())


@given(st.lists(st.sampled_from([b"\n", b" ", b"x", b"y" * 9_000, b" " * 1_100_000, b"\r\n"]), max_size=12))
def test_there_is_a_byte_for_each_line_of_gits(parts: list[bytes]) -> None:
    """Lines are numbered as git numbers them, a last one without a line feed included."""
    content = b"".join(parts)
    text = read(content)
    assert text is not None
    lines = content.split(b"\n")
    assert list(text.counted) == [bool(line.strip()) for line in (lines if lines[-1] else lines[:-1])]


def test_lines_with_a_wanted_word_are_kept() -> None:
    """A word counts in any case where it stands alone, but not in a line that is too long to be a marker."""
    content = b"x\n\t# AI-generated  \nmaintain\nmail\nby ai.\n" + b"z" * 5_000 + b" AI\ncaf\xe9 Hal 9\n# AI"
    text = read(content, "AI", "hal 9")
    assert text is not None
    assert [(line.line, line.text) for line in text.marked[:2]] == [(2, "# AI-generated"), (5, "by ai.")]
    assert [(line.line, line.text) for line in text.marked[2:]] == [(7, "caf\ufffd Hal 9"), (8, "# AI")]


def test_the_number_of_kept_lines_is_bounded() -> None:
    """A file that is full of the word doesn't fill memory; its lines are counted all the same."""
    text = read(b"AI\n" * 10_050, "AI")
    assert text is not None
    assert (len(text.marked), text.lines) == (10_000, 10_050)
