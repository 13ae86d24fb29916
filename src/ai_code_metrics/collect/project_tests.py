"""Run the project's own tests under coverage, with the project's own interpreter.

Their plugins break our environment and ours would break theirs, so nothing but coverage.py is brought along, and only
where the target interpreter lacks it.
"""

from __future__ import annotations

import contextlib
import re
import shlex
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree

from ai_code_metrics.bounds import MAX_COUNT, MAX_NAME
from ai_code_metrics.collect.coverage_command import Coverage, run_settings
from ai_code_metrics.collect.project_files import MAX_CONFIG_BYTES
from ai_code_metrics.errors import SourceUnavailable, UsageError
from ai_code_metrics.files import read_regular
from ai_code_metrics.model import Tests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from ai_code_metrics import process
    from ai_code_metrics.collect.interpreter import Interpreter
    from ai_code_metrics.collect.workspace import Workspace

# Settings of coverage.py that say which files are measured
_SOURCE_SETTINGS = frozenset({"source", "source_pkgs", "source_dirs", "include"})
_PYTEST_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
_MAX_JUNIT_BYTES = 64 * 1024 * 1024
_MAX_FAILED_TESTS = 100
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
    off = plugins_off(arguments, workspace.environ, workspace.root)
    options = pytest_options(target, junit, off) if is_pytest else []
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
    tests = _keep_junit(junit, workspace, shown, finished)
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


def plugins_off(arguments: Sequence[str], environ: Mapping[str, str], root: Path) -> frozenset[str]:
    """Return the names of pytest's plugins that the command, ``PYTEST_ADDOPTS`` or a configuration switches off.

    Read from the bare text (``no:NAME``), because only pytest knows which of the files it will take. It looks for them
    above the directory as well.
    """
    texts = [*arguments, environ.get("PYTEST_ADDOPTS", "")]
    for directory in (root, *root.parents):
        for name in _PYTEST_FILES:
            with contextlib.suppress(OSError, ValueError):
                texts.append(read_regular(directory / name, MAX_CONFIG_BYTES).decode("utf-8", "replace"))
    return frozenset(re.findall(r"no:(\w+)", "\n".join(texts)))


def pytest_options(target: Interpreter, junit: Path, off: frozenset[str] = frozenset()) -> list[str]:
    """Return options that keep the run whole: no second tracer, no workers out of its sight, no cache in the tree.

    Options of plugins that are switched off (``off``) would be errors.
    """
    options = [] if "junitxml" in off else [f"--junitxml={junit}"]
    if "cacheprovider" not in off:
        # a cache elsewhere, not none: `--ff` and `cache_dir` in the project's options are errors without the plugin
        options += ["-o", f"cache_dir={junit.parent / 'cache'}"]
    if target.has("pytest_cov") and off.isdisjoint({"cov", "pytest_cov"}):
        options.append("--no-cov")
    if target.has("xdist") and "xdist" not in off:
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


def _keep_junit(junit: Path, workspace: Workspace, command: str, finished: process.Finished) -> Tests | None:
    try:
        content = read_regular(junit, _MAX_JUNIT_BYTES)
    except (OSError, ValueError):
        return None
    tests = read_junit(content, command, finished)
    if tests is not None:  # what can't be read as a report is no file for the artifact
        (workspace.raw / "junit.xml").write_bytes(content)
    return tests


def read_junit(content: bytes, command: str, finished: process.Finished) -> Tests | None:
    """Return the counts and the failed tests of pytest's JUnit report; None for what can't be read."""
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    try:
        document: Element = defusedxml.ElementTree.fromstring(content)
        for suite in document.iter("testsuite"):
            for name in totals:
                totals[name] = min(MAX_COUNT, totals[name] + max(0, int(suite.attrib.get(name, "0"))))
    except (ParseError, ValueError, LookupError):
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
        failed_tests=list(islice(dict.fromkeys(_failed_tests(document)), _MAX_FAILED_TESTS)),
    )


def _failed_tests(document: Element) -> Iterator[str]:
    for case in document.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            name = "::".join(filter(None, (case.attrib.get("classname"), case.attrib.get("name"))))
            yield "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name[:MAX_NAME])
