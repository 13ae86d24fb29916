"""All sources of one run, read beside each other; each that fails leaves the others intact."""

from __future__ import annotations

import os
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ai_code_metrics.bounds import MAX_TIMESTAMP
from ai_code_metrics.collect import (
    analyser,
    base_source,
    blame,
    commit_range,
    coverage_source,
    interpreter,
    line_history,
    patch,
    project_files,
)
from ai_code_metrics.collect.complexity_radon import RADON
from ai_code_metrics.collect.lint_pylint import PYLINT
from ai_code_metrics.collect.security_bandit import BANDIT
from ai_code_metrics.collect.tagged_commits import first_tagged
from ai_code_metrics.collect.workers import Workers
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.model import Unavailable
from ai_code_metrics.process import PeakSampler
from ai_code_metrics.records import NOTHING_TO_ANALYSE, HeadLines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ai_code_metrics.collect.analyser import Analyser
    from ai_code_metrics.collect.base_source import BaseCode, BaseFiles
    from ai_code_metrics.collect.commit_range import CommitRange
    from ai_code_metrics.collect.context import EventContext
    from ai_code_metrics.collect.coverage_source import CollectedCoverage
    from ai_code_metrics.collect.phases import Phases, Process
    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.collect.revisions import Revisions
    from ai_code_metrics.collect.subject import Subject
    from ai_code_metrics.collect.view_files import ViewOptions
    from ai_code_metrics.collect.workspace import Workspace
    from ai_code_metrics.config import Config
    from ai_code_metrics.process import Finished
    from ai_code_metrics.records import (
        BlamedLines,
        Commit,
        ComplexityReport,
        LintReport,
        Patch,
        SecurityReport,
        WrittenLines,
    )

RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True)
class Collected:
    """What the sources gave, each a record or the reason why there is none."""

    lint: LintReport | Unavailable
    security: SecurityReport | Unavailable
    complexity: ComplexityReport | Unavailable
    coverage: CollectedCoverage | Unavailable
    commits: CommitRange | Unavailable
    changed: BlamedLines | Unavailable
    surviving: BlamedLines | Unavailable
    written: WrittenLines | Unavailable
    patch: Patch | Unavailable
    head_lines: HeadLines
    base: CollectedBase | Unavailable


@dataclass(frozen=True, slots=True)
class CollectedBase:
    """What the analysers say of the files of the base that differ, or the reason why one doesn't."""

    files: BaseFiles
    lint: LintReport | Unavailable
    security: SecurityReport | Unavailable
    complexity: ComplexityReport | Unavailable


def collect(
    config: Config,
    workspace: Workspace,
    subject: Subject,
    options: ViewOptions,
    phases: Phases,
    *,
    is_tagged: Callable[[Commit], bool],
) -> Collected:
    """Read all sources beside each other, the longest (pylint, the tests) first.

    Args:
        config: the settings of the run.
        workspace: where tools work.
        subject: what is measured.
        options: what belongs to a view of lines.
        phases: is told of each phase.
        is_tagged: whether a commit's author and message declare an AI assistant.

    Raises:
        UsageError: a setting names what isn't there (``python``, ``coverage-file``).
    """
    target = _target(config, workspace, phases)
    import_path = () if isinstance(target, SourceUnavailable) else target.import_path
    code, no_tests = subject.files.measured, subject.files.security
    base = _find_base(config, workspace, subject)

    def analyse(tool: Analyser[RecordT], files: tuple[str, ...]) -> Callable[[], tuple[RecordT, Finished | None]]:
        return lambda: _analyse(tool, _Code(config.root, files, import_path), config, workspace)

    # One phase a core: the short ones would otherwise slow down the longest, which all wait for
    with Workers(max(2, os.cpu_count() or 2), workspace.stop) as workers:
        phase = _Starter(workers, phases, subject, workspace)
        lint = phase.start("lint", analyse(PYLINT, code))
        coverage = phase.start("coverage", lambda: _coverage(config, workspace, subject, target))
        older = [phase.start(name, job) for name, job in _base_jobs(base, import_path, config, workspace)]
        security = phase.start("security", analyse(BANDIT, no_tests))
        complexity = phase.start("complexity", analyse(RADON, code))
        commits = phase.read("commits", lambda git, found: _commits(git, found, subject.context, phases))
        lines = _start_lines(phase, subject, options, config.since, is_tagged)
        added, head_lines = _read_patch(subject, phases)
        workers.wait()  # a wrong setting is told at once, not after the tests
        return Collected(
            lint=lint.result(),
            security=security.result(),
            complexity=complexity.result(),
            coverage=coverage.result(),
            commits=commits.result(),
            changed=lines.changed.result(),
            surviving=lines.surviving.result(),
            written=lines.written.result(),
            patch=added,
            head_lines=head_lines,
            base=base
            if isinstance(base, Unavailable)
            else CollectedBase(base.files, *(future.result() for future in older)),
        )


@dataclass(frozen=True, slots=True)
class _Starter:
    """Starts phases beside each other; those that read git give their memory too."""

    workers: Workers
    phases: Phases
    subject: Subject
    workspace: Workspace

    def start(self, name: str, action: Callable[[], tuple[RecordT, Process | None]]) -> Future[RecordT | Unavailable]:
        return self.workers.start(self.phases.run, name, action)

    def read(self, name: str, action: Callable[[Repository, Revisions], RecordT]) -> Future[RecordT | Unavailable]:
        return self.start(name, lambda: _read(action, self.subject, self.workspace))


class _Lines(NamedTuple):
    """The phases that tell who wrote the lines."""

    changed: Future[BlamedLines | Unavailable]
    surviving: Future[BlamedLines | Unavailable]
    written: Future[WrittenLines | Unavailable]


def _start_lines(
    phase: _Starter,
    subject: Subject,
    options: ViewOptions,
    since: int | None,
    is_tagged: Callable[[Commit], bool],
) -> _Lines:
    no_base = subject.no_base()
    if no_base is None:
        changed = phase.read("attribution-changed", lambda git, found: _changed(git, found, options))
    else:
        changed = _known(no_base)
    surviving = phase.read("attribution-surviving", lambda git, found: blame.surviving_lines(git, found.head, options))
    written = phase.read("line-history", lambda git, found: _written(git, found.head, options, since, is_tagged))
    return _Lines(changed, surviving, written)


@dataclass(frozen=True, slots=True)
class _Code:
    """What an analyser looks at: files below a root, and where imports are looked for."""

    root: Path
    files: tuple[str, ...]
    import_path: tuple[str, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""


def _find_base(config: Config, workspace: Workspace, subject: Subject) -> BaseCode | Unavailable:
    no_base = subject.no_base()
    if no_base is not None:
        return no_base
    try:
        return base_source.find_base(config, workspace, subject)
    except SourceUnavailable as error:
        return Unavailable(reason=f"the base can't be measured: {error}"[:4_000])


def _base_jobs(
    base: BaseCode | Unavailable, import_path: tuple[str, ...], config: Config, workspace: Workspace
) -> list[tuple[str, Callable[[], tuple[Any, Finished | None]]]]:
    """The phases that analyse the base, by name; none where there is nothing to compare with."""
    if isinstance(base, Unavailable):
        return []

    def job(tool: Analyser[RecordT], files: tuple[str, ...]) -> tuple[str, Callable[[], tuple[Any, Finished | None]]]:
        return f"base-{tool.name}", lambda: _analyse_base(tool, base, files, import_path, config, workspace)

    measured, security = base.files.measured, base.files.security
    return [job(PYLINT, measured), job(BANDIT, security), job(RADON, measured)]


def _analyse_base(
    tool: Analyser[RecordT],
    base: BaseCode,
    files: tuple[str, ...],
    import_path: tuple[str, ...],
    config: Config,
    workspace: Workspace,
) -> tuple[RecordT, Finished | None]:
    if not files:  # nothing differs, or only what is new
        return tool.nothing, None
    code = _Code(base.directory(), files, (*base.import_path(), *import_path), base.files.renamed, "base-")
    return _analyse(tool, code, config, workspace)


def _read_patch(subject: Subject, phases: Phases) -> tuple[Patch | Unavailable, HeadLines]:
    """Read the added lines, and where the lines of the work tree are at head."""
    no_base = subject.no_base()
    if no_base is not None:
        return no_base, HeadLines()
    repository, found = subject.known()
    try:
        return (
            patch.read_patch(repository, found.base or "", found.head),
            patch.read_head_lines(repository, found.head, found.checked_out),
        )
    except SourceUnavailable as error:
        phases.warn("patch-unavailable", f"what the change adds is not known: {error}")
        return Unavailable(reason=str(error)[:4_000]), HeadLines()


def _target(config: Config, workspace: Workspace, phases: Phases) -> interpreter.Interpreter | SourceUnavailable:
    try:
        executable = interpreter.find(config.python, root=config.root, environ=workspace.environ)
        return interpreter.probe(executable, workspace)
    except SourceUnavailable as error:
        phases.warn("no-interpreter", f"{error}; third-party imports can't be resolved by pylint")
        return error


def _analyse(
    tool: Analyser[RecordT], code: _Code, config: Config, workspace: Workspace
) -> tuple[RecordT, Finished | None]:
    if not code.files:
        raise SourceUnavailable(NOTHING_TO_ANALYSE)
    job = analyser.Job(
        root=code.root,
        files=code.files,
        report=workspace.raw / f"{code.prefix}{tool.name}.json",
        import_path=code.import_path,
        # bandit looks at pyproject.toml only when told to, and refuses one without its table
        uses_project_config=tool is BANDIT and project_files.tool_table(config.root, "bandit") is not None,
        renamed=code.renamed,
    )
    return analyser.run_analyser(tool, job, workspace, timeout=config.tool_timeout)


def _coverage(
    config: Config, workspace: Workspace, subject: Subject, target: interpreter.Interpreter | SourceUnavailable
) -> tuple[CollectedCoverage, Finished | None]:
    collected = coverage_source.collect(config, workspace, files=subject.files, tracked=subject.tracked, target=target)
    return collected, collected.run.finished if collected.run else None


def _read(
    action: Callable[[Repository, Revisions], RecordT], subject: Subject, workspace: Workspace
) -> tuple[RecordT, PeakSampler]:
    repository, found = subject.known()
    memory = PeakSampler()
    with memory.sampling():
        return action(repository.observed(memory, workspace.stop), found), memory


def _commits(repository: Repository, found: Revisions, context: EventContext, phases: Phases) -> CommitRange:
    commits = commit_range.read_range(repository, found)
    squash = commit_range.read_squash(repository, found, context)
    if squash is not None:
        commits = replace(
            commits, squash=squash, generated=commits.generated | commit_range.generated_changes(repository, [squash])
        )
    if commits.warning:
        phases.warn("commit-sizes-unknown", commits.warning)
    return commits


def _known(part: Unavailable) -> Future[BlamedLines | Unavailable]:
    """A phase that needs not be started: what it would say is known."""
    future: Future[BlamedLines | Unavailable] = Future()
    future.set_result(part)
    return future


def _changed(repository: Repository, found: Revisions, options: ViewOptions) -> BlamedLines:
    if found.excluded is None:
        raise SourceUnavailable(found.reason)
    return blame.changed_lines(repository, found.excluded, found.head, options)


def _written(
    repository: Repository, head: str, options: ViewOptions, since: int | None, is_tagged: Callable[[Commit], bool]
) -> WrittenLines | Unavailable:
    """Read the lines of code that were written since the first AI-tagged commit, or since a later time."""
    if repository.is_shallow():  # which is warned of once, not by each phase
        return Unavailable(reason="this clone is shallow, so what was removed before is not in it")
    first = first_tagged(repository, head, is_tagged, notes=options.notes)
    if first is None:
        return Unavailable(reason="no commit is AI-tagged")
    return line_history.written_lines(
        repository,
        head,
        since=min(max(first, since or 0), MAX_TIMESTAMP),
        is_wanted=line_history.code_filter(repository, head, options),
        options=options,
    )


def spare_workers() -> int:
    """One core is pylint's, which takes longest."""
    return max(1, (os.cpu_count() or 2) - 1)
