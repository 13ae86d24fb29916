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

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENVIRONMENT_PREFIX: Final = "AI_CODE_METRICS_"
TABLE: Final = "ai-code-metrics"
MAX_CONFIG_BYTES: Final = 1_000_000


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text")  # noqa: TRY004 - a value of the wrong type is a wrong value here
    return value


def _list(value: object) -> tuple[str, ...]:
    """A TOML array of texts, or one text with an item a line (commas separate too, where a line holds several)."""
    if isinstance(value, str):
        items = [item.strip() for line in value.split("\n") for item in line.split(",")]
        return tuple(item for item in items if item)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(item for item in value if item.strip())
    raise ValueError("expected a list of texts")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    raise ValueError("expected true or false")


def _seconds(value: object) -> float:
    try:
        seconds = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else 0.0
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86_400:  # noqa: PLR2004 - a day
        raise ValueError("expected a number of seconds above 0, at most 86400")
    return seconds


def _choice(*allowed: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"expected one of {', '.join(allowed)}")
        return str(value)

    return parse


def _weights(value: object) -> dict[str, float]:
    known = DEFAULT_WEIGHTS
    if not isinstance(value, dict) or not set(value) <= set(known):
        raise ValueError(f"expected a table with some of {', '.join(known)}")
    weights = {**known, **value}
    if not all(isinstance(w, (int, float)) and not isinstance(w, bool) and 0 <= w <= 1 for w in weights.values()):
        raise ValueError("expected weights between 0 and 1")
    total = sum(weights.values())
    if total <= 0:
        raise ValueError("expected at least one weight above 0")
    return {name: weight / total for name, weight in weights.items()}


def _agents(value: object) -> dict[str, dict[str, list[str]]]:
    """Check the shape only; :mod:`ai_code_metrics.measure.identities` knows the keys."""
    if not isinstance(value, dict) or not all(isinstance(entry, dict) for entry in value.values()):
        raise ValueError("expected a table of agents, each a table of lists")
    return value


DEFAULT_WEIGHTS: Final[Mapping[str, float]] = {"coverage": 0.30, "security": 0.30, "lint": 0.20, "complexity": 0.20}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its kebab-case name, how a raw value is read, its default and its help text.

    ``is_input`` says whether the action has an input of that name, ``in_file`` whether the configuration file may hold
    it: that file is part of what a pull request changes, so it must not say where credentials are sent.
    """

    name: str
    parse: Callable[[object], Any]
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
    Setting("source", _list, (), "Paths to measure, one a line; default: the tracked Python packages."),
    Setting("exclude", _list, (), "Globs of paths to leave out, one a line, for example `src/vendor/**`."),
    Setting("python", _text, "", "Interpreter of the project (its dependencies and its tests); default: looked for."),
    Setting(
        "test-command",
        _text,
        "auto",
        "`auto`: a fresh coverage report if there is one, else pytest under coverage; `off`; or a command that starts "
        "with pytest or python.",
    ),
    Setting("coverage-file", _text, "", "A coverage report to read instead of running tests."),
    Setting("base", _text, "", "Commit or ref to compare with; default: taken from the event."),
    Setting("gates", _list, (), "Conditions, one a line, for example `quality.score >= 80`."),
    Setting("gate-on-missing", _choice("fail", "pass"), "fail", "Whether a gate on an unavailable metric fails."),
    Setting("comment", _choice("update", "off"), "update", "The pull request comment: `update` in place, or `off`."),
    Setting("comment-key", _text, "default", "Keeps several comments on one pull request apart (monorepos)."),
    Setting("summary", _flag, default=True, help="Whether the report is written to the job summary."),
    Setting(
        "pushgateway-url",
        _text,
        "",
        "URL of a Prometheus Pushgateway; empty: metrics go to a file only.",
        in_file=False,
    ),
    Setting("pushgateway-job", _text, "ai-code-metrics", "The `job` of the grouping key."),
    Setting("push-branches", _list, (), "Branches whose pushes are pushed; default: the default branch."),
    Setting("push-pull-requests", _flag, default=False, help='Whether pull requests are pushed as `branch="pr-N"`.'),
    Setting("fail-on-publish-error", _flag, default=False, help="Whether a failed comment or push fails the job."),
    Setting("tool-timeout", _seconds, 900.0, "Seconds that one analyser may take."),
    Setting("test-timeout", _seconds, 1800.0, "Seconds that the project's tests may take."),
    Setting("weights", _weights, dict(DEFAULT_WEIGHTS), "Weights of the quality score.", is_input=False),
    Setting(
        "conventional-commits",
        _choice("auto", "on", "off"),
        "auto",
        "Whether commit scores expect Conventional Commits; `auto`: where half of the history follows them.",
        is_input=False,
    ),
    Setting(
        "commit-links",
        _choice("auto", "on", "off"),
        "auto",
        "Whether commit scores expect a link to an issue; `auto`: where a fifth of the history has one.",
        is_input=False,
    ),
    Setting("link-pattern", _text, "", "Regular expression of a further kind of issue link.", is_input=False),
    Setting(
        "count-suggestions",
        _flag,
        default=False,
        help="Whether accepted review suggestions of AI reviewers count as AI lines.",
        is_input=False,
    ),
    Setting(
        "agents", _agents, {}, "Further agents for attribution, in the form of the built-in table.", is_input=False
    ),
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
    gates: tuple[str, ...] = ()
    gate_on_missing: Literal["fail", "pass"] = "fail"
    comment: Literal["update", "off"] = "update"
    comment_key: str = "default"
    summary: bool = True
    pushgateway_url: str = ""
    pushgateway_job: str = "ai-code-metrics"
    push_branches: tuple[str, ...] = ()
    push_pull_requests: bool = False
    fail_on_publish_error: bool = False
    tool_timeout: float = 900.0
    test_timeout: float = 1800.0
    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    conventional_commits: Literal["auto", "on", "off"] = "auto"
    commit_links: Literal["auto", "on", "off"] = "auto"
    link_pattern: str = ""
    count_suggestions: bool = False
    agents: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only ``publish`` may know. Never printed: the representation leaves every field out."""

    github_token: str = field(default="", repr=False)
    pushgateway_username: str = field(default="", repr=False)
    pushgateway_password: str = field(default="", repr=False)
    pushgateway_token: str = field(default="", repr=False)


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


def load_secrets(environ: Mapping[str, str]) -> Secrets:
    """Read the secrets from ``AI_CODE_METRICS_*`` variables; the token also from ``GITHUB_TOKEN``.

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
        github_token=secret("GITHUB_TOKEN") or environ.get("GITHUB_TOKEN", ""),
        pushgateway_username=secret("PUSHGATEWAY_USERNAME"),
        pushgateway_password=secret("PUSHGATEWAY_PASSWORD"),
        pushgateway_token=secret("PUSHGATEWAY_TOKEN"),
    )


def _parse(setting: Setting, value: object, where: str) -> Any:  # noqa: ANN401 - each setting has its own type
    if isinstance(value, tuple):
        value = list(value)
    try:
        return setting.parse(value.strip() if isinstance(value, str) else value)
    except ValueError as error:
        raise UsageError(f"{where}: {str(value)[:100]!r} doesn't fit: {error}") from None


def _read_table(root: Path, file: str) -> dict[str, Any]:
    path = root / (file or "pyproject.toml")
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise UsageError(f"{path.name}: over {MAX_CONFIG_BYTES} bytes, which no configuration needs")
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if file:
            raise UsageError(f"config: there is no file {file!r} in {root}") from None
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{file or 'pyproject.toml'} can't be read as TOML: {error}") from None
    tool = document.get("tool")
    table = tool.get(TABLE, {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"{path.name}: [tool.{TABLE}] is not a table")
    outside = [setting.name for setting in SETTINGS if not setting.in_file and setting.name in table]
    if outside:
        raise UsageError(
            f"{path.name}: {outside[0]} can't stand in [tool.{TABLE}], which a pull request could change to have "
            "credentials sent elsewhere; give it as an input or an option"
        )
    known = {setting.name for setting in SETTINGS if setting.in_file}
    unknown = sorted(set(table) - known)
    if unknown:
        raise UsageError(f"{path.name}: [tool.{TABLE}] has no key {unknown[0]!r}; known: {', '.join(sorted(known))}")
    return table
