"""A small HTTP server on loopback that answers as the test says: slowly, wrongly, with a redirect, or not at all."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; with ``drip_seconds`` its body goes out byte by byte with that pause, ``hang_up`` sends nothing."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    drip_seconds: float = 0.0
    hang_up: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class HostileServer(ThreadingHTTPServer):
    """Gives ``answers`` in turn, the last one again and again; keeps what it received."""

    daemon_threads = True
    answers: list[Answer]
    received: list[Received]
    closing: threading.Event

    @property
    def url(self) -> str:
        """The URL of the server."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: clients that hang up are what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: HostileServer

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.received.append(Received(self.command, self.path, dict(self.headers), self.rfile.read(length)))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self.close_connection = True
        if answer.hang_up:
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self._send_body(answer)

    def _send_body(self, answer: Answer) -> None:
        if not answer.drip_seconds:
            self.wfile.write(answer.body)
            return
        for position in range(len(answer.body)):
            if self.server.closing.is_set():
                return
            self.wfile.write(answer.body[position : position + 1])
            time.sleep(answer.drip_seconds)

    do_GET = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815 - named by http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Stay silent."""


@contextlib.contextmanager
def hostile_server(*answers: Answer) -> Iterator[HostileServer]:
    """Run a server with these answers until the block ends."""
    server = HostileServer(("127.0.0.1", 0), _Handler)
    server.answers, server.received, server.closing = list(answers), [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
