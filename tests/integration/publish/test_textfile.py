"""Metrics for node_exporter's textfile collector, written and read as files."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.publish.textfile import file_of, read_group, write_group
from support.services import promtool_check_metrics, pushgateway
from support.summaries import HOSTILE_NAME, hostile_summary, push_context, summary, unavailable_summary

if TYPE_CHECKING:
    from pathlib import Path

    from support.shell import Shell

KEY = {"repository": "octo/shop", "branch": "a/b"}


@pytest.mark.promtool
@pytest.mark.parametrize("of", [summary(), hostile_summary(), unavailable_summary()], ids=["whole", "hostile", "none"])
def test_every_series_has_the_key(tmp_path: Path, of: object) -> None:
    """The file passes promtool in silence, and each sample names repository and branch, whatever they are called."""
    key = {**KEY, "branch": HOSTILE_NAME}
    path = write_group(of, tmp_path, key)  # type: ignore[arg-type]
    text = path.read_text(encoding="utf-8")
    assert promtool_check_metrics(text) == ""
    samples = [line for line in text.split("\n") if line and not line.startswith("#")]
    assert samples
    for label in ('repository="octo/shop"', 'branch="n|`<b>`\\n@octocat'):
        assert all(label in line for line in samples)


def test_the_collector_may_read_it(tmp_path: Path) -> None:
    """Only the finished file is left, its name ends in .prom, and everybody may read it."""
    path = write_group(summary(), tmp_path, KEY)
    assert [path] == list(tmp_path.iterdir())
    assert path == file_of(tmp_path, KEY)
    assert path.suffix == ".prom"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_failed_run_keeps_the_last_good_values(tmp_path: Path) -> None:
    """After a failed run the file has the old scores, the old last success, and the new run's own metrics."""
    write_group(summary(), tmp_path, KEY)
    write_group(unavailable_summary(measured_at="2026-01-02T12:00:00Z"), tmp_path, KEY)
    group = read_group(tmp_path, KEY)
    assert group is not None
    assert group.value("ai_coding_run_success") == 0
    assert group.value("ai_coding_quality_score", component="overall") == pytest.approx(91.73)
    assert group.value("ai_coding_run_last_success_timestamp_seconds") == 1_767_268_800
    assert group.value("ai_coding_run_completed_timestamp_seconds") == 1_767_268_800 + 86_400
    write_group(summary(), tmp_path, KEY)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"no metric at all {", b"x" * 2_000_000])
def test_what_somebody_else_left_is_written_anew(tmp_path: Path, content: bytes) -> None:
    """A file that is no exposition is replaced by one."""
    file_of(tmp_path, KEY).write_bytes(content)
    assert read_group(tmp_path, KEY) is None
    write_group(unavailable_summary(), tmp_path, KEY)
    assert read_group(tmp_path, KEY) is not None


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    """The setting is named, and nothing is created."""
    with pytest.raises(PublishFailed, match=r"textfile-directory: .*nowhere can't be written to"):
        write_group(summary(), tmp_path / "nowhere", KEY)
    assert list(tmp_path.iterdir()) == []


def test_push_writes_the_file_without_a_gateway(shell: Shell, tmp_path: Path) -> None:
    """`push` serves a textfile collector alone; a run of an earlier commit leaves the file as it is."""
    directory = tmp_path / "collector"
    directory.mkdir()
    arguments = ("--textfile-directory", str(directory))
    assert shell.run("push", shell.save(summary(context=push_context(head_committed_at=200))), *arguments) == 0
    (path,) = directory.iterdir()
    before = path.read_bytes()
    assert str(path) in shell.out
    assert shell.run("push", shell.save(summary(context=push_context(head_committed_at=100))), *arguments) == 4
    assert "later commit" in shell.err
    assert path.read_bytes() == before


@pytest.mark.pushgateway
def test_a_directory_that_fails_keeps_nobody_from_the_gateway(shell: Shell, tmp_path: Path) -> None:
    """Each destination fails on its own: the gateway has the figures, and the failure is told."""
    with pushgateway(tmp_path) as gateway:
        options = ("--textfile-directory", str(tmp_path / "nowhere"), "--pushgateway-url", gateway.url)
        assert shell.run("push", shell.save(summary(context=push_context())), *options) == 4
        assert gateway.group(job="ai-code-metrics", repository="octo/shop", branch="main")
    assert "textfile-directory" in shell.err
