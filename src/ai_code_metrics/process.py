"""The only place that starts a process: explicit argv, explicit environment, a timeout, measured time and memory.

Analysing code runs it, so what a child may see is decided here: :func:`analyser_environment` is an allow-list, and
:func:`caller_environment` is the caller's environment without the runner's tokens, the runner's command files and our own
inputs.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_TAIL_BYTES = 20_000
_POLL_SECONDS = 0.01
_ANALYSER_VARIABLES = frozenset({
    # what a program needs to start and to find a place for temporary files, nothing that can hold a secret
    "COMSPEC", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOCALAPPDATA", "NUMBER_OF_PROCESSORS", "PATH", "PATHEXT",
    "PROCESSOR_ARCHITECTURE", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ", "USERPROFILE", "WINDIR",
})  # fmt: skip
_RUNNER_VARIABLES = re.compile(
    r"""
    AI_CODE_METRICS_.*                       # our own inputs, secrets among them
    | INPUT_.*                               # inputs of the action around us
    | GITHUB_TOKEN | GH_TOKEN | GH_ENTERPRISE_TOKEN | GITHUB_ENTERPRISE_TOKEN
    | ACTIONS_.*TOKEN.* | ACTIONS_ID_TOKEN_.* | ACTIONS_RUNTIME_.* | ACTIONS_RESULTS_URL | ACTIONS_CACHE_URL
    | GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)  # a test could forge our outputs through these files
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that ended: exit code (negative: killed by that signal), wall time, peak memory, ends of its output.

    ``peak_memory_bytes`` is the largest resident set of the process or of any child it waited for; None on Windows,
    where the standard library doesn't tell.
    """

    argv: tuple[str, ...]
    exit_code: int
    seconds: float
    peak_memory_bytes: int | None
    timed_out: bool
    stdout: str
    stderr: str

    @property
    def last_words(self) -> str:
        """The last line that the process wrote to stderr, else to stdout: usually the reason of a failure."""
        for text in (self.stderr, self.stdout):
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            if lines:
                return lines[-1][:500]
        return "it printed nothing"


def analyser_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of ``environ`` that an analyser may see; anything not on the list is dropped."""
    return {name: value for name, value in environ.items() if name.upper() in _ANALYSER_VARIABLES}


def caller_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without tokens and command files of the runner and without our own inputs."""
    return {name: value for name, value in environ.items() if not _RUNNER_VARIABLES.fullmatch(name)}


def run(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float) -> Finished:
    """Run ``argv`` in ``cwd`` with exactly ``env``, at most ``timeout`` seconds; never raises for what the child does.

    The child leads a session of its own, and whatever it left running is killed when it ends, so that no process of
    the analysed code outlives its phase.

    Raises:
        OSError: the program can't be started (not found, not executable).
    """
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        started = time.monotonic()
        child = subprocess.Popen(
            list(argv), cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            start_new_session=True,
        )  # fmt: skip
        try:
            exit_code, peak, timed_out = _wait(child, started + timeout)
        finally:
            _kill_group(child)
        return Finished(
            argv=tuple(argv),
            exit_code=exit_code,
            seconds=time.monotonic() - started,
            peak_memory_bytes=peak,
            timed_out=timed_out,
            stdout=_tail(stdout),
            stderr=_tail(stderr),
        )


def _wait(child: subprocess.Popen[bytes], deadline: float) -> tuple[int, int | None, bool]:
    """Wait for the child or the deadline; return exit code, peak memory and whether the deadline ended it."""
    if sys.platform == "win32":
        return _wait_windows(child, deadline)
    timed_out = False
    pause = 0.001
    while True:
        # wait4, not Popen.wait: it is what gives this child's own peak memory while others run beside it
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            scale = 1 if sys.platform == "darwin" else 1024
            return child.returncode, usage.ru_maxrss * scale, timed_out
        if not timed_out and time.monotonic() > deadline:
            timed_out = True
            _kill_group(child)
        time.sleep(pause)
        pause = min(pause * 2, _POLL_SECONDS)


def _wait_windows(child: subprocess.Popen[bytes], deadline: float) -> tuple[int, int | None, bool]:
    try:
        return child.wait(max(0.0, deadline - time.monotonic())), None, False
    except subprocess.TimeoutExpired:
        _kill_group(child)
        return child.wait(), None, True


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        subprocess.run(  # noqa: PLW1510 - a tree that is gone already is no error
            ["taskkill", "/T", "/F", "/PID", str(child.pid)],  # noqa: S607 - part of Windows
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _tail(stream: IO[bytes]) -> str:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL_BYTES))
    return stream.read().decode("utf-8", "replace")
