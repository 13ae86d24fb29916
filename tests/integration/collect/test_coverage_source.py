from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect import coverage_formats, coverage_source, interpreter, project_files
from ai_code_metrics.collect.coverage_source import CollectedCoverage, collect
from ai_code_metrics.config import Config
from ai_code_metrics.errors import SourceUnavailable, UsageError
from support.python_project import make_workspace, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics.collect.workspace import Workspace

CODE = """import sys


def sign(x):
    if x < 0:
        return -1
    return 1


for n in range(3):
    sign(n)
"""
LCOV = "SF:a.py\nDA:1,1\nDA:2,0\nend_of_record\n"
OTHER_LANGUAGE = "SF:web/app.ts\nDA:1,1\nend_of_record\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A project of one module, and where to work."""
    return make_workspace(write_files(tmp_path / "project", {"a.py": CODE}))


def target(workspace: Workspace) -> interpreter.Interpreter:
    return interpreter.probe(sys.executable, workspace)


def read(
    workspace: Workspace, *, command: str = "off", coverage_file: str = "", tracked: tuple[str, ...] = ("a.py",)
) -> CollectedCoverage:
    return collect(
        Config(root=workspace.root, test_command=command, coverage_file=coverage_file),
        workspace,
        files=project_files.select(["a.py"], source=[], exclude=[]),
        tracked=tracked,
        target=target(workspace),
    )


def coverage(workspace: Workspace, *arguments: str) -> None:
    """Run coverage.py in the project, as a step of the caller's would."""
    subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=workspace.root, check=True, capture_output=True)


def test_fresh_report_is_read_and_kept(workspace: Workspace) -> None:
    """A fresh report of the caller's is used instead of running tests, and goes into the artifact as it is."""
    (workspace.root / "lcov.info").write_text(LCOV, encoding="utf-8")

    collected = read(workspace)

    assert collected.report.source == "the project's lcov.info"
    assert [(file.path, file.covered_lines) for file in collected.report.files] == [("a.py", frozenset({1}))]
    assert collected.run is None
    assert (workspace.raw / "caller-lcov.info").read_text(encoding="utf-8") == LCOV


@pytest.mark.parametrize(
    ("tracked", "seconds"), [(("a.py", "lcov.info"), 0), (("a.py",), -100)], ids=["tracked", "stale"]
)
def test_other_reports_are_not_used(workspace: Workspace, tracked: tuple[str, ...], seconds: int) -> None:
    """A report that is committed, or older than the code, tells nothing of this run."""
    report = workspace.root / "lcov.info"
    report.write_text(LCOV, encoding="utf-8")
    made = (workspace.root / "a.py").stat().st_mtime + seconds
    os.utime(report, (made, made))

    with pytest.raises(SourceUnavailable, match="no fresh coverage report, and test-command is off"):
        read(workspace, tracked=tracked)


def test_data_file_is_reported_by_the_projects_interpreter(workspace: Workspace) -> None:
    """A fresh ``.coverage`` is turned into a report, and is not written to."""
    coverage(workspace, "run", "--branch", "a.py")
    before = (workspace.root / ".coverage").read_bytes()

    (file,) = read(workspace).report.files

    assert (file.path, sorted(file.missing_lines)) == ("a.py", [6])
    assert (file.covered_branches, file.num_branches) == (3, 4)
    assert (workspace.root / ".coverage").read_bytes() == before
    assert sorted(path.name for path in workspace.root.iterdir()) == [".coverage", "a.py"]


def test_data_file_under_another_name(workspace: Workspace) -> None:
    """A data file is known by its content, whatever ``coverage-file`` calls it."""
    coverage(workspace, "run", "--data-file=unit.cov", "a.py")

    assert [file.path for file in read(workspace, coverage_file="unit.cov").report.files] == ["a.py"]


def test_real_reports_read_equal(workspace: Workspace) -> None:
    """coverage.py's JSON, Cobertura and lcov reports of one run give the same lines and branches."""
    coverage(workspace, "run", "--branch", "a.py")
    records = []
    for command, name in (("json", "c.json"), ("xml", "c.xml"), ("lcov", "c.info")):
        coverage(workspace, command, "-o", name)
        content = (workspace.root / name).read_bytes()
        records.append(coverage_formats.parse(name, content, root=workspace.root))

    assert records[0] == records[1] == records[2]


def test_coverage_file_wins(workspace: Workspace) -> None:
    """The report that is named counts, however old it is."""
    write_files(workspace.root, {"reports/old.lcov": LCOV, "coverage.json": "{}"})
    os.utime(workspace.root / "reports" / "old.lcov", (1, 1))

    assert read(workspace, coverage_file="reports/old.lcov").report.source == "the project's reports/old.lcov"


def test_missing_coverage_file(workspace: Workspace) -> None:
    """A ``coverage-file`` that isn't there is a usage error, not an unavailable source."""
    with pytest.raises(UsageError, match=r"coverage-file: there is no file 'gone\.xml'"):
        read(workspace, coverage_file="gone.xml")


def test_file_that_is_no_report_is_not_copied(workspace: Workspace, tmp_path: Path) -> None:
    """``coverage-file`` comes from the repository: it can't bring another file of the machine into the artifact."""
    (tmp_path / "secret.txt").write_text("planted-secret", encoding="utf-8")

    with pytest.raises(SourceUnavailable, match="can't be read"):
        read(workspace, coverage_file="../secret.txt")

    assert list(workspace.raw.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("coverage/lcov.info", OTHER_LANGUAGE), (".coverage", "no database"), ("coverage.json", '{"a.js": {}}')],
    ids=["other language", "broken data file", "other tool"],
)
def test_report_of_something_else_does_not_stand_in_the_way(workspace: Workspace, name: str, content: str) -> None:
    """A fresh file under a report's name that can't be used is warned of, and the tests are run."""
    write_files(
        workspace.root, {name: content, "test_a.py": "import a\n\n\ndef test():\n    assert a.sign(-1) == -1\n"}
    )

    collected = read(workspace, command="auto")

    assert [code for code, _ in collected.warnings] == ["coverage-not-used"]
    assert [(file.path, sorted(file.missing_lines)) for file in collected.report.files] == [("a.py", [])]


@pytest.mark.timeout(20)
@pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs in Windows' file system")
def test_report_without_an_end_holds_nothing_up(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that becomes a FIFO after it was found is unavailable, and one that is larger than the limit too."""
    monkeypatch.setattr(coverage_source, "given_file", lambda config: config.root / config.coverage_file)
    monkeypatch.setattr(coverage_source, "MAX_REPORT_BYTES", 10)
    os.mkfifo(workspace.root / "fifo.info")
    (workspace.root / "long.info").write_text(LCOV, encoding="utf-8")

    for name, reason in (("fifo.info", "not a regular file"), ("long.info", "over 10 bytes")):
        with pytest.raises(SourceUnavailable, match=f"the project's {name} can't be read: {reason}"):
            read(workspace, coverage_file=name)


def test_excluded_files_are_left_out(workspace: Workspace) -> None:
    """Files that ``exclude`` names are no part of the coverage either."""
    write_files(workspace.root, {"gen/b.py": "", "lcov.info": LCOV + LCOV.replace("a.py", "gen/b.py")})
    config = Config(root=workspace.root, test_command="off", exclude=("gen/**",))

    collected = collect(
        config,
        workspace,
        files=project_files.select(["a.py"], source=[], exclude=[]),
        tracked=(),
        target=target(workspace),
    )

    assert [file.path for file in collected.report.files] == ["a.py"]


def test_data_file_without_an_interpreter(workspace: Workspace) -> None:
    """Without an interpreter of the project a data file can't be read, and the reason is the interpreter's."""
    coverage(workspace, "run", "a.py")
    missing = SourceUnavailable("no Python interpreter of the project was found")

    with pytest.raises(SourceUnavailable, match="no Python interpreter"):
        collect(
            Config(root=workspace.root),
            workspace,
            files=project_files.select(["a.py"], source=[], exclude=[]),
            tracked=(),
            target=missing,
        )
