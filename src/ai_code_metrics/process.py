"""The only place that starts a process: explicit argv, explicit environment, a timeout, measured time and memory.

Analysing code runs it, so what a child may see is decided here: :func:`analyser_environment` is an allow-list, and
:func:`caller_environment` is the caller's environment without the runner's tokens, the runner's command files and our
own inputs.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ai_code_metrics.interruption import Interruption

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TAIL_BYTES = 20_000
_POLL_SECONDS = 0.01
_SAMPLE_SECONDS = 0.002
_KERNEL_BLUR_BYTES = 4 << 20  # Linux counts pages for each thread or core apart and adds them up now and then
_MARKER_VARIABLE = "AI_CODE_METRICS_PROCESS"
_ANALYSER_VARIABLES = frozenset({
    # what a program needs to start and to find a place for temporary files, nothing that can hold a secret
    "COMSPEC", "DYLD_LIBRARY_PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "LOCALAPPDATA",
    "NUMBER_OF_PROCESSORS", "PATH", "PATHEXT", "PROCESSOR_ARCHITECTURE", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP",
    "TMPDIR", "TZ", "USERPROFILE", "WINDIR",
})  # fmt: skip
_RUNNER_VARIABLES = re.compile(
    r"""
    AI_CODE_METRICS_.*                       # our own inputs, secrets among them
    | INPUT_.*                               # inputs of the action around us
    | GITHUB_TOKEN | GH_TOKEN | GH_ENTERPRISE_TOKEN | GITHUB_ENTERPRISE_TOKEN
    | ACTIONS_.*TOKEN.* | ACTIONS_ID_TOKEN_.* | ACTIONS_RUNTIME_.* | ACTIONS_RESULTS_URL | ACTIONS_CACHE_URL
    | ACTIONS_RUNNER_INPUT_.*                # how a self-hosted runner is registered
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


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float,
    stop: Interruption | None = None,
) -> Finished:
    """Run ``argv`` in ``cwd`` with ``env``, at most ``timeout`` seconds; never raises for what the child does.

    The child leads a session of its own, and whatever it left running is killed when it ends, so that no process of
    the analysed code outlives its phase: everything in that session, and on Linux also daemons that left it, which are
    known by a variable of their environment (the only one that is added to ``env``).

    Args:
        argv: the program and its arguments.
        cwd: the directory to run in.
        env: the child's environment.
        timeout: seconds, after which the child and all that it started are killed.
        stop: kills them as well, when somebody sets it.

    Raises:
        OSError: the program can't be started (not found, not executable).
    """
    marker = uuid.uuid4().hex
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        started = time.monotonic()
        child = subprocess.Popen(
            list(argv), cwd=cwd, env={**env, _MARKER_VARIABLE: marker}, stdin=subprocess.DEVNULL, stdout=stdout,
            stderr=stderr, start_new_session=True,
        )  # fmt: skip
        try:
            exit_code, peak, timed_out = _wait(child, _PeakMemory(), started + timeout, stop or Interruption())
        finally:
            _kill_group(child)
            _kill_daemons(marker)
            if child.returncode is None:
                child.wait()
        return Finished(
            argv=tuple(argv),
            exit_code=exit_code,
            seconds=time.monotonic() - started,
            peak_memory_bytes=peak,
            timed_out=timed_out,
            stdout=_tail(stdout),
            stderr=_tail(stderr),
        )


def _wait(
    child: subprocess.Popen[bytes], memory: _PeakMemory, deadline: float, stop: Interruption
) -> tuple[int, int | None, bool]:
    """Wait for the child, the deadline or the stop; return exit code, peak memory, whether the deadline ended it."""
    timed_out = False
    pause = 0.001
    while True:
        memory.look(child.pid)
        ended = _ended(child)
        if ended is not None:
            exit_code, reported = ended
            return exit_code, memory.peak(reported), timed_out
        if not timed_out and time.monotonic() > deadline:
            timed_out = True
        if timed_out or stop.is_set():
            _kill_group(child)
        time.sleep(pause)
        pause = min(pause * 2, _POLL_SECONDS)


class _PeakMemory:
    """The peak memory of one child, in bytes.

    On Linux the figure of wait4 starts at the peak of the process that forked the child, ours, and keeps it over exec.
    Where wait4 says no more than that, the largest ``VmHWM`` seen while the child ran is nearer: it begins at exec, but
    leaves out the child's own children, which wait4 counts. To be made after the start, as our own peak may grow.
    """

    def __init__(self) -> None:
        self._floor = own_peak_memory() or 0
        self._seen: int | None = None

    def look(self, pid: int) -> None:
        """Read the peak so far; the last look before the child ends is what counts."""
        with contextlib.suppress(OSError, ValueError):  # no Linux, or a child that has ended
            fields = Path(f"/proc/{pid}/status").read_bytes().partition(b"VmHWM:")[2].split(maxsplit=1)
            if fields:
                self._seen = int(fields[0]) * 1024

    def peak(self, reported: int | None) -> int | None:
        """Return the peak, given what wait4 reported; None where it is not known."""
        if sys.platform != "linux" or reported is None or reported > self._floor + _KERNEL_BLUR_BYTES:
            return reported
        return self._seen


class PeakSampler:
    """The largest peak memory of any of several children that others start and read; None where it isn't known.

    A child that ends within a sample or two (2 ms) may be missed on Linux: such a one is small.
    """

    def __init__(self) -> None:
        self.peak_memory_bytes: int | None = None
        self._lock = threading.Lock()
        self._running: dict[int, _PeakMemory] = {}

    @contextlib.contextmanager
    def sampling(self) -> Iterator[None]:
        """Look at the children that run, every few milliseconds, for the time of the context."""
        ended = threading.Event()
        sampler = threading.Thread(target=self._sample, args=(ended,), name="peak-memory", daemon=True)
        sampler.start()
        try:
            yield
        finally:
            ended.set()
            sampler.join()

    def watch(self, child: subprocess.Popen[bytes]) -> None:
        """Take note of a child that has been started."""
        with self._lock:
            self._running[child.pid] = _PeakMemory()

    def look(self, child: subprocess.Popen[bytes]) -> None:
        """Look at a child that is watched at a telling moment, before it can end unseen."""
        with self._lock:
            self._running[child.pid].look(child.pid)

    def wait(self, child: subprocess.Popen[bytes]) -> None:
        """Wait for a child that is watched, and count its peak."""
        reported = _wait_for_end(child)
        with self._lock:
            peak = self._running.pop(child.pid).peak(reported)
            self.peak_memory_bytes = max(self.peak_memory_bytes or 0, peak or 0) or None

    def _sample(self, ended: threading.Event) -> None:
        while not ended.wait(_SAMPLE_SECONDS):
            with self._lock:
                for pid, memory in self._running.items():
                    memory.look(pid)


def own_peak_memory() -> int | None:
    """Peak resident memory of this process in bytes; None on Windows, where the standard library doesn't tell."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - absent on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _ended(child: subprocess.Popen[bytes]) -> tuple[int, int | None] | None:
    """Return exit code and peak memory of a child that has ended, else None."""
    if sys.platform == "win32":
        code = child.poll()
        return None if code is None else (code, None)
    memory = _reap(child, os.WNOHANG)
    return None if child.returncode is None else (child.returncode, memory)


def _wait_for_end(child: subprocess.Popen[bytes]) -> int | None:
    """Wait for a child and return its peak memory."""
    if sys.platform == "win32":
        child.wait()
        return None
    return _reap(child, 0)


def _reap(child: subprocess.Popen[bytes], options: int) -> int | None:
    """Set the exit code of a child that has ended, and return its peak memory."""
    if sys.platform == "win32" or child.returncode is not None:
        return None
    # wait4, not Popen.poll: it is what tells the memory of this child while others run beside it
    pid, status, usage = os.wait4(child.pid, options)
    if not pid:
        return None
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        subprocess.run(  # noqa: PLW1510 - a tree that is gone already is no error
            ["taskkill", "/T", "/F", "/PID", str(child.pid)],  # noqa: S607 - part of Windows
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _kill_daemons(marker: str) -> None:
    """Kill what left the child's session, on Linux; GitHub's runner finds orphans by a variable as well."""
    wanted = f"{_MARKER_VARIABLE}={marker}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # gone meanwhile, or somebody else's
            if wanted in (process / "environ").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


def _tail(stream: IO[bytes]) -> str:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL_BYTES))
    return stream.read().decode("utf-8", "replace")
