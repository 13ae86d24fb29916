"""Where coverage comes from: the caller's own fresh report first, else their tests under coverage."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_code_metrics.collect import coverage_formats, exclusions, project_tests
from ai_code_metrics.collect.coverage_command import Coverage
from ai_code_metrics.errors import SourceUnavailable, UsageError
from ai_code_metrics.records import CoverageReport

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ai_code_metrics.collect.interpreter import Interpreter
    from ai_code_metrics.collect.project_files import ProjectFiles
    from ai_code_metrics.collect.workspace import Workspace
    from ai_code_metrics.config import Config

# In the order of what they tell: only the first two and the data file have exact branch figures
REPORT_NAMES = ("coverage.json", ".coverage", "coverage.xml", "lcov.info", "coverage.lcov", "coverage/lcov.info")
MAX_REPORT_BYTES = 256 * 1024 * 1024
_DATA_FILE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class CollectedCoverage:
    """A coverage report, the test run that made it (None for a report that was there), and what to warn of."""

    report: CoverageReport
    run: project_tests.FinishedTests | None = None
    warnings: tuple[tuple[str, str], ...] = ()


def find_fresh(root: Path, *, tracked: Iterable[str], measured: Iterable[str]) -> tuple[Path | None, list[str]]:
    """Look for a report of the caller's: untracked, and not older than any measured file.

    Returns the report, or None, and the names of stale ones. A tracked report is somebody's file, not this run's.
    """
    known = frozenset(tracked)
    stale: list[str] = []
    newest = max((_modified(root / path) for path in measured), default=0.0)
    for name in REPORT_NAMES:
        path = root / name
        if name in known or not path.is_file():
            continue
        if _modified(path) >= newest:
            return path, stale
        stale.append(name)
    return None, stale


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def collect(
    config: Config,
    workspace: Workspace,
    *,
    files: ProjectFiles,
    tracked: Iterable[str],
    target: Interpreter | SourceUnavailable,
) -> CollectedCoverage:
    """Return coverage from ``coverage-file``, a fresh report, or the project's tests, in this order.

    Raises:
        UsageError: ``coverage-file`` doesn't exist, or the test command can't be run under coverage.
        SourceUnavailable: there is no coverage, with the reason.
    """
    if config.coverage_file:
        path = workspace.root / config.coverage_file
        if not path.is_file():
            raise UsageError(f"coverage-file: there is no file {config.coverage_file!r} in {workspace.root}")
        return CollectedCoverage(_read(path, config, workspace, target))
    if config.test_command not in {"auto", "off"}:
        return _run(config, workspace, files, target)
    found, stale = find_fresh(workspace.root, tracked=tracked, measured=(*files.measured, *files.tests))
    warnings = [
        ("coverage-stale", f"{name} is older than the code and was not used; make it after the last change")
        for name in stale
    ]
    if found is not None:
        try:
            return CollectedCoverage(_read(found, config, workspace, target), None, tuple(warnings))
        except SourceUnavailable as error:  # a .coverage that was left behind, a report of other languages' files
            if config.test_command == "off":
                raise
            warnings.append(("coverage-not-used", f"{error}; set coverage-file to the report that counts"))
    if config.test_command == "off":
        raise SourceUnavailable("there is no fresh coverage report, and test-command is off")
    collected = _run(config, workspace, files, target)
    return CollectedCoverage(collected.report, collected.run, (*warnings, *collected.warnings))


def _run(
    config: Config, workspace: Workspace, files: ProjectFiles, target: Interpreter | SourceUnavailable
) -> CollectedCoverage:
    if isinstance(target, SourceUnavailable):
        raise target
    run = project_tests.run_tests(
        config.test_command, target, workspace, source=files.roots or (".",), timeout=config.test_timeout
    )
    report = _parse(run.report, f"{run.command} under coverage.py", config, workspace)
    if not run.chose_files and files.measured:
        measured = frozenset(files.measured)
        report = CoverageReport(tuple(file for file in report.files if file.path in measured), report.source)
    if run.finished.exit_code == 0:
        return CollectedCoverage(report, run)
    return CollectedCoverage(
        report, run, (("tests-failed", f"tests failed ({run.command}); coverage is that of a failing run"),)
    )


def _read(path: Path, config: Config, workspace: Workspace, target: Interpreter | SourceUnavailable) -> CoverageReport:
    name = path.relative_to(workspace.root).as_posix() if path.is_relative_to(workspace.root) else path.name
    if not _is_data_file(path):
        report = _parse(path, f"the project's {name}", config, workspace)
        # after it was read as a report: the artifact is no way to get at other files of the machine
        shutil.copyfile(path, workspace.raw / f"caller-{path.name}")
        return report
    if isinstance(target, SourceUnavailable):
        raise target
    copy = workspace.room("coverage-data") / ".coverage"  # sqlite may write beside the file that it opens
    shutil.copyfile(path, copy)
    return _parse(Coverage(target, workspace).write_json(copy), f"the project's {name}", config, workspace)


def _is_data_file(path: Path) -> bool:
    """Whether this is coverage.py's own database (``.coverage``, or under another name)."""
    try:
        with path.open("rb") as file:
            return file.read(len(_DATA_FILE)) == _DATA_FILE
    except OSError as error:
        raise SourceUnavailable(f"{path.name} can't be read: {error}") from None


def _parse(path: Path, source: str, config: Config, workspace: Workspace) -> CoverageReport:
    try:
        if path.stat().st_size > MAX_REPORT_BYTES:
            raise SourceUnavailable(f"{source}: over {MAX_REPORT_BYTES} bytes")
        files = coverage_formats.parse(path.name, path.read_bytes(), root=workspace.root)
    except (OSError, ValueError) as error:
        raise SourceUnavailable(f"{source} can't be read: {error}") from None
    kept = tuple(file for file in files if not exclusions.matches(file.path, config.exclude))
    return CoverageReport(files=kept, source=source[:1000])
