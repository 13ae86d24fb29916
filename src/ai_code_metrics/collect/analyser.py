"""How an analyser is started and read: one module a tool, one runner for all of them.

A tool's module gives ``command`` (pure: a :class:`Job` to arguments) and ``parse`` (pure: the bytes that the tool wrote
to a record). The runner starts it isolated (``-I``), in the allow-listed environment, with its arguments in a file and
its report written to a file, because what a project prints would corrupt standard output.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ai_code_metrics import process
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.files import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ai_code_metrics.collect.workspace import Workspace

RecordT = TypeVar("RecordT")
MAX_REPORT_BYTES = 512 * 1024 * 1024
MAX_CODE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Job:
    """What an analyser is asked to do.

    Attributes:
        root: the directory that is measured, and the analyser's working directory unless it says otherwise.
        files: posix paths relative to ``root``; none escapes it.
        report: where the tool writes its report.
        import_path: ``sys.path`` of the project's own interpreter, so that third-party imports resolve.
        uses_project_config: whether ``pyproject.toml`` in ``root`` has a table for the tool.
        renamed: by path, the name under which a file goes in the report, where it has another one at head.
    """

    root: Path
    files: tuple[str, ...]
    report: Path
    import_path: tuple[str, ...] = ()
    uses_project_config: bool = False
    renamed: Mapping[str, str] = field(default_factory=dict)

    def named(self, path: str) -> str:
        """Return the name of a file in the report."""
        return self.renamed.get(path, path)


@dataclass(frozen=True, slots=True)
class Analyser(Generic[RecordT]):
    """One tool: its name, its arguments, its reader, and the exit codes with which it says that it did its work.

    ``in_project`` is false for a tool that would take hints from files in the working directory that we don't want; it
    then runs in an empty directory and gets absolute paths. ``nothing`` is its report of no file at all.
    """

    name: str
    command: Callable[[Job], list[str]]
    parse: Callable[[bytes, Job, Callable[[str, int], str]], RecordT]
    worked: Callable[[int], bool]
    nothing: RecordT
    in_project: bool = True


def run_analyser(
    analyser: Analyser[RecordT], job: Job, workspace: Workspace, *, timeout: float
) -> tuple[RecordT, process.Finished]:
    """Run one analyser over the job's files, at most ``timeout`` seconds, and read its report.

    The tool's home is an empty directory, so that the score is a function of the repository alone.

    Raises:
        SourceUnavailable: the tool timed out, was killed, refused its configuration, or left no readable report.
    """
    home = workspace.room(analyser.name)
    arguments = workspace.room(f"{analyser.name}-arguments") / "arguments.json"
    arguments.write_text(json.dumps(analyser.command(job)), encoding="utf-8")
    environment = {**process.analyser_environment(workspace.environ), "HOME": str(home), "USERPROFILE": str(home)}
    finished = process.run(
        [sys.executable, "-I", "-X", "utf8", "-m", "ai_code_metrics.collect.launch", str(arguments)],
        cwd=job.root if analyser.in_project else home,
        env=environment,
        timeout=timeout,
        stop=workspace.stop,
    )
    if finished.timed_out:
        raise SourceUnavailable(f"{analyser.name} took longer than {timeout:g} s; raise tool-timeout or narrow source")
    if finished.exit_code < 0:
        raise SourceUnavailable(f"{analyser.name} was killed by signal {-finished.exit_code} (out of memory?)")
    if not analyser.worked(finished.exit_code):
        raise SourceUnavailable(f"{analyser.name} failed (exit code {finished.exit_code}): {finished.last_words}")
    try:
        content = read_regular(job.report, MAX_REPORT_BYTES)
        record = analyser.parse(content, job, SourceLines(job.root))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise SourceUnavailable(f"{analyser.name} left no readable report ({error}): {finished.last_words}") from None
    return record, finished


class SourceLines:
    """Gives a line of a file below a root by path and 1-based number; empty where there is none. Keeps one file."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = ""
        self._lines: Sequence[bytes] = ()

    def __call__(self, path: str, line: int) -> str:
        """Return the text of the line, decoded as UTF-8 with replacement."""
        if path != self._path:
            self._path, self._lines = path, ()
            try:
                self._lines = read_regular(self._root / path, MAX_CODE_BYTES).split(b"\n")
            except (OSError, ValueError):  # the finding stands all the same, its fingerprint is only less exact
                return ""
        return self._lines[line - 1].decode("utf-8", "replace") if 0 < line <= len(self._lines) else ""


def text(value: object, limit: int) -> str:
    """Return a text of a tool's report, at most ``limit`` characters, fit for JSON (no lone surrogates).

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:50]!r} is no text")
    return value[:limit].encode("utf-8", "replace").decode("utf-8")


def number(value: object) -> int:
    """Return a line number or a count of a tool's report; tools say -1 where there is none, which becomes 0.

    Raises:
        TypeError: it is no whole number.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{str(value)[:50]!r} is no whole number")
    return max(0, value)


def relative_path(name: str, root: Path) -> str:
    """Return the posix path below ``root`` of a path as a tool printed it (absolute, or relative to ``root``)."""
    path = Path(root, name)
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()
