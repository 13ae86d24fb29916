"""The one place that reaches git: every other module asks a :class:`Repository`.

Configuration and environment of the caller can change git's output, redirect it to another repository or run programs
(pagers, textconv, external diffs, fsmonitor, lazy fetches), so each process gets an environment made here and the
configuration below. GitPython's ``Git.execute(as_process=True)`` copies all of ``os.environ`` into the child, tokens
and ``GIT_DIR`` included, and can't be told not to; the two parts it is made of, ``safer_popen`` (never finds a
``git.exe`` in the repository on Windows) and ``Git.AutoInterrupt``, are used directly instead.
"""

from __future__ import annotations

import contextlib
import copy
import os
import re
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple, Self

from ai_code_metrics.collect.git_paths import decode_path, is_regular, printable
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.process import PeakSampler, analyser_environment

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Generator, Iterator, Mapping

    from git.cmd import Git

    from ai_code_metrics.interruption import Interruption

_CHUNK_BYTES: Final = 1 << 16
_STDERR_BYTES: Final = 4_000
_PIPE_BYTES: Final = 1 << 20
_ENVIRONMENT: Final[Mapping[str, str]] = {
    "GIT_ALLOW_PROTOCOL": "none",  # stops lazy fetches also where git is older than GIT_NO_LAZY_FETCH
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LANGUAGE": "C",
    "LC_ALL": "C",
    "TZ": "UTC",
}
# What the repository's own .git/config could still change; the user's and the system's are not read at all.
_CONFIGURATION: Final[Mapping[str, str]] = {
    "blame.markIgnoredLines": "false",
    "blame.markUnblamableLines": "false",
    "blame.showRoot": "false",
    "color.ui": "false",
    "core.attributesFile": os.devnull,
    "core.bigFileThreshold": "512m",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.longpaths": "true",
    "core.pager": "cat",
    "core.quotePath": "false",
    "core.useReplaceRefs": "true",
    "core.warnAmbiguousRefs": "false",
    "diff.algorithm": "default",
    "diff.external": "",
    "diff.indentHeuristic": "true",
    "diff.relative": "false",
    "diff.renameLimit": "1000",
    "diff.renames": "true",
    "log.date": "default",
    "log.diffMerges": "separate",
    "log.mailmap": "false",
    "log.showRoot": "true",
    "log.showSignature": "false",
    "safe.directory": "*",  # for this one process, started in the one directory that the caller named
}

_BAD_CONFIGURATION: Final = re.compile(
    r"bad (?:\w+ )*config|(?:unknown|invalid|bad) [^;]*(?:value|algorithm|config|date format)"
)
_PARTIAL: Final = re.compile(r"extensions\.partialclone|remote\..*\.promisor", re.DOTALL)


class GitFailed(SourceUnavailable):
    """Git ended with a status that is not 0; the text has git's own words."""

    def __init__(self, command: str, status: int, stderr: str) -> None:
        words = stderr.strip() or f"it printed nothing and exited with {status}"
        if _BAD_CONFIGURATION.search(words):
            words += "; git refuses this value of the repository's .git/config: correct it, or `git config --unset` it"
        super().__init__(f"git {command}: {words}")
        self.status = status


class _Started(NamedTuple):
    """A git process, and what ends it when nobody reads it any more."""

    process: subprocess.Popen[bytes]
    child: Git.AutoInterrupt


class Repository:
    """A git work tree, opened at its top or at a directory below; paths are relative to that directory."""

    def __init__(self, directory: Path, environ: Mapping[str, str]) -> None:
        self._directory = directory
        self._environ = {**analyser_environment(environ), **_ENVIRONMENT}
        self._options = [part for key, value in _CONFIGURATION.items() for part in ("-c", f"{key}={value}")]
        self._memory = PeakSampler()
        self._stop: Interruption | None = None
        self._commits: set[str] = set()  # full ids that were asked for before
        self._merge_bases: dict[tuple[str, str], str | None] = {}
        self._git_paths: dict[str, Path] = {}
        self._is_partial: list[bool] = []  # empty until it is known; copies share it
        self.root = directory
        self.prefix = ""

    @classmethod
    def open(cls, path: Path, environ: Mapping[str, str]) -> Repository:
        """Open the work tree that holds the directory ``path``.

        Args:
            path: the directory to measure.
            environ: of it, git gets only what it needs to start.

        Raises:
            SourceUnavailable: there is no such directory, no git, or no work tree there; git's words are in the text.
        """
        if not path.is_dir():
            raise SourceUnavailable(f"{path} is not a directory")
        repository = cls(path.resolve(), environ)
        try:
            repository.root = Path(repository._line("rev-parse", "--show-toplevel"))
        except GitFailed as error:
            if "not a git repository" not in str(error):
                raise
            raise SourceUnavailable(
                f"{path} is not in a git repository; check the project out with git (actions/checkout) first"
            ) from None
        repository.prefix = repository._line("rev-parse", "--show-prefix").rstrip("/")
        return repository

    def observed(self, memory: PeakSampler, stop: Interruption) -> Self:
        """Return the same for one phase: ``memory`` is told of its processes, and none is started after ``stop``."""
        phase = copy.copy(self)
        phase._memory, phase._stop = memory, stop  # noqa: SLF001 - of this class
        return phase

    def head_sha(self) -> str | None:
        """The checked-out commit; None in a repository without commits."""
        return self.resolve("HEAD")

    def branch(self) -> str | None:
        """The checked-out branch; None when HEAD is detached."""
        return self._line_or_none("symbolic-ref", "--quiet", "--short", "HEAD")

    def default_branch(self) -> str | None:
        """The branch that ``origin/HEAD`` points to; None where the clone doesn't know."""
        reference = self._line_or_none("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
        return reference.removeprefix("refs/remotes/origin/") if reference else None

    def remote_url(self) -> str | None:
        """The address of the remote ``origin``; None where there is none."""
        return self._line_or_none("config", "--get", "remote.origin.url")

    def git_path(self, name: str) -> Path:
        """Where git keeps a file of its own, for example ``info/grafts``; several work trees may share it."""
        if name not in self._git_paths:
            self._git_paths[name] = self._directory / self._line("rev-parse", "--git-path", name)
        return self._git_paths[name]

    def is_shallow(self) -> bool:
        """Whether history is cut off (``fetch-depth`` of actions/checkout)."""
        return self.git_path("shallow").exists()

    def is_partial(self) -> bool:
        """Whether git would look for a missing object at a remote, because the clone was made with a filter."""
        if not self._is_partial:
            self._is_partial.append(any(_PARTIAL.fullmatch(key) for key in self.configured_keys()))
        return self._is_partial[0]

    def configured_keys(self) -> list[str]:
        """The keys that the repository's own configuration sets."""
        keys = self.run("config", "--list", "--name-only", "-z").split(b"\0")
        return [key.decode("utf-8", "replace") for key in keys]

    def rewritten_history(self) -> list[str]:
        """What stands in for commits: replace references, and the grafts that git still reads."""
        replaced = self.run("for-each-ref", "--format=%(refname) %(objectname)", "refs/replace")
        with contextlib.suppress(OSError):
            grafts = self.git_path("info/grafts").read_text(encoding="utf-8", errors="replace")
            return [replaced.decode("utf-8", "replace"), grafts]
        return [replaced.decode("utf-8", "replace")]

    def with_index(self, path: Path) -> Self:
        """Return the same with another file as its index, which need not be there yet."""
        other = copy.copy(self)
        other._environ = {**self._environ, "GIT_INDEX_FILE": str(path)}  # noqa: SLF001 - of this class
        return other

    def with_globs(self) -> Self:
        """Return this repository for commands whose paths are patterns; never for paths that come from elsewhere."""
        patterned = copy.copy(self)
        patterned._environ = {**self._environ, "GIT_LITERAL_PATHSPECS": "0"}  # noqa: SLF001 - of this class
        return patterned

    def resolve(self, revision: str) -> str | None:
        """The id of the commit that ``revision`` names; None when it names none. A leading dash is no option."""
        if not revision or "\0" in revision:
            return None
        return self._line_or_none(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", none_statuses=(1, 128)
        )

    def commit_id(self, revision: str) -> str:
        """As :meth:`resolve`, for revisions that must be there.

        Raises:
            SourceUnavailable: ``revision`` names no commit of this clone.
        """
        if revision in self._commits:
            return revision
        sha = self.resolve(revision)
        if sha is None:
            raise SourceUnavailable(
                f"{revision[:200]!r} names no commit of this clone; fetch it, or check the spelling"
            )
        self._commits.add(sha)
        return sha

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits; None when they have none in this clone.

        Raises:
            SourceUnavailable: one of them doesn't name a commit.
        """
        pair = self.commit_id(one), self.commit_id(other)
        if pair not in self._merge_bases:
            found = self._line_or_none("merge-base", *pair)
            self._merge_bases[pair] = found
            if found is not None:
                self._commits.add(found)
                self._merge_bases[found, pair[1]] = found
        return self._merge_bases[pair]

    def committed_at(self, revision: str) -> int:
        """The committer date of a commit, in seconds since 1970.

        Raises:
            SourceUnavailable: ``revision`` doesn't name a commit.
        """
        return int(self._line("log", "-1", "--no-show-signature", "--format=%ct", self.commit_id(revision), "--"))

    def tracked_files(self) -> list[str]:
        """Paths of the tracked regular files below the opened directory; symbolic links and submodules are left out.

        A path that is not UTF-8 comes with replacement characters.
        """
        entries = self.run("ls-files", "--stage", "-z").split(b"\0")[:-1]
        paths = (path for entry in entries for meta, _, path in [entry.partition(b"\t")] if is_regular(meta))
        return list(dict.fromkeys(printable(decode_path(path)) for path in paths))

    def run(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """Run a git command and return all it printed.

        Raises:
            GitFailed: git exited with another status than 0.
            SourceUnavailable: there is no git.
        """
        return b"".join(self.stream(*arguments, stdin=stdin))

    def stream(self, *arguments: str, stdin: bytes | None = None) -> Generator[bytes, None, None]:
        """Run a git command and yield its output in chunks as they come; git is ended when the reader stops early.

        Raises:
            GitFailed: git exited with another status than 0; raised after the last chunk.
            SourceUnavailable: there is no git.
        """
        with self._running(arguments, stdin) as output:
            while chunk := output.read(_CHUNK_BYTES):
                yield chunk

    def lines(self, *arguments: str, stdin: bytes | None = None) -> Iterator[bytes]:
        r"""As :meth:`stream`, but by lines, which end in ``\n`` and nothing else."""
        with self._running(arguments, stdin) as output:
            yield from output

    @contextlib.contextmanager
    def reading(self, *arguments: str, stdin: bytes | None = None) -> Iterator[IO[bytes]]:
        """As :meth:`stream`, but gives the output as a file, for formats that tell sizes."""
        with self._running(arguments, stdin) as output:
            yield output

    @contextlib.contextmanager
    def _running(self, arguments: tuple[str, ...], stdin: bytes | None) -> Iterator[IO[bytes]]:
        # stderr and stdin are files: pipes would fill up and stall git while its output is being read
        with tempfile.TemporaryFile() as errors, _input_file(stdin) as questions:
            process, child = self._start(arguments, questions, errors)
            finished = False
            try:
                child.stdout.peek(1)
                self._memory.look(process)  # short commands have done most by their first output, and end after it
                yield child.stdout
                # a reader that returned early left output behind, on which git would wait for ever
                finished = not child.stdout.read(1)
            finally:
                child.stdout.close()
                if not finished:
                    child.kill()
                self._memory.wait(process)
                status = _wait(child)
            if finished and status:
                raise GitFailed(arguments[0], status, _last_words(errors))

    def _start(self, arguments: tuple[str, ...], stdin: IO[bytes] | int, stderr: IO[bytes]) -> _Started:
        if self._stop is not None and self._stop.is_set():
            raise SourceUnavailable("the run was given up")
        try:
            # here, because importing GitPython runs git and fails where there is none
            from git.cmd import Git, safer_popen  # noqa: PLC0415
        except ImportError as error:
            raise SourceUnavailable(f"git can't be started, install it or put it on PATH: {error}") from None
        argv = ["git", "--no-pager", *self._options, *arguments]
        try:
            child = safer_popen(
                argv,
                cwd=self._directory,
                env=self._environ,
                stdin=stdin,
                stdout=-1,
                stderr=stderr,
                bufsize=_CHUNK_BYTES,
            )
        except OSError as error:
            raise SourceUnavailable(f"git can't be started, install it or put it on PATH: {error}") from None
        _widen(child.stdout)
        self._memory.watch(child)
        return _Started(child, Git.AutoInterrupt(child, argv))

    def _line(self, *arguments: str) -> str:
        return decode_path(self.run(*arguments).removesuffix(b"\n"))

    def _line_or_none(self, *arguments: str, none_statuses: tuple[int, ...] = (1,)) -> str | None:
        try:
            return self._line(*arguments) or None
        except GitFailed as error:
            if error.status in none_statuses:
                return None
            raise


def _widen(stdout: IO[bytes] | None) -> None:
    """Let git write ahead of its reader, where the system can: a pipe's usual 64 KiB hold few commits."""
    size = getattr(fcntl, "F_SETPIPE_SZ", None)
    if stdout is not None and size is not None:
        with contextlib.suppress(OSError):  # over the user's limit
            fcntl.fcntl(stdout, size, _PIPE_BYTES)


def _wait(child: Git.AutoInterrupt) -> int:
    from git.exc import GitCommandError  # noqa: PLC0415 - as above

    try:
        return child.wait()
    except GitCommandError as error:
        return error.status if isinstance(error.status, int) else 1


@contextlib.contextmanager
def _input_file(content: bytes | None) -> Iterator[IO[bytes] | int]:
    if content is None:
        yield -3  # subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield file


def _last_words(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _STDERR_BYTES))
    lines = [line.strip() for line in errors.read().decode("utf-8", "replace").split("\n")]
    return "; ".join(line for line in lines if line)[-1_000:]
