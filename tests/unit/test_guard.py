from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def start_process() -> object:
    return subprocess.run([sys.executable, "-c", ""], check=False)


def start_shell() -> object:
    return os.system("true")  # noqa: S605, S607 - it must not get that far


def open_socket() -> object:
    return socket.socket()


def look_up_a_host() -> object:
    return socket.getaddrinfo("localhost", 80)


@pytest.mark.parametrize("act", [start_process, start_shell, open_socket, look_up_a_host])
def test_unit_tests_can_start_no_process_and_open_no_socket(act: Callable[[], object]) -> None:
    """The guard of the unit tests stops processes, shells, sockets and look-ups before they happen."""
    with pytest.raises(pytest.fail.Exception, match=r"tests/integration"):
        act()
