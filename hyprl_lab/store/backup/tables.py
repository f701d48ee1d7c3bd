"""The control database as an SQLite file of its own, from and to one of either kind.

Rows go from table to table as they are: both kinds hold integers and text alone, under the same
names. A PostgreSQL database may hold other tables beside the warehouse's; those are left alone.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store.control import migrations
from hyprl_lab.store.control.sqlite import sqlite_module

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, MetaData

    from hyprl_lab.store.control.database import Control

__all__ = ["begun", "check_objects", "copy_rows", "count_rows", "opened"]

_BATCH: Final = 5_000
_VERSIONS: Final = "schema_migrations"


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """Open or make an SQLite file with today's schema, in one transaction that commits at the end.

    It is safe on disk at the end, and has no journal beside it.

    Raises
    ------
    WarehouseError
        It is of a newer lab, or can't be written.
    """
    from sqlalchemy import URL, create_engine, event
    from sqlalchemy.exc import SQLAlchemyError

    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)), module=sqlite_module()[0]
    )

    def connected(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]  # BEGIN is ours
        for pragma in ("journal_mode=DELETE", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").fetchall()  # type: ignore[attr-defined]

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        with engine.begin() as connection:
            migrations.apply(connection, str(path))
            yield connection
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise WarehouseError(
            f"{path} can't be written ({cause}): free some space, or check the folder's "
            "permissions, and try again"
        ) from error
    finally:
        engine.dispose()


def check_objects(path: Path) -> int:
    """Check that an SQLite file holds what the migrations make and nothing else.

    Call it before anything else reads the file: a trigger or a view would run with that.

    Returns
    -------
    Its schema's version.

    Raises
    ------
    IntegrityError
        It is no SQLite file, or another table, a view, a trigger or an index is in it, or one of
        the lab's own is missing or changed.
    WarehouseError
        It is of a newer lab.
    """
    from sqlalchemy import URL, create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import StaticPool

    address = URL.create("sqlite+pysqlite", database=str(path))
    engine = create_engine(address, module=sqlite_module()[0], poolclass=StaticPool)
    fresh = create_engine("sqlite://", module=sqlite_module()[0], poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.exec_driver_sql("PRAGMA trusted_schema = OFF")
            found = _objects(connection)
            if any(kind not in ("table", "index") for kind, _ in found):
                raise IntegrityError(f"{path} holds a view or a trigger, which the lab never makes")
            version = migrations.version(connection, str(path))
        with fresh.begin() as connection:
            migrations.apply(connection, "an empty database", upto=version)
            expected = _objects(connection)
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise IntegrityError(f"{path} is no control database: {cause}") from error
    finally:
        engine.dispose()
        fresh.dispose()
    other = sorted(
        name
        for kind, name in found.keys() | expected.keys()
        if found.get((kind, name)) != expected.get((kind, name))
    )
    if other:
        raise IntegrityError(
            f"{path} is no control database of schema {version}: {', '.join(other)[:200]} missing, "
            "changed, or not the lab's"
        )
    return version


def _objects(connection: Connection) -> dict[tuple[str, str], str]:
    """Return how everything in an SQLite file was made; statistics of its planner left out."""
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return {
        (str(kind), str(name)): f"{table} {_plain(made)}"
        for kind, name, table, made in rows
        if name not in ("sqlite_stat1", "sqlite_stat4")
    }


def _plain(made: object) -> str:
    """Return a statement without quotes and blanks, which versions of SQLite put differently."""
    return "".join(str(made).replace('"', "").split())


@contextmanager
def begun(control: Control, *, write: bool) -> Iterator[Connection]:
    """Open a transaction of a control database in which whole tables can be copied.

    It sees one state, or holds the write lock from its start, as those of `Control` do.

    Raises
    ------
    WarehouseError
        The database refused; what was under way is undone.
    """
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with control.engine.connect() as plain:
            connection = plain.execution_options(hyprl_write=write)
            with connection.begin():
                yield connection
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise WarehouseError(
            f"the control database {control.name} refused: {cause}; what was under way is undone. "
            "Check that it can be reached and has free space"
        ) from error


def copy_rows(source: Connection, target: Connection) -> int:
    """Copy every row of the warehouse's tables; return how many.

    Parameters
    ----------
    source
        In a transaction that sees one state.
    target
        With the same schema, and no rows but its record of versions.
    """
    from sqlalchemy import insert, select

    copied = 0
    for table in _tables(target).sorted_tables:
        order = [table.c.seq] if "seq" in table.c else list(table.primary_key)
        rows = source.execute(
            select(table).order_by(*order), execution_options={"yield_per": _BATCH}
        )
        for batch in rows.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in batch])
            copied += len(batch)
    return copied


def count_rows(connection: Connection) -> int:
    """Return how many rows the warehouse's tables hold."""
    from sqlalchemy import func, select

    return sum(
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in _tables(connection).sorted_tables
    )


def _tables(connection: Connection) -> MetaData:
    """Return the warehouse's tables, those that others refer to first."""
    from sqlalchemy import MetaData

    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in _names())
    return found


def _names() -> set[str]:
    """Return the names of the warehouse's tables, but for the record of versions."""
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        migrations.apply(connection, "an empty database")
        names = set(inspect(connection).get_table_names())
    engine.dispose()
    return names - {_VERSIONS}
