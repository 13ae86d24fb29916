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
OTHER_INPUTS: Final = {"mode", "working-directory", "artifact-name", "upload-artifact", "config"}
REPORT_OUTPUTS: Final = [
    "score", "grade", "coverage", "lint-score", "security-score", "complexity-score", "commit-score",
    "commit-score-worst", "ai-share", "ai-lines",
    "patch-coverage", "new-findings", "base-score", "base-grade", "base-coverage",
    "base-lint-score", "base-security-score", "base-complexity-score", "delta-score",
    "delta-coverage", "delta-lint-score", "delta-security-score", "delta-complexity-score",
    "gate", "summary-path", "comment-path", "sarif-path",
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
                "config", "source", "exclude", "python", "test-command", "coverage-file", "base", "gates",
                "gate-on-missing", "comment-key", "tool-timeout", "test-timeout", "blame-cache",
            },
        ),
        (
            "fetch",
            {
                "config", "fetch-notes", "deepen", "base", "github-token", "pushgateway-url", "pushgateway-username",
                "pushgateway-password", "pushgateway-token", "pushgateway-ca-file", "pushgateway-job", "comment-key",
            },
        ),
        ("receive", {"config", "gates", "gate-on-missing", "comment-key", "github-token"}),
        ("report", {"config", "gate-on-missing", "annotations", "summary"}),
        (
            "publish",
            {
                "config", "gate-on-missing", "comment", "comment-key", "pushgateway-url", "pushgateway-ca-file",
                "pushgateway-job", "textfile-directory",
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
    """Secrets stand in the environment of the steps that run before, after or instead of the project's code."""
    secret = re.compile(rf"inputs\.({'|'.join(SECRET_INPUTS)})\b|github\.token|secrets\.|toJSON", re.IGNORECASE)
    knowing = [step["name"] for step in STEPS if secret.search(str(step))]
    assert knowing == ["Fetch", "Receive", "Publish"]
    assert [name for name in SECRET_INPUTS if name in str(step("receive"))] == ["github-token"]
    assert STEPS.index(step("fetch")) < STEPS.index(step("measure")) < STEPS.index(step("publish"))
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
    either = "!cancelled() && (steps.measure.outputs.summary-path || steps.receive.outputs.summary-path) != ''"
    measured = "!cancelled() && steps.measure.outputs.summary-path != ''"
    of_artifacts = {"Upload artifact", "Explain the missing artifact"}
    for after in STEPS[names.index("Receive") + 1 :]:
        assert (measured if after["name"] in of_artifacts else either) in after["if"]
    for reading in ("report", "publish", "Gate"):
        path = "${{ steps.measure.outputs.summary-path || steps.receive.outputs.summary-path }}"
        assert step(reading)["env"]["AI_CODE_METRICS_REPORT"] == path


def test_a_mode_leaves_out_the_other_half() -> None:
    """To publish, nothing of the project is fetched or run; to measure, nothing is commented or pushed."""
    conditions = {step["name"]: step["if"] for step in STEPS if "inputs.mode" in step.get("if", "")}
    assert {name: conditions[name] for name in ("Fetch", "Measure", "Receive")} == {
        "Fetch": "inputs.mode != 'publish'",
        "Measure": "inputs.mode != 'publish'",
        "Receive": "inputs.mode == 'publish'",
    }
    assert "&& inputs.mode != 'measure' }}" in conditions["Publish"]
    assert set(conditions) == {"Fetch", "Measure", "Receive", "Publish"}
    assert STEPS[0]["id"] == "inputs"
    assert ACTION["inputs"]["mode"]["default"] == "run"


def test_the_base_s_report_is_handed_to_the_measurement_as_a_file() -> None:
    """The step with the token finds it, the step without one reads it, both by the name of this job's artifact."""
    assert step("measure")["env"]["AI_CODE_METRICS_BASE_REPORT"] == "${{ steps.fetch.outputs.base-report }}"
    for reading in ("fetch", "receive"):
        name = step(reading)["env"]["AI_CODE_METRICS_ARTIFACT_NAME"]
        assert name == step("Upload artifact")["with"]["name"] == "${{ steps.inputs.outputs.artifact-name }}"


def test_the_artifact_is_uploaded_or_its_absence_is_explained() -> None:
    """On GitHub Enterprise Server, which has no service for it, a notice takes the place of a failed upload."""
    upload, notice = step("Upload artifact")["if"], step("Explain the missing artifact")["if"]
    assert "(github.server_url == 'https://github.com' || endsWith(github.server_url, '.ghe.com'))" in upload
    assert "github.server_url != 'https://github.com' && !endsWith(github.server_url, '.ghe.com')" in notice


def checked_inputs(directory: Path, **values: str) -> tuple[int, str, str]:
    """Run the first step; return exit code, what it printed and the name of the artifact."""
    (directory / "output").touch()
    environ = {
        "PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(directory / "output"),
        "AI_CODE_METRICS_MODE": "run", "AI_CODE_METRICS_UPLOAD_ARTIFACT": "true", "AI_CODE_METRICS_COMMENT_KEY": "",
        "AI_CODE_METRICS_ARTIFACT_NAME": "", "AI_CODE_METRICS_DEFAULT_ARTIFACT_NAME": "ai-code-metrics-quality-0",
    }  # fmt: skip
    script = ["bash", "-euo", "pipefail", "-c", step("inputs")["run"]]
    done = subprocess.run(script, env=environ | values, cwd=directory, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    written = re.fullmatch(r"artifact-name<<(\S+)\n(.*)\n\1\n", (directory / "output").read_text(encoding="utf-8"))
    return done.returncode, done.stdout, written[2] if written else ""


BASH: Final = pytest.mark.skipif(os.name == "nt", reason="bash may be that of another system there")


@BASH
@pytest.mark.parametrize(
    ("name", "value", "exit_code"),
    [
        ("upload-artifact", "true", 0),
        ("upload-artifact", "false", 0),
        ("upload-artifact", "True", 2),
        ("upload-artifact", "yes", 2),
        ("upload-artifact", "", 2),
        ("upload-artifact", "x\n::set-output name=y::%0A", 2),
        ("mode", "run", 0),
        ("mode", "measure", 0),
        ("mode", "publish", 0),
        ("mode", "Publish", 2),
        ("mode", "run ", 2),
        ("mode", "", 2),
        ("mode", "*\n::error::%0A", 2),
    ],
)
def test_a_word_that_the_steps_do_not_know_is_an_error(name: str, value: str, exit_code: int, tmp_path: Path) -> None:
    """The steps compare with these words; any other would leave things out and say nothing."""
    variable = ENVIRONMENT_PREFIX + name.upper().replace("-", "_")
    found, printed, _ = checked_inputs(tmp_path, **{variable: value})
    assert found == exit_code
    assert printed.count("\n") == (1 if exit_code else 0)
    assert printed.startswith(f"::error title=ai-code-metrics::{name} is '" if exit_code else "")
    assert "%" not in printed


@BASH
@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "ai-code-metrics-quality-0"),
        ({"COMMENT_KEY": "web"}, "ai-code-metrics-quality-0-web"),
        ({"COMMENT_KEY": "web/api"}, "ai-code-metrics-quality-0-web-api"),
        ({"COMMENT_KEY": "web", "ARTIFACT_NAME": "a:b\\c\nd"}, "a-b-c-d"),
        ({"MODE": "publish", "COMMENT_KEY": "web"}, ""),
        ({"MODE": "publish", "ARTIFACT_NAME": "web"}, "web"),
    ],
)
def test_the_artifact_has_a_name_that_it_may_have(values: dict[str, str], name: str, tmp_path: Path) -> None:
    """By job, matrix and comment, or as given; to publish, only a given one counts, else all are received."""
    assert checked_inputs(tmp_path, **{f"AI_CODE_METRICS_{key}": value for key, value in values.items()})[2] == name


def test_the_caller_s_environment_stays_as_it_was() -> None:
    """No step writes to the files that change the environment of the caller's later steps."""
    assert [step["name"] for step in STEPS if re.search(r"GITHUB_(ENV|PATH)\b", step.get("run", ""))] == []
    assert step("setup-python")["with"]["update-environment"] is False
