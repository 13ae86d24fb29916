"""The README says what is so: its tables come from the code, its example is a valid workflow, its commands exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from ai_code_metrics import errors
from ai_code_metrics.cli import cli
from ai_code_metrics.config import SETTINGS
from ai_code_metrics.measure import catalog, gate_metrics
from support.yaml_files import load, parse

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
ACTION = load("action.yml")


def _inputs() -> str:
    rows = ["| input | meaning |", "|---|---|"]
    return "\n".join(
        rows + [f"| `{name}` | {entry['description'].strip()} |" for name, entry in ACTION["inputs"].items()]
    )


def _outputs() -> str:
    rows = ["| output | meaning |", "|---|---|"]
    return "\n".join(
        rows + [f"| `{name}` | {entry['description'].strip()} |" for name, entry in ACTION["outputs"].items()]
    )


def _gates() -> str:
    rows = ["| metric | unit | meaning |", "|---|---|---|"]
    return "\n".join(
        rows + [f"| `{key}` | {metric.unit} | {metric.help} |" for key, metric in gate_metrics.METRICS.items()]
    )


def _comment() -> str:
    """The unfolded part of a gold comment, quoted; its heading in bold, so that it is none of this page."""
    gold = ROOT / "tests" / "unit" / "report" / "gold" / "comment-compared.md"
    shown, _, _ = gold.read_text(encoding="utf-8").partition("\n<details>")
    shown = re.sub(r"^## (.*)$", r"**\1**", shown, flags=re.MULTILINE).strip()
    return "\n".join(f"> {line}".rstrip() for line in shown.split("\n"))


GENERATED: dict[str, Callable[[], str]] = {
    "comment": _comment,
    "inputs": _inputs,
    "outputs": _outputs,
    "gates": _gates,
    "metrics": catalog.markdown_table,
}


@pytest.mark.parametrize("name", GENERATED)
def test_a_table_is_what_the_code_says(name: str, request: pytest.FixtureRequest) -> None:
    """Tables of inputs, outputs, gates and metrics, and the sample comment, are those of the code."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- /{name} -->\n")
    assert end, f"the README has no place for {name}"
    wanted = f"{before}<!-- {name} -->\n{GENERATED[name]()}\n{end}{after}"
    if request.config.getoption("--update-gold"):
        README.write_text(wanted, encoding="utf-8")
    assert README.read_text(encoding="utf-8") == wanted, "run: python3 scripts/test.py --update-gold tests/contract"


def _yaml_blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


WORKFLOWS: list[str] = [block for block in _yaml_blocks() if block.startswith("name: ")]
JOBS: list[dict[str, Any]] = [job for block in WORKFLOWS for job in parse(block)["jobs"].values()]


# its own commit is none that a page could name
OWN_TAG = {"rules": {"unpinned-uses": {"config": {"policies": {"*": "hash-pin", "ai-code-metrics/*": "ref-pin"}}}}}


@pytest.mark.parametrize("block", WORKFLOWS, ids=range(len(WORKFLOWS)))
def test_a_workflow_is_valid(block: str, tmp_path: Path) -> None:
    """A workflow that people copy fits GitHub's schema, grants nothing by default, and zizmor finds nothing in it."""
    file = tmp_path / ".github" / "workflows" / "metrics.yml"
    file.parent.mkdir(parents=True)
    file.write_text(block, encoding="utf-8")
    settings = tmp_path / "zizmor.yml"
    settings.write_text(json.dumps(OWN_TAG), encoding="utf-8")
    zizmor = Path(sysconfig.get_path("scripts"), "zizmor")
    for command in (
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(file)],
        [str(zizmor), "--offline", "--no-progress", "--config", str(settings), str(file)],
    ):
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    assert parse(block)["permissions"] == {}


def test_a_job_is_granted_what_it_needs() -> None:
    """One that runs code of a fork may write nothing; one that publishes checks nothing out."""
    read = {"contents": "read", "actions": "read"}
    write = {"actions": "read", "pull-requests": "write"}
    modes = [job["steps"][-1]["with"].get("mode") for job in JOBS]
    assert list(zip(modes, (job["permissions"] for job in JOBS), strict=True)) == [
        (None, {**read, "pull-requests": "write"}),
        ("measure", read),
        ("publish", {**write, "contents": "read"}),
        ("measure", read),
        ("publish", write),
    ]
    publishing = [job for job in JOBS if job["steps"][-1]["with"].get("mode") == "publish"]
    assert [len(job["steps"]) for job in publishing] == [1, 1]
    assert "secrets" not in "".join(WORKFLOWS)


def test_the_second_workflow_waits_for_the_first() -> None:
    """The workflow that publishes is triggered by the name of the one that measures."""
    _, measuring, publishing, sharded = (parse(block) for block in WORKFLOWS)
    assert sharded["jobs"]["publish"]["needs"] == "measure"
    assert publishing["on"]["workflow_run"] == {"workflows": [measuring["name"]], "types": ["completed"]}


def test_steps_to_copy_fit_the_action() -> None:
    """Workflows and parts of them give the action inputs that it has, and pin what else they use."""
    steps: list[Any] = [step for job in JOBS for step in job["steps"] if "uses" in step]
    steps += [step for block in _yaml_blocks() if block not in WORKFLOWS for step in parse(block) if "run" not in step]
    ours = [step for step in steps if step["uses"].startswith("ai-code-metrics/")]
    assert len(ours) > len(WORKFLOWS)
    assert all(set(step["with"]) <= set(ACTION["inputs"]) for step in ours)
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in steps if step not in ours)


def test_the_pins_are_those_of_our_own_workflows() -> None:
    """The commits that people copy are those that are kept up to date here."""
    ours = "".join(path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml"))
    for use in re.findall(r"actions/[a-z-]+@[0-9a-f]{40}", README.read_text(encoding="utf-8")):
        assert use in ours, use


def test_the_two_commands_exist() -> None:
    """The scripts that a newcomer is told to run are there."""
    for script in re.findall(r"python3 (scripts/\w+\.py)", README.read_text(encoding="utf-8")):
        assert (ROOT / script).is_file(), script


def test_every_command_is_named() -> None:
    """The README lists all commands of the command line."""
    text = README.read_text(encoding="utf-8")
    assert isinstance(cli, click.Group)
    missing = [name for name in cli.commands if f"`{name}`" not in text]
    assert not missing


def test_every_setting_of_the_file_is_named() -> None:
    """Settings that are no inputs are documented too."""
    text = README.read_text(encoding="utf-8")
    assert not [setting.name for setting in SETTINGS if f"`{setting.name}`" not in text]


def test_exit_codes_are_those_of_the_errors() -> None:
    """The table of exit codes lists exactly the codes that errors have, and 0."""
    section = README.read_text(encoding="utf-8").partition("## Exit codes")[2].partition("\n## ")[0]
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    raised = {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.AiCodeMetricsError)
    }
    assert documented == raised | {0}


def test_help_shows_an_example_for_every_command() -> None:
    """Whoever asks a command for help gets an example to start from."""
    for name, command in cli.commands.items():
        assert command.epilog, name
        assert command.epilog.startswith(f"Example: ai-code-metrics {name}"), name
