"""The output directory: each file whole or not there, and nothing of anybody else's touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.errors import UsageError
from ai_code_metrics.publish import directory

if TYPE_CHECKING:
    from pathlib import Path


def _raw(tmp_path: Path, *names: str) -> Path:
    raw = tmp_path / "scratch"
    raw.mkdir(exist_ok=True)
    for name in names:
        (raw / name).write_text(name, encoding="utf-8")
    return raw


def test_files_and_raw_reports_are_written(tmp_path: Path) -> None:
    """Everything given is there afterwards, and no temporary file beside it."""
    output = tmp_path / "a" / "output"
    directory.prepare(output)
    directory.write(output, {"comment.md": b"hello", "metrics.prom": b"x 1\n"}, _raw(tmp_path, "pylint.json"))
    assert (output / "comment.md").read_bytes() == b"hello"
    assert (output / "raw" / "pylint.json").read_text(encoding="utf-8") == "pylint.json"
    assert sorted(path.name for path in output.iterdir()) == [".gitignore", "comment.md", "metrics.prom", "raw"]


def test_the_directory_is_ignored_by_git(tmp_path: Path) -> None:
    """A report inside of the work tree is never committed by accident."""
    directory.prepare(tmp_path / "output")
    assert (tmp_path / "output" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_directory_with_other_things_is_not_hidden_from_git(tmp_path: Path) -> None:
    """Whoever writes into a directory of sources keeps what git knows of it."""
    (tmp_path / "module.py").write_text("", encoding="utf-8")
    directory.prepare(tmp_path)
    assert not (tmp_path / ".gitignore").exists()


@pytest.mark.parametrize(
    "name", ["raw/coverage.json", "raw/caller-notes.txt", "comment.md", "findings.sarif", "metrics.prom"]
)
def test_files_of_somebody_else_are_neither_deleted_nor_overwritten(tmp_path: Path, name: str) -> None:
    """Where no earlier run left its summary, a file of the same name is somebody's own, and another place is asked."""
    theirs = tmp_path / name
    theirs.parent.mkdir(exist_ok=True)
    theirs.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=name):
        directory.prepare(tmp_path)
    assert theirs.read_text(encoding="utf-8") == "mine"


def test_what_an_earlier_run_left_is_removed_and_the_rest_kept(tmp_path: Path) -> None:
    """Files of ours go, so that no run is read with another's reports; files of anybody else stay."""
    output = tmp_path / "output"
    directory.prepare(output)
    ours = [output / "metrics-summary.json", output / "raw" / "coverage.json", output / "raw" / "caller-coverage.xml"]
    theirs = [output / "notes.txt", output / "raw" / "model.bin"]
    for path in ours + theirs:
        path.write_text("old", encoding="utf-8")
    directory.prepare(output)
    assert [path.exists() for path in ours] == [False, False, False]
    assert [path.exists() for path in theirs] == [True, True]


def test_a_place_that_can_not_be_written_is_a_usage_error(tmp_path: Path) -> None:
    """The error names the directory."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"output: .*file"):
        directory.prepare(tmp_path / "file" / "output")
