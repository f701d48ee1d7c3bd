"""Read-only SQL: an in-memory DuckDB over a fixed list of parts, locked before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import InputError, NotFoundError, WarehouseError
from hyprl_lab.store.queries.views import VIEWS, collect, create

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.store.parts.part_store import PartStore
    from hyprl_lab.store.queries.views import Sources

__all__ = ["explain", "run"]

_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "temp_directory": "",
}


def run(
    query: str,
    params: Mapping[str, object] | Sequence[object] | None,
    *,
    control: Control,
    parts: PartStore,
    artifacts: Path,
) -> pa.Table:
    """Return a query's rows; see `Warehouse.sql`."""
    return _run(query, params, control=control, parts=parts, artifacts=artifacts, prefix="")


def explain(
    query: str,
    params: Mapping[str, object] | Sequence[object] | None,
    *,
    control: Control,
    parts: PartStore,
    artifacts: Path,
) -> str:
    """Return DuckDB's plan for a query."""
    table = _run(
        query, params, control=control, parts=parts, artifacts=artifacts, prefix="EXPLAIN "
    )
    return "\n".join(str(row["explain_value"]) for row in table.to_pylist())


def locked(sources: Sources) -> duckdb.DuckDBPyConnection:
    """Return a database that holds the views and can read their files, and nothing else."""
    import duckdb

    connection = duckdb.connect(":memory:", config=_CONFIG)
    connection.execute("LOAD icu")
    connection.execute("SET TimeZone = 'UTC'")
    create(connection, sources)
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in sources.paths)
    connection.execute(f"SET allowed_paths = [{quoted}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _run(
    query: str,
    params: Mapping[str, object] | Sequence[object] | None,
    *,
    control: Control,
    parts: PartStore,
    artifacts: Path,
    prefix: str,
) -> pa.Table:
    import duckdb

    _check_select(query)
    sources = collect(query, control, parts, artifacts)
    given = params if params is None or not hasattr(params, "keys") else dict(params)
    try:
        connection = locked(sources)
        try:
            return connection.sql(prefix + query, params=given).to_arrow_table()
        finally:
            connection.close()
    except duckdb.Error as error:
        raise _explained(error) from error


def _check_select(query: str) -> None:
    import duckdb

    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise InputError(f"this is not a query: {error}") from error
    kinds = [statement.type for statement in statements]
    if kinds != [duckdb.StatementType.SELECT]:
        found = ", ".join(kind.name for kind in kinds) or "nothing"
        raise InputError(
            f"found {found}; expected one SELECT: the warehouse is read-only here, and is "
            "written through its own calls"
        )


def _explained(error: duckdb.Error) -> WarehouseError | InputError:
    """Say what went wrong in the warehouse's terms."""
    import duckdb

    text = str(error)
    if isinstance(error, duckdb.CatalogException) and "Table with name" in text:
        return NotFoundError(f"{text.splitlines()[0]} The warehouse has {', '.join(VIEWS)}.")
    if isinstance(error, duckdb.PermissionException):
        return WarehouseError(f"{text}; a query reads the warehouse's own views and no files")
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException):
        return InputError(text)
    return WarehouseError(f"the query failed: {text}")
