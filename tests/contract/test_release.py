"""release.yml: nothing is built or published but a commit of main that has passed everything."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from support.git_project import GitProject
from support.yaml_files import load

if TYPE_CHECKING:
    from pathlib import Path

JOBS: Final[dict[str, dict[str, Any]]] = load(".github/workflows/release.yml")["jobs"]
CHECK: Final[list[dict[str, Any]]] = JOBS["check"]["steps"]


def waits_for(job: str) -> set[str]:
    """All jobs that must have succeeded before this one starts."""
    needed = JOBS[job].get("needs", [])
    direct = {needed} if isinstance(needed, str) else set(needed)
    return direct.union(*map(waits_for, direct))


@pytest.mark.parametrize("job", sorted(JOBS.keys() - {"check"}))
def test_every_job_waits_for_the_checks(job: str) -> None:
    """No job starts from a commit whose checks failed."""
    assert "check" in waits_for(job)
    assert "if" not in JOBS[job]


def test_the_checks_are_those_of_the_project() -> None:
    """The job runs what every change is held against, on the whole history."""
    assert CHECK[-1]["run"] == ".ci/run"
    assert CHECK[0]["with"]["fetch-depth"] == 0
    assert not any("if" in step or step.get("continue-on-error") for step in CHECK)


@pytest.mark.skipif(os.name == "nt", reason="bash may be that of another system there")
@pytest.mark.parametrize(("tag", "exit_code"), [("v0.1.0", 0), ("v0.2.0", 0), ("v9.9.9", 1)])
def test_a_tag_beside_main_is_refused(tag: str, exit_code: int, tmp_path: Path) -> None:
    """The tip of main and what is before it may be released, a commit of another branch may not."""
    origin = GitProject(tmp_path / "origin")
    origin.commit("first")
    origin.git("tag", "v0.1.0")
    origin.commit("second")
    origin.git("tag", "v0.2.0")
    origin.branch("aside")
    origin.commit("not reviewed")
    origin.git("tag", "v9.9.9")
    clone = origin.clone(tmp_path / "clone")
    clone.git("checkout", "--detach", tag)
    script = ["bash", "-eo", "pipefail", "-c", CHECK[1]["run"]]
    environ = os.environ | {"GITHUB_REF_NAME": tag}
    done = subprocess.run(script, env=environ, cwd=clone.path, capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, done.stderr
    assert done.stdout.startswith("::error title=Not on main::v9.9.9 tags") == bool(exit_code)
