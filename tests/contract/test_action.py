"""action.yml against Config, the names that others build on, and the rules for secrets and expressions."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any, Final

import pytest

from ai_code_metrics.config import ENVIRONMENT_PREFIX, SETTINGS
from ai_code_metrics.publish import workflow
from support import summaries, yaml_files

ACTION: Final = yaml_files.load("action.yml")
STEPS: Final[list[dict[str, Any]]] = ACTION["runs"]["steps"]
WORKFLOWS: Final = sorted(
    path.relative_to(yaml_files.ROOT).as_posix() for path in (yaml_files.ROOT / ".github/workflows").glob("*.yml")
)
SETTING_INPUTS: Final = {setting.name: setting for setting in SETTINGS if setting.is_input}
SECRET_INPUTS: Final = {"github-token", "pushgateway-username", "pushgateway-password", "pushgateway-token"}
# what the action itself is told, beside the settings of the tool
OTHER_INPUTS: Final = {"working-directory", "artifact-name", "upload-artifact", "config"}
REPORT_OUTPUTS: Final = [
    "score", "grade", "coverage", "lint-score", "security-score", "complexity-score", "commit-score",
    "commit-score-worst", "ai-share", "ai-lines", "gate", "summary-path", "comment-path", "sarif-path",
]  # fmt: skip
PUBLISH_OUTPUTS: Final = ["comment-url", "pushed"]


def step(step_id: str) -> dict[str, Any]:
    return next(step for step in STEPS if step.get("id", step["name"]) == step_id)


def steps_of(path: str) -> list[dict[str, Any]]:
    if path == "action.yml":
        return STEPS
    return [step for job in yaml_files.load(path)["jobs"].values() for step in job["steps"]]


def test_the_inputs_are_the_settings_the_secrets_and_what_the_action_itself_is_told() -> None:
    """No setting lacks its input, and no input is dead."""
    assert set(ACTION["inputs"]) == set(SETTING_INPUTS) | SECRET_INPUTS | OTHER_INPUTS


def test_no_input_of_a_setting_has_a_default() -> None:
    """An input that isn't given is empty, so that the configuration file counts and the default stands in one place."""
    assert [name for name in SETTING_INPUTS if "default" in ACTION["inputs"][name]] == []


def test_every_input_says_what_it_is() -> None:
    """Each input and output has a description, and no input is required."""
    described = [*ACTION["inputs"].values(), *ACTION["outputs"].values()]
    assert all(len(entry["description"]) > 10 and not entry.get("required") for entry in described)


@pytest.mark.parametrize("name", sorted({*SETTING_INPUTS, *SECRET_INPUTS, "config"}))
def test_an_input_reaches_the_tool_by_the_variable_of_its_name(name: str) -> None:
    """A step passes the input on by ``AI_CODE_METRICS_<NAME>``, and no step passes another thing by that variable."""
    variable = ENVIRONMENT_PREFIX + name.upper().replace("-", "_")
    passed = [step["env"][variable] for step in STEPS if variable in step.get("env", {})]
    assert set(passed) == {f"${{{{ inputs.{name} }}}}"}


@pytest.mark.parametrize(
    ("step_id", "inputs"),
    [
        (
            "measure",
            {
                "config", "source", "exclude", "python", "test-command", "coverage-file", "base", "base-report",
                "gates", "gate-on-missing", "comment-key", "tool-timeout", "test-timeout", "blame-cache",
            },
        ),
        ("fetch", {"config", "fetch-notes", "deepen", "github-token"}),
        ("report", {"config", "gate-on-missing", "annotations", "summary"}),
        (
            "publish",
            {
                "config", "gate-on-missing", "comment", "comment-key", "pushgateway-url", "pushgateway-job",
                "push-branches", "push-pull-requests", "fail-on-publish-error", *SECRET_INPUTS,
            },
        ),
        ("Gate", {"config", "gates", "gate-on-missing"}),
    ],
)  # fmt: skip
def test_a_step_is_told_what_its_command_reads(step_id: str, inputs: set[str]) -> None:
    """Each command of the tool gets the settings that it reads, and no others."""
    known = {*SETTING_INPUTS, *SECRET_INPUTS, "config"}
    told = {name for name in known if ENVIRONMENT_PREFIX + name.upper().replace("-", "_") in step(step_id)["env"]}
    assert told == inputs


def test_only_steps_that_run_nothing_of_the_project_know_secrets() -> None:
    """Passwords stand in the environment of one step, the token in that of one more, before the project's code runs."""
    secret = re.compile(rf"inputs\.({'|'.join(SECRET_INPUTS)})\b|github\.token|secrets\.|toJSON", re.IGNORECASE)
    knowing = [step["name"] for step in STEPS if secret.search(str(step))]
    assert knowing == ["Fetch", "Publish"]
    assert [name for name in SECRET_INPUTS if name in str(step("fetch"))] == ["github-token"]
    assert ACTION["inputs"]["github-token"]["default"] == "${{ github.token }}"


@pytest.mark.parametrize("path", ["action.yml", *WORKFLOWS])
def test_the_scripts_of_steps_hold_no_expression_and_please_shellcheck(path: str) -> None:
    """Text of an event reaches a script only by variables, whatever it holds."""
    shellcheck = Path(sysconfig.get_path("scripts")) / "shellcheck"
    for script in (step["run"] for step in steps_of(path) if "run" in step):
        assert "${{" not in script
        checked = subprocess.run(
            [shellcheck, "--shell=bash", "-"], input=script, text=True, capture_output=True, check=False
        )
        assert checked.returncode == 0, f"{checked.stdout}{checked.stderr}"


@pytest.mark.parametrize("path", ["action.yml", *WORKFLOWS])
def test_every_action_is_pinned_by_its_commit(path: str) -> None:
    """A tag can be moved; a hash can't, and the version beside it is what dependabot reads."""
    text = (yaml_files.ROOT / path).read_text(encoding="utf-8")
    used = re.findall(r"uses: (.*)", text)
    loose = [use for use in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)]
    assert [use for use in loose if not use.startswith("./ ")] == []


@pytest.mark.parametrize("path", WORKFLOWS)
def test_a_workflow_grants_nothing_by_default(path: str) -> None:
    """Permissions are given job by job, checkouts keep no credentials, and no job hangs for six hours."""
    document = yaml_files.load(path)
    assert document["permissions"] == {}
    assert all(job["permissions"] and job["timeout-minutes"] for job in document["jobs"].values())
    checkouts = [step for step in steps_of(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("name", REPORT_OUTPUTS)
def test_an_output_of_the_report_is_wired(name: str) -> None:
    """The action hands on the report step's output of the same name."""
    assert ACTION["outputs"][name]["value"] == f"${{{{ steps.report.outputs.{name} }}}}"


@pytest.mark.parametrize("name", PUBLISH_OUTPUTS)
def test_an_output_of_publishing_is_wired(name: str) -> None:
    """The action hands on the publish step's output of the same name."""
    assert ACTION["outputs"][name]["value"] == f"${{{{ steps.publish.outputs.{name} }}}}"


def test_there_are_no_other_outputs() -> None:
    """The names of the outputs are an interface: adding one means adding it here."""
    assert list(ACTION["outputs"]) == [*REPORT_OUTPUTS, *PUBLISH_OUTPUTS]


def test_the_report_step_writes_the_outputs_that_are_wired() -> None:
    """What the command writes from a summary and what action.yml hands on are the same names."""
    written = workflow.outputs(summaries.summary(), on_missing="fail")
    assert [*written, "summary-path", "comment-path", "sarif-path"] == REPORT_OUTPUTS


def test_everything_is_published_before_a_gate_can_fail_the_job() -> None:
    """The gate is the last step, and the steps after the measurement run even where it or publishing failed."""
    names = [step["name"] for step in STEPS]
    assert names[-1] == "Gate"
    after = STEPS[names.index("Measure") + 1 :]
    assert all("!cancelled() && steps.measure.outputs.summary-path != ''" in step["if"] for step in after)


def test_the_artifact_is_uploaded_or_its_absence_is_explained() -> None:
    """On GitHub Enterprise Server, which has no service for it, a notice takes the place of a failed upload."""
    upload, notice = step("Upload artifact")["if"], step("Explain the missing artifact")["if"]
    assert "(github.server_url == 'https://github.com' || endsWith(github.server_url, '.ghe.com'))" in upload
    assert "github.server_url != 'https://github.com' && !endsWith(github.server_url, '.ghe.com')" in notice


@pytest.mark.skipif(os.name == "nt", reason="bash may be that of another system there")
@pytest.mark.parametrize(
    ("value", "exit_code"),
    [("true", 0), ("false", 0), ("True", 2), ("yes", 2), ("", 2), ("x\n::set-output name=y::%0A", 2)],
)
def test_a_word_that_the_upload_does_not_know_is_an_error(value: str, exit_code: int, tmp_path: Path) -> None:
    """The steps compare with ``true``; any other yes would leave the artifact out and say nothing."""
    environ = {
        "PATH": os.environ["PATH"], "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "output"),
        "AI_CODE_METRICS_INTERPRETER": "true", "AI_CODE_METRICS_DIRECTORY": ".",
        "AI_CODE_METRICS_UPLOAD_ARTIFACT": value,
    }  # fmt: skip
    script = ["bash", "-euo", "pipefail", "-c", step("measure")["run"]]
    done = subprocess.run(script, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (exit_code, "")
    assert done.stdout.count("\n") == (1 if exit_code else 0)
    assert done.stdout.startswith("::error title=ai-code-metrics::upload-artifact is '" if exit_code else "")
    assert "%" not in done.stdout


def test_the_caller_s_environment_stays_as_it_was() -> None:
    """No step writes to the files that change the environment of the caller's later steps."""
    assert [step["name"] for step in STEPS if re.search(r"GITHUB_(ENV|PATH)\b", step.get("run", ""))] == []
    assert step("setup-python")["with"]["update-environment"] is False
