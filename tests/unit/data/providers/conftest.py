"""A real HTTP server on this machine that answers as it is told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hyprl_lab.data.providers import Patience

Answer = Callable[[BaseHTTPRequestHandler], None]
Raw = Callable[..., str]


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
def raw(monkeypatch: pytest.MonkeyPatch) -> Iterator[Raw]:
    """Serve bytes that are no decent HTTP: a beginning, then a drop again and again for 3 s."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")
    over = threading.Event()
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(beginning: bytes, drop: bytes = b"", every_seconds: float = 0.05) -> str:
        listener = socket.create_server(("127.0.0.1", 0))

        def answer() -> None:
            with suppress(OSError):  # the client had enough, or the test is over
                while True:
                    client, _ = listener.accept()
                    with client, suppress(OSError):
                        client.recv(65_536)
                        client.sendall(beginning)
                        until = time.monotonic() + 3.0
                        while drop and time.monotonic() < until and not over.is_set():
                            client.sendall(drop)
                            over.wait(every_seconds)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        listeners.append(listener)
        threads.append(thread)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    over.set()
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts
        listener.close()
    for thread in threads:
        thread.join(5.0)


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
