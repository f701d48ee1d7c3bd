"""The control database on a PostgreSQL server: the same transactions as on SQLite.

A write transaction first takes one advisory lock, so writers queue as they do on `BEGIN IMMEDIATE`,
and READ COMMITTED then sees all that was committed before. A read transaction is REPEATABLE READ:
one state. Advisory locks belong to one database of a server.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import ConfigError, WarehouseError
from hyprl_lab.store.control import forks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import SQLAlchemyError

    from hyprl_lab.store.control.addresses import Address

__all__ = ["PostgreSQL"]

_LOCK_SECONDS: Final = 30
_CONNECT_SECONDS: Final = 10

_KEEPALIVES: Final = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""Seconds, and how often: a pin's connection is idle, which routers end sooner or later."""

_WRITERS: Final = 0x4879_7072_4C5F_5752
"""The key of the one write lock: the bytes `HyprL_WR`."""

_NUMBERED: Final = 0x4879_7072
"""The class of the numbered locks: the bytes `Hypr`."""

_PLAIN: Final = {"no_parameters": True}

_BEGIN_READ: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"

_BEGIN_WRITE: Final = f"""
SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE;
SET LOCAL lock_timeout = '{_LOCK_SECONDS}s';
SET LOCAL synchronous_commit = on;
SELECT pg_advisory_xact_lock({_WRITERS});
"""

_NO_TIMEOUTS: Final = """
SELECT set_config(name, '0', false) FROM pg_settings
WHERE name IN ('idle_session_timeout', 'statement_timeout')
"""

_HOLD: Final = "SELECT pg_advisory_lock_shared(:numbered, :key)"

_LET_GO: Final = "SELECT pg_advisory_unlock_shared(:numbered, :key)"

_HELD: Final = """
SELECT DISTINCT objid FROM pg_locks
WHERE locktype = 'advisory' AND classid = :numbered AND objsubid = 2 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY objid
"""

_LOCK_NOT_AVAILABLE: Final = "55P03"


class PostgreSQL:
    """How a PostgreSQL database is opened, locked and refused.

    Parameters
    ----------
    address
        The database's.
    """

    def __init__(self, address: Address) -> None:
        self._address = address

    def engine(self) -> Engine:
        """Return a pool that replaces connections the server dropped.

        Raises
        ------
        ConfigError
            The driver is not installed.
        """
        from sqlalchemy import create_engine, event

        url = self._address.url
        if "connect_timeout" not in url.query:
            url = url.update_query_dict({"connect_timeout": str(_CONNECT_SECONDS)})
        alive = {name: value for name, value in _KEEPALIVES.items() if name not in url.query}
        try:
            engine = create_engine(url, pool_pre_ping=True, connect_args=alive)
        except ImportError as error:
            raise ConfigError(
                f"{self._address.name} needs the driver psycopg, which can't be loaded "
                f"({error}): pip install 'hyprl-lab[postgres]'"
            ) from error

        def connected(connection: Any, _record: object) -> None:
            forks.leave_to_parent(connection)

        def begun(connection: Connection) -> None:
            write = connection.get_execution_options().get("hyprl_write", None)
            if write is not None:
                statements = _BEGIN_WRITE if write else _BEGIN_READ
                connection.exec_driver_sql(statements, execution_options=_PLAIN)

        event.listen(engine, "connect", connected)
        event.listen(engine, "begin", begun)
        return engine

    def opening(self) -> AbstractContextManager[None]:
        """Return a block that does nothing: the write lock serves for migrations too."""
        return nullcontext()

    def opened(self, connection: Connection) -> None:
        """Check that the database can hold any text.

        Raises
        ------
        ConfigError
            Its encoding is not UTF-8.
        """
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise ConfigError(
                f"{self._address.name} has the encoding {encoding}; expected UTF8: make it with "
                "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
            )

    def transaction(self) -> AbstractContextManager[None]:
        """Return a block that does nothing: a fork drops its copies of connections."""
        return nullcontext()

    def check(self) -> None:
        """Pass: the pool replaces what the server dropped."""

    def describe(self, connection: Connection) -> str:
        """Return the version, and whether the server waits for its disk."""
        version = connection.exec_driver_sql("SHOW server_version").scalar_one()
        fsync = connection.exec_driver_sql("SHOW fsync").scalar_one()
        risk = "" if fsync == "on" else ", fsync off: a power cut can lose what was acknowledged"
        return f"PostgreSQL {version}{risk}"

    def refused(self, error: SQLAlchemyError, committing: bool, /) -> WarehouseError:
        """Return what to raise for the driver's error; it holds no password."""
        from sqlalchemy.exc import DBAPIError

        cause = getattr(error, "orig", None) or error
        name = self._address.name
        if getattr(cause, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            return WarehouseError(
                f"others have been writing to {name} for {_LOCK_SECONDS} seconds; what was under "
                "way here is undone: try again, or look for a transaction that hangs "
                "(pg_stat_activity)"
            )
        said = " ".join(str(cause).split())
        if self._address.url.password:
            said = said.replace(str(self._address.url.password), "***")
        if committing and isinstance(error, DBAPIError) and error.connection_invalidated:
            return WarehouseError(
                f"the connection to {name} was lost in a commit ({said}): whether it was recorded "
                "is not known. Look for it, or do the same again, which records nothing twice "
                "(at most a single backtest is counted as looked at once more)"
            )
        return WarehouseError(
            f"the control database {name} refused: {said}; what was under way is undone. Check "
            "that the server runs, and that HYPRL_CONTROL_URL or HYPRL_DATABASE_URL names a "
            "database of it that its user may change"
        )

    @contextmanager
    def shared_lock(self, engine: Engine, key: int) -> Iterator[Callable[[], bool]]:
        """Hold a numbered lock, together with others, on a connection that ends with the block.

        What it returns asks whether the connection, and the lock with it, was lost.
        """
        from sqlalchemy import text
        from sqlalchemy.exc import SQLAlchemyError

        values = {"numbered": _NUMBERED, "key": key}
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()
            connection.execute(text(_NO_TIMEOUTS))
            connection.execute(text(_HOLD), values)
            known = False

            def lost() -> bool:
                nonlocal known
                if not known:
                    try:
                        connection.execute(text("SELECT 1"))
                    except SQLAlchemyError:
                        known = True
                return known

            try:
                yield lost
            finally:
                with suppress(SQLAlchemyError):  # a session that is lost has let go already
                    connection.execute(text(_LET_GO), values)

    def shared_locks(self, connection: Connection) -> list[int]:
        """Return the numbers of the locks that living sessions hold, sorted."""
        from sqlalchemy import text

        return list(connection.execute(text(_HELD), {"numbered": _NUMBERED}).scalars())
