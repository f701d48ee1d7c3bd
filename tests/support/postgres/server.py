"""One server in a temporary folder, on a socket there and on a loopback port of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Server", "folder_of_binaries", "started"]

KEEPER = Path(__file__).with_name("keeper.py")

SETTINGS = {
    "fsync": "off",  # it dies with the tests; what a kill -9 leaves is the same
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}

PASSWORD = "s3cret-of-the-tests"
"""Asked for on the loopback port; the socket lets its folder's owner in."""


@dataclass(frozen=True)
class Server:
    """A running server.

    Parameters
    ----------
    folder
        Where its socket is.
    port
        Of the loopback address, and in the socket's name.
    """

    folder: Path
    port: int

    def url(self, database: str) -> str:
        """The address over the socket, which needs no password."""
        return f"postgresql://postgres@/{database}?host={self.folder}&port={self.port}"

    def loopback(self, database: str, password: str = PASSWORD) -> str:
        """The address over TCP, which needs one."""
        return f"postgresql://postgres:{password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> Any:
        """Connect with psycopg itself, each statement a transaction of its own."""
        import psycopg

        return psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user="postgres",
            dbname=database,
            autocommit=True,
        )


def folder_of_binaries() -> Path | None:
    """Where `initdb` and `postgres` of the newest PostgreSQL are, `None` where there is none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if found:
        return found[-1].parent
    command = shutil.which("initdb")
    return None if command is None else Path(command).resolve().parent


@contextmanager
def started(binaries: Path, *, port: int = 0) -> Iterator[Server]:
    """Make and start a server; it and its folder go with the block, or with this process.

    Parameters
    ----------
    port
        To be tried first; 0 for any. Where it is taken, another one is.
    """
    folder = Path(tempfile.mkdtemp(prefix="hyprl-pg-"))
    options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    log = (folder / "log").open("wb")
    keeper = subprocess.Popen(
        [sys.executable, str(KEEPER), str(binaries), str(folder), str(port), PASSWORD, *options],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=folder,
    )
    try:
        yield _ready(folder, keeper)
    finally:
        log.close()
        assert keeper.stdin is not None
        keeper.stdin.close()
        keeper.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _ready(folder: Path, keeper: subprocess.Popen[bytes]) -> Server:
    """Wait until the keeper has named the port, and the server answers on its socket."""
    import psycopg

    deadline = time.monotonic() + 60
    while True:
        try:
            server = Server(folder, int((folder / "port").read_text()))
            server.connect().close()
        except (FileNotFoundError, psycopg.OperationalError):
            if keeper.poll() is not None or time.monotonic() > deadline:
                said = (folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{said}") from None
            time.sleep(0.05)
        else:
            return server
