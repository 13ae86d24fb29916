"""One frozen :class:`Config` from command-line options, environment and ``[tool.ai-code-metrics]``.

Each setting stands once in :data:`SETTINGS`; the options of the command line, the inputs of ``action.yml``, the keys of
the configuration file and the README's table are held against it by tests. Precedence: option, environment variable
(how the action passes its inputs), configuration file, default. Secrets never come from options or files of the
repository, so they are a record of their own, :class:`Secrets`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from ai_code_metrics.errors import UsageError
from ai_code_metrics.files import read_regular
from ai_code_metrics.setting_kinds import (
    AGENTS,
    DATE,
    DEFAULT_THRESHOLDS,
    DEFAULT_WEIGHTS,
    FLAG,
    LIST,
    SECONDS,
    TEXT,
    THRESHOLDS,
    WEIGHTS,
    Kind,
    choice,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT_PREFIX: Final = "AI_CODE_METRICS_"
TABLE: Final = "ai-code-metrics"
DEFAULT_COMMENT_KEY: Final = "default"
MAX_CONFIG_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its kebab-case name, its kind, its default and its help text.

    ``is_input`` says whether the action has an input of that name, ``in_file`` whether the configuration file may hold
    it: that file is part of what a pull request changes, so it must not say where credentials are sent.
    """

    name: str
    kind: Kind
    default: Any
    help: str
    is_input: bool = True
    in_file: bool = True

    @property
    def attribute(self) -> str:
        """The name of the :class:`Config` attribute."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable by which the action passes the input."""
        return ENVIRONMENT_PREFIX + self.attribute.upper()


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("source", LIST, (), "Paths to measure, one a line; default: the tracked Python packages."),
    Setting("exclude", LIST, (), "Globs of paths to leave out, one a line, for example `src/vendor/**`."),
    Setting("python", TEXT, "", "Interpreter of the project (its dependencies and its tests); default: looked for."),
    Setting(
        "test-command",
        TEXT,
        "auto",
        "`auto`: a fresh coverage report if there is one, else pytest under coverage; `off`; or a command that starts "
        "with pytest or python.",
    ),
    Setting("coverage-file", TEXT, "", "A coverage report to read instead of running tests."),
    Setting("base", TEXT, "", "Commit or ref to compare with; default: taken from the event."),
    Setting(
        "base-report",
        TEXT,
        "",
        "A metrics-summary.json of the base branch, whose coverage the report compares with.",
        is_input=False,
        in_file=False,
    ),
    Setting("gates", LIST, (), "Conditions, one a line, for example `quality.score >= 80`."),
    Setting("gate-on-missing", choice("fail", "pass"), "fail", "Whether a gate on an unavailable metric fails."),
    Setting(
        "comment",
        choice("update", "recreate", "off"),
        "update",
        "The pull request comment: `update` in place, `recreate` at the end of the conversation, or `off`.",
    ),
    Setting("comment-key", TEXT, DEFAULT_COMMENT_KEY, "Keeps several comments on one pull request apart (monorepos)."),
    Setting("annotations", FLAG, default=True, help="Whether new findings are annotated in the changed files."),
    Setting("summary", FLAG, default=True, help="Whether the report is written to the job summary."),
    Setting(
        "pushgateway-url",
        LIST,
        (),
        "URL of a Prometheus Pushgateway; of several, one a line, each group has its own; none: nothing is pushed.",
        in_file=False,
    ),
    Setting(
        "pushgateway-ca-file",
        TEXT,
        "",
        "PEM file with the authorities that the Pushgateway's certificate is checked against; default: the system's.",
        in_file=False,
    ),
    Setting(
        "textfile-directory",
        TEXT,
        "",
        "Directory of node_exporter's textfile collector, to which the metrics are written; default: none.",
        in_file=False,
    ),
    Setting("pushgateway-job", TEXT, "ai-code-metrics", "The `job` of the grouping key."),
    Setting("push-branches", LIST, (), "Branches whose pushes are pushed; default: the default branch."),
    Setting("push-pull-requests", FLAG, default=False, help='Whether pull requests are pushed as `branch="pr-N"`.'),
    Setting("fail-on-publish-error", FLAG, default=False, help="Whether a failed comment or push fails the job."),
    Setting("tool-timeout", SECONDS, 900.0, "Seconds that one analyser may take."),
    Setting("test-timeout", SECONDS, 1800.0, "Seconds that the project's tests may take."),
    Setting("weights", WEIGHTS, dict(DEFAULT_WEIGHTS), "Weights of the quality score.", is_input=False),
    Setting(
        "thresholds",
        THRESHOLDS,
        dict(DEFAULT_THRESHOLDS),
        "Least scores of the quality grades A, B, C and D; below is F.",
        is_input=False,
    ),
    Setting(
        "conventional-commits",
        choice("auto", "on", "off"),
        "auto",
        "Whether commit scores expect Conventional Commits; `auto`: where half of the history follows them.",
        is_input=False,
    ),
    Setting(
        "commit-links",
        choice("auto", "on", "off"),
        "auto",
        "Whether commit scores expect a link to an issue; `auto`: where a fifth of the history has one.",
        is_input=False,
    ),
    Setting("link-pattern", TEXT, "", "Regular expression of a further kind of issue link.", is_input=False),
    Setting(
        "count-suggestions",
        FLAG,
        default=False,
        help="Whether accepted review suggestions of AI reviewers count as AI lines.",
        is_input=False,
    ),
    Setting(
        "fetch-notes",
        FLAG,
        default=True,
        help="Whether fetching brings authorship notes from `origin` where the clone has none.",
    ),
    Setting(
        "deepen",
        FLAG,
        default=True,
        help="Whether fetching completes a shallow or partial clone from `origin`.",
    ),
    Setting(
        "blame-cache",
        TEXT,
        "",
        "Directory that keeps blamed files between runs, or `off`; default: off in an action, else the user's cache.",
        in_file=False,
    ),
    Setting("notes", FLAG, default=True, help="Whether authorship notes count as evidence.", is_input=False),
    Setting(
        "markers",
        LIST,
        (),
        "In-code markers that tag lines: `default` for the built-in ones, and texts of your own.",
        is_input=False,
    ),
    Setting(
        "detect-moves",
        FLAG,
        default=False,
        help="Whether moved and copied lines keep their first commit (slower).",
        is_input=False,
    ),
    Setting(
        "since",
        DATE,
        None,
        "Day, as YYYY-MM-DD, from which on lines are compared by their origin; default: all lines.",
        is_input=False,
    ),
    Setting("agents", AGENTS, {}, "Further agents for attribution, in the form of the built-in table.", is_input=False),
)


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of one run, validated. ``root`` is the absolute directory that is measured."""

    root: Path
    source: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    python: str = ""
    test_command: str = "auto"
    coverage_file: str = ""
    base: str = ""
    base_report: str = ""
    gates: tuple[str, ...] = ()
    gate_on_missing: Literal["fail", "pass"] = "fail"
    comment: Literal["update", "recreate", "off"] = "update"
    comment_key: str = DEFAULT_COMMENT_KEY
    annotations: bool = True
    summary: bool = True
    pushgateway_url: tuple[str, ...] = ()
    pushgateway_ca_file: str = ""
    textfile_directory: str = ""
    pushgateway_job: str = "ai-code-metrics"
    push_branches: tuple[str, ...] = ()
    push_pull_requests: bool = False
    fail_on_publish_error: bool = False
    tool_timeout: float = 900.0
    test_timeout: float = 1800.0
    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    thresholds: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_THRESHOLDS))
    conventional_commits: Literal["auto", "on", "off"] = "auto"
    commit_links: Literal["auto", "on", "off"] = "auto"
    link_pattern: str = ""
    count_suggestions: bool = False
    fetch_notes: bool = True
    deepen: bool = True
    blame_cache: str = ""
    notes: bool = True
    markers: tuple[str, ...] = ()
    detect_moves: bool = False
    since: int | None = None
    agents: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)

    def cache_directory(self, environ: Mapping[str, str]) -> Path | None:
        """Where blamed files are kept between runs; None: nowhere.

        By default nowhere in an action, where analysed code could reach it, and at a terminal in the user's cache.
        """
        if self.blame_cache:
            return None if self.blame_cache == "off" else Path(self.blame_cache).expanduser()
        home = environ.get("XDG_CACHE_HOME") or environ.get("LOCALAPPDATA")
        if in_action(environ) or not (home or environ.get("HOME")):
            return None
        return Path(home or Path(environ["HOME"], ".cache"), "ai-code-metrics")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only ``publish`` may know. Never printed: the representation leaves every field out."""

    github_token: str = field(default="", repr=False)
    pushgateway_username: str = field(default="", repr=False)
    pushgateway_password: str = field(default="", repr=False)
    pushgateway_token: str = field(default="", repr=False)

    def redact(self, text: str) -> str:
        """Return ``text`` without the secrets: an answer that is quoted may repeat what it was sent."""
        for secret in (self.github_token, self.pushgateway_password, self.pushgateway_token):
            text = text.replace(secret, "***") if secret else text
        return text


def load(
    root: Path, *, environ: Mapping[str, str], options: Mapping[str, object] | None = None, config_file: str = ""
) -> Config:
    """Build the configuration of a run in ``root``.

    Args:
        root: the directory to measure.
        environ: where ``AI_CODE_METRICS_*`` variables are looked up; an empty value counts as not given.
        options: values from the command line by setting name; None counts as not given.
        config_file: path of a TOML file below ``root``; default ``pyproject.toml`` if it is there.

    Raises:
        UsageError: a value doesn't fit its setting, the file can't be read, or a key in its table is unknown.
    """
    file = config_file or environ.get(f"{ENVIRONMENT_PREFIX}CONFIG", "")
    table = _read_table(root, file)
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        option = (options or {}).get(setting.name)
        variable = environ.get(setting.variable, "")
        if option is not None and option != ():
            values[setting.attribute] = _parse(setting, option, f"option --{setting.name}")
        elif variable.strip():
            values[setting.attribute] = _parse(setting, variable, f"input {setting.name}")
        elif setting.name in table:
            where = f"{setting.name} in [tool.{TABLE}] of {file or 'pyproject.toml'}"
            values[setting.attribute] = _parse(setting, table[setting.name], where)
    return Config(root=root.resolve(), **values)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the table ``[tool.ai-code-metrics]``."""
    properties = {
        setting.name: {**setting.kind.schema, "description": setting.help, "default": setting.default}
        for setting in SETTINGS
        if setting.in_file
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:ai-code-metrics:config:1",
        "title": f"[tool.{TABLE}] of pyproject.toml",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def load_secrets(environ: Mapping[str, str]) -> Secrets:
    """Read the secrets from ``AI_CODE_METRICS_*`` variables; at a terminal the token also from ``GITHUB_TOKEN``.

    Under GitHub Actions only the input counts, so that an empty ``github-token`` means no token.

    ``AI_CODE_METRICS_PUSHGATEWAY_PASSWORD_FILE`` and ``…_TOKEN_FILE`` name files that hold the value.

    Raises:
        UsageError: a named file can't be read.
    """

    def secret(name: str) -> str:
        value = environ.get(ENVIRONMENT_PREFIX + name, "")
        path = environ.get(f"{ENVIRONMENT_PREFIX}{name}_FILE", "")
        if value or not path:
            return value
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{ENVIRONMENT_PREFIX}{name}_FILE names a file that can't be read: {error}") from None

    return Secrets(
        github_token=secret("GITHUB_TOKEN") or ("" if in_action(environ) else environ.get("GITHUB_TOKEN", "")),
        pushgateway_username=secret("PUSHGATEWAY_USERNAME"),
        pushgateway_password=secret("PUSHGATEWAY_PASSWORD"),
        pushgateway_token=secret("PUSHGATEWAY_TOKEN"),
    )


def in_action(environ: Mapping[str, str]) -> bool:
    """Whether this is a step of a workflow, whose log reads workflow commands."""
    return environ.get("GITHUB_ACTIONS") == "true"


def _parse(setting: Setting, value: object, where: str) -> Any:  # noqa: ANN401 - each setting has its own type
    if isinstance(value, tuple):  # an option that was given several times, each maybe with several lines
        value = "\n".join(value)
    try:
        return setting.kind.parse(value.strip() if isinstance(value, str) else value)
    except ValueError as error:
        raise UsageError(f"{where}: {str(value)[:100]!r} doesn't fit: {error}") from None


def _read_table(root: Path, file: str) -> dict[str, Any]:
    path = root / (file or "pyproject.toml")
    try:
        document = tomllib.loads(read_regular(path, MAX_CONFIG_BYTES).decode("utf-8"))
    except FileNotFoundError:
        if file:
            raise UsageError(f"config: there is no file {file!r} in {root}") from None
        return {}
    except (OSError, ValueError, RecursionError) as error:  # UnicodeDecodeError and TOMLDecodeError are ValueErrors
        raise UsageError(f"{file or 'pyproject.toml'} can't be read as TOML: {error}") from None
    tool = document.get("tool")
    table = tool.get(TABLE, {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"{path.name}: [tool.{TABLE}] is not a table")
    outside = [setting.name for setting in SETTINGS if not setting.in_file and setting.name in table]
    if outside:
        raise UsageError(
            f"{path.name}: {outside[0]} can't stand in [tool.{TABLE}], which a pull request could change; give it as "
            "an input or an option"
        )
    known = {setting.name for setting in SETTINGS if setting.in_file}
    unknown = sorted(set(table) - known)
    if unknown:
        raise UsageError(f"{path.name}: [tool.{TABLE}] has no key {unknown[0]!r}; known: {', '.join(sorted(known))}")
    return table
