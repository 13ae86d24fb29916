from __future__ import annotations

from pathlib import Path

import pytest

from ai_code_metrics.collect.interpreter import Interpreter
from ai_code_metrics.collect.project_tests import limits, pytest_options, read_junit, split_command
from ai_code_metrics.errors import UsageError
from ai_code_metrics.process import Finished

FINISHED = Finished(
    argv=("python",), exit_code=1, seconds=2.5, peak_memory_bytes=1, timed_out=False, stdout="", stderr=""
)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("auto", ["-m", "pytest"]),
        ("pytest", ["-m", "pytest"]),
        ("py.test -q 'my tests'", ["-m", "pytest", "-q", "my tests"]),
        ("python -m pytest -k 'a or b'", ["-m", "pytest", "-k", "a or b"]),
        ("python3 -m unittest discover", ["-m", "unittest", "discover"]),
        ("python manage.py test", ["manage.py", "test"]),
    ],
)
def test_split_command(command: str, expected: list[str]) -> None:
    """Commands of pytest and python become arguments of ``coverage run``."""
    assert split_command(command) == expected


@pytest.mark.parametrize(
    "command", ["", "   ", "tox", "uv run pytest", "make test", "CI=1 pytest", "python", "python -c pass", "pytest 'a"]
)
def test_split_command_refuses(command: str) -> None:
    """Anything else is a usage error that names the setting: coverage can't be measured from outside."""
    with pytest.raises(UsageError, match="test-command: "):
        split_command(command)


@pytest.mark.parametrize(
    ("settings", "source", "expected"),
    [
        (set(), ["pkg"], ["--branch", "--source=pkg"]),
        (set(), ["src/b.py", "src/a.py", "pkg"], ["--branch", "--source=pkg,src"]),
        (set(), ["a.py"], ["--branch", "--source=."]),
        ({"branch"}, ["."], ["--source=."]),
        ({"omit", "parallel"}, ["."], ["--branch", "--source=."]),
        ({"source"}, ["pkg"], ["--branch"]),
        ({"source_pkgs", "branch"}, ["pkg"], []),
        ({"include"}, ["pkg"], ["--branch"]),
    ],
)
def test_limits(settings: set[str], source: list[str], expected: list[str]) -> None:
    """Only what the project leaves open is filled in, and a module stands for its directory."""
    assert limits(frozenset(settings), source) == expected


@pytest.mark.parametrize(
    ("plugins", "expected"),
    [
        ({"pytest"}, []),
        ({"pytest", "pytest_cov"}, ["--no-cov"]),
        ({"pytest", "pytest_cov", "xdist"}, ["--no-cov", "-n0"]),
    ],
)
def test_pytest_options(plugins: set[str], expected: list[str]) -> None:
    """A second tracer and workers are switched off where there are such, by options that the plugins know."""
    target = Interpreter(
        executable="python", version=(3, 12, 0), import_path=(), coverage=None, plugins=frozenset(plugins)
    )

    options = pytest_options(target, Path("/room/junit.xml"))

    assert options == ["--junitxml=/room/junit.xml", "-o", "cache_dir=/room/cache", *expected]


def test_read_junit(tmp_path: Path) -> None:
    """The counts of pytest are read, the passed ones being those that are left."""
    junit = tmp_path / "junit.xml"
    junit.write_text(
        '<testsuites><testsuite tests="9" failures="2" errors="1" skipped="3"/></testsuites>', encoding="utf-8"
    )

    tests = read_junit(junit, "pytest", FINISHED)

    assert tests is not None
    assert (tests.passed, tests.failed, tests.errors, tests.skipped) == (3, 2, 1, 3)
    assert (tests.command, tests.exit_code, tests.seconds) == ("pytest", 1, 2.5)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<testsuites><testsuite",
        b'<testsuites><testsuite tests="many"/></testsuites>',
        b'<!DOCTYPE x [<!ENTITY e "1">]><testsuites><testsuite tests="&e;"/></testsuites>',
        b'<?xml version="1.0" encoding="nonsense"?><testsuites/>',
    ],
)
def test_unreadable_junit_gives_no_counts(tmp_path: Path, content: bytes) -> None:
    """A test can write what it likes into the report: then there are no counts."""
    junit = tmp_path / "junit.xml"
    junit.write_bytes(content)

    assert read_junit(junit, "pytest", FINISHED) is None
    assert read_junit(tmp_path / "gone.xml", "pytest", FINISHED) is None


def test_forged_junit_stays_within_bounds(tmp_path: Path) -> None:
    """Negative counts are zero."""
    junit = tmp_path / "junit.xml"
    junit.write_bytes(b'<testsuites><testsuite tests="-5" failures="-1" skipped="7"/></testsuites>')

    tests = read_junit(junit, "pytest", FINISHED)

    assert tests is not None
    assert (tests.passed, tests.failed, tests.skipped) == (0, 0, 7)
