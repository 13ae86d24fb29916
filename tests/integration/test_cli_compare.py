"""AI-tagged against untagged code at the command line: real repositories and tools, and what is too little."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from ai_code_metrics.comparison_model import Comparison
from ai_code_metrics.model import Summary, Unavailable
from ai_code_metrics.report import summary_json
from support.git_project import CLAUDE, GitProject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.shell import Shell

BOT = "renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>"
DAY = 86_400


def function(name: str, *, lines: int = 12) -> str:
    """A function of so many lines, with a docstring."""
    body = "".join(f"    total += {number} * value\n" for number in range(lines - 4))
    return f'def {name}(value):\n    """Add up."""\n    total = 0\n{body}    return total\n\n\n'


def mixed(project: GitProject, files: int = 6) -> None:
    """Files in which three functions are untagged, and three were added by tagged commits a day later."""
    texts = {
        f"shop/m{number}.py": '"""A module."""\n\n\n' + "".join(function(f"old_{number}_{at}") for at in range(3))
        for number in range(files)
    }
    project.commit("start", files={"shop/__init__.py": '"""Shop."""\n'})
    for path, text in texts.items():
        project.commit(f"write {path}", files={path: text})
    project.time += DAY
    for path, text in texts.items():
        for at in range(3):
            more = "".join(function(f"new_{number}") for number in range(at + 1))
            project.commit(f"add {at}\n\n{CLAUDE}", files={path: text + more})
    project.time += 40 * DAY
    project.commit("much later", files={"README.md": "Shop\n"})


def lcov(project: GitProject, covered: Mapping[str, int]) -> None:
    """A report in which all lines of functions are executable; ``covered`` tells how many of each kind are covered."""
    records = []
    for path in sorted((project.path / "shop").glob("m*.py")):
        records.append(f"SF:shop/{path.name}\n")
        seen: dict[str, int] = {}
        is_hit = True
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if line.startswith("def "):
                kind = line.split()[1][:3]
                seen[kind] = seen.get(kind, 0) + 1
                is_hit = seen[kind] <= covered[kind]
            if line.startswith(("def ", "    ")):
                records.append(f"DA:{number},{int(is_hit)}\n")
        records.append("end_of_record\n")
    (project.path / "lcov.info").write_text("".join(records), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def compare(shell: Shell, project: GitProject, *arguments: str) -> Comparison:
    code = shell.run("compare", str(project.path), "--json", *arguments)
    assert code == 0, shell.err
    return msgspec.json.decode(shell.out, type=Comparison)


def test_both_arms_are_compared(project: GitProject, shell: Shell) -> None:
    """All metrics of a project whose tagged functions are covered less; survival is of lines since the first tag."""
    mixed(project)
    lcov(project, {"old": 3, "new": 1})
    found = compare(shell, project, "--coverage-file", "lcov.info")
    assert found.arms["ai"].functions == found.arms["untagged"].functions == 18
    assert found.arms["ai"].executable_lines == 18 * 12
    metric = found.metrics["coverage"]
    assert (metric.verdict, metric.permuted) == ("lower", "functions within files")
    assert metric.difference == pytest.approx(-2 / 3)
    assert found.metrics["complexity"].verdict == "no difference shown"
    assert found.metrics["complexity"].difference == 0
    assert found.metrics["lint"].reason.startswith("not enough data: ")
    assert found.arms["ai"].written_lines == 18 * 12
    assert found.written_since is not None
    assert found.metrics["survival"].reason.startswith("not enough data: 18 AI-tagged and 0 untagged commits")


def test_people_read_bars(project: GitProject, shell: Shell) -> None:
    """The same at a terminal, without JSON; the fresh report is found by itself."""
    mixed(project)
    lcov(project, {"old": 3, "new": 1})
    assert shell.run("compare", str(project.path)) == 0
    assert "AI-tagged against untagged code: 1 difference shown" in shell.out
    assert "AI-tagged lines are covered less" in shell.out
    assert "█" in shell.out


def test_a_run_keeps_the_comparison(project: GitProject, shell: Shell) -> None:
    """In the summary, the comment and the exposition; findings tell who wrote their line."""
    mixed(project)
    lcov(project, {"old": 3, "new": 1})
    arguments = ("--test-command", "off", "--coverage-file", "lcov.info", "--output", str(shell.directory / "out"))
    assert shell.run("measure", str(project.path), "--base", "HEAD~3", *arguments) == 0
    summary = _summary(shell.directory / "out")
    assert isinstance(summary.comparison, Comparison)
    assert summary.comparison.change is not None
    assert summary.comparison.change["ai"].lines == 24
    comment = (shell.directory / "out" / "comment.md").read_text(encoding="utf-8")
    assert "AI-tagged against untagged code, whole tree: 1 difference shown" in comment
    assert "AI-tagged in this change: 24 lines of code, 0 of 24 executable ones covered" in comment
    prom = (shell.directory / "out" / "metrics.prom").read_text(encoding="utf-8")
    assert 'ai_coding_origin_difference_shown{metric="coverage"} -1.0' in prom
    assert not isinstance(summary.lint, Unavailable)
    assert {finding.origin for finding in summary.lint.findings} & {"ai", "untagged"}


def _summary(output: Path) -> Summary:
    return summary_json.decode((output / "metrics-summary.json").read_bytes())


def test_only_lines_since_a_day_are_compared(project: GitProject, shell: Shell) -> None:
    """The untagged ones are a day older."""
    mixed(project)
    found = compare(shell, project, "--since", "2023-11-15")
    assert (found.arms["ai"].lines, found.arms["untagged"].lines) == (216, 0)
    assert found.since == 1_700_006_400
    assert all(metric.verdict in {"not enough data", "described"} for metric in found.metrics.values())


@pytest.mark.parametrize("value", ["yesterday", "2025-13-01", "1960-01-01"])
def test_a_day_has_a_form(project: GitProject, shell: Shell, value: str) -> None:
    """Anything else is a usage error that names it."""
    project.commit("one", files={"a.py": "x = 1\n"})
    assert shell.run("compare", str(project.path), "--since", value) == 2
    assert value in shell.err
    assert "date" in shell.err


class TestTooLittle:
    """Each ends in "not enough data", with what there was, and in no number that compares."""

    def check(self, found: Comparison) -> dict[str, str]:
        """Hold each metric against the rule, and return the reasons."""
        for metric in found.metrics.values():
            if metric.verdict == "described":
                continue
            assert metric.verdict == "not enough data", metric
            assert metric.reason.startswith("not enough data: ")
            assert (metric.difference, metric.low, metric.high, metric.p, metric.crude) == (None,) * 5
        return {name: metric.reason for name, metric in found.metrics.items()}

    @pytest.mark.parametrize("trailer", ["", f"\n\n{CLAUDE}"])
    def test_one_arm_is_empty(self, project: GitProject, shell: Shell, trailer: str) -> None:
        """Everything is tagged, or nothing; in a repository of one commit."""
        project.commit(f"one{trailer}", files={"a.py": function("f", lines=200)})
        reasons = self.check(compare(shell, project))
        expected = "1 AI-tagged and 0 untagged files" if trailer else "0 AI-tagged and 1 untagged files"
        assert expected in reasons["complexity"]
        if not trailer:
            assert reasons["survival"] == "not enough data: no commit is AI-tagged"

    def test_all_lines_are_in_one_file(self, project: GitProject, shell: Shell) -> None:
        """Functions of both arms, but nothing to compare them within."""
        mixed(project, files=1)
        lcov(project, {"old": 3, "new": 1})
        reasons = self.check(compare(shell, project, "--coverage-file", "lcov.info"))
        assert "1 AI-tagged and 1 untagged files with 36 and 36 executable lines" in reasons["coverage"]

    def test_files_are_wholly_of_one_arm(self, project: GitProject, shell: Shell) -> None:
        """Two files each."""
        for name, trailer in (("a", ""), ("b", ""), ("c", f"\n\n{CLAUDE}"), ("d", f"\n\n{CLAUDE}")):
            project.commit(f"{name}{trailer}", files={f"{name}.py": function(name, lines=80)})
        assert "2 AI-tagged and 2 untagged files" in self.check(compare(shell, project))["complexity"]

    def test_the_coverage_is_of_other_files(self, project: GitProject, shell: Shell) -> None:
        """Most moved since."""
        mixed(project)
        lcov(project, {"old": 3, "new": 1})
        for number in range(1, 6):
            project.git("mv", f"shop/m{number}.py", f"shop/n{number}.py")
        project.commit("move")
        found = compare(shell, project, "--coverage-file", "lcov.info")
        reason = found.metrics["coverage"].reason
        assert reason.startswith("not enough data: 1 AI-tagged and 1 untagged files with 36 and 36 executable lines")

    def test_findings_are_in_no_function(self, project: GitProject, shell: Shell) -> None:
        """Modules without one."""
        for number in range(3):
            project.commit(f"{number}\n\n{CLAUDE}", files={f"m{number}.py": "import os\nX = 1\n" * 3})
        found = compare(shell, project)
        self.check(found)
        assert found.arms["ai"].lint_findings > 0
        assert found.arms["ai"].functions == 0

    def test_clocks_run_backwards(self, project: GitProject, shell: Shell) -> None:
        """What went before it came is counted in a note, and in nothing else."""
        project.commit(f"one\n\n{CLAUDE}", files={"a.py": function("f")})
        project.time -= 600
        project.commit("two", files={"a.py": function("g")})
        project.time += 1200
        project.commit("three", files={"b.py": function("h")})
        found = compare(shell, project)
        self.check(found)
        assert any("removed before they were written" in note for note in found.notes)

    def test_bots_are_nobody(self, project: GitProject, shell: Shell) -> None:
        """Their lines are in neither arm."""
        project.commit("bump", files={"a.py": function("f")}, author=BOT)
        found = compare(shell, project)
        self.check(found)
        assert found.arms["untagged"].lines == 0

    def test_a_shallow_clone_has_no_authors(self, project: GitProject, shell: Shell, tmp_path: Path) -> None:
        """Nothing can be measured, with the way out."""
        mixed(project, files=1)
        clone = project.clone(tmp_path / "clone", "--depth=1")
        assert shell.run("compare", str(clone.path)) == 3
        assert "fetch-depth: 0" in shell.err

    def test_there_is_no_commit(self, project: GitProject, shell: Shell) -> None:
        """Nor a repository."""
        assert shell.run("compare", str(project.path)) == 3
        assert "commit" in shell.err


def test_json_is_all_that_is_printed(project: GitProject, shell: Shell) -> None:
    """Progress goes to standard error."""
    project.commit("one", files={"a.py": "x = 1\n"})
    assert shell.run("compare", str(project.path), "--json") == 0
    document: dict[str, Any] = json.loads(shell.out)
    assert document["status"] == "ok"
    assert "lint" in shell.err
