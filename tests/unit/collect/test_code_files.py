from __future__ import annotations

import pytest

from ai_code_metrics.collect.code_files import is_code, is_test_code


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("a.py", True), ("src/b.TS", True), ("c.test.tsx", True), ("d.R", True), ("e.scm", True),
        ("README.md", False), ("data.json", False), ("py", False), (".py", True), ("a.py/file", False), ("x.", False),
    ],
)  # fmt: skip
def test_code_is_told_by_the_end_of_its_name(path: str, *, is_one: bool) -> None:
    """Of any programming language; data and prose are none."""
    assert is_code(path) == is_one


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("test_a.py", True), ("a_test.go", True), ("src/a.test.ts", True), ("a_spec.rb", True),
        ("src/__tests__/b.js", True), ("tests/c.rs", True), ("e2e/d.ts", True), ("a.spec.tsx", True),
        ("contest.py", False), ("latest.ts", False), ("src/testing.rs", False), ("spec.py", False), ("test.py", False),
    ],
)  # fmt: skip
def test_tests_are_told_by_their_names(path: str, *, is_one: bool) -> None:
    """As the languages' own tools look for them."""
    assert is_test_code(path) == is_one
