from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect.phases import Phases
from ai_code_metrics.collect.subject import Subject, find_subject
from ai_code_metrics.config import Config
from ai_code_metrics.errors import SourceUnavailable, UsageError
from ai_code_metrics.model import Unavailable
from support.git_project import GitProject
from support.python_project import write_files
from support.silence import Silence

if TYPE_CHECKING:
    from pathlib import Path


def find(project: GitProject, *, base: str = "", source: tuple[str, ...] = ()) -> tuple[Subject, list[str]]:
    """Return the subject of a run in the project, and the codes of the warnings."""
    phases = Phases(Silence())
    config = Config(root=project.path.resolve(), base=base, source=source)
    return find_subject(config, project.environ, phases), [warning.code for warning in phases.warnings]


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    """A repository with a package, a test and a script."""
    made = GitProject(tmp_path / "project")
    made.commit("root", files={"pkg/__init__.py": "", "pkg/a.py": "a = 1\n", "tests/test_a.py": "", "setup.py": ""})
    return made


def test_tracked_files_are_measured(project: GitProject) -> None:
    """Only what git tracks is measured, and what lies outside of the packages is said."""
    project.write("pkg/untracked.py", "")

    subject, warnings = find(project)

    assert subject.files.measured == ("pkg/__init__.py", "pkg/a.py")
    assert warnings == ["files-outside-source"]
    repository, revisions = subject.known()
    assert (repository.prefix, revisions.head, revisions.base) == ("", project.head, None)


def test_generated_files_are_not_measured(project: GitProject) -> None:
    """What ``.gitattributes`` calls generated and what is vendored is nobody's own code."""
    files = {
        ".gitattributes": "pkg/gen.py linguist-generated\n",
        "pkg/gen.py": "",
        "pkg/vendor/v.py": "",
        "pkg/x_pb2.py": "",
    }
    project.commit("more", files=dict(files))

    assert find(project)[0].files.measured == ("pkg/__init__.py", "pkg/a.py")


def test_missing_files_are_named(project: GitProject) -> None:
    """A tracked file that a sparse checkout left out is not measured, and said."""
    (project.path / "pkg" / "a.py").unlink()

    subject, warnings = find(project)

    assert subject.files.measured == ("pkg/__init__.py",)
    assert warnings == ["files-missing", "files-outside-source"]


def test_linked_files_are_not_measured_twice(project: GitProject) -> None:
    """A tracked symbolic link is no file of its own, wherever it leads."""
    (project.path / "pkg" / "link.py").symlink_to("/etc/passwd")
    project.commit("link")

    assert find(project)[0].files.measured == ("pkg/__init__.py", "pkg/a.py")


def test_directory_below_the_top(project: GitProject) -> None:
    """A directory of a larger repository is measured by paths that are relative to it."""
    below = GitProject(project.path / "pkg", init=False)

    subject, _ = find(below)

    assert subject.tracked == ("__init__.py", "a.py")
    assert subject.files.roots == (".",)


def test_no_repository(tmp_path: Path) -> None:
    """Without git the directory is walked, and whoever asks for the history gets the reason."""
    project = GitProject(tmp_path / "plain", init=False)
    write_files(project.path, {"a.py": "", ".venv/pyvenv.cfg": "", ".venv/b.py": ""})

    subject, warnings = find(project)

    assert subject.files.measured == ("a.py",)
    assert warnings == ["no-repository"]
    with pytest.raises(SourceUnavailable, match="not in a git repository"):
        subject.known()


def test_no_commit(tmp_path: Path) -> None:
    """A repository without a commit has no revisions, and says so."""
    subject, _ = find(GitProject(tmp_path / "empty"))

    assert subject.revisions == Unavailable(reason="the repository has no commit yet")
    assert subject.no_base() == subject.revisions
    assert subject.files.roots == ()


def test_detached_head(project: GitProject) -> None:
    """A detached head is measured like any other."""
    project.git("checkout", "--quiet", "--detach")

    assert find(project)[0].known()[1].head == project.head


def test_shallow_clone_is_said(project: GitProject, tmp_path: Path) -> None:
    """A clone that is cut off gets a warning with the way out."""
    project.commit("second")

    _, warnings = find(project.clone(tmp_path / "clone", "--depth=1"))

    assert "shallow-clone" in warnings


def test_wrong_settings(project: GitProject) -> None:
    """A base or a source that isn't there is a usage error, before anything long has started."""
    with pytest.raises(UsageError, match="base: 'no-such'"):
        find(project, base="no-such")
    with pytest.raises(UsageError, match=r"source: .*'no-such'"):
        find(project, source=("no-such",))


def test_event_is_read(project: GitProject, tmp_path: Path) -> None:
    """The event's payload decides what is compared."""
    first = project.head
    project.commit("second", files={"pkg/b.py": ""})
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": first}), encoding="utf-8")
    environ = {**project.environ, "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(event)}

    subject = find_subject(Config(root=project.path.resolve()), environ, Phases(Silence()))

    assert subject.known()[1].base == first
    assert subject.no_base() is None
