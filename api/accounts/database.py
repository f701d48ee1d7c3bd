"""Connections to the accounts database.

SQLite is opened through `pysqlite3`, which bundles a build without the WAL bug of versions before
3.51.3 (it can lose committed writes). Where that package has no wheel and the system's SQLite is
older, the journal is `TRUNCATE`: slower, and safe. On PostgreSQL an advisory lock stands for
SQLite's write lock, so that both serialise writers alike.
"""

from __future__ import annotations

import importlib
import threading
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from filelock import FileLock
from sqlalchemy import Connection, create_engine, event, make_url, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["Database"]

SAFE_WAL_VERSION: Final = (3, 51, 3)
BUSY_TIMEOUT_MS: Final = 30_000
WRITERS: Final = 0x4879_7072_4C5F_4143  # the key of PostgreSQL's lock: the bytes HyprL_AC
CONNECTIONS: Final = 40  # as many as the server has worker threads


class Database:
    """The accounts database of one process.

    Parameters
    ----------
    url
        A SQLAlchemy URL, `sqlite:///path` by default, or `postgresql://user:password@host/name`.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self._writing = threading.Lock()
        self._start_lock: Path | None = None
        if parsed.get_backend_name() == "sqlite":
            path = Path(parsed.database or "")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._start_lock = path.with_name(path.name + ".start.lock")
            self.engine = create_engine(
                url, module=_sqlite_module(), pool_size=CONNECTIONS, pool_timeout=30
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            if parsed.drivername in {"postgres", "postgresql"}:
                parsed = parsed.set(drivername="postgresql+psycopg")
            self.engine = create_engine(
                parsed, pool_size=CONNECTIONS, pool_timeout=30, pool_pre_ping=True
            )
            if self.engine.dialect.name == "postgresql":
                event.listen(self.engine, "begin", _begin_postgresql)
        self._reader = self.engine.execution_options(read_only=True)
        weakref.finalize(self, self.engine.dispose)

    def __repr__(self) -> str:
        """Show the kind of database, never its URL."""
        return f"Database({self.engine.dialect.name})"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that owns the write lock from its start.

        Threads of one process queue on a lock of their own, so that only processes meet at
        SQLite's, whose waiting is by polling.
        """
        with self._writing, self.engine.begin() as connection:
            yield connection

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Let one process at a time create and migrate a SQLite file."""
        if self._start_lock is None:
            yield
            return
        with FileLock(self._start_lock, timeout=BUSY_TIMEOUT_MS / 1000):
            yield

    def ping(self) -> None:
        """Prove that the database answers."""
        with self.read() as connection:
            connection.execute(text("SELECT count(*) FROM api_tokens"))

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _sqlite_module() -> ModuleType:
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ModuleNotFoundError:
        return importlib.import_module("sqlite3")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    version = tuple(int(p) for p in _sqlite_module().sqlite_version.split("."))
    journal = "WAL" if version >= SAFE_WAL_VERSION else "TRUNCATE"
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute(f"PRAGMA journal_mode = {journal}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get("read_only", False):
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}; SET LOCAL synchronous_commit = on; "
            f"SELECT pg_advisory_xact_lock({WRITERS})"
        )
