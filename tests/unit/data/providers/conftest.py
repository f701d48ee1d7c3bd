"""A real HTTP server on this machine that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hyprl_lab.data.providers import Patience

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Served:
    """What a server was asked, and what it answers: each answer once, the last one for ever."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.asked.append(self.path)
            served.headers.append(dict(self.headers))
            answer = served.answers.pop(0) if len(served.answers) > 1 else served.answers[0]
            try:
                answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client had enough

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Served(f"http://127.0.0.1:{httpd.server_port}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def reply() -> Callable[..., Answer]:
    """Make an answer of a status, a body and headers; a length that is none of the body's lies."""

    def make(
        body: str | bytes = b"", status: int = 200, length: int | None = None, **headers: str
    ) -> Answer:
        content = body.encode() if isinstance(body, str) else body

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            size = len(content) if length is None else length
            handler.send_header("Content-Length", str(size))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(content)
            if size != len(content):
                handler.close_connection = True

        return answer

    return make


@pytest.fixture
def patience() -> Patience:
    """Little of it."""
    return Patience(
        timeout_seconds=5.0,
        attempts=3,
        wait_seconds=0.01,
        longest_wait_seconds=2.0,
        most_bytes=9999,
    )
