"""Run the project's own tests under coverage, with the project's own interpreter.

Their plugins break our environment and ours would break theirs, so nothing but coverage.py is brought along, and only
where the target interpreter lacks it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree

from ai_code_metrics.collect.coverage_command import Coverage, run_settings
from ai_code_metrics.errors import SourceUnavailable, UsageError
from ai_code_metrics.model import Tests

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ai_code_metrics import process
    from ai_code_metrics.collect.interpreter import Interpreter
    from ai_code_metrics.collect.workspace import Workspace

# Settings of coverage.py that say which files are measured
_SOURCE_SETTINGS = frozenset({"source", "source_pkgs", "source_dirs", "include"})
_MAX_JUNIT_BYTES = 64 * 1024 * 1024
_TESTS_FAILED = 1  # pytest's exit codes
_NOTHING_COLLECTED = 5


@dataclass(frozen=True, slots=True)
class FinishedTests:
    """A finished test run: how it went, the coverage report it left (JSON), and the process.

    ``chose_files`` is false where the project doesn't say which files coverage.py shall measure.
    """

    tests: Tests | None
    report: Path
    finished: process.Finished
    command: str
    chose_files: bool


def split_command(command: str) -> list[str]:
    """Return the arguments for ``coverage run`` of a test command: ``auto``, ``pytest …`` or ``python …``.

    Raises:
        UsageError: the command starts with anything else; coverage can't be measured from outside.
    """
    words = ["pytest"] if command == "auto" else _shell_words(command)
    program, rest = (words[0], words[1:]) if words else ("", [])
    if program in {"pytest", "py.test"}:
        return ["-m", "pytest", *rest]
    if program in {"python", "python3"} and rest and (rest[0] == "-m" or not rest[0].startswith("-")):
        return rest
    raise UsageError(
        f"test-command: {command!r} is none of `pytest …`, `python -m MODULE …` and `python FILE …`; run other "
        "commands in a step before this one and let them leave a coverage report (coverage-file)"
    )


def _shell_words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise UsageError(f"test-command: {command!r} can't be split into words: {error}") from None


def run_tests(
    command: str, target: Interpreter, workspace: Workspace, *, source: Sequence[str], timeout: float
) -> FinishedTests:
    """Run the tests under coverage and write coverage.py's JSON report to ``coverage.json`` in the raw reports.

    The tests see the caller's environment without tokens and command files (:func:`process.caller_environment`), and
    the project's own coverage configuration; where that is silent, branches are measured, and the files of ``source``.

    Raises:
        UsageError: the test command can't be run under coverage.
        SourceUnavailable: nothing to run, the run was killed or timed out, tests could not be collected.
    """
    arguments = split_command(command)
    is_pytest = arguments[:2] == ["-m", "pytest"]
    if is_pytest and not target.has("pytest"):
        raise SourceUnavailable(
            f"there is no fresh coverage report and {target.executable} has no pytest: install the project's test "
            "dependencies in a step before this one, set python to the interpreter that has them, or set coverage-file"
        )
    room = workspace.room("tests")
    junit, data = room / "junit.xml", room / "data" / ".coverage"
    data.parent.mkdir()
    coverage = Coverage(target, workspace)
    options = pytest_options(target, junit) if is_pytest else []
    settings = run_settings(workspace.root)
    finished = coverage.run(
        "run", f"--data-file={data}", *limits(settings, source), *arguments, *options, timeout=timeout
    )
    _check(finished, is_pytest=is_pytest, timeout=timeout)
    if any(data.parent.glob(".coverage.*")):  # parallel = true: the project measures its subprocesses too
        coverage.run("combine", "--append", f"--data-file={data}", "-q", str(data.parent))
    if not data.is_file():
        raise SourceUnavailable(
            f"the tests left no coverage data (exit code {finished.exit_code}): {finished.last_words}; does one of "
            "them end the interpreter (os._exit)?"
        )
    report = coverage.write_json(data)
    shown = "pytest" if command == "auto" else command
    tests = read_junit(junit, shown, finished)
    return FinishedTests(tests, report, finished, shown, chose_files=not _SOURCE_SETTINGS.isdisjoint(settings))


def limits(settings: frozenset[str], source: Sequence[str]) -> list[str]:
    """Return the options of ``coverage run`` that fill in what the project's configuration leaves open.

    coverage.py takes directories as a source, so a module stands for the directory it is in.
    """
    options = [] if "branch" in settings else ["--branch"]
    if _SOURCE_SETTINGS.isdisjoint(settings):
        directories = {str(PurePosixPath(path).parent) if path.endswith(".py") else path for path in source}
        options.append(f"--source={','.join(sorted(directories))}")
    return options


def pytest_options(target: Interpreter, junit: Path) -> list[str]:
    """Return options that keep the run whole: no second tracer, no workers out of its sight, no cache in the tree."""
    # a cache elsewhere, not none: `--ff` and `cache_dir` in the project's options are errors without the plugin
    options = [f"--junitxml={junit}", "-o", f"cache_dir={junit.parent / 'cache'}"]
    if target.has("pytest_cov"):
        options.append("--no-cov")
    if target.has("xdist"):
        options.append("-n0")
    return options


def _check(finished: process.Finished, *, is_pytest: bool, timeout: float) -> None:
    if finished.timed_out:
        raise SourceUnavailable(f"the tests took longer than {timeout:g} s and were stopped; raise test-timeout")
    if finished.exit_code < 0:
        raise SourceUnavailable(f"the tests were killed by signal {-finished.exit_code}: {finished.last_words}")
    if is_pytest and finished.exit_code == _NOTHING_COLLECTED:
        raise SourceUnavailable("pytest found no tests; set test-command to where they are")
    if is_pytest and finished.exit_code not in {0, _TESTS_FAILED}:
        raise SourceUnavailable(
            f"pytest could not run the tests (exit code {finished.exit_code}): {_pytest_reason(finished)}; are the "
            f"project's dependencies installed for {finished.argv[0]}?"
        )


def _pytest_reason(finished: process.Finished) -> str:
    """The first line that names an error, not indented below one: pytest's last line only counts them."""
    for line in finished.stdout.split("\n"):
        if re.match(r"E   \S", line):
            return line[4:].strip()[:300]
    return finished.last_words


def read_junit(junit: Path, command: str, finished: process.Finished) -> Tests | None:
    """Return the counts of pytest's JUnit report; None for commands that write none that can be read."""
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    try:
        if junit.stat().st_size > _MAX_JUNIT_BYTES:
            return None
        for suite in defusedxml.ElementTree.fromstring(junit.read_bytes()).iter("testsuite"):
            for name in totals:
                totals[name] += max(0, int(suite.attrib.get(name, "0")))
    except (OSError, ParseError, ValueError, LookupError):
        return None
    unlucky = totals["failures"] + totals["errors"] + totals["skipped"]
    return Tests(
        command=command[:1000],
        exit_code=finished.exit_code,
        passed=max(0, totals["tests"] - unlucky),
        failed=totals["failures"],
        errors=totals["errors"],
        skipped=totals["skipped"],
        seconds=round(finished.seconds, 3),
    )
