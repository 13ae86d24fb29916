"""The main job on real repositories made by the test: every part measured, every failure contained."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.git_project import GitProject

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = sys.executable


def _run(project: Path, *options: str, environ: dict[str, str] | None = None, command: str = "measure") -> Any:
    """Run the command line as its users do and return the finished process."""
    output = project.parent / "output"
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "AI_CODE_"))}
    return subprocess.run(
        [PYTHON, "-I", "-m", "ai_code_metrics", command, "--output", str(output), "--python", PYTHON, *options, "--",
         str(project)],
        capture_output=True, text=True, encoding="utf-8", check=False, env=variables | (environ or {}), timeout=300,
    )  # fmt: skip


def _summary(project: Path) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads((project.parent / "output" / "metrics-summary.json").read_bytes())
    return summary


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    """A package with one covered and one uncovered function, one finding of each tool, and its tests."""
    made = GitProject(tmp_path / "project")
    made.write("shop/__init__.py", '"""A shop."""\n')
    made.write(
        "shop/cart.py",
        '"""A cart."""\n\nimport os\nimport subprocess\n\n\ndef total(prices):\n    """Add prices."""\n'
        '    return sum(prices)\n\n\ndef ship(where):\n    """Ship it."""\n'
        "    return subprocess.call(where, shell=True)\n",
    )
    made.write(
        "tests/test_cart.py",
        "from shop.cart import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n",
    )
    made.commit("feat: add the cart")
    return made


def test_every_part_of_a_small_project_is_measured(project: GitProject) -> None:
    """Lint, coverage, security, complexity, commits and both views have the values that a person can count."""
    base = project.head
    project.write("shop/cart.py", (project.path / "shop/cart.py").read_text(encoding="utf-8") + "\n\nEMPTY = ()\n")
    project.commit(
        "feat: name the empty cart\n\nIt is needed in three places.\n\n"
        "Co-Authored-By: Claude Opus 4.6 (1M context) <noreply@anthropic.com>\n"
    )
    done = _run(project.path, "--base", base)
    assert done.returncode == 0, done.stderr
    summary = _summary(project.path)
    assert summary["lint"]["messages"]["warning"] >= 1  # unused import os
    assert summary["lint"]["messages"]["error"] == 0
    assert summary["coverage"]["num_statements"] == 7
    assert summary["coverage"]["covered_lines"] == 6
    assert summary["tests"]["passed"] == 1
    assert summary["security"]["findings_by_severity"]["high"] == 1  # shell=True
    assert summary["quality"]["grade"] in {"D", "F"}
    assert summary["complexity"]["functions"] == 2
    assert (summary["commits"]["scored"], summary["commits"]["skipped"]) == (1, 0)
    patch = summary["quality"]["patch"]  # one line, which coverage calls executable, in no function
    assert (patch["lines"], patch["statements"], patch["covered_lines"], patch["functions"]) == (1, 1, 1, 0)
    assert patch["components"] == {"coverage": 100, "lint": 100, "security": 100, "complexity": None}
    assert (patch["score"], patch["grade"]) == (None, None)
    assert "adds 1 statement" in patch["reasons"]["score"]
    changed = summary["attribution"]["changed"]
    assert (changed["ai_lines"], changed["counted_lines"], changed["ai_share"]) == (1, 1, 1.0)
    assert changed["by_agent"] == {"claude-code": {"lines": 1, "models": {"Claude Opus 4.6 (1M context)": 1}}}
    surviving = summary["attribution"]["surviving"]
    assert surviving["ai_lines"] == 1
    assert surviving["counted_lines"] == 14
    assert {phase["status"] for phase in summary["phases"]} == {"ok"}
    assert all(phase["peak_memory_bytes"] for phase in summary["phases"] if phase["name"] in {"lint", "coverage"})


def test_what_a_run_leaves_behind(project: GitProject) -> None:
    """Summary, comment, exposition and raw reports are there; the work tree is as it was."""
    before = sorted(path for path in project.path.rglob("*") if ".git" not in path.parts)
    assert _run(project.path).returncode == 0
    output = project.path.parent / "output"
    assert {path.name for path in output.iterdir()} == {
        ".gitignore", "comment.md", "findings.sarif", "metrics-summary.json", "metrics.prom", "raw",
    }  # fmt: skip
    assert {path.name for path in (output / "raw").iterdir()} == {
        "bandit.json", "coverage.json", "junit.xml", "pylint.json", "radon.json",
    }  # fmt: skip
    assert sorted(path for path in project.path.rglob("*") if ".git" not in path.parts) == before


def test_a_second_run_replaces_what_the_first_left(project: GitProject) -> None:
    """A raw report of an earlier run never lies beside the summary of a later one."""
    assert _run(project.path).returncode == 0
    assert _run(project.path, "--test-command", "off").returncode == 0
    assert _summary(project.path)["coverage"]["status"] == "unavailable"
    assert not (project.path.parent / "output" / "raw" / "coverage.json").exists()


def test_without_git_the_code_is_measured_all_the_same(tmp_path: Path) -> None:
    """A directory that is no repository has lint and complexity; commits and attribution say why they are missing."""
    project = tmp_path / "plain"
    (project / "pkg").mkdir(parents=True)
    (project / "pkg" / "__init__.py").write_text('"""A package."""\n\n\ndef one():\n    """One."""\n    return 1\n')
    done = _run(project, "--test-command", "off", environ={"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    summary = _summary(project)
    assert summary["lint"]["score"] == 100
    assert summary["complexity"]["functions"] == 1
    assert "not in a git repository" in summary["commits"]["reason"]
    assert "not in a git repository" in summary["attribution"]["reason"]


def test_an_empty_repository_is_nothing_measured(tmp_path: Path) -> None:
    """A repository without commits ends with exit code 3, and a summary that says why for each part."""
    project = GitProject(tmp_path / "project")
    done = _run(project.path)
    assert done.returncode == 3
    assert "nothing could be measured" in done.stderr
    summary = _summary(project.path)
    assert "no commit yet" in summary["commits"]["reason"]
    assert "no tracked Python file" in summary["lint"]["reason"]


def test_a_repository_without_python_has_commits_and_attribution(tmp_path: Path) -> None:
    """No Python file is no failure of the run."""
    project = GitProject(tmp_path / "project")
    project.write("README.md", "Hello\n\nworld\n")
    project.commit("docs: say hello")
    done = _run(project.path)
    assert done.returncode == 0, done.stderr
    summary = _summary(project.path)
    assert summary["quality"]["status"] == "unavailable"
    assert summary["commits"]["scored"] == 1
    assert summary["attribution"]["surviving"]["counted_lines"] == 2


def test_odd_paths_and_messages_reach_the_report_escaped(project: GitProject) -> None:
    """Paths with spaces, newlines, pipes and dashes, and hostile messages, are measured and shown harmless."""
    for name in ("shop/with space.py", "shop/-dash.py", "shop/pipe|`tick`.py", "shop/naïve.py", "shop/new\nline.py"):
        project.write(name, '"""Odd."""\n\n\ndef f(a):\n    """F."""\n    return eval(a)\n')
    project.commit("feat: <script>alert(1)</script> @everyone | `x` ::error::forged \u202e\n\n" + "w " * 500_000)
    done = _run(project.path, "--test-command", "off")
    assert done.returncode == 0, done.stderr
    summary = _summary(project.path)
    evals = {finding["path"] for finding in summary["security"]["findings"] if finding["rule"] == "B307"}
    assert evals == {
        "shop/with space.py", "shop/-dash.py", "shop/pipe|`tick`.py", "shop/naïve.py", "shop/new\nline.py",
    }  # fmt: skip
    comment = (project.path.parent / "output" / "comment.md").read_text(encoding="utf-8")
    assert "<script>" not in comment
    assert "\u202e" not in comment
    assert "\n::error::" not in comment + done.stdout + done.stderr
    assert len(comment.encode()) < 65_536


def test_a_branch_with_a_slash_is_reported_as_it_is(project: GitProject) -> None:
    """The branch of the summary is git's, slash and all."""
    project.branch("feature/a")
    assert _run(project.path, "--test-command", "off").returncode == 0
    assert _summary(project.path)["context"]["branch"] == "feature/a"


def test_secrets_reach_no_process_that_runs_code_of_the_project(project: GitProject) -> None:
    """Neither a test nor a pylintrc's init-hook sees a token, and none is in any file or output of the run."""
    dump = project.path.parent / "dump"
    dump.mkdir()
    project.write(
        "tests/test_dump.py",
        "import json, os\n\n\ndef test_dump():\n"
        f"    with open({str(dump / 'tests.json')!r}, 'w') as out:\n        json.dump(dict(os.environ), out)\n",
    )
    project.write(
        ".pylintrc",
        "[MAIN]\ninit-hook=import json, os; print(dict(os.environ)); "
        f"json.dump(dict(os.environ), open({str(dump / 'pylint.json')!r}, 'w'))\n",
    )
    project.commit("test: dump the environment")
    planted = {
        "GITHUB_TOKEN": "planted-1",
        "AI_CODE_METRICS_GITHUB_TOKEN": "planted-2",
        "AI_CODE_METRICS_PUSHGATEWAY_PASSWORD": "planted-3",
        "ACTIONS_RUNTIME_TOKEN": "planted-4",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "planted-5",
        "GH_TOKEN": "planted-6",
        "INPUT_SECRET": "planted-7",
        "GITHUB_OUTPUT": str(dump / "planted-8"),
    }
    done = _run(project.path, environ=planted | {"DATABASE_URL": "postgres://theirs"})
    assert done.returncode == 0, done.stderr
    tests, pylint = (json.loads((dump / name).read_bytes()) for name in ("tests.json", "pylint.json"))
    assert tests["DATABASE_URL"] == "postgres://theirs"
    assert "DATABASE_URL" not in pylint
    written = [
        path.read_text(encoding="utf-8") for path in (project.path.parent / "output").rglob("*") if path.is_file()
    ]
    for text in (json.dumps(tests), json.dumps(pylint), done.stdout, done.stderr, *written):
        assert "planted-" not in text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--gates", "charm > 1"], ["charm", "Known:"]),
        (["--test-command", "make test"], ["test-command", "make test", "coverage-file"]),
        (["--source", "nowhere"], ["source", "nowhere"]),
        (["--base", "nowhere"], ["base", "nowhere"]),
        (["--coverage-file", "nowhere.xml"], ["coverage-file", "nowhere.xml"]),
        (["--python", "no-such-python"], ["python", "no-such-python"]),
        (["--gate-on-missing", "maybe"], ["gate-on-missing", "maybe", "fail, pass"]),
        (["--comment-key", "a b"], ["comment-key", "a b"]),
    ],
)
def test_a_wrong_value_is_a_usage_error_that_helps(project: GitProject, options: list[str], words: list[str]) -> None:
    """Exit code 2, one line that names the setting and the value, no traceback, and nothing half written."""
    done = _run(project.path, *options)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert all(word in done.stderr for word in words), done.stderr
    assert not (project.path.parent / "output" / "metrics-summary.json").exists()


def test_a_failed_gate_fails_run_after_the_report(project: GitProject) -> None:
    """At a terminal a failed gate is exit code 10, and the files are there."""
    done = _run(project.path, "--test-command", "off", "--gates", "security.high == 0", command="run")
    assert done.returncode == 10, done.stderr
    assert "1 of 1 gates failed" in done.stderr
    assert _summary(project.path)["gates"][0]["result"] == "failed"
