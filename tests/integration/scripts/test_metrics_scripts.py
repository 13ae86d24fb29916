from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import install
from ai_code_metrics import model
from ai_code_metrics.report import summary_json
from ai_code_metrics.report.prometheus_text import render
from support.action_copy import copy_action
from support.services import free_port, promtool_check_metrics, pushgateway
from support.summaries import push_context, summary

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
SCRIPTS = ROOT / "scripts"


@pytest.fixture
def metrics_file(tmp_path: Path) -> Path:
    file = tmp_path / "metrics-summary.json"
    file.write_bytes(summary_json.encode(summary(context=push_context())))
    return file


def run_script(name: str, *arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "AI_CODE_METRICS_"))}
    return subprocess.run(
        [sys.executable, str(SCRIPTS / name), *arguments],
        cwd=cwd, env=env | environment, capture_output=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.pushgateway
def test_push_reaches_the_gateway(tmp_path: Path, metrics_file: Path) -> None:
    """The script pushes the summary to the group of the job that it is given."""
    with pushgateway(tmp_path) as gateway:
        arguments = ("--metrics-file", str(metrics_file), "--job-name", "nightly", "--push-url", gateway.url)
        finished = run_script("push_metrics.py", *arguments, cwd=tmp_path)
        assert finished.returncode == 0, finished.stderr
        group = gateway.group(job="nightly", repository="octo/shop", branch="main")
    assert group["ai_coding_quality_score", (("component", "overall"),)] == pytest.approx(91.73)


def test_push_to_nobody_is_exit_code_4(tmp_path: Path, metrics_file: Path) -> None:
    """A gateway that can't be reached is exit code 4, told in words and without the password."""
    url = f"http://127.0.0.1:{free_port()}"
    login = {
        "AI_CODE_METRICS_PUSHGATEWAY_USERNAME": "u",
        "AI_CODE_METRICS_PUSHGATEWAY_PASSWORD": "s3cret-pw",
    }
    arguments = ("--metrics-file", str(metrics_file), "--push-url", url)
    finished = run_script("push_metrics.py", *arguments, cwd=tmp_path, **login)
    assert finished.returncode == 4
    assert "could not be reached" in finished.stderr
    assert "s3cret" not in finished.stdout + finished.stderr


@pytest.mark.promtool
def test_extract_prints_the_exposition(tmp_path: Path, metrics_file: Path) -> None:
    """Without names the script prints the exposition as it would be pushed."""
    finished = run_script("extract_metrics.py", str(metrics_file), cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == render(summary(context=push_context()))
    assert promtool_check_metrics(finished.stdout) == ""


def test_extract_prints_key_values(tmp_path: Path, metrics_file: Path) -> None:
    """With names the script prints their samples only."""
    arguments = (str(metrics_file), "--metric", "lint_score", "--metric", "commit_score_median")
    finished = run_script("extract_metrics.py", *arguments, cwd=tmp_path)
    assert [line.split(" ")[0] for line in finished.stdout.splitlines()] == [
        "ai_coding_lint_score",
        "ai_coding_commit_score_median",
    ]


@pytest.mark.parametrize("content", [None, b"{}", b"no json"])
def test_a_summary_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    """A missing or broken file is exit code 2 with its reason, and prints no metric."""
    file = tmp_path / "broken.json"
    if content is not None:
        file.write_bytes(content)
    finished = run_script("extract_metrics.py", str(file), cwd=tmp_path)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert finished.stderr


def test_extract_prints_any_character(tmp_path: Path) -> None:
    """Labels that the terminal's encoding doesn't have are printed all the same, as UTF-8."""
    phase = model.Phase(name="prüfung-分", seconds=1.0, peak_memory_bytes=None, status="ok")
    (tmp_path / "metrics-summary.json").write_bytes(summary_json.encode(summary(phases=[phase])))
    finished = run_script("extract_metrics.py", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert finished.returncode == 0, finished.stderr
    assert 'phase="prüfung-分"' in finished.stdout


@pytest.mark.parametrize("name", ["push_metrics.py --metrics-file", "extract_metrics.py"])
def test_help_has_an_example(tmp_path: Path, name: str) -> None:
    """--help says what the script does, with an example to copy."""
    finished = run_script(name.split(" ", maxsplit=1)[0], "--help", cwd=tmp_path)
    assert finished.returncode == 0
    assert f"python3 scripts/{name} metrics-summary.json" in finished.stdout


@pytest.mark.parametrize("name", ["query", "prune", "doctor"])
def test_help_of_the_gateway_scripts_has_examples(tmp_path: Path, name: str) -> None:
    """--help says what the script does, with examples to copy and the exit codes."""
    finished = run_script(f"{name}_pushgateway.py", "--help", cwd=tmp_path)
    assert finished.returncode == 0
    assert f"python3 scripts/{name}_pushgateway.py --push-url http://localhost:9091" in finished.stdout
    assert "Exit codes" in finished.stdout


@pytest.mark.pushgateway
def test_a_gateway_is_queried_examined_and_pruned(tmp_path: Path, metrics_file: Path) -> None:
    """The scripts do what the commands do, with their exit codes."""
    with pushgateway(tmp_path) as gateway:
        url = ("--push-url", gateway.url)
        pushed = run_script("push_metrics.py", "--metrics-file", str(metrics_file), *url, cwd=tmp_path)
        assert pushed.returncode == 0, pushed.stderr
        queried = run_script("query_pushgateway.py", *url, "--json", cwd=tmp_path)
        assert [row["labels"]["branch"] for row in json.loads(queried.stdout)] == ["main"]
        examined = run_script("doctor_pushgateway.py", *url, cwd=tmp_path)
        assert (examined.returncode, "0 errors, 1 warning" in examined.stdout) == (0, True)
        named = ("--repository", "octo/shop", "--branch", "main")
        shown = run_script("prune_pushgateway.py", *url, *named, cwd=tmp_path)
        assert (shown.returncode, len(gateway.groups())) == (0, 1)
        deleted = run_script("prune_pushgateway.py", *url, *named, "--delete", cwd=tmp_path)
        assert (deleted.returncode, gateway.groups()) == (0, [])
        assert run_script("prune_pushgateway.py", *url, cwd=tmp_path).returncode == 2


def readme_lines() -> dict[str, list[str]]:
    """The README's lines that run these scripts, by script, each split into words."""
    lines = re.findall(r"`(python3 scripts/(?:push|extract)_metrics\.py [^`]*)`", README.read_text(encoding="utf-8"))
    return {line.split()[1]: line.split() for line in lines}


@pytest.mark.pushgateway
def test_the_readme_s_lines_need_nothing_installed(tmp_path: Path, metrics_file: Path) -> None:
    """In a fresh clone, by an interpreter that has no package at all, they make what they need and do their work."""
    clone = copy_action(tmp_path / "clone")
    metrics_file.rename(clone / "metrics-summary.json")
    bare = str(install.create(tmp_path / "bare"))
    env = {**install.installer_environment(dict(os.environ)), "HOME": str(tmp_path)}
    lines = readme_lines()

    def run(script: str, **given: str) -> subprocess.CompletedProcess[str]:
        words = [{"python3": bare, **given}.get(word, word) for word in lines[script]]
        return subprocess.run(words, cwd=clone, env=env, capture_output=True, encoding="utf-8", check=False)

    with pushgateway(tmp_path) as gateway:
        pushed = run("scripts/push_metrics.py", URL=gateway.url, JOB="nightly")
        assert pushed.returncode == 0, pushed.stderr
        group = gateway.group(job="nightly", repository="octo/shop", branch="main")
    assert group["ai_coding_quality_score", (("component", "overall"),)] == pytest.approx(91.73)
    extracted = run("scripts/extract_metrics.py")
    assert (extracted.returncode, extracted.stdout) == (0, render(summary(context=push_context())))
    assert "reusing" in extracted.stderr
