"""All sources of one run, read beside each other; each that fails leaves the others intact."""

from __future__ import annotations

import os
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from ai_code_metrics.collect import analyser, attributes, blame, coverage_source, history, interpreter, project_files
from ai_code_metrics.collect.complexity_radon import RADON
from ai_code_metrics.collect.lint_pylint import PYLINT
from ai_code_metrics.collect.repository import GitFailed
from ai_code_metrics.collect.security_bandit import BANDIT
from ai_code_metrics.errors import SourceUnavailable, UsageError
from ai_code_metrics.process import PeakSampler
from ai_code_metrics.records import Commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from ai_code_metrics.collect.analyser import Analyser
    from ai_code_metrics.collect.context import EventContext
    from ai_code_metrics.collect.coverage_source import CollectedCoverage
    from ai_code_metrics.collect.phases import Phases, Process
    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.collect.revisions import Revisions
    from ai_code_metrics.collect.subject import Subject
    from ai_code_metrics.collect.view_files import ViewOptions
    from ai_code_metrics.collect.workspace import Workspace
    from ai_code_metrics.config import Config
    from ai_code_metrics.model import Unavailable
    from ai_code_metrics.process import Finished
    from ai_code_metrics.records import BlamedLines, ComplexityReport, LintReport, SecurityReport

RecordT = TypeVar("RecordT")
HABIT = 50
"""Commits that tell a repository's habits, and that are scored where there is no base to start from."""
_NO_CONTENTS = "contents are missing in this clone; check out without `filter`"


@dataclass(frozen=True, slots=True)
class CommitRange:
    """The commits of a run, newest first; they may be such as can be gone through once.

    Attributes:
        habit: the commits before them, which tell the repository's habits.
        generated: changed paths whose attributes call them generated or vendored.
        name: the range in words.
        warning: why the changes of the commits are not known; empty where they are.
        squash: the commit that a squash merge would make of the pull request; None outside of one.
    """

    commits: Iterable[Commit]
    habit: tuple[Commit, ...]
    generated: AbstractSet[str]
    name: str
    warning: str = ""
    squash: Commit | None = None


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


def collect(config: Config, workspace: Workspace, subject: Subject, options: ViewOptions, phases: Phases) -> Collected:
    """Read all sources beside each other, the longest (pylint, the tests) first.

    Raises:
        UsageError: a setting names what isn't there (``python``, ``coverage-file``).
    """
    target = _target(config, workspace, phases)
    import_path = () if isinstance(target, SourceUnavailable) else target.import_path
    code, no_tests = subject.files.measured, subject.files.security

    def analyse(tool: Analyser[RecordT], files: tuple[str, ...]) -> Callable[[], tuple[RecordT, Finished | None]]:
        return lambda: _analyse(tool, files, import_path, config, workspace)

    def read(action: Callable[[Repository, Revisions], RecordT]) -> Callable[[], tuple[RecordT, PeakSampler]]:
        return lambda: _read(action, subject, workspace)

    running: list[Future[Any]] = []
    # One phase a core: the short ones would otherwise slow down the longest, which all wait for
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:

        def start(name: str, action: Callable[[], tuple[RecordT, Process | None]]) -> Future[RecordT | Unavailable]:
            future = pool.submit(phases.run, name, action)
            running.append(future)
            return future

        lint = start("lint", analyse(PYLINT, code))
        coverage = start("coverage", lambda: _coverage(config, workspace, subject, target))
        security = start("security", analyse(BANDIT, no_tests))
        complexity = start("complexity", analyse(RADON, code))
        commits = start("commits", read(lambda repository, found: _commits(repository, found, subject.context, phases)))
        no_base = subject.no_base()
        changed = (
            _known(no_base)
            if no_base
            else start("attribution-changed", read(lambda repository, found: _changed(repository, found, options)))
        )
        surviving = start(
            "attribution-surviving",
            read(lambda repository, found: blame.surviving_lines(repository, found.head, options)),
        )
        try:
            for future in wait(running, return_when=FIRST_EXCEPTION).done:
                future.result()  # a wrong setting is told at once, not after the tests
            return Collected(
                lint=lint.result(),
                security=security.result(),
                complexity=complexity.result(),
                coverage=coverage.result(),
                commits=commits.result(),
                changed=changed.result(),
                surviving=surviving.result(),
            )
        except BaseException:
            workspace.stop.set()  # else the pool waits for the tests to end, on Ctrl-C too
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def read_range(repository: Repository, found: Revisions) -> CommitRange:
    """Read the commits of base..head, or the last :data:`HABIT` commits where there is no base.

    Where the clone lacks the contents, the commits come without their changes, and ``warning`` says so.

    Raises:
        SourceUnavailable: git can't read them.
    """
    revisions, limit = (found.head, HABIT) if found.range is None else (found.range, None)
    commits, warning = _read_commits(repository, revisions, limit)
    if found.base is None:
        habit, name = commits, f"the last {len(commits)} commits"
    else:
        habit, name = read_habit(repository, found.base), f"{found.base[:12]}..{found.head[:12]}"
    return CommitRange(commits, habit, _generated(repository, commits), name, warning)


def read_one(repository: Repository, found: Revisions, revision: str) -> CommitRange:
    """Read one commit, with the habits by which it is judged in the listing of ``found``, else those before it.

    Raises:
        SourceUnavailable: git can't read them.
        UsageError: ``revision`` names no commit, or one outside of the range that ``found`` holds.
    """
    sha = repository.resolve(revision)
    if sha is None:
        raise UsageError(f"{revision[:100]!r} names no commit of {repository.root}")
    if found.base is not None:
        if not _is_in(repository, found, sha):
            raise UsageError(f"{revision[:100]!r} is not in the range {found.base[:12]}..{found.head[:12]}")
        habit = read_habit(repository, found.base)
    else:
        habit = tuple(history.read_commits(repository, found.head, limit=HABIT, with_changes=False))
    commits, warning = _read_commits(repository, sha, 1)
    if found.base is None and sha not in {commit.sha for commit in habit}:
        parent = repository.resolve(f"{sha}^")
        habit = () if parent is None else read_habit(repository, parent)
    return CommitRange(commits, habit, _generated(repository, commits), sha[:12], warning)


def _is_in(repository: Repository, found: Revisions, sha: str) -> bool:
    """Whether a commit is in ``A..B``: reachable from B, and not from A."""
    return repository.merge_base(sha, found.head) == sha and repository.merge_base(sha, found.excluded or "") != sha


def _read_commits(repository: Repository, revisions: str, limit: int | None) -> tuple[tuple[Commit, ...], str]:
    """The commits, and a warning where their changes are not known."""
    try:
        return tuple(history.read_commits(repository, revisions, limit=limit)), ""
    except GitFailed as error:
        # a partial clone (`filter`) has all commits, but not the contents that a diff needs
        known = history.read_commits(repository, revisions, limit=limit, with_changes=False)
        commits = tuple(replace(commit, unknown_changes=commit.unknown_changes or _NO_CONTENTS) for commit in known)
        return commits, f"sizes of commits are not known; check out without `filter`: {error}"


def _generated(repository: Repository, commits: Iterable[Commit]) -> frozenset[str]:
    paths = {change.path for commit in commits for change in commit.changes}
    return frozenset(attributes.generated_paths(repository, sorted(paths)))


def read_squash(repository: Repository, found: Revisions, context: EventContext) -> Commit | None:
    """Put together what a squash merge would make of a pull request: its title and body, and the range as one change.

    As GitHub does it, the title gets the pull request's number. The author is the account that opened it, whose address
    is not known. None outside of pull requests, and where there is no base.
    """
    if context.title is None or found.base is None:
        return None
    number = f" (#{context.pull_request})" if context.pull_request else ""
    header = context.title if context.title.endswith(number) else f"{context.title}{number}"
    try:
        changes, unknown = history.read_net_changes(repository, found.base, found.head), ""
    except GitFailed:
        changes, unknown = (), _NO_CONTENTS
    return Commit(
        sha="",
        parents=(found.base,),
        author_name=context.author or "",
        author_email="",
        committed_at=0,
        message=f"{header}\n\n{(context.body or '').strip()}".rstrip(),
        changes=changes,
        unknown_changes=unknown,
    )


def read_habit(repository: Repository, revision: str) -> tuple[Commit, ...]:
    """Read the last :data:`HABIT` commits at ``revision`` that are no merges.

    Raises:
        SourceUnavailable: git can't read them.
    """
    commits = history.read_commits(repository, revision, with_changes=False)
    return tuple(islice((commit for commit in commits if not commit.is_merge), HABIT))


def _target(config: Config, workspace: Workspace, phases: Phases) -> interpreter.Interpreter | SourceUnavailable:
    try:
        executable = interpreter.find(config.python, root=config.root, environ=workspace.environ)
        return interpreter.probe(executable, workspace)
    except SourceUnavailable as error:
        phases.warn("no-interpreter", f"{error}; third-party imports can't be resolved by pylint")
        return error


def _analyse(
    tool: Analyser[RecordT],
    files: tuple[str, ...],
    import_path: tuple[str, ...],
    config: Config,
    workspace: Workspace,
) -> tuple[RecordT, Finished | None]:
    if not files:
        raise SourceUnavailable("there is no tracked Python file to analyse; see source and exclude")
    job = analyser.Job(
        root=config.root,
        files=files,
        report=workspace.raw / f"{tool.name}.json",
        import_path=import_path,
        # bandit looks at pyproject.toml only when told to, and refuses one without its table
        uses_project_config=tool is BANDIT and project_files.tool_table(config.root, "bandit") is not None,
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
    commits = read_range(repository, found)
    squash = read_squash(repository, found, context)
    if squash is not None:
        commits = replace(commits, squash=squash, generated=commits.generated | _generated(repository, [squash]))
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


def spare_workers() -> int:
    """One core is pylint's, which takes longest."""
    return max(1, (os.cpu_count() or 2) - 1)
