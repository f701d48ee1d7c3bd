"""The schema's versions: `warehouse/schema/*.sql`, each applied once, in order, append-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab import resources
from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store.control.writer import now_us

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["apply", "migrations", "version"]


def migrations() -> list[tuple[int, str]]:
    """Return the schema's versions and their files, in order.

    Examples
    --------
    >>> migrations()[0]
    (1, 'schema/001_init.sql')
    """
    names = resources.names("warehouse", "schema/")
    return [(int(name.removeprefix("schema/").partition("_")[0]), name) for name in names]


def version(connection: Connection, name: str) -> int:
    """Return which version a database has; 0 where it is new.

    Parameters
    ----------
    connection
        In a transaction.
    name
        What errors call the database.

    Raises
    ------
    WarehouseError
        The database is of a newer lab.
    IntegrityError
        Its record of versions holds none.
    """
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table("schema_migrations"):
        return 0
    found = connection.execute(text("SELECT max(version) FROM schema_migrations")).scalar_one()
    if not isinstance(found, int):
        raise IntegrityError(
            f"{name} says of its schema {found!r}; expected a version: bring it back from a "
            "backup, or name another database"
        )
    newest = migrations()[-1][0]
    if found > newest:
        raise WarehouseError(
            f"{name} has schema {found}, written by a newer lab; this one knows up to "
            f"{newest}: upgrade hyprl-lab, or use another HYPRL_HOME"
        )
    return found


def apply(connection: Connection, name: str, *, upto: int | None = None) -> None:
    """Apply the migrations that a database lacks.

    Parameters
    ----------
    connection
        In a transaction that holds the write lock: all are applied, or none.
    name
        What errors call the database.
    upto
        The last version that is applied; the newest where `None`.
    """
    from sqlalchemy import text

    found = version(connection, name)
    if not found:
        connection.execute(
            text(
                "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, "
                "name TEXT NOT NULL, applied_at BIGINT NOT NULL)"
            )
        )
    plain = {"no_parameters": True}  # so that a per cent sign is one
    for number, file in migrations():
        if number <= found or (upto is not None and number > upto):
            continue
        for piece in resources.read_text("warehouse", file).split(";\n"):
            if piece.strip():
                connection.exec_driver_sql(piece, execution_options=plain)
        connection.execute(
            text("INSERT INTO schema_migrations VALUES (:version, :name, :now)"),
            {"version": number, "name": file, "now": now_us()},
        )
