from __future__ import annotations

from pathlib import Path

import pytest

from ai_code_metrics.bounds import MAX_COUNT, MAX_NAME
from ai_code_metrics.collect.interpreter import Interpreter
from ai_code_metrics.collect.project_tests import limits, plugins_off, pytest_options, read_junit, split_command
from ai_code_metrics.errors import UsageError
from ai_code_metrics.process import Finished

FINISHED = Finished(
    argv=("python",), exit_code=1, seconds=2.5, peak_memory_bytes=1, timed_out=False, stdout="", stderr=""
)
JUNIT = "--junitxml=/room/junit.xml"
CACHE = ["-o", "cache_dir=/room/cache"]


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
    ("plugins", "off", "expected"),
    [
        ({"pytest"}, set(), [JUNIT, *CACHE]),
        ({"pytest", "pytest_cov"}, {"randomly"}, [JUNIT, *CACHE, "--no-cov"]),
        ({"pytest", "pytest_cov", "xdist"}, set(), [JUNIT, *CACHE, "--no-cov", "-n0"]),
        ({"pytest", "pytest_cov", "xdist"}, {"cacheprovider"}, [JUNIT, "--no-cov", "-n0"]),
        ({"pytest", "pytest_cov", "xdist"}, {"xdist"}, [JUNIT, *CACHE, "--no-cov"]),
        ({"pytest", "pytest_cov", "xdist"}, {"cov"}, [JUNIT, *CACHE, "-n0"]),
        ({"pytest", "pytest_cov"}, {"pytest_cov", "junitxml"}, CACHE),
    ],
)
def test_pytest_options(plugins: set[str], off: set[str], expected: list[str]) -> None:
    """A second tracer and workers are switched off by options that the plugins know, which are there."""
    target = Interpreter(
        executable="python", version=(3, 12, 0), import_path=(), coverage=None, plugins=frozenset(plugins)
    )

    assert pytest_options(target, Path("/room/junit.xml"), frozenset(off)) == expected


@pytest.mark.parametrize("arguments", [["-p", "no:cacheprovider"], ["-pno:cacheprovider"]])
def test_plugins_that_the_command_switches_off(tmp_path: Path, arguments: list[str]) -> None:
    """Both spellings of the option count, in the command and in ``PYTEST_ADDOPTS``."""
    assert plugins_off(arguments, {}, tmp_path) == {"cacheprovider"}
    assert plugins_off([], {"PYTEST_ADDOPTS": " ".join(arguments)}, tmp_path) == {"cacheprovider"}


@pytest.mark.parametrize(
    "name", ["pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "pytest.toml", "../pytest.ini"]
)
def test_plugins_that_a_configuration_switches_off(tmp_path: Path, name: str) -> None:
    """Each file that pytest may take its options from counts, in the directories above too."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / name).write_text("addopts = -p no:cacheprovider -p no:xdist\n", encoding="utf-8")

    assert plugins_off(["-q"], {}, tmp_path / "project") == {"cacheprovider", "xdist"}


def test_read_junit() -> None:
    """The counts of pytest are read, the passed ones being those that are left."""
    junit = b'<testsuites><testsuite tests="9" failures="2" errors="1" skipped="3"/></testsuites>'

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
def test_unreadable_junit_gives_no_counts(content: bytes) -> None:
    """A test can write what it likes into the report: then there are no counts."""
    assert read_junit(content, "pytest", FINISHED) is None


@pytest.mark.parametrize(
    ("counts", "expected"),
    [('tests="-5" failures="-1" skipped="7"', (0, 0, 7)), (f'tests="1" failures="{10**40}"', (0, MAX_COUNT, 0))],
)
def test_forged_junit_stays_within_bounds(counts: str, expected: tuple[int, int, int]) -> None:
    """Negative counts are zero, and endless ones are what a summary holds."""
    tests = read_junit(f"<testsuites><testsuite {counts}/></testsuites>".encode(), "pytest", FINISHED)

    assert tests is not None
    assert (tests.passed, tests.failed, tests.skipped) == expected


def test_failed_tests_are_named() -> None:
    """Tests that failed or broke come once, in their order, with their class; the others don't."""
    cases = (
        '<testcase classname="tests.test_a.TestB" name="test_c"><failure message="x">y</failure></testcase>'
        '<testcase classname="tests.test_a" name="test_fine"/>'
        '<testcase classname="tests.test_a" name="test_left"><skipped/></testcase>'
        '<testcase classname="" name="tests.test_d"><error/></testcase>'
        '<testcase classname="tests.test_a.TestB" name="test_c"><error/></testcase>'
    )

    tests = read_junit(f"<testsuites><testsuite>{cases}</testsuite></testsuites>".encode(), "pytest", FINISHED)

    assert tests is not None
    assert tests.failed_tests == ["tests.test_a.TestB::test_c", "tests.test_d"]


def test_failed_tests_are_bounded_and_printable() -> None:
    """A hundred names at most, none longer than a summary's names, none with signs that a terminal obeys."""
    cases = "".join(
        f'<testcase classname="a&#10;\u202e" name="{n}{"x" * 400}"><failure/></testcase>' for n in range(150)
    )

    tests = read_junit(f"<testsuites>{cases}</testsuites>".encode(), "pytest", FINISHED)

    assert tests is not None
    assert len(tests.failed_tests) == 100
    assert all(len(name) == MAX_NAME and name.isprintable() for name in tests.failed_tests)
