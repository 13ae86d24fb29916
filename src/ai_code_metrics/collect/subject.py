"""What a run measures: the repository, head and base, and the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_code_metrics.collect import attributes, project_files, revisions
from ai_code_metrics.collect.context import EventContext, local_context, read_context
from ai_code_metrics.collect.exclusions import BUILT_IN
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.model import Unavailable
from ai_code_metrics.records import FILES_OUTSIDE, files_outside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_code_metrics.collect.phases import Phases
    from ai_code_metrics.collect.project_files import ProjectFiles
    from ai_code_metrics.collect.revisions import Revisions
    from ai_code_metrics.config import Config

_EVENTS_WITH_BASE = frozenset({"push", "pull_request", "pull_request_target"})


@dataclass(frozen=True, slots=True)
class Subject:
    """The event, the repository and its revisions (or why there are none), tracked paths, and the files to measure."""

    context: EventContext
    repository: Repository | Unavailable
    revisions: Revisions | Unavailable
    tracked: tuple[str, ...]
    files: ProjectFiles

    def known(self) -> tuple[Repository, Revisions]:
        """Return repository and revisions.

        Raises:
            SourceUnavailable: there is no repository, or it has no commit.
        """
        repository, found = self.repository, self.revisions
        if isinstance(repository, Unavailable):
            raise SourceUnavailable(repository.reason)
        if isinstance(found, Unavailable):
            raise SourceUnavailable(found.reason)
        return repository, found

    def no_base(self) -> Unavailable | None:
        """Why nothing can be said of a change; None where there is a base."""
        if isinstance(self.revisions, Unavailable):
            return self.revisions
        return Unavailable(reason=self.revisions.reason) if self.revisions.base is None else None


def find_subject(config: Config, environ: Mapping[str, str], phases: Phases) -> Subject:
    """Open the repository, find head and base, and choose the files; what is amiss becomes a warning.

    Raises:
        UsageError: ``base`` or ``source`` name what isn't there, or the event's payload can't be read.
    """
    context = read_context(environ)
    repository: Repository | Unavailable
    try:
        repository = Repository.open(config.root, environ)
        tracked = tuple(repository.tracked_files())
        if context.event == "local":
            context = local_context(repository.remote_url())
    except SourceUnavailable as error:
        phases.warn("no-repository", f"{error}; the files to measure were found by walking the directory")
        repository = Unavailable(reason=str(error)[:4000])
        tracked = tuple(project_files.walk(config.root))
    found = _revisions(repository, context, config.base)
    if isinstance(repository, Repository) and repository.is_shallow():
        phases.warn("shallow-clone", "the clone is shallow, history is cut off; give actions/checkout `fetch-depth: 0`")
    if isinstance(found, revisions.Revisions) and found.base is None and context.event in _EVENTS_WITH_BASE:
        phases.warn("no-base", f"the latest commits are scored, changed lines are not known: {found.reason}")
    there = _in_work_tree(tracked, config, phases)
    generated = attributes.generated_paths(repository, there) if isinstance(repository, Repository) else set[str]()
    files = project_files.select(
        [path for path in there if path not in generated], source=config.source, exclude=(*BUILT_IN, *config.exclude)
    )
    if files.others:
        phases.warn(FILES_OUTSIDE, files_outside(files.roots, len(files.others)))
    return Subject(context, repository, found, tracked, files)


def _revisions(repository: Repository | Unavailable, context: EventContext, base: str) -> Revisions | Unavailable:
    if isinstance(repository, Unavailable):
        return repository
    try:
        head = repository.head_sha()
        if head is None:
            return Unavailable(reason="the repository has no commit yet")
        return revisions.resolve(repository, head, context, base=base)
    except SourceUnavailable as error:
        return Unavailable(reason=str(error)[:4000])


def _in_work_tree(tracked: tuple[str, ...], config: Config, phases: Phases) -> list[str]:
    """Leave out what a sparse checkout, a missing blob or an odd file name keeps from being read."""
    there = [path for path in tracked if (config.root / path).is_file()]
    if len(there) < len(tracked):
        gone = sorted(set(tracked) - set(there))
        phases.warn(
            "files-missing",
            f"{len(gone)} tracked files can't be found in the work tree and are not measured: {', '.join(gone[:5])}",
        )
    return there
