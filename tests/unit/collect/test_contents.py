"""Counting lines in a stream."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect import contents


def count(content: bytes) -> int | None:
    return contents._count_lines(io.BytesIO(content + b"\nnext header"), len(content))


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
