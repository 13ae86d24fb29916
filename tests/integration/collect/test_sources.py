from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect import sources
from ai_code_metrics.collect.phases import Phases
from ai_code_metrics.collect.subject import find_subject
from ai_code_metrics.config import Config
from ai_code_metrics.errors import UsageError
from ai_code_metrics.model import Unavailable
from support.git_project import GitProject
from support.python_project import make_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics.collect.sources import Collected


class Silence:
    """Listens to no phase."""

    def started(self, phase: str) -> None:
        """Take no note."""

    def finished(self, phase: str, seconds: float, status: str) -> None:
        """Take no note."""


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    """A repository with one module, which has a finding of each tool, and a test."""
    made = GitProject(tmp_path / "project")
    made.commit(
        "root",
        files={"a.py": "def f(x):\n    assert x\n    return x\n", "test_a.py": "import a\n\ndef test(): a.f(1)\n"},
    )
    return made


def collect(project: GitProject, config: Config) -> tuple[Collected, Phases]:
    phases = Phases(Silence())
    workspace = make_workspace(config.root)
    return sources.collect(config, workspace, find_subject(config, workspace.environ, phases), phases), phases


def config(project: GitProject, *, python: str = sys.executable, coverage_file: str = "") -> Config:
    return Config(root=project.path.resolve(), python=python, coverage_file=coverage_file)


def test_every_source_is_read(project: GitProject) -> None:
    """Each source gives its record, and each phase its time."""
    collected, phases = collect(project, config(project))

    for part in (collected.lint, collected.security, collected.complexity, collected.coverage, collected.surviving):
        assert not isinstance(part, Unavailable)
    assert isinstance(collected.changed, Unavailable)
    assert {phase.name: phase.status for phase in phases.phases} == dict.fromkeys(
        ("attribution-surviving", "commits", "complexity", "coverage", "lint", "security"), "ok"
    )
    memory = {phase.name: phase.peak_memory_bytes for phase in phases.phases}
    assert all(memory[name] for name in ("lint", "security", "complexity", "coverage"))


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
    project.commit("hang", files={"pylintrc": "[MAIN]\ninit-hook=import time; time.sleep(50)\n"})
    started = time.monotonic()

    with pytest.raises(UsageError, match="coverage-file"):
        collect(project, config(project, coverage_file="gone.xml"))

    assert time.monotonic() - started < 20


def test_no_interpreter_costs_coverage_only(project: GitProject, tmp_path: Path) -> None:
    """Without an interpreter of the project the analysers work all the same, and the reason is said once."""
    (tmp_path / "broken").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tmp_path / "broken").chmod(0o755)

    collected, phases = collect(project, config(project, python=str(tmp_path / "broken")))

    assert isinstance(collected.coverage, Unavailable)
    assert "did not answer" in collected.coverage.reason
    assert not isinstance(collected.lint, Unavailable)
    assert [warning.code for warning in phases.warnings] == ["coverage-unavailable", "no-interpreter"]
