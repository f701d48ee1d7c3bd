"""The control database in an SQLite file."""

from __future__ import annotations

import importlib
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.control import gate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import ModuleType

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import SQLAlchemyError

    from hyprl_lab.store.control.addresses import Address

__all__ = ["SQLite", "sqlite_module"]

WAL_SAFE: Final = (3, 51, 3)
"""The first SQLite whose write-ahead log can't lose a commit."""

_TIMEOUT_SECONDS: Final = 30


class SQLite:
    """How an SQLite file is opened, locked and refused.

    Parameters
    ----------
    address
        The database's.
    path
        Its file.
    """

    def __init__(self, address: Address, path: Path) -> None:
        self._address = address
        self._path = path
        self._file = str(path.resolve())
        self._identity: tuple[int, int] | None = None

    def engine(self) -> Engine:
        """Return a pool whose connections have the durable settings."""
        from sqlalchemy import create_engine, event

        module, journal = sqlite_module()
        engine = create_engine(
            self._address.url,
            module=module,
            connect_args={"timeout": _TIMEOUT_SECONDS, "check_same_thread": False},
        )

        def connected(connection: Any, _record: object) -> None:
            connection.isolation_level = None  # BEGIN is ours: see `begun`
            for pragma in (f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}").fetchall()

        def begun(connection: Connection) -> None:
            write = connection.get_execution_options().get("hyprl_write", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

        event.listen(engine, "connect", connected)
        event.listen(engine, "begin", begun)
        gate.watch(engine, self._file)
        return engine

    def transaction(self) -> AbstractContextManager[None]:
        """Return a block that no fork of this process interrupts."""
        return gate.transaction(self._file)

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Let one process at a time make and migrate the file.

        Raises
        ------
        WarehouseError
            The folder can't be written, or another process holds the lock for too long.
        """
        from filelock import FileLock

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path.with_suffix(".lock"), timeout=_TIMEOUT_SECONDS):
                with suppress(FileExistsError):  # an empty file is a new database: the owner's
                    os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                yield
        except OSError as error:
            raise WarehouseError(
                f"the warehouse at {self._path.parent} can't be opened for writing "
                f"({error.strerror or error}); check the folder's permissions, or set HYPRL_HOME "
                "to a folder that can be written"
            ) from error

    def opened(self, _connection: Connection) -> None:
        """Note which file was opened."""
        self._identity = _identity(self._path)

    def check(self) -> None:
        """Refuse a file that is not the one that was opened, before SQLite makes an empty one.

        Raises
        ------
        WarehouseError
            The file was removed, or another one put in its place.
        """
        if self._identity is not None and _identity(self._path) != self._identity:
            raise WarehouseError(
                f"{self._path} was removed or replaced while it was open; "
                "nothing was recorded: make a new Warehouse (or restart) and try again"
            )

    def describe(self, connection: Connection) -> str:
        """Return the version, and which journal it is trusted with."""
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        kept = "write-ahead log" if journal == "wal" else "rollback journal"
        return f"SQLite {version}, {kept}"

    def refused(self, error: SQLAlchemyError, _committing: bool, /) -> WarehouseError:
        """Return what to raise for the driver's error."""
        cause = getattr(error, "orig", None) or error
        return WarehouseError(
            f"the control database {self._path} refused: {cause}; what was under way is undone. "
            "Check that the folder can be written and has free space"
        )

    def shared_lock(self, _engine: Engine, _key: int) -> NoReturn:
        """Refuse: SQLite has no sessions."""
        self._no_sessions()

    def shared_locks(self, _connection: Connection) -> NoReturn:
        """Refuse: SQLite has no sessions."""
        self._no_sessions()

    def _no_sessions(self) -> NoReturn:
        raise WarehouseError(
            f"{self._path} is an SQLite file, which has no locks of a session; expected a "
            "PostgreSQL database: a file under flock serves here"
        )


def sqlite_module() -> tuple[ModuleType, str]:
    """Return the SQLite driver and the journal mode it is trusted with.

    The write-ahead log is used from SQLite 3.51.3 on (earlier ones can lose a commit in it),
    which `pysqlite3` brings; an older SQLite keeps a rollback journal.

    Examples
    --------
    >>> sqlite_module()[1] in ("WAL", "TRUNCATE")
    True
    """
    try:
        module = importlib.import_module("pysqlite3.dbapi2")
    except ModuleNotFoundError:
        module = importlib.import_module("sqlite3")
    return module, "WAL" if module.sqlite_version_info >= WAL_SAFE else "TRUNCATE"


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
