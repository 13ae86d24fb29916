"""A real Prometheus for tests, on loopback, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.error import HTTPError
from urllib.parse import urlencode

from support.services import find_program, free_port, get, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# one series as the HTTP API gives it: {"metric": {label: value}, "value": [seconds, text]}, or "values" of a range
Series: TypeAlias = dict[str, Any]
POLL_SECONDS: Final = 0.2


class QueryFailed(AssertionError):
    """Prometheus refused a query; the message is its own."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus."""

    url: str

    def query(self, expression: str, at: float | None = None) -> list[Series]:
        """Return the instant vector of an expression, at ``at`` (seconds since 1970) or now.

        Raises:
            QueryFailed: the expression is refused.
        """
        return self._result("query", {"query": expression} | ({} if at is None else {"time": at}))

    def query_range(self, expression: str, start: float, end: float, step: float) -> list[Series]:
        """Return the series of an expression from ``start`` to ``end`` (seconds since 1970), a value each ``step`` s.

        Raises:
            QueryFailed: the expression is refused.
        """
        return self._result("query_range", {"query": expression, "start": start, "end": end, "step": step})

    def wait_for(self, expression: str, seconds: float = 60) -> list[Series]:
        """Return the first result of an expression that isn't empty.

        Raises:
            AssertionError: it stays empty for ``seconds``.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.query(expression):
                return found
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"{expression} stayed empty for {seconds} seconds")

    def _result(self, endpoint: str, parameters: dict[str, str | float]) -> list[Series]:
        try:
            answer = get(f"{self.url}/api/v1/{endpoint}?{urlencode(parameters)}")
        except HTTPError as error:
            with error:
                raise QueryFailed(f"{parameters['query']}: {error.read().decode('utf-8')}") from None
        result: list[Series] = json.loads(answer)["data"]["result"]
        return result


@contextlib.contextmanager
def prometheus(directory: Path, config_text: str, options: Sequence[str] = ()) -> Iterator[Prometheus]:
    """Run a Prometheus on a free loopback port until the block ends.

    Its configuration (``prometheus.yml``, so its relative paths start there), its log and its data (``data/``, which
    may hold blocks already) lie in ``directory``.

    Raises:
        ServiceMissing: no Prometheus is installed.
        AssertionError: it doesn't come up.
    """
    config = directory / "prometheus.yml"
    config.write_text(config_text, encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    argv = [
        find_program("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address={address}",
        *options,
    ]
    with running(argv, f"http://{address}/-/ready", directory / "prometheus.log"):
        yield Prometheus(f"http://{address}")
