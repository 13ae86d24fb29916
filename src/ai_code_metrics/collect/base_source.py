"""What the analysers say of the base: only the files that differ are analysed, the rest is taken over from the head.

That is exact for tools that look at one file at a time (bandit, radon). Pylint infers across files: where a change
makes an unchanged file wrong, its messages count for both sides.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ai_code_metrics.collect import attributes, base_tree, exclusions, patch, project_files
from ai_code_metrics.collect.git_paths import printable
from ai_code_metrics.errors import SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ai_code_metrics.collect.patch import Difference
    from ai_code_metrics.collect.project_files import ProjectFiles
    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.collect.subject import Subject
    from ai_code_metrics.collect.workspace import Workspace
    from ai_code_metrics.config import Config


@dataclass(frozen=True, slots=True)
class BaseFiles:
    """The measured files that differ between base and head, or are measured at one of them only.

    Attributes:
        sha: the commit that is compared with.
        measured: those of the base for lint and complexity, by their paths at the base.
        security: those of them that are no tests.
        renamed: by path at the base, the one at head of files that were renamed.
        replaced: paths at head of which nothing may be taken over to the base.
        differing: those of them whose contents or names differ.
        import_path: directories below the copy from which its packages are imported, relative.
    """

    sha: str
    measured: tuple[str, ...]
    security: tuple[str, ...]
    renamed: dict[str, str]
    replaced: frozenset[str]
    differing: frozenset[str]
    import_path: tuple[str, ...]


@dataclass(slots=True)
class BaseCode:
    """The base's files that differ, and a copy of its code that is made when the first tool asks for it."""

    files: BaseFiles
    repository: Repository
    root: Path
    workspace: Workspace
    differences: Sequence[Difference]
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _directory: Path | None = None

    def directory(self) -> Path:
        """Return the directory that holds the copy.

        Raises:
            SourceUnavailable: an older content is not in this clone.
        """
        with self._lock:
            if self._directory is None:
                directory = self.workspace.room("base")
                base_tree.make_tree(self.repository, self.root, directory, self.differences)
                self._directory = directory
            return self._directory

    def import_path(self) -> tuple[str, ...]:
        """The directories from which the copy's packages are imported, absolute."""
        return tuple(str(self.directory() / name) for name in self.files.import_path)


def find_base(config: Config, workspace: Workspace, subject: Subject) -> BaseCode:
    """Find the files of the base that have to be analysed.

    Raises:
        SourceUnavailable: there is no base, or git can't compare with it.
    """
    repository, found = subject.known()
    if found.compared is None:
        raise SourceUnavailable(found.reason)
    differences = patch.read_differences(repository, found.compared)
    files = choose(found.compared, _written_by_people(repository, differences), subject.files, config)
    return BaseCode(files, repository, config.root, workspace, differences)


def _written_by_people(repository: Repository, differences: Sequence[Difference]) -> list[Difference]:
    """Leave out what attributes call generated or vendored: the head is measured without such files too."""
    older = [found.old_path for found in differences if found.old_path is not None and found.old_path.endswith(".py")]
    generated = attributes.generated_paths(repository, older)
    return [found._replace(old_path=None) if found.old_path in generated else found for found in differences]


def choose(sha: str, differences: Iterable[Difference], head: ProjectFiles, config: Config) -> BaseFiles:
    """Choose files of the base as those of the head were, from what is the same on both sides and what was there."""
    differences = list(differences)
    # a name that is no UTF-8 is no measured file's at head either
    older = {old: new and printable(new) for old, new, _ in differences if old is not None and old == printable(old)}
    newer = {printable(new) for _, new, _ in differences if new is not None}
    same = [path for path in (*head.measured, *head.tests, *head.others) if path not in newer]
    base = _select([*same, *older], config)
    at_head = set(head.measured)
    # a file that is measured on one side only (of a new package root, for one) is analysed on that side
    measured = tuple(path for path in base.measured if path in older or path not in at_head)
    at_base = set(base.measured)
    return BaseFiles(
        sha=sha,
        measured=measured,
        security=tuple(path for path in base.security if path in older or path not in at_head),
        renamed={path: new for path in measured if (new := older.get(path)) is not None and new != path},
        replaced=frozenset(path for path in head.measured if path in newer or path not in at_base),
        differing=frozenset(path for path in head.measured if path in newer),
        import_path=tuple(dict.fromkeys(_package_parent(path, at_base) for path in base.measured)),
    )


def _select(paths: Iterable[str], config: Config) -> ProjectFiles:
    exclude = (*exclusions.BUILT_IN, *config.exclude)
    kept = [path for path in paths if not exclusions.matches(path, exclude)]
    roots = tuple(root for root in config.source if _holds_python(root, kept))  # the change may have added one
    if config.source and not roots:
        return project_files.ProjectFiles((), (), (), (), ())
    return project_files.select(kept, source=roots, exclude=exclude)


def _holds_python(root: str, paths: Iterable[str]) -> bool:
    name = str(PurePosixPath(root))
    return any(path.endswith(".py") and (name in {".", path} or path.startswith(f"{name}/")) for path in paths)


def _package_parent(path: str, measured: set[str]) -> str:
    """The directory from which the package of a file is imported."""
    directory = PurePosixPath(path).parent
    while str(directory / "__init__.py") in measured and directory != PurePosixPath():
        directory = directory.parent
    return str(directory)
