"""Real services for tests, on loopback: a Pushgateway in a process of its own, promtool, and a free port."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

READY_SECONDS: Final = 30.0
PUSHGATEWAY_NAMES: Final = ("prometheus-pushgateway", "pushgateway")
_LOOPBACK = build_opener(ProxyHandler({}))


class ServiceMissing(AssertionError):
    """A program that the tests need is not installed; a failure, because a skipped test proves nothing."""


def find_program(*names: str) -> str:
    """Return the path of the first of ``names`` that is installed.

    Raises:
        ServiceMissing: none is.
    """
    for name in names:
        if path := shutil.which(name):
            return path
    raise ServiceMissing(
        f"{' or '.join(names)} is not on PATH: run the tests by the README's test command, which installs it"
    )


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(url: str, headers: Mapping[str, str] | None = None) -> str:
    """Return the body of a loopback URL, past any proxy of the environment."""
    request = Request(url, headers=dict(headers or {}))  # noqa: S310 - always http on loopback
    with _LOOPBACK.open(request, timeout=10) as response:
        body: bytes = response.read()
        return body.decode("utf-8")


@dataclass(frozen=True, slots=True)
class Pushgateway:
    """A running Pushgateway."""

    url: str

    def groups(self, headers: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return the groups as ``/api/v1/metrics`` has them."""
        groups: list[dict[str, Any]] = json.loads(get(f"{self.url}/api/v1/metrics", headers))["data"]
        return groups

    def group(self, **labels: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        """Return the values of the group with exactly these labels, by metric name and the labels beside the key.

        Raises:
            AssertionError: there is no such group.
        """
        found = [group for group in self.groups() if group["labels"] == labels]
        assert found, f"no group {labels} among {[group['labels'] for group in self.groups()]}"
        # the gateway adds an empty instance to every series
        key = {*labels, "instance"}
        return {
            (name, tuple(sorted((k, v) for k, v in metric["labels"].items() if k not in key))): float(metric["value"])
            for name, family in found[0].items()
            if isinstance(family, dict) and "metrics" in family
            for metric in family["metrics"]
            if "value" in metric
        }


@contextlib.contextmanager
def pushgateway(directory: Path, options: Sequence[str] = ()) -> Iterator[Pushgateway]:
    """Run a Pushgateway on a free loopback port until the block ends; its log goes to ``directory``.

    Raises:
        ServiceMissing: no Pushgateway is installed.
        AssertionError: it doesn't come up.
    """
    program = find_program(*PUSHGATEWAY_NAMES)
    address = f"127.0.0.1:{free_port()}"
    argv = [program, f"--web.listen-address={address}", "--persistence.file=", *options]
    with running(argv, f"http://{address}/-/ready", directory / "pushgateway.log"):
        yield Pushgateway(f"http://{address}")


@contextlib.contextmanager
def running(argv: Sequence[str], ready_url: str, log: Path) -> Iterator[None]:
    """Run a server from when ``ready_url`` answers until the block ends; what it says goes to the file ``log``.

    Raises:
        AssertionError: it doesn't come up.
    """
    with log.open("wb") as output, subprocess.Popen(argv, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            _wait_until_ready(ready_url, process, log)
            yield
        finally:
            process.terminate()
            process.wait(timeout=READY_SECONDS)


def promtool_check_metrics(exposition: str) -> str:
    """Return what ``promtool check metrics`` says about an exposition, empty where all is well.

    Raises:
        ServiceMissing: promtool is not installed.
    """
    argv = [find_program("promtool"), "check", "metrics"]
    finished = subprocess.run(
        argv, input=exposition.encode("utf-8"), capture_output=True, timeout=READY_SECONDS, check=False
    )
    said = (finished.stdout + finished.stderr).decode("utf-8").strip()
    return said or (f"exit code {finished.returncode}" if finished.returncode else "")


def _wait_until_ready(ready_url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            get(ready_url)
        except HTTPError as error:
            with error:
                if error.code in {400, 401}:  # it is up and asks for TLS, or for a password
                    return
        except (URLError, OSError):
            pass
        else:
            return
        time.sleep(0.05)
    raise AssertionError(f"{ready_url} did not become ready: {log.read_text(encoding='utf-8')[-2000:]}")
