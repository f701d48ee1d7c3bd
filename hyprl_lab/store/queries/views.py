"""The views, made in an in-memory database over what `collect` found."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from hyprl_lab.data.checks import OHLCV
from hyprl_lab.store.queries.recorded import BACKTEST_COLUMNS, RECORDED, backtests_select
from hyprl_lab.store.schemas import (
    BACKTEST_STUDY,
    backtests_schema,
    bars_part_schema,
    equity_schema,
    orders_schema,
    trades_schema,
    trial_blocks_schema,
    trials_schema,
)

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from hyprl_lab.store.queries.sources import Sources

__all__ = ["create", "quoted"]

# ruff: noqa: S608 - the names in these statements are all ours, and paths are quoted

_ARTIFACT_SCHEMAS: Final = {
    "equity": equity_schema,
    "orders": orders_schema,
    "trades": trades_schema,
}


def create(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Create the views of `sources.views`."""
    for name, table in sources.tables.items():
        connection.register(f"_{name}", table)
    for view in sources.views:
        if view in RECORDED:
            select = RECORDED[view].select
        elif view in sources.artifacts:
            schema = _ARTIFACT_SCHEMAS[view]()
            select = _over(connection, view, schema, sources.artifacts[view])
        elif view == "bars":
            select = _bars(connection, sources)
        elif view == "trial_blocks":
            paths = sources.addresses(view)
            select = _over(connection, view, trial_blocks_schema(), paths)
        elif view == "trials":
            select = _trials(connection, sources)
        else:
            select = _backtests(connection, sources)
        connection.execute(f"CREATE VIEW {view} AS {select}")


def quoted(text: str) -> str:
    """Return text as a literal of SQL.

    Examples
    --------
    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def _read(paths: list[str], schema: pa.Schema) -> str:
    """Return a select of files; where all have today's columns, DuckDB needn't compare them."""
    files = ", ".join(map(quoted, paths))
    names = tuple(schema.names)
    alike = all(_columns(path) == names for path in paths)
    return f"SELECT * FROM read_parquet([{files}]{'' if alike else ', union_by_name = true'})"


@lru_cache(maxsize=1 << 16)
def _columns(path: str) -> tuple[str, ...]:
    """Return the columns of a file, which never changes."""
    import pyarrow.parquet as pq

    return tuple(pq.read_schema(path).names)


def _over(
    connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, paths: list[str]
) -> str:
    """Return a select of files; columns that files are too old to have are null."""
    connection.register(f"_no_{name}", _plain(schema).empty_table())
    select = f"SELECT * FROM _no_{name}"
    if paths:
        select = f"{select} UNION ALL BY NAME {_read(paths, schema)}"
    columns = ", ".join(f'"{column}"' for column in schema.names)
    return f"SELECT {columns} FROM ({select})"


def _bars(connection: duckdb.DuckDBPyConnection, sources: Sources) -> str:
    schema = bars_part_schema(OHLCV)
    select = _over(connection, "bars", schema, sources.addresses("bars"))
    columns = ", ".join(f'"{name}" AS "{name.removeprefix("_")}"' for name in schema.names)
    return f"SELECT {columns} FROM ({select})"


def _trials(connection: duckdb.DuckDBPyConnection, sources: Sources) -> str:
    """Return a select of all trials: of studies, and of single backtests, moved ones or not."""
    schema = trials_schema()
    columns = ", ".join(f'"{column}"' for column in schema.names)
    paths, moved = sources.addresses("trials"), sources.addresses("backtests")
    selects = []
    if paths:
        selects.append(f"SELECT {columns} FROM ({_read(paths, schema)})")
    if moved:
        selects.append(
            f"SELECT {columns} FROM (SELECT '{BACKTEST_STUDY}' AS study_id, * "
            f"FROM ({_read(moved, backtests_schema())}))"
        )
    if len(sources.tables["waiting_backtests"]):
        selects.append(f"SELECT {columns} FROM ({backtests_select()})")
    if not selects:
        return _over(connection, "trials", schema, [])
    return " UNION ALL ".join(selects)


def _backtests(connection: duckdb.DuckDBPyConnection, sources: Sources) -> str:
    """Return a select of single backtests with their looks."""
    moved = _over(connection, "backtests", backtests_schema(), sources.addresses("backtests"))
    columns = ", ".join(f'm."{column}"' for column in BACKTEST_COLUMNS)
    return f"""{backtests_select()}
        UNION ALL SELECT '{BACKTEST_STUDY}', {columns}, coalesce(l.looks, 1),
            coalesce(l.last_look_at, m.created_at)
        FROM ({moved}) AS m LEFT JOIN _looks AS l ON l.trial_index = m.trial_index"""


def _plain(schema: pa.Schema) -> pa.Schema:
    """Return a schema as DuckDB reads it back: no dictionaries, lists of any length."""
    import pyarrow as pa

    def plain(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_dictionary(kind):
            return kind.value_type
        return pa.list_(kind.value_type) if pa.types.is_fixed_size_list(kind) else kind

    return pa.schema([(column.name, plain(column.type)) for column in schema])
