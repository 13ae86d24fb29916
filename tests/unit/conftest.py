"""Unit tests start no process and open no socket: a test that needs one belongs to tests/integration."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FORBIDDEN: Final = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.system",
        "pty.spawn",
        "socket.__new__",
        "socket.getaddrinfo",
        "subprocess.Popen",
    }
)
_guard = {"is_on": False}


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hooks see what C code does too, but can't be removed: this one is switched."""
    if _guard["is_on"] and event in FORBIDDEN:
        pytest.fail(f"a unit test did {event}{arguments!r}; tests of processes and sockets live in tests/integration")


sys.addaudithook(_refuse)


@pytest.fixture(autouse=True)
def no_processes_no_sockets() -> Iterator[None]:
    """Fail the test at once where it starts a process or opens a socket."""
    _guard["is_on"] = True
    yield
    _guard["is_on"] = False
