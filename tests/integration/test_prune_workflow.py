"""prune.yml: its step is run as it stands, against a real Pushgateway and a GitHub that its own description holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from ai_code_metrics import __version__
from support.commenting import TOKENS, WORKFLOW_TOKEN
from support.fake_github import FakeGithub, fake_github
from support.fake_github_pulls import PullRequest
from support.groups import key, push_raw
from support.services import pushgateway
from support.yaml_files import ROOT, load

if TYPE_CHECKING:
    from support.github_openapi import GithubDescription

WORKFLOW: Final[dict[str, Any]] = load(".github/workflows/prune.yml")
JOB: Final[dict[str, Any]] = WORKFLOW["jobs"]["prune"]


def test_it_runs_nothing_of_the_pull_request() -> None:
    """The one checkout is of a tag of the tool, no token may write, and without a URL or secrets it is skipped."""
    checkout, _ = JOB["steps"]
    assert checkout["with"] == {
        "repository": "ai-code-metrics/ai-code-metrics",
        "ref": f"v{__version__}",
        "persist-credentials": False,
    }
    assert WORKFLOW["permissions"] == {}
    assert JOB["permissions"] == {"contents": "read", "pull-requests": "read"}
    assert "vars.PUSHGATEWAY_URL != ''" in JOB["if"]
    assert "head.repo.full_name == github.repository" in JOB["if"]
    assert WORKFLOW["on"]["pull_request"] == {"types": ["closed"]}


@pytest.mark.pushgateway
@pytest.mark.skipif(os.name == "nt", reason="bash may be that of another system there")
def test_its_step_prunes_its_repository(tmp_path: Path, github_description: GithubDescription) -> None:
    """Of two gateways go the groups of closed pull requests and deleted branches of this repository, and no others."""
    github = FakeGithub(tokens=dict(TOKENS), judge=github_description.violations)
    github.pulls.stored = [PullRequest(7), PullRequest(8, state="closed")]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with fake_github(github), pushgateway(tmp_path / "a") as a, pushgateway(tmp_path / "b") as b:
        for url, branches in ((a.url, ("main", "pr-7", "pr-8")), (b.url, ("gone", "main"))):
            for branch in branches:
                for name in ("b2N0by9zaG9w", "b2N0by9jYXJ0"):  # octo/shop, octo/cart
                    path = f"job/ai-code-metrics/branch/{branch}/repository@base64/{name}"
                    assert push_raw(url, path, "x 1\n") == 200
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "AI_CODE"))}
        environ |= {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}",
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": WORKFLOW_TOKEN,
            "REPOSITORY": "octo/shop",
            "PUSHGATEWAY_URL": f"{a.url} {b.url}",
        }
        script = ["bash", "-eo", "pipefail", "-c", JOB["steps"][1]["run"]]
        done = subprocess.run(script, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        left = [group["labels"] for gateway in (a, b) for group in gateway.groups()]
    assert github.violations == []
    kept = [key(branch=branch) for branch in ("main", "pr-7", "main")]
    kept += [key("octo/cart", branch) for branch in ("main", "pr-7", "pr-8", "gone", "main")]
    assert sorted(sorted(labels.items()) for labels in left) == sorted(sorted(labels.items()) for labels in kept)
