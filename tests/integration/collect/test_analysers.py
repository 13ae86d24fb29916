from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from ai_code_metrics.collect import interpreter
from ai_code_metrics.collect.analyser import Job, run_analyser
from ai_code_metrics.collect.complexity_radon import RADON
from ai_code_metrics.collect.lint_pylint import PYLINT
from ai_code_metrics.collect.security_bandit import BANDIT
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.measure import lint
from ai_code_metrics.model import Lint
from support.python_project import make_workspace, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics.collect.analyser import Analyser
    from ai_code_metrics.records import ComplexityReport, LintReport, SecurityReport

CODE = '''"""A module."""

import subprocess


def risky(command: str, unused: int) -> None:
    """Run a command in a shell."""
    if command:
        subprocess.run(command, shell=True, check=False)
'''
BROKEN = "def broken(:\n"
LATIN = b'# -*- coding: latin-1 -*-\n"""Caf\xe9."""\n\n\ndef drink() -> str:\n    """Drink."""\n    return "caf\xe9"\n'
ODD_NAMES = ("-dash.py", "with space/a b.py", "new\nline.py", "ünïcödé.py", "a,b.py", "[x].py")
# Whatever our tools import while they start or work; a module of this name in a project is the project's own business
SHADOWS = ("yaml", "click", "json", "pylint", "isort", "astroid", "bandit", "radon", "tomlkit", "stevedore", "rich",
           "multiprocessing")  # fmt: skip


def run(
    tool: Analyser[Any],
    files: dict[str, str | bytes],
    tmp_path: Path,
    *,
    timeout: float = 120,
    configured: bool = False,
    import_path: tuple[str, ...] = (),
    environ: dict[str, str] | None = None,
) -> Any:
    root = write_files(tmp_path / "project", files)
    workspace = make_workspace(root, **(environ or {}))
    job = Job(
        root=root,
        files=tuple(sorted(name for name in files if name.endswith(".py"))),
        report=workspace.raw / f"{tool.name}.json",
        import_path=import_path,
        uses_project_config=configured,
    )
    return run_analyser(tool, job, workspace, timeout=timeout)[0]


def rules(record: LintReport | SecurityReport) -> list[str]:
    return sorted(finding.rule for finding in record.findings)


def test_the_rest_is_measured_beside_a_broken_file(tmp_path: Path) -> None:
    """A syntax error costs one file: each tool names it and measures the others."""
    files: dict[str, str | bytes] = {"bad.py": BROKEN, "good.py": CODE}

    linted: LintReport = run(PYLINT, files, tmp_path / "1")
    scanned: SecurityReport = run(BANDIT, files, tmp_path / "2")
    counted: ComplexityReport = run(RADON, files, tmp_path / "3")

    assert linted.files_failed == scanned.files_failed == counted.files_failed == ("bad.py",)
    assert "W0613" in rules(linted)
    assert rules(scanned) == ["B404", "B602"]
    assert [(function.name, function.complexity) for function in counted.functions] == [("risky", 2)]


def test_a_declared_encoding_is_honoured(tmp_path: Path) -> None:
    """A file in the encoding that it declares is linted and scanned; undeclared, it fails on its own."""
    files: dict[str, str | bytes] = {"latin.py": LATIN, "undeclared.py": LATIN.split(b"\n", 1)[1], "good.py": CODE}

    linted: LintReport = run(PYLINT, files, tmp_path / "1")
    scanned: SecurityReport = run(BANDIT, files, tmp_path / "2")
    counted: ComplexityReport = run(RADON, files, tmp_path / "3")

    assert linted.files_failed == scanned.files_failed == ("undeclared.py",)
    # radon reads everything as UTF-8
    assert counted.files_failed == ("latin.py", "undeclared.py")
    assert [function.name for function in counted.functions] == ["risky"]


@pytest.mark.parametrize("tool", [PYLINT, BANDIT, RADON], ids=lambda tool: tool.name)
def test_odd_names(tmp_path: Path, tool: Analyser[Any]) -> None:
    """Spaces, line feeds, brackets, commas and a leading dash make no option and no other path of a name."""
    record = run(tool, dict.fromkeys(ODD_NAMES, CODE), tmp_path)

    found = record.functions if tool is RADON else record.findings
    assert sorted({item.path for item in found}) == sorted(ODD_NAMES)
    assert record.files == len(ODD_NAMES)
    assert record.files_failed == ()


@pytest.mark.parametrize("tool", [PYLINT, BANDIT, RADON], ids=lambda tool: tool.name)
def test_modules_of_the_project_are_not_taken_for_ours(tmp_path: Path, tool: Analyser[Any]) -> None:
    """Modules in the root that are named like what our tools import are measured, never imported."""
    trap = (
        '"""A trap."""\n\nfrom pathlib import Path\n\nPath(__file__ + ".imported").touch()\nraise ImportError("trap")\n'
    )
    files: dict[str, str | bytes] = {f"{name}.py": trap for name in SHADOWS}

    record = run(tool, {**files, "good.py": "import json\nimport yaml\n" + CODE}, tmp_path)

    assert record.files_failed == ()
    assert record.files == len(SHADOWS) + 1
    assert list((tmp_path / "project").glob("*.imported")) == []


def test_init_hook_sees_no_token_and_spoils_no_report(tmp_path: Path) -> None:
    """The project's init-hook runs, but what it prints holds nothing of ours, and the report is whole."""
    dump = (
        "import os; print(dict(os.environ)); open('seen.json', 'w').write(__import__('json').dumps(dict(os.environ)))"
    )
    files: dict[str, str | bytes] = {"good.py": CODE, "pylintrc": f"[MAIN]\ninit-hook={dump}\n"}
    names = ("AI_CODE_METRICS_GITHUB_TOKEN", "GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "DATABASE_URL")

    record: LintReport = run(PYLINT, files, tmp_path, environ=dict.fromkeys(names, "planted-secret"))

    seen = json.loads((tmp_path / "project" / "seen.json").read_text(encoding="utf-8"))
    assert "PATH" in seen
    assert "planted-secret" not in seen.values()
    assert rules(record) == ["W0613"]
    assert b"planted-secret" not in (tmp_path / "raw" / "pylint.json").read_bytes()


def test_unknown_plugin_is_a_warning_and_no_finding(tmp_path: Path) -> None:
    """A plugin that can't be loaded is told as a warning, and the score is that of the rest, as pylint's own is."""
    files: dict[str, str | bytes] = {"good.py": CODE, "pylintrc": "[MAIN]\nload-plugins=no_such_plugin\n"}

    record: LintReport = run(PYLINT, files, tmp_path)

    assert rules(record) == ["W0613"]
    assert len(record.warnings) == 1
    assert "E0013" in record.warnings[0]
    assert "no_such_plugin" in record.warnings[0]


@pytest.mark.parametrize(
    "files",
    [
        {"good.py": CODE},
        {"good.py": CODE, "bad.py": BROKEN},
        {"a.py": "import no_such_module\nx=1\nimport os\n", "pkg/__init__.py": "", "pkg/b.py": CODE},
        {"good.py": CODE, "pylintrc": "[MESSAGES CONTROL]\ndisable=unused-argument\n"},
        {"empty.py": ""},
    ],
    ids=["good", "broken", "package", "configured", "empty"],
)
def test_score_is_ten_times_pylints(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    """Over the same files, our score is ten times the one that pylint itself gives."""
    measured = lint.measure(run(PYLINT, files, tmp_path))
    names = sorted(f"./{name}" for name in files if name.endswith(".py"))
    own = subprocess.run(
        [sys.executable, "-I", "-m", "pylint", "--persistent=n", "--output-format=json2", *names],
        cwd=tmp_path / "project", env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, capture_output=True,
        check=False,
    )  # fmt: skip

    assert isinstance(measured, Lint)
    assert measured.score == pytest.approx(10 * json.loads(own.stdout)["statistics"]["score"])


def test_statements_are_counted_by_file(tmp_path: Path) -> None:
    """Scripts of one name are files of their own, one that can't be parsed has none, and the sum is pylint's."""
    files: dict[str, str | bytes] = {
        "one/run.py": "A = 1\nB = 2\n", "two/run.py": "A = 1\nB = 2\nC = 3\n", "pkg/__init__.py": "",
        "pkg/a.py": CODE, "bad.py": BROKEN, "run.py": "if True:\n    A = 1\n",
    }  # fmt: skip
    linted: LintReport = run(PYLINT, files, tmp_path)
    alone: LintReport = run(PYLINT, {"pkg/__init__.py": "", "pkg/a.py": CODE}, tmp_path / "alone")
    assert dict(linted.statements_by_file) == {
        "one/run.py": 2, "two/run.py": 3, "run.py": 2, "pkg/a.py": alone.statements,
    } | {path: 0 for path in ("bad.py", "pkg/__init__.py") if path in linted.statements_by_file}  # fmt: skip
    assert sum(linted.statements_by_file.values()) == linted.statements


def test_wrong_configuration_is_told_in_pylints_words(tmp_path: Path) -> None:
    """A pylintrc that pylint refuses makes lint unavailable, and the reason quotes pylint."""
    files: dict[str, str | bytes] = {"good.py": CODE, "pylintrc": "[MAIN]\njobs=many\n"}

    with pytest.raises(SourceUnavailable, match=r"pylint failed \(exit code 32\): .*many"):
        run(PYLINT, files, tmp_path)


def test_hook_that_ends_the_tool(tmp_path: Path) -> None:
    """A project that ends the tool's process makes it unavailable, with the code and the last words."""
    files: dict[str, str | bytes] = {
        "good.py": CODE,
        "pylintrc": "[MAIN]\ninit-hook=import os; os.write(2, b'goodbye'); os._exit(0)\n",
    }

    with pytest.raises(SourceUnavailable, match=r"pylint left no readable report.*goodbye"):
        run(PYLINT, files, tmp_path)


def test_rooms_that_the_project_took_first(tmp_path: Path) -> None:
    """Directories that analysed code made where the tool is to work don't stand in its way."""
    workspace = make_workspace(write_files(tmp_path / "project", {"good.py": CODE}))
    for name in ("pylint", "pylint.arguments.json", "pylint-arguments"):
        (workspace.scratch / name).mkdir()

    record, _ = run_analyser(
        PYLINT, Job(workspace.root, ("good.py",), workspace.raw / "pylint.json"), workspace, timeout=60
    )

    assert rules(record) == ["W0613"]


def test_timeout(tmp_path: Path) -> None:
    """A tool that takes too long is stopped, and the reason names the setting."""
    files: dict[str, str | bytes] = {"good.py": CODE, "pylintrc": "[MAIN]\ninit-hook=import time; time.sleep(60)\n"}

    with pytest.raises(SourceUnavailable, match="pylint took longer than 1 s; raise tool-timeout"):
        run(PYLINT, files, tmp_path, timeout=1)


def test_third_party_imports_resolve_in_the_target_interpreter(tmp_path: Path) -> None:
    """A module that only the project's interpreter has is found, and one that nobody has is not."""
    write_files(tmp_path / "site", {"third_party.py": "VALUE = 1\n", "astroid.py": "raise ImportError('not ours')\n"})
    code = '"""A module."""\n\nimport nowhere\nimport third_party\n\nprint(third_party.VALUE, nowhere)\n'
    project = write_files(tmp_path / "probed", {"json.py": "raise ImportError('the probe imported the project')\n"})
    target = interpreter.probe(sys.executable, make_workspace(project, PYTHONPATH=str(tmp_path / "site")))

    record: LintReport = run(PYLINT, {"a.py": code}, tmp_path / "run", import_path=target.import_path)

    assert str(tmp_path / "site") in target.import_path
    assert [(finding.rule, finding.line) for finding in record.findings] == [("E0401", 3)]


def test_bandits_table_is_honoured(tmp_path: Path) -> None:
    """``[tool.bandit]`` skips tests and excludes files, which then count as left out on purpose."""
    table = '[tool.bandit]\nskips = ["B602"]\nexclude_dirs = ["vendor"]\n'
    files: dict[str, str | bytes] = {"good.py": CODE, "vendor/other.py": CODE, "pyproject.toml": table}

    record: SecurityReport = run(BANDIT, files, tmp_path, configured=True)

    assert rules(record) == ["B404"]
    assert (record.files, record.files_failed) == (1, ())


def test_bandit_leaves_nothing_out_by_itself(tmp_path: Path) -> None:
    """Paths that hold ``.git`` or ``CVS``, which bandit leaves out by default, are scanned."""
    files = dict.fromkeys((".github/release.py", "CVSReader.py", "my.eggs.py"), CODE)

    record: SecurityReport = run(BANDIT, dict(files), tmp_path)

    assert {finding.path for finding in record.findings} == set(files)


def test_radons_hints_beside_the_code_are_not_honoured(tmp_path: Path) -> None:
    """A ``radon.cfg`` in the project can't hide its complex functions."""
    files: dict[str, str | bytes] = {
        "good.py": CODE,
        "radon.cfg": "[radon]\ncc_min = F\nexclude = *.py\n",
        "setup.cfg": "[radon]\nexclude = *.py\n",
        "pyproject.toml": '[tool.radon]\nexclude = "*.py"\n',
    }

    record: ComplexityReport = run(RADON, files, tmp_path)

    assert [function.name for function in record.functions] == ["risky"]


def test_nothing_is_written_into_the_project(tmp_path: Path) -> None:
    """The measured directory is left as it was."""
    for tool in (PYLINT, BANDIT, RADON):
        run(tool, {"good.py": CODE}, tmp_path / tool.name)

        assert [path.name for path in (tmp_path / tool.name / "project").iterdir()] == ["good.py"]
