from __future__ import annotations

import pytest

import doctor_pushgateway
import extract_metrics
import prune_pushgateway
import push_metrics
import query_pushgateway
from ai_code_metrics.report.prometheus_text import render
from support.summaries import summary


def test_push_is_translated() -> None:
    """The script's own names of options become those of the command line, the file last and never an option."""
    arguments = ["--metrics-file", "-x.json", "--push-url", "http://localhost:9091", "--job-name", "ci"]
    with pytest.raises(SystemExit):
        push_metrics.command(arguments)
    arguments[:2] = ["--metrics-file=-x.json"]
    assert push_metrics.command(arguments) == [
        "push", "--pushgateway-url", "http://localhost:9091", "--pushgateway-job", "ci", "--", "-x.json",
    ]  # fmt: skip


def test_push_has_defaults_and_branches() -> None:
    """Only the URL has to be given; each branch is passed on."""
    assert push_metrics.command(["--push-url", "http://g", "--branch", "main", "--branch", "a/b"]) == [
        "push", "--pushgateway-url", "http://g", "--pushgateway-job", "ai-code-metrics",
        "--push-branches", "main", "--push-branches", "a/b", "--", "metrics-summary.json",
    ]  # fmt: skip


def test_push_needs_a_url(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a URL the script ends with exit code 2 and names the option."""
    with pytest.raises(SystemExit) as ended:
        push_metrics.command([])
    assert ended.value.code == 2
    assert "--push-url" in capsys.readouterr().err


@pytest.mark.parametrize("names", [["ai_share_ratio"], ["ai_coding_ai_share_ratio"]])
def test_named_metrics_only(names: list[str]) -> None:
    """A metric is found with and without the prefix, and only its samples are given."""
    assert extract_metrics.selected(render(summary()), names) == [
        'ai_coding_ai_share_ratio{view="changed"} 0.4',
        'ai_coding_ai_share_ratio{view="surviving"} 0.24',
    ]


def test_a_name_is_no_prefix() -> None:
    """The metric tests is not tests_duration_seconds."""
    lines = extract_metrics.selected(render(summary()), ["tests"])
    assert len(lines) == 4
    assert all(line.startswith("ai_coding_tests{") for line in lines)


def test_an_unknown_name_gives_nothing() -> None:
    """A metric that the summary doesn't serve gives no line."""
    assert extract_metrics.selected(render(summary()), ["nothing"]) == []


URLS = ["--push-url", "http://a:9091", "--push-url", "http://b:9091"]
TRANSLATED = ["--pushgateway-url=http://a:9091", "--pushgateway-url=http://b:9091"]
JOB = "--pushgateway-job=ai-code-metrics"


def test_query_is_translated() -> None:
    """Each URL is passed on, and a branch with a dash in front is no option."""
    assert query_pushgateway.command(URLS) == ["query", *TRANSLATED, JOB]
    assert query_pushgateway.command([*URLS, "--branch=-x", "--repository", "o/r", "--all-jobs", "--json"]) == [
        "query", *TRANSLATED, JOB, "--json", "--repository=o/r", "--branch=-x", "--all-jobs",
    ]  # fmt: skip


def test_prune_is_translated() -> None:
    """It deletes nothing that it isn't told to."""
    assert prune_pushgateway.command([*URLS, "--older-than", "90"]) == ["prune", *TRANSLATED, JOB, "--older-than=90"]
    everything = ["--closed-pull-requests", "--deleted-branches", "--repository=o/r", "--pull-request=7", "--delete"]
    assert prune_pushgateway.command([*URLS, "--job-name", "ci", *everything]) == [
        "prune", *TRANSLATED, "--pushgateway-job=ci", *everything,
    ]  # fmt: skip


def test_doctor_is_translated() -> None:
    """It heals nothing that it isn't told to."""
    assert doctor_pushgateway.command(URLS) == ["doctor", *TRANSLATED, JOB]
    assert doctor_pushgateway.command([*URLS, "--fix"]) == ["doctor", *TRANSLATED, JOB, "--fix"]


@pytest.mark.parametrize("arguments", [[], [*URLS, "--del"]])
def test_an_option_is_spelled_out(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Without a URL, or with half a name, nothing is done."""
    with pytest.raises(SystemExit) as ended:
        prune_pushgateway.command(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err
