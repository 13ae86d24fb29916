"""Base and head on real repositories: the base equals a run of its own, and only what a change brought is new."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from ai_code_metrics.report import summary_json
from support import summaries
from support.git_project import GitProject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMPARED: Final = {
    "lint": ("score", "messages", "statements", "files", "files_failed"),
    "security": ("score", "findings_by_severity", "source_lines", "files", "files_failed"),
    "complexity": ("score", "functions", "max", "bands", "lines_by_band", "files", "files_failed"),
}
CART: Final = '''\
"""A cart."""

import os
import subprocess


def ship(where):
    """Ship it."""
    return subprocess.call(where, shell=True)


def total(prices, tax=[]):
    result = 0
    for price in prices:
        if price > 0:
            result += price
    return result
'''
STORE: Final = '''\
"""A store."""

from shop import cart as goods


class Store:
    def sell(self, what):
        unused = 1
        return eval(goods.total(what))
'''
MANY: Final = '"""Many branches."""\n\n\ndef many(a):\n    """Branch."""\n' + "".join(
    f"    if a == {number}:\n        return {number + 1}\n" for number in range(12)
)  # fmt: skip


class Project(GitProject):
    """A package ``shop`` with findings of each tool, and the command line that measures it."""

    def measure(self, *options: str, **environ: str) -> dict[str, Any]:
        """Measure what is checked out, without its tests, and return the summary."""
        output = self.path.parent / "output"
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "AI_CODE_"))}
        done = subprocess.run(
            [sys.executable, "-I", "-m", "ai_code_metrics", "measure", "--output", str(output), "--python",
             sys.executable, "--test-command", "off", *options, "--", str(self.path)],
            capture_output=True, text=True, encoding="utf-8", check=False, env=variables | environ, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads((output / "metrics-summary.json").read_bytes())
        return found

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a text of a file that occurs in it."""
        text = (self.path / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def delete(self, path: str) -> None:
        """Delete a file."""
        (self.path / path).unlink()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.commit(
        "base",
        files={
            "shop/__init__.py": '"""A shop."""\n', "shop/cart.py": CART, "shop/store.py": STORE, "shop/many.py": MANY,
            ".gitattributes": "gen_*.py linguist-generated\n", "shop/gen_a.py": STORE.replace("Store", "Made"),
            "scripts/run.py": "import os\n\nexec('1')\n",
        },
    )  # fmt: skip
    return made


def new_findings(summary: dict[str, Any], part: str = "lint") -> list[tuple[str, str, int]]:
    """Path, name and line of the findings that are new."""
    return [
        (each["path"], each["name"], each["line"]) for each in summary[part]["findings"] if each["is_new"] is not False
    ]


def assert_base(summary: dict[str, Any], expected: dict[str, Any]) -> None:
    """Hold the base of a summary against another summary's head."""
    for part, fields in COMPARED.items():
        found = summary["base"][part]
        assert {name: found[name] for name in fields} == {name: expected[part][name] for name in fields}, part


def modify(project: Project) -> None:
    project.replace("shop/cart.py", "import os\n", "")
    project.replace("shop/cart.py", "shell=True", "shell=False")
    project.replace("shop/many.py", "    if a == 3:\n        return 4\n", "")


def add(project: Project) -> None:
    project.write("shop/added.py", "import os\n\n\ndef added(a, b):\n    if a:\n        exec(b)\n")
    project.write("shop/deep/__init__.py", '"""Deep."""\n')


def delete(project: Project) -> None:
    project.delete("shop/store.py")
    project.delete("shop/many.py")


def rename(project: Project) -> None:
    project.git("mv", "shop/cart.py", "shop/basket.py")
    project.replace("shop/store.py", "shop import cart", "shop import basket")
    project.git("mv", "shop/many.py", "shop/more.py")


def add_root(project: Project) -> None:
    project.write("scripts/__init__.py", '"""Scripts."""\n')


def lose_root(project: Project) -> None:
    project.delete("shop/__init__.py")
    project.write("other/__init__.py", '"""Another."""\n')


def lose_all_roots(project: Project) -> None:
    project.delete("shop/__init__.py")
    project.delete("shop/store.py")


def take_over(project: Project) -> None:
    """From here on people write what was generated, and what they wrote is generated."""
    project.git("mv", "shop/gen_a.py", "shop/hand.py")
    project.git("mv", "shop/many.py", "shop/gen_many.py")


def everything(project: Project) -> None:
    rename(project)
    modify_more = '\n\ndef g():\n    """G."""\n    return exec("2")\n'
    project.write("shop/basket.py", CART + modify_more)
    project.delete("shop/more.py")
    add(project)


@pytest.mark.parametrize(
    "change", [modify, add, delete, rename, add_root, lose_root, lose_all_roots, take_over, everything],
    ids=lambda change: change.__name__,
)  # fmt: skip
def test_the_base_is_what_a_run_at_the_base_says(project: Project, change: Callable[[Project], None]) -> None:
    """Score, counts and sizes of lint, security and complexity, by whatever files differ."""
    base = project.head
    expected = project.measure()
    change(project)
    project.commit("head")
    summary = project.measure("--base", base)
    assert (summary["base"]["status"], summary["base"]["sha"]) == ("ok", base)
    assert_base(summary, expected)


def test_a_file_that_could_not_be_read_at_the_base(project: Project) -> None:
    """It failed there, and counts as in a run of its own; of what it holds by now, new is what was added."""
    project.write("shop/many.py", STORE.replace("def sell", "def def sell"))
    base = project.commit("broken")
    expected = project.measure()
    project.write("shop/many.py", STORE)
    project.commit("head")
    summary = project.measure("--base", base)
    assert expected["lint"]["files_failed"] == ["shop/many.py"]
    assert_base(summary, expected)
    assert new_findings(summary, "security") == []
    assert {line for _, _, line in new_findings(summary)} == {7}


def test_a_moved_function_brings_nothing_new(project: Project) -> None:
    """Neither its findings nor its complexity, in another file and further down in its own; one that is new does."""
    base = project.head
    moved = CART[CART.index("def ship") : CART.index("def total")]
    project.replace("shop/cart.py", moved, "")
    project.replace("shop/cart.py", "import os\nimport subprocess\n", "import os\n")
    project.replace("shop/store.py", "from shop", "import subprocess\n\nfrom shop")
    project.write(
        "shop/store.py", (project.path / "shop/store.py").read_text(encoding="utf-8") + "\n\n" + moved.rstrip() + "\n"
    )
    project.write("shop/moved.py", MANY)
    project.delete("shop/many.py")
    project.commit("move")
    summary = project.measure("--base", base)
    assert new_findings(summary) == []
    assert new_findings(summary, "security") == []
    assert summary["complexity"]["grown"] == []


def test_a_renamed_file_brings_nothing_new(project: Project) -> None:
    """Also one that changed on the way; what was added to it is new, at its line."""
    base = project.head
    rename(project)
    project.write("shop/basket.py", CART + '\n\ndef g():\n    """G."""\n    return exec("2")\n')
    project.commit("rename")
    summary = project.measure("--base", base)
    assert new_findings(summary) == [("shop/basket.py", "exec-used", 22)]
    assert new_findings(summary, "security") == [("shop/basket.py", "exec_used", 22)]
    assert summary["complexity"]["grown"] == []


def test_files_that_come_to_be_measured_bring_nothing_new(project: Project) -> None:
    """The code of a package that gets its first __init__.py was there before."""
    base = project.head
    project.write("scripts/more.py", MANY.replace("many", "several"))
    project.commit("more", files={"scripts/run.py": "import os\n\nexec('1')\n"})
    base = project.head
    add_root(project)
    project.commit("make it a package")
    summary = project.measure("--base", base)
    assert {each["path"] for each in summary["lint"]["findings"]} >= {"scripts/run.py"}
    assert new_findings(summary) == []
    assert new_findings(summary, "security") == []
    assert summary["complexity"]["grown"] == []


def pull_request(project: Project, head: str, base: str) -> dict[str, str]:
    """The variables of a pull request's job."""
    repository = {"full_name": "octo/shop", "default_branch": "main", "fork": False}
    payload = {
        "number": 42, "repository": repository,
        "pull_request": {
            "number": 42, "head": {"sha": head, "ref": "topic", "repo": repository},
            "base": {"sha": base, "ref": "main", "repo": repository},
        },
    }  # fmt: skip
    event = project.path.parent / "event.json"
    event.write_text(json.dumps(payload), encoding="utf-8")
    return {
        "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event), "GITHUB_REPOSITORY": "octo/shop",
        "GITHUB_REF_NAME": "42/merge",
    }  # fmt: skip


def test_the_merge_of_a_pull_request_tells_its_own_changes_alone(project: Project) -> None:
    """What main did since isn't new and counts for the base; lines are those of the head commit."""
    left = project.head
    project.branch("topic")
    topic = '\n\ndef g():\n    """G."""\n    return exec("2")\n'
    head = project.commit("topic", files={"shop/cart.py": CART + topic})
    project.switch("main")
    project.replace("shop/cart.py", '"""A cart."""\n', '"""A cart."""\n\nimport re\nimport sys\n')
    project.commit("main", files={"shop/new.py": STORE})
    tip = project.head
    expected = project.measure()
    project.git("switch", "--quiet", "--detach")
    project.merge("topic")
    summary = project.measure(**pull_request(project, head, left))
    assert (summary["context"]["head_sha"], summary["base"]["sha"]) == (head, tip)
    assert new_findings(summary) == [("shop/cart.py", "exec-used", 22)]
    assert new_findings(summary, "security") == [("shop/cart.py", "exec_used", 22)]
    lines = {each["name"]: each["line"] for each in summary["lint"]["findings"] if each["path"] == "shop/cart.py"}
    assert lines["dangerous-default-value"] == 12
    mains = [each for each in summary["lint"]["findings"] if each["message"] == "Unused import re"]
    assert [(each["line"], each["is_new"]) for each in mains] == [(0, False)]
    assert_base(summary, expected)


@pytest.mark.parametrize("base", ["HEAD", "newer"])
def test_nothing_differs(project: Project, base: str) -> None:
    """A base that is the head, or newer than it: nothing is new, and all differences are 0."""
    project.branch("newer")
    project.commit("newer", files={"shop/cart.py": CART + "\n\nX = eval('1')\n"})
    project.switch("main")
    gates = [f"{part}.delta == 0" for part in ("quality", "lint", "security", "complexity")]
    gates += [f"{name} == 0" for name in ("lint.new_findings", "security.new_findings", "complexity.grown")]
    summary = project.measure("--base", base, "--gates", "\n".join(gates))
    assert summary["base"]["sha"] == project.head
    assert [(each["expression"], each["result"]) for each in summary["gates"]] == [(each, "passed") for each in gates]
    assert_base(summary, summary)


def base_report(project: Project, sha: str) -> Path:
    """Write a report of a commit, with coverage of 1,022 of 1,210 lines and branches."""
    path = project.path.parent / "base.json"
    path.write_bytes(summary_json.encode(summaries.summary(context=summaries.push_context(head_sha=sha))))
    return path


@pytest.mark.parametrize(
    ("measured_at", "commits_back"), [("main", 0), ("main~2", 2), ("beside", None), ("gone", None)]
)
def test_coverage_of_the_base_comes_from_its_report(
    project: Project, measured_at: str, commits_back: int | None
) -> None:
    """With the commit that it is of, how far that is behind the base, and no number where it isn't before it."""
    project.branch("beside")
    project.commit("beside", files={"README.md": "x\n"})
    project.switch("main")
    for number in range(2):
        project.commit("main", files={"README.md": f"{number}\n"})
    project.branch("topic")
    project.commit("topic", files={"shop/new.py": STORE})
    sha = "e" * 40 if measured_at == "gone" else project.git("rev-parse", measured_at)
    summary = project.measure("--base", "main", "--base-report", str(base_report(project, sha)))
    found = summary["base"]["coverage"]
    assert (found["sha"], found["commits_back"]) == (sha, commits_back)
    assert (found["covered_lines"], found["num_statements"]) == (812, 950)
    assert (found["covered_branches"], found["num_branches"]) == (210, 260)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "not JSON"),
        (b'{"schema_version": 2}', "schema"),
        (summary_json.encode(summaries.unavailable_summary()), "the report of the base has no coverage"),
    ],
)
def test_a_report_that_is_of_no_use(project: Project, content: bytes, words: str) -> None:
    """Coverage of the base is unavailable with the reason; the rest of the base is there."""
    path = project.path.parent / "base.json"
    path.write_bytes(content)
    base = project.measure("--base", "HEAD", "--base-report", str(path))["base"]
    assert base["coverage"]["status"] == "unavailable"
    assert words in base["coverage"]["reason"]
    assert base["lint"]["status"] == "ok"


def test_without_a_report_the_reason_says_how_to_get_one(project: Project) -> None:
    """Coverage of the base can't be measured without its tests."""
    base = project.measure("--base", "HEAD")["base"]
    assert "let this workflow run on pushes" in base["coverage"]["reason"]


def test_the_caller_s_work_tree_is_untouched(project: Project) -> None:
    """Neither files, nor the index, nor branches, nor other work trees; what isn't committed is measured as it is."""
    base = project.head
    everything(project)
    project.commit("head")
    project.replace("shop/basket.py", "import os\n", "")
    project.write("shop/untracked.py", "x = eval('1')\n")

    def state() -> dict[str, tuple[int, bytes]]:
        return {
            str(path.relative_to(project.path)): (path.stat().st_mtime_ns, path.read_bytes())
            for path in sorted(project.path.rglob("*"))
            if path.is_file()
        }

    before = state()
    project.measure("--base", base)
    assert state() == before
