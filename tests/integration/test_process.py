from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ai_code_metrics import process
from ai_code_metrics.interruption import Interruption

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and sessions are POSIX")

MEGABYTE = 1024 * 1024
LONG = 300
SOON = 60


def run(
    code: str, tmp_path: Path, *, timeout: float = LONG, stop: Interruption | None = None, **env: str
) -> process.Finished:
    argv = [sys.executable, "-I", "-c", code]
    return process.run(argv, cwd=tmp_path, env=env, timeout=timeout, stop=stop)


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that nobody has waited for yet is dead all the same."""
    status = Path(f"/proc/{pid}/stat")
    if status.exists():
        return status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in {"Z", "X"}
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def dies(pid: int) -> bool:
    """Whether a process is gone soon, on a busy machine too."""
    deadline = time.monotonic() + SOON
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_exit_code(tmp_path: Path, code: int) -> None:
    """A child's exit code is reported as it is."""
    finished = run(f"raise SystemExit({code})", tmp_path)

    assert finished.exit_code == code
    assert not finished.timed_out


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM"])
def test_signal(tmp_path: Path, name: str) -> None:
    """A child that a signal killed has that signal's negative number."""
    finished = run(f"import os, signal; os.kill(os.getpid(), signal.{name})", tmp_path)

    assert finished.exit_code == -getattr(signal, name)


def test_child_gets_its_directory_and_environment_and_no_input(tmp_path: Path) -> None:
    """The child sees the directory and the variables it was given, none of ours, and an empty standard input."""
    code = "import os, sys; print(os.getcwd(), sorted(os.environ), repr(sys.stdin.read()))"

    finished = run(code, tmp_path, GIVEN="1", LC_ALL="C.UTF-8")

    assert finished.stdout == f"{tmp_path} ['AI_CODE_METRICS_PROCESS', 'GIVEN', 'LC_ALL'] ''\n"


def test_program_that_is_not_there(tmp_path: Path) -> None:
    """Only a program that can't be started raises."""
    with pytest.raises(OSError, match="no-such-program"):
        process.run(["/no-such-program"], cwd=tmp_path, env={}, timeout=LONG)


def test_timeout_kills_grandchildren_too(tmp_path: Path) -> None:
    """When time is up everything that the child started ends with it, also where signals are ignored."""
    code = """
import pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
pathlib.Path("pid").write_text(str(child.pid))
time.sleep(300)
"""
    finished = run(code, tmp_path, timeout=1.5)

    assert finished.timed_out
    assert finished.exit_code == -signal.SIGKILL
    assert 1.5 <= finished.seconds < SOON
    assert dies(int((tmp_path / "pid").read_text(encoding="utf-8")))


def test_stop_ends_the_child(tmp_path: Path) -> None:
    """A run that is given up doesn't wait for its children."""
    stop = Interruption()
    timer = threading.Timer(0.3, stop.set)
    timer.start()

    finished = run("import time; time.sleep(300)", tmp_path, stop=stop)
    timer.join()

    assert finished.exit_code == -signal.SIGKILL
    assert finished.seconds < SOON
    assert not finished.timed_out


@pytest.mark.parametrize(
    "leaves_session",
    [False, pytest.param(True, marks=pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"))],
)
def test_leftover_daemon_is_killed(tmp_path: Path, leaves_session: bool) -> None:  # noqa: FBT001 - a table
    """What a child leaves running is killed when it ends, in its own session or in another, and isn't waited for."""
    code = f"""
import pathlib, subprocess, sys
daemon = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session={leaves_session})
pathlib.Path("pid").write_text(str(daemon.pid))
"""
    finished = run(code, tmp_path)

    assert finished.exit_code == 0
    assert finished.seconds < SOON
    assert dies(int((tmp_path / "pid").read_text(encoding="utf-8")))


def test_peak_memory_is_the_childs_own(tmp_path: Path) -> None:
    """Each child's peak memory is its own, also while a larger one runs beside it."""
    finished: dict[int, process.Finished] = {}

    def take(size: int) -> None:
        code = f"import time; block = bytearray({size}) if {size} else None; time.sleep(0.5)"
        finished[size] = run(code, tmp_path)

    threads = [threading.Thread(target=take, args=(size * MEGABYTE,)) for size in (0, 120)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    small, large = finished[0].peak_memory_bytes, finished[120 * MEGABYTE].peak_memory_bytes
    assert small is not None
    assert large is not None
    assert 2 * MEGABYTE < small < 80 * MEGABYTE
    assert 120 * MEGABYTE < large < 200 * MEGABYTE


def test_peak_memory_of_a_small_child_is_not_that_of_a_large_parent(tmp_path: Path) -> None:
    """What this process once used is no part of a child's peak, though wait4 says so on Linux."""
    block = bytearray(300 * MEGABYTE)
    own = process.own_peak_memory()
    assert own is not None
    assert own > len(block)
    small = run("import time; time.sleep(0.2)", tmp_path).peak_memory_bytes
    assert small is not None
    assert 2 * MEGABYTE < small < 80 * MEGABYTE


def test_flood_of_output_keeps_only_its_end(tmp_path: Path) -> None:
    """A child that prints without end doesn't fill our memory: the last 20,000 bytes of each stream are kept."""
    code = """
import sys
for stream in (sys.stdout, sys.stderr):
    for _ in range(50):
        stream.write("x" * 1024 * 1024)
    stream.write(stream.name)
"""
    finished = run(code, tmp_path)

    assert (len(finished.stdout), len(finished.stderr)) == (20_000, 20_000)
    assert finished.stdout.endswith("<stdout>")
    assert finished.stderr.endswith("<stderr>")


def test_output_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are replaced."""
    finished = run(r"import os; os.write(1, b'caf\xe9\x00\xff')", tmp_path)

    assert finished.stdout == "caf\ufffd\0\ufffd"


def test_the_sampler_keeps_the_largest_of_several_children() -> None:
    """Of children that others start and read, the largest peak is kept: not ours, not the last one's."""
    sampler = process.PeakSampler()
    ballast = bytearray(200 * MEGABYTE)
    with sampler.sampling():
        for size in (1, 60, 1):
            code = f"import time; data = bytearray({size * MEGABYTE}); time.sleep(0.2)"
            child = subprocess.Popen([sys.executable, "-c", code])
            sampler.watch(child)
            sampler.wait(child)
            assert child.returncode == 0
    del ballast

    assert sampler.peak_memory_bytes is not None
    assert 60 * MEGABYTE < sampler.peak_memory_bytes < 120 * MEGABYTE
