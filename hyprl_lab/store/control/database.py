"""The control database: what is committed, in transactions."""

from __future__ import annotations

import os
import weakref
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.control import migrations, objects
from hyprl_lab.store.control.addresses import chosen
from hyprl_lab.store.control.heart import Heart
from hyprl_lab.store.control.postgresql import PostgreSQL
from hyprl_lab.store.control.sqlite import SQLite
from hyprl_lab.store.control.statements import statement
from hyprl_lab.store.control.writer import now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import SQLAlchemyError

    from hyprl_lab.store.control.addresses import Address, Backend

__all__ = ["Control", "Transaction"]

_MOST_VALUES: Final = 500
"""Of one statement: an older SQLite takes 999."""


class Transaction:
    """Named statements (`warehouse/queries/control`) inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, name: str, /, **values: object) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        return [dict(row) for row in self._run(name, values).mappings()]

    def rows_among(self, name: str, each: Sequence[object]) -> list[dict[str, Any]]:
        """Return the rows of a query that asks for any of some values: `… IN (:each)`."""
        from sqlalchemy import bindparam, text

        wanted = text(statement(name).replace("(:each)", ":each"))
        wanted = wanted.bindparams(bindparam("each", expanding=True))
        found: list[dict[str, Any]] = []
        for start in range(0, len(each), _MOST_VALUES):
            given = {"each": list(each[start : start + _MOST_VALUES])}
            found += map(dict, self._connection.execute(wanted, given).mappings())
        return found

    def row(self, name: str, /, **values: object) -> dict[str, Any] | None:
        """Return the first row of a query, `None` where there is none."""
        found = self._run(name, values).mappings().first()
        return None if found is None else dict(found)

    def execute(self, name: str, /, **values: object) -> int:
        """Run a statement and return how many rows it changed."""
        return int(self._run(name, values).rowcount)

    def many(self, name: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Run a statement once for each row."""
        from sqlalchemy import text

        if rows:
            self._connection.execute(text(statement(name)), [dict(row) for row in rows])

    def differences(self) -> list[tuple[str, str]]:
        """Return in what the tables are not those of the migrations; see `control.objects`."""
        return objects.differences(self._connection)

    def now_us(self) -> int:
        """Return the time in microseconds since the epoch, UTC, by the one clock of all writers.

        That is the server's on PostgreSQL, and this machine's on SQLite. Heartbeats are written
        and judged by it.
        """
        if self._connection.dialect.name == "postgresql":
            return int(self._connection.exec_driver_sql(_SERVER_NOW).scalar_one())
        return now_us()

    def _run(self, name: str, values: Mapping[str, object]) -> Any:
        from sqlalchemy import text

        return self._connection.execute(text(statement(name)), dict(values))


class Control:
    """A connection pool on one control database, migrated when it is opened.

    A process that forks gets connections of its own; threads share the pool. On SQLite a fork
    waits for the transactions that are open, and closes the idle connections (see `gate`).

    Parameters
    ----------
    path
        The SQLite file, made where it is missing. `HYPRL_CONTROL_URL`, or else
        `HYPRL_DATABASE_URL`, which the accounts of the API share, may name another
        (`sqlite:////folder/control.sqlite`), or a PostgreSQL database
        (`postgresql://user:password@host/database`).

    Raises
    ------
    WarehouseError
        The folder can't be written, the server can't be reached, or the database is of a newer
        lab.
    ConfigError
        The variable names a database that can't be used, or its driver is not installed.
    """

    def __init__(self, path: Path) -> None:
        address = chosen(path)
        self.path = address.path
        self.name = address.name
        self.backend: Backend = address.backend
        self._kind = _kind(address)
        self._heart = Heart(self)
        self._open()
        self._migrate()

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine of this process."""
        if self._pid != os.getpid():
            self._engine.dispose(close=False)
            self._open()
        return self._engine

    def describe(self) -> str:
        """Return the database's kind and version, and what of its settings matters to a commit."""
        with self._begin(write=False) as connection:
            return self._kind.describe(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a transaction that sees one state of the database.

        Raises
        ------
        WarehouseError
            The database was removed or replaced since it was opened, or refused the work.
        """
        with self._begin(write=False) as connection:
            yield Transaction(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction that holds the one write lock from its start.

        It commits on leaving the block, and rolls back where the block raises.

        Raises
        ------
        WarehouseError
            The database was removed or replaced since it was opened, another writer held the
            lock for too long, or the database refused the work.
        """
        with self._begin(write=True) as connection:
            yield Transaction(connection)

    @contextmanager
    def shared_lock(self, key: int) -> Iterator[Callable[[], bool]]:
        """Hold a numbered lock of PostgreSQL, which any number of sessions may share.

        It is held on a connection of its own until the block is left, or until this process or
        its machine is gone; or until the server drops the connection.

        Parameters
        ----------
        key
            0 to 2³¹ - 1.

        Returns
        -------
        Whether the server dropped the connection, and the lock with it: a call asks.

        Raises
        ------
        WarehouseError
            The database is SQLite, which has no such locks, or it refused.
        """
        from sqlalchemy.exc import SQLAlchemyError

        with ExitStack() as held:
            try:
                lost = held.enter_context(self._kind.shared_lock(self.engine, key))
            except SQLAlchemyError as error:
                raise self._kind.refused(error, False) from error
            yield lost

    def shared_locks(self) -> list[int]:
        """Return the numbers that living sessions hold by `shared_lock`, sorted, each once.

        Raises
        ------
        WarehouseError
            The database is SQLite, which has no such locks, or it refused.
        """
        with self._begin(write=False) as connection:
            return self._kind.shared_locks(connection)

    def keep_beating(self) -> None:
        """Renew the heartbeats of this process's pending parts and leases, until it has none.

        To be called by whoever enters one. A thread does it, every few minutes.
        """
        self._heart.keep_beating()

    def close(self) -> None:
        """Close the pool's idle connections."""
        self.engine.dispose()

    @contextmanager
    def _begin(self, *, write: bool) -> Iterator[Connection]:
        from sqlalchemy.exc import SQLAlchemyError

        self._kind.check()
        pid = os.getpid()
        committing = False
        with self._kind.transaction():
            try:
                with ExitStack() as stack:
                    plain = stack.enter_context(self.engine.connect())
                    connection = plain.execution_options(hyprl_write=write)
                    stack.enter_context(connection.begin())
                    try:
                        yield connection
                    finally:
                        forked = os.getpid() != pid
                        if forked:  # it is the parent's to commit or to undo
                            _of_parent.append(stack.pop_all())
                    if forked:
                        raise WarehouseError(
                            f"this process was forked inside a transaction on {self.name}, which "
                            "is its parent's; nothing was recorded here: begin one after the fork"
                        )
                    committing = write
            except SQLAlchemyError as error:
                if _interrupted(error):
                    raise KeyboardInterrupt from error
                raise self._kind.refused(error, committing) from error

    def _open(self) -> None:
        self._pid = os.getpid()
        self._engine = self._kind.engine()
        weakref.finalize(self, _close, self._engine, self._pid)

    def _migrate(self) -> None:
        """Apply the migrations that are missing, in one transaction."""
        newest = migrations.migrations()[-1][0]
        with self._kind.opening():
            with self._begin(write=False) as connection:
                found = migrations.version(connection, self.name)
                self._kind.opened(connection)
            if found < newest:
                with self._begin(write=True) as connection:
                    migrations.apply(connection, self.name)


_SERVER_NOW: Final = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"

_of_parent: Final[list[ExitStack]] = []
"""Kept, so that nothing of what is the parent's to end is ended here."""


def _interrupted(error: BaseException) -> bool:
    """Whether Ctrl-C came in the middle of a driver's talk, which fails of that."""
    met: BaseException | None = error
    while met is not None and not isinstance(met, KeyboardInterrupt):
        met = met.__context__
    return met is not None


def _close(engine: Engine, pid: int) -> None:
    """Close what was not closed, in the process that opened it."""
    if pid == os.getpid():
        engine.dispose()


class _Kind(Protocol):
    """What differs between the databases."""

    def engine(self) -> Engine: ...
    def opening(self) -> AbstractContextManager[None]: ...
    def opened(self, connection: Connection, /) -> None: ...
    def check(self) -> None: ...
    def describe(self, connection: Connection, /) -> str: ...
    def refused(self, error: SQLAlchemyError, committing: bool, /) -> WarehouseError: ...
    def transaction(self) -> AbstractContextManager[None]: ...
    def shared_lock(
        self, engine: Engine, key: int, /
    ) -> AbstractContextManager[Callable[[], bool]]: ...
    def shared_locks(self, connection: Connection, /) -> list[int]: ...


def _kind(address: Address) -> _Kind:
    if address.path is None:
        return PostgreSQL(address)
    return SQLite(address, address.path)
