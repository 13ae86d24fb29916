"""Paths as git prints them."""

from __future__ import annotations

import pytest

from ai_code_metrics.collect.git_paths import unquoted


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"a b.py", b"a b.py"), (b'"a\\"b\\\\c.py"', b'a"b\\c.py'), (b'"\\a\\b\\t\\n\\v\\f\\r"', b"\a\b\t\n\v\f\r"),
        (b'"\\001\\377"', b"\x01\xff"), (b'"', b'"'), (b'a"', b'a"'), (b'""', b""),
    ],
)  # fmt: skip
def test_quoted_paths_are_read_as_c_writes_them(name: bytes, path: bytes) -> None:
    """Only a name in quotes has escapes."""
    assert unquoted(name) == path
