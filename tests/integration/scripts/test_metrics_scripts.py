from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ai_code_metrics.report import summary_json
from ai_code_metrics.report.prometheus_text import render
from support.services import free_port, promtool_check_metrics, pushgateway
from support.summaries import push_context, summary

SCRIPTS = Path(__file__).parents[3] / "scripts"


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
    finished = run_script("extract_metrics.py", "--metrics-file", str(metrics_file), cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == render(summary(context=push_context()))
    assert promtool_check_metrics(finished.stdout) == ""


def test_extract_prints_key_values(tmp_path: Path, metrics_file: Path) -> None:
    """With names the script prints their samples only."""
    arguments = ("--metrics-file", str(metrics_file), "lint_score", "commit_score_median")
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
    finished = run_script("extract_metrics.py", "--metrics-file", str(file), cwd=tmp_path)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert finished.stderr


@pytest.mark.parametrize("name", ["push_metrics.py", "extract_metrics.py"])
def test_help_has_an_example(tmp_path: Path, name: str) -> None:
    """--help says what the script does, with an example to copy."""
    finished = run_script(name, "--help", cwd=tmp_path)
    assert finished.returncode == 0
    assert f"python scripts/{name} --metrics-file" in finished.stdout
