"""Settings: where they come from, which wins, and what a wrong one says."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from ai_code_metrics.config import SETTINGS, Config, load, load_secrets
from ai_code_metrics.errors import UsageError
from ai_code_metrics.setting_kinds import DEFAULT_WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path


def _project(root: Path, table: str) -> Path:
    (root / "pyproject.toml").write_text(f"[tool.ai-code-metrics]\n{table}\n", encoding="utf-8")
    return root


def test_defaults_of_settings_and_config_agree(tmp_path: Path) -> None:
    """A run without any setting has the defaults that the table of settings documents."""
    config = load(tmp_path, environ={})
    for setting in SETTINGS:
        assert getattr(config, setting.attribute) == setting.default, setting.name


def test_every_field_of_config_is_a_setting() -> None:
    """No setting of the record is out of reach of options, inputs and file."""
    assert {field.name for field in fields(Config)} - {"root"} == {setting.attribute for setting in SETTINGS}


def test_option_wins_over_input_wins_over_file(tmp_path: Path) -> None:
    """The nearer a value was given, the more it counts."""
    root = _project(tmp_path, 'base = "file"\npython = "file"\ncoverage-file = "file"')
    environ = {"AI_CODE_METRICS_BASE": "input", "AI_CODE_METRICS_PYTHON": "input"}
    config = load(root, environ=environ, options={"base": "option", "python": None})
    assert (config.base, config.python, config.coverage_file) == ("option", "input", "file")


def test_an_option_may_be_given_several_times_with_several_lines_each(tmp_path: Path) -> None:
    """What an input takes in one text, an option takes too."""
    assert load(tmp_path, environ={}, options={"gates": ("a >= 1\n# why\nb >= 2", "c >= 3")}).gates == (
        "a >= 1", "b >= 2", "c >= 3",
    )  # fmt: skip


def test_an_empty_input_counts_as_not_given(tmp_path: Path) -> None:
    """The action passes every input; those that a workflow leaves out are empty."""
    root = _project(tmp_path, 'source = ["lib"]')
    assert load(root, environ={"AI_CODE_METRICS_SOURCE": " \n"}).source == ("lib",)


@pytest.mark.parametrize("text", ["a\nb", "a,b", " a \n\n b ,", "a\r\nb", "# both\na\n # and\nb"])
def test_lists_take_a_line_or_a_comma_each(tmp_path: Path, text: str) -> None:
    """A list of an input is written with an item a line, or with commas."""
    assert load(tmp_path, environ={"AI_CODE_METRICS_SOURCE": text}).source == ("a", "b")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False)])
def test_flags(tmp_path: Path, text: str, *, value: bool) -> None:
    """A flag is written as true or false."""
    assert load(tmp_path, environ={"AI_CODE_METRICS_SUMMARY": text}).summary is value


def test_weights_are_filled_up_and_normalised(tmp_path: Path) -> None:
    """Weights that are not given keep their default, and all add up to 1."""
    weights = load(_project(tmp_path, "weights = { coverage = 0 }"), environ={}).weights
    assert weights["coverage"] == 0
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["security"] / weights["lint"] == pytest.approx(DEFAULT_WEIGHTS["security"] / DEFAULT_WEIGHTS["lint"])


def test_thresholds_are_filled_up_with_the_defaults(tmp_path: Path) -> None:
    """Thresholds that are not given keep their default; all come as numbers from A to D."""
    thresholds = load(_project(tmp_path, "thresholds = { D = 50, A = 92.5 }"), environ={}).thresholds
    assert list(thresholds.items()) == [("A", 92.5), ("B", 80.0), ("C", 70.0), ("D", 50.0)]


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"AI_CODE_METRICS_COMMENT": "sometimes"}, ["input comment", "'sometimes'", "update, recreate, off"]),
        ({"AI_CODE_METRICS_SUMMARY": "yes"}, ["input summary", "true or false"]),
        ({"AI_CODE_METRICS_TOOL_TIMEOUT": "soon"}, ["input tool-timeout", "'soon'", "seconds"]),
        ({"AI_CODE_METRICS_TOOL_TIMEOUT": "0"}, ["input tool-timeout", "above 0"]),
        ({"AI_CODE_METRICS_TEST_TIMEOUT": "nan"}, ["input test-timeout"]),
        ({"AI_CODE_METRICS_CONFIG": "nowhere.toml"}, ["no file 'nowhere.toml'"]),
    ],
)
def test_a_wrong_input_says_which_and_what_to_do(tmp_path: Path, environ: dict[str, str], words: list[str]) -> None:
    """The error names the input, the value and what is expected."""
    with pytest.raises(UsageError) as caught:
        load(tmp_path, environ=environ)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("sauce = 1", ["no key 'sauce'", "source"]),
        ("source = 1", ["source in [tool.ai-code-metrics] of pyproject.toml", "list of texts"]),
        ("weights = { charm = 1 }", ["weights", "coverage"]),
        ("weights = { coverage = 0, lint = 0, security = 0, complexity = 0 }", ["at least one weight above 0"]),
        ("weights = { coverage = true }", ["between 0 and 1"]),
        ("thresholds = { E = 50 }", ["thresholds in", "some of A, B, C, D"]),
        ("thresholds = 90", ["thresholds in", "a table"]),
        ("thresholds = { A = 101 }", ["between 0 and 100"]),
        ("thresholds = { D = -1 }", ["between 0 and 100"]),
        ("thresholds = { A = nan }", ["between 0 and 100"]),
        ("thresholds = { A = true }", ["between 0 and 100"]),
        ('thresholds = { A = "90" }', ["between 0 and 100"]),
        ("thresholds = { A = 75 }", ["fall from A to D", "A 75, B 80.0, C 70.0, D 60.0"]),
        ("thresholds = { A = 80 }", ["fall from A to D"]),
        ("agents = { robot = 1 }", ["agents", "table"]),
        ("summary = [", ["can't be read as TOML"]),
        ('pushgateway-url = "https://evil.example"', ["pushgateway-url", "can't stand in", "input or an option"]),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, table: str, words: list[str]) -> None:
    """The error names the key, the file and what is expected."""
    with pytest.raises(UsageError) as caught:
        load(_project(tmp_path, table), environ={})
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"tool = 1", b'[tool]\nai-code-metrics = "x"'])
def test_an_odd_pyproject_is_an_error_or_no_configuration(tmp_path: Path, content: bytes) -> None:
    """A file that is no TOML, or a table that is none, never ends in a traceback."""
    (tmp_path / "pyproject.toml").write_bytes(content)
    try:
        config: Any = load(tmp_path, environ={})
    except UsageError as error:
        assert "pyproject.toml" in str(error)  # noqa: PT017 - both outcomes are right, depending on the content
    else:
        assert config == Config(root=tmp_path.resolve())


def test_secrets_come_from_the_environment_and_are_never_printed() -> None:
    """The representation of the secrets shows none of them."""
    secrets = load_secrets({
        "AI_CODE_METRICS_GITHUB_TOKEN": "t0ken",
        "AI_CODE_METRICS_PUSHGATEWAY_USERNAME": "us3r",
        "AI_CODE_METRICS_PUSHGATEWAY_PASSWORD": "passw0rd",
        "AI_CODE_METRICS_PUSHGATEWAY_TOKEN": "b3arer",
    })  # fmt: skip
    assert (secrets.github_token, secrets.pushgateway_password) == ("t0ken", "passw0rd")
    assert not any(secret in repr(secrets) for secret in ("t0ken", "us3r", "passw0rd", "b3arer"))


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """A mounted secret is read from its file, without the newline at its end."""
    file = tmp_path / "password"
    file.write_text("passw0rd\n", encoding="utf-8")
    secrets = load_secrets({"AI_CODE_METRICS_PUSHGATEWAY_PASSWORD_FILE": str(file)})
    assert secrets.pushgateway_password == "passw0rd"


def test_a_missing_secret_file_is_named() -> None:
    """The error says which variable names a file that isn't there."""
    with pytest.raises(UsageError, match="PUSHGATEWAY_TOKEN_FILE"):
        load_secrets({"AI_CODE_METRICS_PUSHGATEWAY_TOKEN_FILE": "/nowhere/token"})


def test_under_actions_an_empty_token_is_no_token() -> None:
    """A workflow that gives no token to the action isn't given the job's own behind its back."""
    environ = {"GITHUB_TOKEN": "t0ken"}
    assert load_secrets(environ).github_token == "t0ken"
    assert load_secrets(environ | {"GITHUB_ACTIONS": "true"}).github_token == ""
