"""Who wrote the lines, put together: a view is read, its lines get their origins, and these are counted."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from ai_code_metrics.collect import blame
from ai_code_metrics.collect.git_paths import printable
from ai_code_metrics.collect.repository import GitFailed
from ai_code_metrics.collect.view_files import ViewOptions, left_out
from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure import attribution, markers
from ai_code_metrics.measure.identities import IdentityTable
from ai_code_metrics.measure.line_origins import Evidence, attribute
from ai_code_metrics.records import LineListing, LineRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.collect.revisions import Revisions
    from ai_code_metrics.config import Config
    from ai_code_metrics.model import AttributionView
    from ai_code_metrics.records import BlamedLines, Commit, LineAttribution


@dataclass(frozen=True, slots=True)
class Preset:
    """The counting rule of a project that publishes figures, to compare with them.

    ``view`` says what belongs to a view, ``agents`` who counts, in the form of ``agents.toml``; nobody else does.
    """

    view: ViewOptions
    agents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


PRESETS: Final[Mapping[str, Preset]] = {
    # https://github.com/Aider-AI/aider/blob/main/scripts/blame.py, whose figures are in aider/website/_data/blame.yml
    "aider": Preset(
        ViewOptions(
            include=(
                "*.js", "*.py", "*.scm", "*.sh", "*Dockerfile", "*Gemfile", ".github/workflows/**/*.yml",
                "aider/resources/**/*.yml", "aider/website/index.html", "aider/website/share/index.md",
                "aider/website/_includes/head_custom.html", "aider/website/_includes/home.css",
                "aider/website/docs/leaderboards/index.md", "tests/fixtures/languages/**/test.*",
            ),
            exclude=("*prompts.py", "tests/fixtures/watch*", "aider/website/install.ps1", "aider/website/install.sh"),
            skip_generated=False,
            blank_lines=True,
            merges=True,
            roots=False,
            touched_files=True,
            ignore_revs=False,
            moves=("-M100", "-C100", "-C", "-C"),
            notes=False,
        ),
        {"aider": {"author-names": ["(aider)"], "subjects": ["aider:"], "lines": ["Co-authored-by: aider"]}},
    ),
}  # fmt: skip


MOVES: Final = ("-M", "-C")
"""Lines that were moved within a file, or between files that one commit changed, keep the commit that wrote them."""


def view_options(config: Config, environ: Mapping[str, str], *, workers: int) -> ViewOptions:
    """Return what belongs to a view by the settings of a run; ``environ`` tells where caches are kept.

    Raises:
        UsageError: an entry of ``agents`` doesn't fit.
    """
    return ViewOptions(
        exclude=config.exclude,
        moves=MOVES if config.detect_moves else (),
        words=markers.words(config.markers),
        notes=config.notes,
        agent_names=tuple(IdentityTable.load(config.agents).names),
        workers=workers,
        cache=config.cache_directory(environ),
    )


def tags(config: Config) -> Callable[[Commit], bool]:
    """Return what tells AI-tagged commits by their author and message.

    Raises:
        UsageError: an entry of ``agents`` doesn't fit.
    """
    table = IdentityTable.load(config.agents)
    counted = {"ai", "suggestion"} if config.count_suggestions else {"ai"}
    return lambda commit: table.classify(commit).origin in counted


def read_view(
    repository: Repository, found: Revisions, options: ViewOptions
) -> tuple[Literal["changed", "surviving"], BlamedLines]:
    """Read the lines that a range added, or where there is no base all that survive at head.

    Raises:
        SourceUnavailable: git can't tell, see :mod:`ai_code_metrics.collect.blame`.
    """
    if found.excluded is None:
        return "surviving", blame.surviving_lines(repository, found.head, options)
    return "changed", blame.changed_lines(repository, found.excluded, found.head, options)


def measure(
    name: Literal["changed", "surviving"], lines: BlamedLines, config: Config, preset: Preset | None = None
) -> tuple[LineAttribution, AttributionView]:
    """Attribute the lines of one view by the built-in and the configured agents, or by a preset's alone; count them.

    Raises:
        UsageError: an entry of ``agents`` doesn't fit.
    """
    found, warnings = _attributed(lines, config, preset)
    return found, attribution.view(name, lines, found, warnings=warnings)


def origins(lines: BlamedLines, config: Config) -> LineAttribution:
    """Attribute lines by the built-in and the configured agents.

    Raises:
        UsageError: an entry of ``agents`` doesn't fit.
    """
    return _attributed(lines, config, None)[0]


def _attributed(lines: BlamedLines, config: Config, preset: Preset | None) -> tuple[LineAttribution, tuple[str, ...]]:
    if preset is not None:
        return attribute(lines, IdentityTable.load(preset.agents, built_in=False), Evidence())
    evidence = Evidence(count_suggestions=config.count_suggestions, markers=config.markers)
    return attribute(lines, IdentityTable.load(config.agents), evidence)


def options_for(preset: Preset | None, options: ViewOptions) -> ViewOptions:
    """Return the view of a preset, read by as many processes as ``options`` says; the user's globs leave out more."""
    if preset is None:
        return options
    return replace(preset.view, exclude=(*preset.view.exclude, *options.exclude), workers=options.workers)


def list_lines(
    repository: Repository, found: Revisions, path: str, config: Config, options: ViewOptions
) -> LineListing:
    """Tell of each line of one file who wrote it, whether or not the file is left out of the view.

    Args:
        repository: where to read.
        found: head, and the base of a range.
        path: relative to the opened directory.
        config: who counts as an agent, and what as evidence.
        options: what belongs to the view.

    Raises:
        UsageError: there is no such text file at head.
        SourceUnavailable: git can't tell.
    """
    path = posixpath.normpath(path) if path else path
    content = _content(repository, found.head, path)
    alone = replace(options, path=path, exclude=(), skip_generated=False, cache=None)
    name, lines = read_view(repository, found, alone)
    if lines.skipped:
        raise UsageError(f"--lines: {printable(path)[:200]!r} has no lines to list: {lines.skipped[0][1]}")
    found_origins, view = measure(name, lines, config)
    is_left_out = bool(left_out(repository, found.head, [path], options))
    texts = content.decode("utf-8", "replace").split("\n")
    del texts[len(texts) - (not texts[-1]) :]
    shown = printable(path)
    rows = [LineRow(number, text, found_origins.at(shown, number)) for number, text in enumerate(texts, start=1)]
    return LineListing(path=shown, view=name, left_out=is_left_out, rows=rows, warnings=view.warnings)


def _content(repository: Repository, head: str, path: str) -> bytes:
    if not path or path.startswith("/") or "\0" in path or ".." in path.split("/"):
        raise UsageError(
            f"--lines: {printable(path)[:200]!r} is not a path below the measured directory, with forward slashes"
        )
    try:
        return repository.run("cat-file", "blob", f"{head}:./{path}")
    except GitFailed as error:
        raise UsageError(f"--lines: there is no file {printable(path)[:200]!r} at {head[:12]}: {error}") from None
