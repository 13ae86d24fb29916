"""What a signal leaves behind: no process of the measured project, no scratch directory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.git_project import GitProject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


@pytest.fixture(autouse=True)
def nothing_is_ignored() -> Iterator[None]:
    """A child inherits what its parent ignores, and the tests themselves may run under nohup or in the background."""
    ignored = [
        number
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) == signal.SIG_IGN
    ]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


SLEEPING = """
import os, pathlib, time

def test():
    pathlib.Path({pid!r}).write_text(str(os.getpid()))
    time.sleep(300)
"""


def wait_for(condition: Callable[[], bool], seconds: float = 150) -> bool:
    """Whether ``condition`` comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def start(tmp_path: Path, *prefix: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a measurement whose test sleeps; return it, and the process id of the test when it has begun."""
    pid = tmp_path / "pid"
    project = GitProject(tmp_path / "project")
    project.commit("one", files={"test_a.py": SLEEPING.format(pid=str(pid)), "a.py": "x = 1\n"})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    measuring = subprocess.Popen(
        [*prefix, sys.executable, "-m", "ai_code_metrics", "measure", str(project.path), "--output",
         str(tmp_path / "out"), "--python", sys.executable],
        env={**os.environ, "TMPDIR": str(scratch)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert wait_for(lambda: pid.exists() and bool(pid.read_text(encoding="ascii")))
    return measuring, int(pid.read_text(encoding="ascii"))


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
    ids=str,
)
def test_a_signal_ends_all_that_was_started(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """The tests of the project end with the measurement, its scratch directory goes, the exit code tells the signal."""
    measuring, test = start(tmp_path)
    try:
        measuring.send_signal(number)
        assert measuring.wait(timeout=200) == code
        assert wait_for(lambda: not is_running(test))
        assert list((tmp_path / "scratch").iterdir()) == []
    finally:
        measuring.kill()
        measuring.wait()
        if is_running(test):
            os.kill(test, signal.SIGKILL)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)], ids=str
)
def test_a_signal_that_the_system_hands_to_another_thread_ends_it_too(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """It doesn't wake the main thread, which is the only one to run handlers."""
    measuring, test = start(tmp_path)
    threads = [int(task.name) for task in Path(f"/proc/{measuring.pid}/task").iterdir()]
    try:
        os.kill(max(set(threads) - {measuring.pid}), number)  # kill(2) asks that thread of the process first
        assert measuring.wait(timeout=100) == code
        assert wait_for(lambda: not is_running(test))
        assert list((tmp_path / "scratch").iterdir()) == []
    finally:
        measuring.kill()
        measuring.wait()
        if is_running(test):
            os.kill(test, signal.SIGKILL)


def test_an_impatient_second_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C again, while the first one's clearing up goes on, doesn't break it off."""
    measuring, test = start(tmp_path)
    try:
        for _ in range(20):
            measuring.send_signal(signal.SIGINT)
            time.sleep(0.01)
        # killed by the last of them, when Python has taken its handlers down at its very end
        assert measuring.wait(timeout=100) in {130, -signal.SIGINT}
        assert wait_for(lambda: not is_running(test))
        assert list((tmp_path / "scratch").iterdir()) == []
    finally:
        measuring.kill()
        measuring.wait()
        if is_running(test):
            os.kill(test, signal.SIGKILL)


def test_a_run_that_is_to_outlive_its_terminal_does(tmp_path: Path) -> None:
    """A SIGHUP that the caller ignores (nohup) stays ignored."""
    measuring, test = start(tmp_path, "nohup")
    try:
        measuring.send_signal(signal.SIGHUP)
        time.sleep(1)
        assert measuring.poll() is None
        assert is_running(test)
        measuring.terminate()
        assert measuring.wait(timeout=200) == 143
    finally:
        measuring.kill()
        measuring.wait()
        if is_running(test):
            os.kill(test, signal.SIGKILL)
