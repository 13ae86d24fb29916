"""Each component against the tool that it is made of, run on its own: the same files, the tool's own figures."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pytest

from ai_code_metrics.collect import coverage_formats
from ai_code_metrics.collect.analyser import Job, run_analyser
from ai_code_metrics.collect.complexity_radon import RADON
from ai_code_metrics.collect.lint_pylint import PYLINT
from ai_code_metrics.collect.security_bandit import BANDIT
from ai_code_metrics.measure import complexity, line_coverage, lint, security
from ai_code_metrics.model import Complexity, Coverage, Lint, Security, Unavailable
from ai_code_metrics.records import CoverageReport
from support.python_project import make_workspace, write_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ai_code_metrics.collect.analyser import Analyser

BROKEN: Final = "def broken(:\n"
COMMENTS: Final = "# Nothing but words.\n\n# And more of them.\n"
GONE: Final = "gone.py"
"""A file that is asked for and isn't there, which is a fatal message of pylint's."""

_RISKS: Final = (
    "subprocess.call(name, shell=True)", "assert name", "exec(name)", "hashlib.md5(name.encode())",
    'open("/tmp/cart", "w")', "pickle.loads(name.encode())", "random.random()", 'password = "hunter2"', "eval(name)",
)  # fmt: skip
_SLIPS: Final = ("unused = 1", "Name_ = name", "if name == None: pass", "return undefined_name", "pass; pass", "x=1")


def module(number: int, *, risks: int = 0, slips: int = 0) -> str:
    """A module of three functions whose complexity, findings and messages follow from its number."""
    lines = [f'"""Module {number}."""', "", "import hashlib", "import pickle", "import random", "import subprocess", ""]
    for index in range(3):
        lines += ["", f"def work_{index}(name):", f'    """Do work {index}."""']
        lines += [f"    {_RISKS[(number + index + step) % len(_RISKS)]}" for step in range(risks)]
        lines += [f"    {_SLIPS[(number + index + step) % len(_SLIPS)]}" for step in range(slips)]
        branches = (number * 17 + index * 23) % 60
        lines += [line for step in range(branches) for line in (f"    if name == '{step}':", f"        print({step})")]
        lines += [
            "",
            "    class Inner:",
            '        """Inside."""',
            "",
            "        def method(self):",
            "            return 1 if self else 2",
        ]
        lines += ["", "    return [item for item in name if item] and Inner", ""]
    lines += ["class Shop:", '    """A shop."""', "", "    def open(self, door):", '        """Open it."""']
    lines += ["        while door or self:", "            door = door and not self", "        return door"]
    return "\n".join(lines) + "\n"


def package(*numbers: int, **made: int) -> dict[str, str]:
    """A package with a module a number."""
    return {"shop/__init__.py": '"""A shop."""\n'} | {f"shop/m{n}.py": module(n, **made) for n in numbers}


PROJECTS: Final[dict[str, dict[str, str]]] = {
    "clean": {"shop.py": '"""A shop."""\n\n\ndef total(prices):\n    """Add."""\n    return sum(prices)\n'},
    "some-slips": package(1, 2, 3, slips=2),
    "many-slips": package(4, 5, risks=4, slips=6),
    "risks": package(*range(6, 12), risks=3),
    "syntax-error-among-many": {**package(1, 2, 3, risks=1, slips=1), "shop/broken.py": BROKEN},
    "empty-file": {"empty.py": ""},
    "empty-among-others": {**package(7, slips=1), "shop/empty.py": ""},
    "only-comments": {"words.py": COMMENTS},
    "only-broken": {"broken.py": BROKEN},
    "own-options": {
        **package(2, 9, slips=3),
        "pylintrc": "[MESSAGES CONTROL]\ndisable=invalid-name,singleton-comparison\n\n[FORMAT]\nmax-line-length=60\n",
    },
}


def _python(files: dict[str, str]) -> list[str]:
    return sorted(name for name in files if name.endswith(".py"))


def measured(tool: Analyser[Any], root: Path, files: list[str], measure: Callable[[Any], Any]) -> Any:
    """What we make of a tool that our collector ran."""
    workspace = make_workspace(root)
    job = Job(root=root, files=tuple(files), report=workspace.raw / f"{tool.name}.json")
    return measure(run_analyser(tool, job, workspace, timeout=300)[0])


def own(root: Path, *arguments: str) -> str:
    """What a tool prints that is started as its users do; its configuration is that of the project alone."""
    done = subprocess.run(
        [sys.executable, "-I", "-m", *arguments], cwd=root, capture_output=True, text=True, encoding="utf-8",
        env={"PATH": os.environ["PATH"], "HOME": str(root.parent)}, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def rating(text: str) -> float | None:
    """The rating that pylint prints; it prints none where there is no statement."""
    match = re.search(r"Your code has been rated at (-?[\d.]+)/10", text)
    return None if match is None else float(match[1])


@pytest.mark.parametrize("name", PROJECTS)
def test_lint_is_ten_times_pylints_own_rating(tmp_path: Path, name: str) -> None:
    """Pylint's rating on the same files and options is a tenth of our score, in full and as it is printed."""
    files = PROJECTS[name]
    root = write_files(tmp_path / "project", files)
    part = measured(PYLINT, root, _python(files), lint.measure)
    options = ("--exit-zero", "--persistent=n", "--output-format=text:said.txt,json2")
    precise = json.loads(own(root, "pylint", *options, *_python(files)))
    printed = rating((root / "said.txt").read_text(encoding="utf-8"))

    assert isinstance(part, Lint)
    assert part.score == pytest.approx(10 * precise["statistics"]["score"])
    assert {key: count for key, count in part.messages.items() if count} == {
        key: count for key, count in precise["statistics"]["messageTypeCount"].items() if count
    }
    if printed is None:
        assert part.statements == 0
    else:
        assert part.score == pytest.approx(10 * printed, abs=0.05001)


def test_lint_of_a_file_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    """A fatal message makes the whole rating 0, ours and pylint's, whatever the other files are like."""
    files = PROJECTS["clean"]
    root = write_files(tmp_path / "project", files)
    part = measured(PYLINT, root, [*_python(files), GONE], lint.measure)
    text = own(root, "pylint", "--exit-zero", "--persistent=n", *_python(files), GONE)

    assert isinstance(part, Lint)
    assert part.messages["fatal"] == 1
    assert part.score == 10 * (rating(text) or 0) == 0


def coverage_of(root: Path, *options: str) -> tuple[Any, float, Any]:
    """Run ``main.py`` under coverage.py: its JSON totals, the percent that it prints, and our part of the same file."""
    own(root, "coverage", "run", *options, "--source=.", "main.py")
    own(root, "coverage", "json", "-o", "coverage.json")
    printed = own(root, "coverage", "report", "--precision=2", "--format=total")
    content = (root / "coverage.json").read_bytes()
    files = coverage_formats.parse("coverage.json", content, root=root)
    part = line_coverage.measure(CoverageReport(files, "coverage.json"))
    return json.loads(content)["totals"], float(printed), part


MAIN: Final = """\
import sys

sys.path.insert(0, ".")
from shop import m1, m2

print("ran")
for name in sys.argv or ["x"]:
    if name:
        m1.work_0(name)
    for shop in (m1, m2):
        shop.work_1("3")


def never():
    if sys:
        return 1


if sys.argv: print("both ways")  # on one line, which has branches all the same
"""


@pytest.mark.parametrize("options", [(), ("--branch",)], ids=["lines", "branches"])
def test_coverage_is_coverage_pys_own_percent(tmp_path: Path, options: tuple[str, ...]) -> None:
    """The percent is that of coverage.py's totals to the last bit, and what its report prints."""
    root = write_files(tmp_path / "project", {**package(1, 2, 3), "main.py": MAIN})
    totals, printed, part = coverage_of(root, *options)

    assert isinstance(part, Coverage)
    assert part.percent == pytest.approx(totals["percent_covered"], rel=1e-12)
    assert part.percent == pytest.approx(printed, abs=0.00501)
    assert (part.covered_lines, part.num_statements) == (totals["covered_lines"], totals["num_statements"])
    assert (part.covered_branches, part.num_branches) == (
        totals.get("covered_branches", 0), totals.get("num_branches", 0),
    )  # fmt: skip
    assert bool(part.num_branches) is bool(options)


def test_coverage_of_everything_is_a_full_hundred(tmp_path: Path) -> None:
    """Nothing missing is 100 for both, with an empty file beside it."""
    root = write_files(tmp_path / "project", {"main.py": "print(1)\n", "shop/__init__.py": ""})
    totals, printed, part = coverage_of(root, "--branch")
    assert isinstance(part, Coverage)
    assert part.percent == totals["percent_covered"] == printed == 100


def _penalty(cc: int) -> float:
    """The specification's table, written down once more."""
    return 0.0 if cc <= 10 else 0.5 if cc <= 20 else 0.8 if cc <= 50 else 1.0


@pytest.mark.parametrize("name", [name for name in PROJECTS if name != "own-options"])
def test_complexity_is_that_of_radons_functions(tmp_path: Path, name: str) -> None:
    """Score, bands and highest value are those that a reader of radon's own report computes."""
    files = PROJECTS[name]
    root = write_files(tmp_path / "project", files)
    part = measured(RADON, root, _python(files), complexity.measure)
    report = json.loads(own(root, "radon", "cc", "-j", *_python(files)))
    blocks = [
        block
        for found in report.values()
        if isinstance(found, list)
        for block in found
        if block["type"] in {"function", "method"}
    ]
    if not blocks:
        assert isinstance(part, Unavailable)
        return
    assert isinstance(part, Complexity)
    lines = {index: block["endline"] - block["lineno"] + 1 for index, block in enumerate(blocks)}
    penalised = sum(lines[index] * _penalty(block["complexity"]) for index, block in enumerate(blocks))
    assert part.score == pytest.approx(100 * (1 - penalised / sum(lines.values())))
    assert part.functions == len(blocks)
    assert part.max == max(block["complexity"] for block in blocks)
    bounds = (0, 10, 20, 50, 10**9)
    assert list(part.bands.values()) == [
        sum(low < block["complexity"] <= high for block in blocks) for low, high in pairwise(bounds)
    ]


_SEVERITY: Final = {"HIGH": 10.0, "MEDIUM": 2.0, "LOW": 0.5}
_CONFIDENCE: Final = {"HIGH": 1.0, "MEDIUM": 0.7, "LOW": 0.3, "UNDEFINED": 0.3}


@pytest.mark.parametrize("name", ["clean", "many-slips", "risks", "syntax-error-among-many", "empty-file"])
def test_security_is_the_formula_on_bandits_report(tmp_path: Path, name: str) -> None:
    """The score is what a reader of bandit's own report computes by the specification."""
    files = PROJECTS[name]
    root = write_files(tmp_path / "project", files)
    part = measured(BANDIT, root, _python(files), security.measure)
    document = json.loads(own(root, "bandit", "-q", "-f", "json", *_python(files)))
    risks = [
        (found["issue_severity"], _SEVERITY[found["issue_severity"]] * _CONFIDENCE[found["issue_confidence"]])
        for found in document["results"]
    ]
    high = sum(risk for severity, risk in risks if severity == "HIGH")
    spread = sum(risk for severity, risk in risks if severity != "HIGH")
    thousands = max(1, document["metrics"]["_totals"]["loc"] / 1000)

    assert isinstance(part, Security)
    assert part.score == pytest.approx(100 * 2 ** (-(high + spread / thousands) / 10))
    assert sum(part.findings_by_severity.values()) == len(risks)
    assert (name in {"clean", "empty-file"}) == (not risks)


def test_security_of_a_large_project_divides_by_its_lines(tmp_path: Path) -> None:
    """Above 1,000 lines the medium and low findings are a density, as the formula on bandit's own lines has it."""
    filler = "\n".join(f"VALUE_{number} = {number}" for number in range(3_000))
    files = {**package(1, 2, risks=5), "shop/values.py": filler + "\n"}
    root = write_files(tmp_path / "project", files)
    part = measured(BANDIT, root, _python(files), security.measure)
    document = json.loads(own(root, "bandit", "-q", "-f", "json", *_python(files)))
    assert isinstance(part, Security)
    assert part.source_lines == document["metrics"]["_totals"]["loc"] > 3_000
    assert part.score == security.score(part.findings, part.source_lines)
    assert part.score > security.score(part.findings, 1_000)
