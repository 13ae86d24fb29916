"""A real project measured whole and in shards: the merged report says what the whole one says."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.report import summary_json
from support import summaries
from support.git_project import CLAUDE, GitProject

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics import model
    from support.shell import Shell

_TESTS = '''"""Tests."""

from cart.total import total
from store.shelf import find


def test_total():
    assert total([1, 2]) == 3


def test_find():
    assert find([1], 1) == 0
'''
_TOTAL = '"""Totals."""\n\nimport os\n\n\ndef total(prices):\n    """Add prices."""\n    return sum(prices)\n'
_SHELF = (
    '"""Shelves."""\n\nimport subprocess\n\nfrom cart.total import total\n\n\n'
    'def find(shelf, what):\n    """Find it."""\n    return shelf.index(what)\n\n\ndef clear(shelf):\n'
    '    subprocess.call("rm " + str(total(shelf)), shell=True)\n'
)


def _branches(name: str, count: int) -> str:
    body = "".join(f"    if value == {number}:\n        return {name!r} * {number}\n" for number in range(count))
    return f'\n\ndef {name}(value, unused):\n    """Choose."""\n{body}    return eval(value)\n'


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    """Two packages, each with findings of every tool, and a change that adds some of both."""
    made = GitProject(tmp_path / "project")
    files = {"cart/__init__.py": "", "cart/total.py": _TOTAL, "store/__init__.py": "", "store/shelf.py": _SHELF}
    made.commit("feat: add the shop", files={**files, "tests/test_shop.py": _TESTS})
    return made


def _change(project: GitProject) -> None:
    project.commit(
        f"feat: choose by value\n\nIt is needed in both.\n\n{CLAUDE}",
        files={
            "cart/total.py": _TOTAL + _branches("choose", 12),
            "store/shelf.py": _SHELF + _branches("pick", 6),
        },
    )


def _measure(project: GitProject, name: str, *options: str) -> Path:
    """Run the command line as a job does and return the path of its summary."""
    output = project.path.parent / name
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "AI_CODE_"))}
    done = subprocess.run(
        [sys.executable, "-I", "-m", "ai_code_metrics", "measure", "--output", str(output), "--python", sys.executable,
         *options, "--", str(project.path)],
        capture_output=True, text=True, encoding="utf-8", check=False, env=variables, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return output / "metrics-summary.json"


def _read(path: Path) -> model.Summary:
    return summary_json.decode(path.read_bytes())


def test_two_shards_are_the_whole(project: GitProject, shell: Shell) -> None:
    """Lint, security, complexity, coverage, quality, base, patch, attribution and commits are those of one run."""
    base, both = project.head, ("--source", "cart", "--source", "store")
    report = _measure(project, "base", *both)
    _change(project)
    compared = ("--base", base, "--base-report", str(report), "--gates", "lint.score >= 50")
    whole = _read(_measure(project, "whole", *both, *compared))
    shards = [str(_measure(project, name, "--source", name, *compared)) for name in ("store", "cart")]
    merged_path = project.path.parent / "merged"
    assert shell.run("merge", *shards, "--output", str(merged_path)) == 0, shell.err
    merged = _read(merged_path / "metrics-summary.json")
    for part in (
        "lint",
        "security",
        "complexity",
        "coverage",
        "quality",
        "commits",
        "attribution",
        "source",
        "warnings",
    ):
        assert getattr(merged, part) == getattr(whole, part), part
    for part in ("lint", "security", "complexity", "coverage", "quality", "sha"):
        assert getattr(merged.base, part) == getattr(whole.base, part), part
    assert merged.gates == whole.gates
    assert merged.quality.patch.score is not None  # type: ignore[union-attr]
    assert len(merged.complexity.grown or []) == 1  # type: ignore[union-attr]
    assert {path.name for path in merged_path.iterdir()} == {
        ".gitignore", "comment.md", "findings.sarif", "metrics-summary.json", "metrics.prom", "raw",
    }  # fmt: skip
    assert "Quality score" in shell.out


def test_gates_of_the_merge(shell: Shell, tmp_path: Path) -> None:
    """Gates that are given replace those of the summaries; that one failed is for `gate` to say."""
    one = shell.save(summaries.summary())
    merged = str(tmp_path / "merged" / "metrics-summary.json")
    assert shell.run("merge", one, "--output", str(tmp_path / "merged"), "--gates", "lint.score == 100") == 0, shell.err
    assert [(gate.expression, gate.result) for gate in _read(tmp_path / "merged" / "metrics-summary.json").gates] == [
        ("lint.score == 100", "failed")
    ]
    assert shell.run("gate", merged) == 10


@pytest.mark.parametrize("content", [b"{", b'{"schema_version": 2}', b"\xff"])
def test_what_is_no_summary_is_named(shell: Shell, tmp_path: Path, content: bytes) -> None:
    """Exit code 2, with the file among many that is wrong, and nothing is written."""
    (tmp_path / "odd.json").write_bytes(content)
    one = shell.save(summaries.summary())
    assert shell.run("merge", one, str(tmp_path / "odd.json"), "--output", str(tmp_path / "merged")) == 2
    assert "odd.json" in shell.err
    assert not (tmp_path / "merged").exists()


def test_wrong_calls(shell: Shell, tmp_path: Path) -> None:
    """A file given twice, one that is missing, none at all, and no output are exit code 2 with what to do."""
    one, output = shell.save(summaries.summary()), str(tmp_path / "merged")
    assert shell.run("merge", one, one, "--output", output) == 2
    assert "is given twice" in shell.err
    assert shell.run("merge", one, str(tmp_path / "none.json"), "--output", output) == 2
    assert "none.json can't be read" in shell.err
    assert shell.run("merge", "--output", output) == 2
    assert shell.run("merge", one) == 2
    assert "--output" in shell.err


def test_numbers_beyond_the_bounds_are_refused(shell: Shell, tmp_path: Path) -> None:
    """Sums that no reader would take back are an error here, not in a later job."""
    huge = summaries.own_tests(passed=2**53)
    paths = []
    for name in ("a", "b"):
        part = summaries.summary(tests=huge, source=summaries.source(roots=[name]))
        (tmp_path / f"{name}.json").write_bytes(summary_json.encode(part))
        paths.append(str(tmp_path / f"{name}.json"))
    assert shell.run("merge", *paths, "--output", str(tmp_path / "merged")) == 2
    assert "doesn't fit" in shell.err
