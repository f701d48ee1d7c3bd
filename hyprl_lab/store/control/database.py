"""The control database: what is committed, in transactions."""

from __future__ import annotations

import importlib
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab import resources
from hyprl_lab.errors import ConfigError, IntegrityError, WarehouseError
from hyprl_lab.store.control.statements import statement
from hyprl_lab.store.control.writer import now_us

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    from sqlalchemy import Connection, Engine

__all__ = ["Control", "Transaction", "migrations", "sqlite_module"]

WAL_SAFE: Final = (3, 51, 3)
"""The first SQLite whose write-ahead log can't lose a commit."""

_TIMEOUT_SECONDS: Final = 30

_ADDRESSES: Final = ("HYPRL_CONTROL_URL", "HYPRL_DATABASE_URL")
"""Where the address is looked for: the warehouse's own, then that of everything."""


class Transaction:
    """Named statements (`warehouse/queries/control`) inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, name: str, /, **values: object) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        return [dict(row) for row in self._run(name, values).mappings()]

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

    def _run(self, name: str, values: Mapping[str, object]) -> Any:
        from sqlalchemy import text

        return self._connection.execute(text(statement(name)), dict(values))


class Control:
    """A connection pool on one control database, migrated when it is opened.

    A process that forks gets connections of its own; threads share the pool.

    Parameters
    ----------
    path
        The SQLite file, made where it is missing. `HYPRL_CONTROL_URL`, or else
        `HYPRL_DATABASE_URL`, which the accounts of the API share, may name another
        (`sqlite:////folder/control.sqlite`).

    Raises
    ------
    WarehouseError
        The folder can't be written, or the database is of a newer lab.
    ConfigError
        The variable names a database this version can't use.
    """

    def __init__(self, path: Path) -> None:
        self.path = _chosen_path(path)
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._engine = self._open()
        self._identity = _identity(self.path)

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine of this process."""
        if self._pid != os.getpid():
            self._lock = threading.Lock()
            self._engine.dispose(close=False)
            self._engine = _engine(self.path)
            self._pid = os.getpid()
        return self._engine

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a transaction that sees one state of the database."""
        with self._begin(write=False) as transaction:
            yield transaction

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction that holds the one write lock from its start.

        It commits on leaving the block, and rolls back where the block raises.

        Raises
        ------
        WarehouseError
            The database was removed or replaced since it was opened, or refused the work.
        """
        if _identity(self.path) != self._identity:
            raise WarehouseError(
                f"{self.path} was removed or replaced while it was open; "
                "nothing was recorded: make a new Warehouse (or restart) and try again"
            )
        with self._begin(write=True) as transaction:
            yield transaction

    def close(self) -> None:
        """Close the pool's idle connections."""
        self.engine.dispose()

    @contextmanager
    def _begin(self, *, write: bool) -> Iterator[Transaction]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self.engine.connect() as connection:
                begin = connection.execution_options(hyprl_write=write)
                with begin.begin():
                    yield Transaction(begin)
        except SQLAlchemyError as error:
            raise _refused(self.path, error) from error

    def _open(self) -> Engine:
        from filelock import FileLock
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_suffix(".lock"), timeout=_TIMEOUT_SECONDS):
                engine = _engine(self.path)
                _migrate(engine, self.path)
        except OSError as error:
            raise WarehouseError(
                f"the warehouse at {self.path.parent} can't be opened for writing "
                f"({error.strerror or error}); check the folder's permissions, or set HYPRL_HOME "
                "to a folder that can be written"
            ) from error
        except SQLAlchemyError as error:
            raise _refused(self.path, error) from error
        return engine


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


def migrations() -> list[tuple[int, str]]:
    """Return the schema's versions and their files, in order.

    Examples
    --------
    >>> migrations()[0]
    (1, 'schema/001_init.sql')
    """
    names = resources.names("warehouse", "schema/")
    return [(int(name.removeprefix("schema/").partition("_")[0]), name) for name in names]


def _engine(path: Path) -> Engine:
    from sqlalchemy import URL, create_engine, event

    module, journal = sqlite_module()
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
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
    return engine


def _migrate(engine: Engine, path: Path) -> None:
    """Apply the migrations that are missing, in one transaction."""
    from sqlalchemy import inspect, text

    known = migrations()
    with engine.connect() as plain:
        connection = plain.execution_options(hyprl_write=True)
        with connection.begin():
            found = 0
            if inspect(connection).has_table("schema_migrations"):
                newest = connection.execute(text("SELECT max(version) FROM schema_migrations"))
                version_found = newest.scalar_one()
                if not isinstance(version_found, int):
                    raise IntegrityError(
                        f"{path} says of its schema {version_found!r}; expected a version: bring "
                        "it back from a backup"
                    )
                found = version_found
            if found > known[-1][0]:
                raise WarehouseError(
                    f"{path} has schema {found}, written by a newer lab; this one knows up to "
                    f"{known[-1][0]}: upgrade hyprl-lab, or use another HYPRL_HOME"
                )
            if not found:
                connection.execute(
                    text(
                        "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, "
                        "name TEXT NOT NULL, applied_at BIGINT NOT NULL)"
                    )
                )
            for version, name in known:
                if version > found:
                    for piece in resources.read_text("warehouse", name).split(";\n"):
                        if piece.strip():
                            connection.exec_driver_sql(piece)
                    connection.execute(
                        text("INSERT INTO schema_migrations VALUES (:version, :name, :now)"),
                        {"version": version, "name": name, "now": now_us()},
                    )


def _chosen_path(path: Path) -> Path:
    from pathlib import Path as RealPath

    named = {name: os.environ.get(name, "").strip() for name in _ADDRESSES}
    variable = next((name for name, given in named.items() if given), None)
    if variable is None:
        return path
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(named[variable])
    except ArgumentError as error:
        raise ConfigError(
            f"{variable} is not a database address; expected something like "
            "sqlite:////folder/control.sqlite"
        ) from error
    if url.get_backend_name() != "sqlite" or not url.database:
        raise ConfigError(
            f"{variable} names a {url.get_backend_name()} database, which is not "
            "supported yet by the warehouse; expected the address of an SQLite file: set "
            "HYPRL_CONTROL_URL=sqlite:////folder/control.sqlite for the warehouse alone, and "
            "HYPRL_DATABASE_URL goes on naming the database of the API's accounts"
        )
    return RealPath(url.database).resolve()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _refused(path: Path, error: Exception) -> WarehouseError:
    cause = getattr(error, "orig", None) or error
    return WarehouseError(
        f"the control database {path} refused: {cause}; what was under way is undone. Check that "
        "the folder can be written and has free space"
    )
