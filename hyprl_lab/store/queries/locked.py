"""An in-memory DuckDB that holds the views, can read their files, and nothing else."""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Final

from hyprl_lab.store.queries.forked import leave_to_parent
from hyprl_lab.store.queries.views import create, quoted

if TYPE_CHECKING:
    import duckdb

    from hyprl_lab.store.queries.sources import Sources

__all__ = ["Kept", "locked", "open_database"]

_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "temp_directory": "",
}

_LOCAL_FILES: Final = (
    "parquet_metadata_cache = true",  # a file that is there never changes
    "disable_parquet_prefetching = true",  # the system's page cache is as near as any other
    "enable_external_file_cache = false",
)

_MOST_KEPT: Final = 2


def open_database() -> duckdb.DuckDBPyConnection:
    """Return an empty in-memory database that is not locked yet; its clock is UTC."""
    import duckdb

    connection = duckdb.connect(":memory:", config=_CONFIG)
    connection.execute("LOAD icu")
    connection.execute("SET TimeZone = 'UTC'")
    for setting in _LOCAL_FILES:
        connection.execute(f"SET {setting}")
    return connection


def locked(sources: Sources) -> duckdb.DuckDBPyConnection:
    """Return a database that holds the views and can read their files, and nothing else.

    No statement reads or writes another file, attaches, installs, loads or sets anything.
    """
    connection = open_database()
    create(connection, sources)
    paths = ", ".join(map(quoted, sources.paths))
    connection.execute(f"SET allowed_paths = [{paths}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


class Kept:
    """Databases whose query has ended, for another one that reads the same.

    Making one costs tens of milliseconds; files and rows never change, so an old one that reads
    the same files and rows gives the same answer. Any number of threads may use this at once; a
    database is lent to one at a time, and a forked child starts with none. They are closed with
    the process at the latest.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._idle: list[tuple[Sources, duckdb.DuckDBPyConnection]] = []
        weakref.finalize(self, _close, self._idle, self._pid)

    def take(self, sources: Sources) -> duckdb.DuckDBPyConnection:
        """Return a database over `sources` that nobody uses, made where there is none."""
        self._leave_to_parent()
        with self._lock:
            for place, (known, connection) in enumerate(self._idle):
                if known == sources:
                    del self._idle[place]
                    return connection
        return locked(sources)

    def give(self, sources: Sources, connection: duckdb.DuckDBPyConnection) -> None:
        """Take a database back whose last query was read to its end."""
        self._leave_to_parent()
        with self._lock:
            self._idle.append((sources, connection))
            over = self._idle[:-_MOST_KEPT]
            del self._idle[:-_MOST_KEPT]
        for _, old in over:
            old.close()

    def close(self) -> None:
        """Close all that are idle."""
        self._leave_to_parent()
        with self._lock:
            idle = self._idle[:]
            self._idle.clear()
        for _, connection in idle:
            connection.close()

    def _leave_to_parent(self) -> None:
        """Forget what a fork brought: its threads did not come along, so it can't be closed."""
        if self._pid != os.getpid():
            leave_to_parent(self._idle)
            self._lock, self._idle, self._pid = threading.Lock(), [], os.getpid()
            weakref.finalize(self, _close, self._idle, self._pid)


def _close(idle: list[tuple[Sources, duckdb.DuckDBPyConnection]], pid: int) -> None:
    """Close what is idle, in the process that opened it."""
    if pid != os.getpid():
        leave_to_parent(idle)
        return
    while idle:
        idle.pop()[1].close()
