from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect import commit_range, revisions, sources
from ai_code_metrics.collect.context import EventContext
from ai_code_metrics.collect.phases import Phases
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.subject import find_subject
from ai_code_metrics.collect.view_files import ViewOptions
from ai_code_metrics.config import Config
from ai_code_metrics.errors import UsageError
from ai_code_metrics.model import Unavailable
from ai_code_metrics.records import Commit, FileChange
from support.git_project import GitProject
from support.python_project import make_workspace
from support.silence import Silence

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics.collect.sources import Collected


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    """A repository with one module, which has a finding of each tool, and a test."""
    made = GitProject(tmp_path / "project")
    made.commit(
        "root",
        files={"a.py": "def f(x):\n    assert x\n    return x\n", "test_a.py": "import a\n\ndef test(): a.f(1)\n"},
    )
    return made


def nobody(_: Commit) -> bool:
    """No commit is AI-tagged."""
    return False


def collect(project: GitProject, config: Config) -> tuple[Collected, Phases]:
    phases = Phases(Silence())
    workspace = make_workspace(config.root)
    subject = find_subject(config, workspace.environ, phases)
    return sources.collect(config, workspace, subject, ViewOptions(), phases, is_tagged=nobody), phases


def config(project: GitProject, *, python: str = sys.executable, coverage_file: str = "") -> Config:
    return Config(root=project.path.resolve(), python=python, coverage_file=coverage_file)


def test_every_source_is_read(project: GitProject) -> None:
    """Each source gives its record, and each phase its time and, if it lasts long enough, its memory."""
    collected, phases = collect(project, config(project))

    for part in (collected.lint, collected.security, collected.complexity, collected.coverage, collected.surviving):
        assert not isinstance(part, Unavailable)
    assert isinstance(collected.changed, Unavailable)
    assert {phase.name: phase.status for phase in phases.phases} == dict.fromkeys(
        ("attribution-surviving", "commits", "complexity", "coverage", "line-history", "lint", "security"), "ok"
    )
    memory = {phase.name: phase.peak_memory_bytes for phase in phases.phases}
    assert all(memory[name] for name in ("lint", "security", "complexity", "coverage"))
    assert (memory["attribution-surviving"] or 0) < 40_000_000


def test_one_failed_source_leaves_the_rest(project: GitProject) -> None:
    """A tool that refuses the project's configuration is one unavailable part."""
    project.commit("break pylint", files={"pylintrc": "[MAIN]\njobs=many\n"})

    collected, phases = collect(project, config(project))

    assert isinstance(collected.lint, Unavailable)
    for part in (collected.security, collected.complexity, collected.coverage):
        assert not isinstance(part, Unavailable)
    assert [warning.code for warning in phases.warnings] == ["lint-unavailable"]


def test_a_wrong_setting_does_not_wait_for_the_rest(project: GitProject) -> None:
    """A usage error stops what is still running."""
    project.commit("hang", files={"pylintrc": "[MAIN]\ninit-hook=import time; time.sleep(300)\n"})
    started = time.monotonic()

    with pytest.raises(UsageError, match="coverage-file"):
        collect(project, config(project, coverage_file="gone.xml"))

    assert time.monotonic() - started < 120


def test_after_a_wrong_setting_nothing_more_is_started(project: GitProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """Phases that still wait for a core when a usage error comes are not run."""
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    project.commit("hang", files={"pylintrc": "[MAIN]\ninit-hook=import time; time.sleep(300)\n"})
    phases = Phases(Silence())
    given = config(project, coverage_file="gone.xml")
    workspace = make_workspace(given.root)

    with pytest.raises(UsageError, match="coverage-file"):
        sources.collect(
            given,
            workspace,
            find_subject(given, workspace.environ, phases),
            ViewOptions(),
            phases,
            is_tagged=lambda _: False,
        )

    assert not {"complexity", "commits", "attribution-surviving"} & {phase.name for phase in phases.phases}


def test_commits_of_a_clone_without_contents_have_messages(project: GitProject, tmp_path: Path) -> None:
    """In a partial clone whose remote is gone the commits are there without sizes, and a warning says what to set."""
    project.commit("two", files={"a.py": "x = 1\n"})
    clone = project.clone(tmp_path / "clone", "--filter=blob:none")
    (project.path / ".git").rename(tmp_path / "hidden")

    collected, phases = collect(clone, config(clone))

    assert not isinstance(collected.commits, Unavailable)
    assert [commit.subject for commit in collected.commits.commits] == ["two", "root"]
    assert all("check out without `filter`" in commit.unknown_changes for commit in collected.commits.commits)
    (warning,) = [warning for warning in phases.warnings if warning.code == "commit-sizes-unknown"]
    assert "check out without `filter`" in warning.message


def squash(project: GitProject, base: str, context: EventContext) -> Commit | None:
    repository = Repository.open(project.path, project.environ)
    return commit_range.read_squash(
        repository, revisions.resolve(repository, project.head, EventContext(), base=base), context
    )


def test_a_squash_commit_to_be_is_title_body_and_the_whole_range(project: GitProject) -> None:
    """What a later commit takes back is not in it, a rename is one change, and the number stands in the header."""
    base = project.head
    project.commit("one", files={"b.py": "1\n2\n3\n", "c.bin": b"\0", "gone.py": "1\n"})
    project.git("mv", "a.py", "tab\t\nä.py")
    project.git("rm", "--quiet", "gone.py")
    project.commit("two", files={"b.py": "1\n2\n"})
    context = EventContext(pull_request=7, title="Add b", body="\nWhy.\n\n", author="ann")
    assert squash(project, base, context) == Commit(
        sha="", parents=(base,), author_name="ann", author_email="", committed_at=0, message="Add b (#7)\n\nWhy.",
        changes=(FileChange("b.py", 2, 0), FileChange("c.bin", None, None), FileChange("tab\t\nä.py", 0, 0, "a.py")),
    )  # fmt: skip


def test_a_title_with_its_number_keeps_one(project: GitProject) -> None:
    """GitHub appends the number, and so did the author; an empty body is none."""
    made = squash(project, "HEAD", EventContext(pull_request=7, title="Add b (#7)"))
    assert made is not None
    assert (made.message, made.changes) == ("Add b (#7)", ())


def test_outside_of_pull_requests_there_is_no_squash_commit(project: GitProject) -> None:
    """Without a title there is no message that it could have."""
    assert squash(project, "HEAD", EventContext(event="push")) is None


def test_a_squash_commit_of_a_clone_without_contents_has_its_message(project: GitProject, tmp_path: Path) -> None:
    """In a partial clone whose remote is gone its size is not known, and says so."""
    project.commit("two", files={"a.py": "x = 1\n"})
    clone = project.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
    (project.path / ".git").rename(tmp_path / "hidden")
    made = squash(clone, "HEAD~1", EventContext(pull_request=7, title="Add b"))
    assert made is not None
    assert (made.message, made.changes) == ("Add b (#7)", ())
    assert "check out without `filter`" in made.unknown_changes


def test_the_title_of_the_event_reaches_the_commits(project: GitProject, tmp_path: Path) -> None:
    """A run for a pull request hands on the squash commit to be, and which of its files are generated."""
    base = project.head
    project.commit("one", files={"gen.py": "1\n", ".gitattributes": "gen.py linguist-generated\n"})
    sides = {"head": {"sha": project.head}, "base": {"sha": base}}
    event = {"pull_request": {"number": 7, "title": "Add b", "body": None, **sides}}
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event), encoding="utf-8")
    workspace = make_workspace(config(project).root)
    environ = {**workspace.environ, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(path)}
    phases = Phases(Silence())
    subject = find_subject(config(project), environ, phases)
    found = sources.collect(
        config(project), workspace, subject, ViewOptions(), phases, is_tagged=lambda _: False
    ).commits
    assert not isinstance(found, Unavailable)
    assert found.squash is not None
    assert found.squash.message == "Add b (#7)"
    assert found.generated == {"gen.py"}


def _broken_interpreter(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_setting_that_names_no_interpreter_ends_the_run(project: GitProject, tmp_path: Path) -> None:
    """A program that ``python`` names and that is no interpreter is told at once."""
    broken = _broken_interpreter(tmp_path / "bin" / "broken")

    with pytest.raises(UsageError, match="is no Python interpreter"):
        collect(project, config(project, python=str(broken)))


def test_no_interpreter_costs_coverage_only(project: GitProject) -> None:
    """Without an interpreter of the project the analysers work all the same, and the reason is said once."""
    _broken_interpreter(project.path / ".venv" / "bin" / "python")

    collected, phases = collect(project, config(project, python=""))

    assert isinstance(collected.coverage, Unavailable)
    assert "did not answer" in collected.coverage.reason
    assert not isinstance(collected.lint, Unavailable)
    assert [warning.code for warning in phases.warnings] == ["coverage-unavailable", "no-interpreter"]
