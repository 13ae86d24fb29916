"""Globs, built-in exclusions and test paths."""

from __future__ import annotations

import pytest

from ai_code_metrics.collect.exclusions import BUILT_IN, is_test_path, matches


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a.py", "*.py", True),
        ("x/y/a.py", "*.py", True),
        ("a.pyc", "*.py", False),
        ("x/gen/a.py", "gen", True),
        ("x/gen/a.py", "gen/", True),
        ("gen/a.py", "/gen", True),
        ("x/gen/a.py", "/gen", False),
        ("src/vendor/a/b.py", "src/vendor/**", True),
        ("src/vendor", "src/vendor/**", False),
        ("src/vendor/a.py", "src/vendor", True),
        ("x/src/vendor/a.py", "src/vendor", False),
        ("src/a.py", "./src/*.py", True),
        ("src/x/a.py", "src/*.py", False),
        ("src/x/y/a.py", "src/**/a.py", True),
        ("src/a.py", "src/**/a.py", True),
        ("x/y/migrations/0001.py", "**/migrations/*.py", True),
        ("migrations/0001.py", "**/migrations/*.py", True),
        ("x/y", "**", True),
        ("docs/a.py", "doc?/[ab].py", True),
        ("docs/c.py", "doc?/[!c].py", False),
        ("a\nb/x.py", "a*b/*.py", True),
        ("a.py", "", False),
        ("a.py", "  ", False),
        ("a.py", "/", False),
        ("A.PY", "*.py", False),
    ],
)
def test_globs_match_as_in_a_gitignore(path: str, pattern: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """A name matches anywhere, a path from the top, a directory all below it; ** any directories."""
    assert matches(path, [pattern]) is expected


def test_any_of_several_patterns_suffices() -> None:
    """Patterns are alternatives; none at all matches nothing."""
    assert matches("a/b.py", ["x", "a/*"])
    assert matches("a/b.py", ["y/z", "*.py"])
    assert not matches("a/b.py", [])


@pytest.mark.timeout(60)
def test_a_hostile_pattern_comes_to_an_end() -> None:
    """Patterns come from pull requests: many stars must not blow up."""
    assert not matches("a" * 4_000, ["*a" * 200 + "b"])
    assert not matches("/".join("a" * 500), ["/".join(["**", "a"] * 100) + "/b"])


@pytest.mark.parametrize(
    "path",
    [
        "uv.lock", "web/package-lock.json", "pnpm-lock.yaml", "go.sum", "x/poetry.lock", "bun.lockb",
        "a/.terraform.lock.hcl",
        "static/jquery.min.js", "site.min.css", "app.js.map", "tests/__snapshots__/a.ambr", "ui/x.snap",
        "src/vendor/lib/a.py", "node_modules/x/index.js", "third_party/a.c", "src/pip/_vendor/six.py",
        "api/service_pb2.py", "api/service_pb2_grpc.py", "api/service_pb2.pyi",
    ],
)  # fmt: skip
def test_nobodys_own_writing_is_excluded(path: str) -> None:
    """Lock files, minified code, snapshots, vendored folders and generated code are recognised by name."""
    assert matches(path, BUILT_IN)


@pytest.mark.parametrize(
    "path", ["src/lock.py", "src/vendors/models.py", "min.js", "a_pb.py", "snapshot.py", "clock.py"]
)
def test_names_that_only_look_like_it_are_kept(path: str) -> None:
    """Own code with a similar name stays in."""
    assert not matches(path, BUILT_IN)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("test_a.py", True), ("src/pkg/test_a.py", True), ("src/a_test.py", True), ("conftest.py", True),
        ("tests/data.py", True), ("pkg/test/x.py", True), ("pkg/testing/x.py", False), ("tests/x.json", True),
        ("src/a.py", False), ("testing.py", False), ("src/contest.py", False), ("latest/a.py", False), ("tests", False),
        ("src/test_data.json", False), ("a_test.pyi", False),
    ],
)  # fmt: skip
def test_tests_are_known_by_their_path(path: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """Names of pytest and unittest, and everything below a directory of tests."""
    assert is_test_path(path) is expected
