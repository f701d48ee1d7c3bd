"""The API under a real uvicorn of its own, on the loopback address, for as long as it is needed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["running_api"]

READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0


@contextmanager
def running_api(home: Path, *, min_gate: str) -> Iterator[str]:
    """Yield the address of a server process that is ready; stop it at the end.

    Parameters
    ----------
    home
        `HYPRL_HOME` of the server.
    min_gate
        The weakest gate profile whose presets it serves.

    Raises
    ------
    LabError
        The server ended, or was not ready within a minute; the message holds its last words.
    """
    port = _free_port()
    arguments = ["api.main:app", "--host=127.0.0.1", f"--port={port}", "--log-level=warning"]
    environment = {**os.environ, "HYPRL_HOME": str(home), "HYPRL_MIN_GATE": min_gate}
    environment.pop("WEB_CONCURRENCY", None)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603  # our own words
            [sys.executable, "-m", "uvicorn", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            if not _ready(url, process):
                log.seek(0)
                words = log.read()[-2_000:].decode(errors="replace").strip()
                raise LabError(f"the API did not get ready at {url}; it said: {words or 'nothing'}")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    import httpx2

    deadline = time.monotonic() + READY_SECONDS
    with httpx2.Client(base_url=url, trust_env=False) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.get("/ready").status_code == 200:
                    return True
            except httpx2.TransportError:
                pass
            time.sleep(0.1)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
