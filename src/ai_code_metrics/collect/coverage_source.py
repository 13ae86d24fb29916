"""Where coverage comes from: the caller's own fresh report first, else their tests under coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_code_metrics.collect import coverage_formats, exclusions, project_tests
from ai_code_metrics.collect.coverage_command import Coverage
from ai_code_metrics.errors import SourceUnavailable, UsageError
from ai_code_metrics.files import read_regular
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
_DATA_FILE = b"SQLite format 3\0"  # how coverage.py's own database begins, under whatever name


@dataclass(frozen=True, slots=True)
class CollectedCoverage:
    """A coverage report, the test run that made it (None for a report that was there), and what to warn of."""

    report: CoverageReport
    run: project_tests.FinishedTests | None = None
    warnings: tuple[tuple[str, str], ...] = ()


def given_file(config: Config) -> Path | None:
    """Return the report that ``coverage-file`` names; None where the setting is empty.

    Raises:
        UsageError: it names no file.
    """
    if not config.coverage_file:
        return None
    path = config.root / config.coverage_file
    if not path.is_file():
        raise UsageError(f"coverage-file: there is no file {config.coverage_file!r} in {config.root}")
    return path


def find_fresh(root: Path, *, tracked: Iterable[str], measured: Iterable[str]) -> tuple[Path | None, list[str]]:
    """Look for a report of the caller's: untracked, and not older than any measured file.

    Returns the report, or None, and the names of stale ones. A tracked report is somebody's file, not this run's, and
    so may be what a symbolic link leads to, or what is in a submodule.
    """
    known = frozenset(tracked)
    stale: list[str] = []
    newest = max((_modified(root / path) for path in measured), default=0.0)
    for name in REPORT_NAMES:
        path = root / name
        if name in known or _leads_elsewhere(path, root) or not path.is_file():
            continue
        if _modified(path) >= newest:
            return path, stale
        stale.append(name)
    return None, stale


def _leads_elsewhere(path: Path, root: Path) -> bool:
    """Whether a symbolic link or another repository's directory is on the way from ``root``."""
    below = [parent for parent in path.parents if parent != root and parent.is_relative_to(root)]
    return any(step.is_symlink() for step in (path, *below)) or any((step / ".git").exists() for step in below)


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
    given = given_file(config)
    if given is not None:
        return CollectedCoverage(_read(given, config, workspace, target))
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
    source = f"{run.command} under coverage.py"
    report = _parse(run.report.name, _content(run.report, source), source, config, workspace)
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
    source = f"the project's {name}"
    content = _content(path, source)
    if not content.startswith(_DATA_FILE):
        report = _parse(path.name, content, source, config, workspace)
        # after it was read as a report: the artifact is no way to get at other files of the machine
        (workspace.raw / f"caller-{path.name}").write_bytes(content)
        return report
    if isinstance(target, SourceUnavailable):
        raise target
    copy = workspace.room("coverage-data") / ".coverage"  # sqlite may write beside the file that it opens
    copy.write_bytes(content)
    report_of_ours = Coverage(target, workspace).write_json(copy)
    return _parse(report_of_ours.name, _content(report_of_ours, source), source, config, workspace)


def _content(path: Path, source: str) -> bytes:
    try:
        return read_regular(path, MAX_REPORT_BYTES)
    except (OSError, ValueError) as error:
        raise SourceUnavailable(f"{source} can't be read: {error}") from None


def _parse(name: str, content: bytes, source: str, config: Config, workspace: Workspace) -> CoverageReport:
    try:
        files = coverage_formats.parse(name, content, root=workspace.root)
    except ValueError as error:
        raise SourceUnavailable(f"{source} can't be read: {error}") from None
    kept = tuple(file for file in files if not exclusions.matches(file.path, config.exclude))
    return CoverageReport(files=kept, source=source[:1000])
