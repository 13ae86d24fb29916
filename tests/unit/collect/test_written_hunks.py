from __future__ import annotations

import io

import pytest

from ai_code_metrics.collect.patch_log import UnreadableLog
from ai_code_metrics.collect.written_hunks import WrittenHunk, is_same_but_format, read_written


def read(text: bytes) -> tuple[WrittenHunk, bytes]:
    """The hunk at the beginning of a text, and what is left of it."""
    header, _, rest = text.partition(b"\n")
    stream = io.BytesIO(rest)
    return read_written(header + b"\n", stream), stream.read()


@pytest.mark.parametrize(
    ("text", "hunk"),
    [
        (b"@@ -1 +1,3 @@\n-a\n+b\n+ \t\n+c\n", WrittenHunk(1, 4, 1, b"\1\0\1")),
        (b"@@ -5,2 +4,0 @@\n-a\n-b\n", WrittenHunk(5, 5, 2)),
        (b"@@ -0,0 +1,2 @@\n+a\n+\n", WrittenHunk(1, 3, 0, b"\1\0")),
        (b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n", WrittenHunk(1, 2, 1, b"\1")),
        (b"@@ -1 +1 @@\n-a = 'x'\n+a  =  \"x\"\n", WrittenHunk(1, 2, 1, b"\1", is_format=True)),
    ],
)
def test_a_hunk_tells_which_lines_are_blank(text: bytes, hunk: WrittenHunk) -> None:
    """And takes its lines from the stream, no more."""
    assert read(text + b"diff --git a/x b/x\n") == (hunk, b"diff --git a/x b/x\n")


@pytest.mark.parametrize(
    ("old", "new", "is_format"),
    [
        ([b"-f(a, b)"], [b"+f(", b"+    a,", b"+    b,", b"+)"], True),
        ([b"-x = [1,2]"], [b"+x = [1, 2,]"], True),
        ([b"-a", b"-b"], [b"+a b"], True),
        ([b"-a,"], [b"+a"], True),
        ([b"-f(a, b)"], [b"+f(b, a)"], False),
        ([b"-a"], [], False),
        ([], [b"+a"], False),
        ([b"-  "], [b"+"], False),
        ([b"-f(a,b)"], [b"+f(ab)"], False),
    ],
)
def test_a_format_is_white_space_quotes_and_trailing_commas(
    old: list[bytes], new: list[bytes], *, is_format: bool
) -> None:
    """Nothing else, and nothing of nothing."""
    assert is_same_but_format(old, new) == is_format


@pytest.mark.parametrize("text", [b"@@ rubbish @@\n", b"@@ -1 +1,3 @@\n-a\n+b\n"])
def test_what_is_no_hunk_is_refused(text: bytes) -> None:
    """A header without numbers, and a hunk that ends too early."""
    with pytest.raises(UnreadableLog):
        read(text)
