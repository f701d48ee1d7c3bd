"""The views that `Warehouse.sql` reads, over one state of the warehouse."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.data.checks import OHLCV
from hyprl_lab.metrics import TRIAL_METRICS, UNITS
from hyprl_lab.store.parts import verified
from hyprl_lab.store.schemas import (
    BACKTEST_STUDY,
    bars_part_schema,
    equity_schema,
    orders_schema,
    trades_schema,
    trial_blocks_schema,
    trials_schema,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.store.parts.part_store import LivePart, PartStore

__all__ = ["VIEWS", "Sources", "collect", "create"]

VIEWS: Final = (
    "backtests",
    "bar_sets",
    "bars",
    "equity",
    "lineages",
    "orders",
    "runs",
    "shards",
    "studies",
    "trades",
    "trial_blocks",
    "trials",
    "verdicts",
)
"""Every name a query may use."""

# ruff: noqa: S608 - the names in these statements are all ours, and paths are quoted

_TEXT: Final[dict[str, tuple[str, ...]]] = {
    "bar_sets": (
        *("fingerprint", "ohlcv_fingerprint", "symbol", "timeframe", "calendar"),
        *("column_names", "lineage", "source", "part_id"),
    ),
    "lineages": ("root", "current_root", "symbol", "timeframe"),
    "shards": ("study_id", "state", "lineage_root"),
    "studies": (
        *("study_id", "kind", "state", "symbol", "timeframe", "fingerprint", "lineage_root"),
        *("strategy_hash", "strategy_name", "strategy", "param_names", "spec", "summary"),
    ),
    "runs": (
        *("run_hash", "engine", "engine_version", "state", "symbol", "timeframe", "fingerprint"),
        *("lineage_root", "strategy_hash", "strategy_name", "config", "metrics", "folder"),
        *("manifest_hash", "chain_prev", "chain_hash"),
    ),
    "verdicts": ("id", "name", "profile", "run_hash", "study_id", "body"),
    "backtests": (
        *("trial_key", "lineage_root", "strategy_hash", "state", "param_names", "param_values"),
        *("metrics", "behaviour_hash"),
    ),
}
_WHOLE: Final[dict[str, tuple[str, ...]]] = {
    "bar_sets": ("seq", "calendar_inferred", "rows", "sources"),
    "lineages": (),
    "shards": ("shard", "rows"),
    "studies": ("total",),
    "runs": ("seq",),
    "verdicts": ("passed",),
    "backtests": ("trial_index", "looks"),
}
_TIMES: Final[dict[str, tuple[str, ...]]] = {
    "bar_sets": ("first_ts", "last_ts", "created_at"),
    "lineages": ("first_ts", "last_ts"),
    "shards": (),
    "studies": ("created_at", "completed_at"),
    "runs": ("created_at",),
    "verdicts": ("created_at",),
    "backtests": ("created_at", "last_look_at"),
}
_STATEMENTS: Final = {
    "bar_sets": "bars.all",
    "lineages": "lineage.all",
    "shards": "studies.all_shards",
    "studies": "studies.all",
    "runs": "runs.all",
    "verdicts": "evidence.verdicts",
    "backtests": "small_trials.all",
}
_TRIAL: Final = "{" + ",".join(f'"{name}":"DOUBLE"' for name in TRIAL_METRICS) + "}"
_RUN: Final = "{" + ",".join(f'"{name}":"DOUBLE"' for name in UNITS) + "}"
_NAMES: Final = """from_json(param_names, '["VARCHAR"]') AS param_names"""
_COLUMNS: Final = """from_json(column_names, '["VARCHAR"]') AS column_names"""
_SELECTS: Final = {
    "bar_sets": f"SELECT * REPLACE ({_COLUMNS}, calendar_inferred = 1 AS calendar_inferred) "
    "FROM _bar_sets",
    "lineages": "SELECT * FROM _lineages",
    "shards": "SELECT * FROM _shards",
    "studies": f"SELECT * REPLACE ({_NAMES}) FROM _studies",
    "verdicts": "SELECT * REPLACE (passed = 1 AS passed) FROM _verdicts",
    "runs": "SELECT * EXCLUDE (metrics, m, folder), m.* FROM "
    f"(SELECT *, from_json(metrics, '{_RUN}') AS m FROM _runs)",
    "backtests": f"""SELECT '{BACKTEST_STUDY}' AS study_id, trial_index, trial_key, lineage_root,
        strategy_hash, state, param_names, param_values, m.*, behaviour_hash, looks,
        created_at, last_look_at
        FROM (SELECT * REPLACE (unhex(trial_key) AS trial_key, {_NAMES},
            from_json(param_values, '["DOUBLE"]') AS param_values,
            behaviour_hash::UBIGINT AS behaviour_hash), from_json(metrics, '{_TRIAL}') AS m
            FROM _backtests)""",
}
_PARTS: Final = {"bars", "trial_blocks", "trials"}
_ARTIFACTS: Final = ("equity", "orders", "trades")
_NEEDS: Final = {"trials": "backtests"} | dict.fromkeys(_ARTIFACTS, "runs")


@dataclass(frozen=True, slots=True)
class Sources:
    """What one query reads: a fixed list of files, and rows of the control database."""

    views: tuple[str, ...]
    parts: list[LivePart] = field(default_factory=list)
    artifacts: dict[str, list[Path]] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        """Every file the query may open."""
        runs = [str(path) for paths in self.artifacts.values() for path in paths]
        return [str(part.path) for part in self.parts] + runs


def collect(query: str, control: Control, parts: PartStore, artifacts: Path) -> Sources:
    """Return what a query may need, all of it from one state of the control database.

    A view counts as needed where its name is a word of the query.

    Raises
    ------
    IntegrityError
        A part or artifact that is needed is missing or corrupt; the message names it.
    """
    words = set(re.findall(r"\w+", query.lower()))
    views = tuple(view for view in VIEWS if view in words)
    needed = {*views, *(_NEEDS[view] for view in views if view in _NEEDS)}
    sources = Sources(views)
    with control.read() as transaction:
        if _PARTS & needed:
            live = parts.live(transaction)
            sources.parts.extend(part for part in live if part.table_name in needed)
        rows = {
            view: transaction.rows(name) for view, name in _STATEMENTS.items() if view in needed
        }
    newest = {row["run_hash"]: row for row in rows.get("runs", [])}
    files = [(part.path, part.size, part.sha256) for part in sources.parts]
    for view in _ARTIFACTS:
        if view in needed:
            found = _artifacts(artifacts, newest.values(), f"{view}.parquet")
            sources.artifacts[view] = [path for path, _, _ in found]
            files.extend(found)
    verified.check(files)
    sources.tables.update({view: _arrow(view, entries) for view, entries in rows.items()})
    return sources


def create(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Create the views in an in-memory database."""
    for view, table in sources.tables.items():
        connection.register(f"_{view}", table)
        connection.execute(f"CREATE VIEW {view} AS {_SELECTS[view]}")
    for view in sorted(_PARTS & {*sources.views}):
        paths = [str(part.path) for part in sources.parts if part.table_name == view]
        if view == "bars":
            _create_bars(connection, paths)
        else:
            _create_over_files(connection, view, paths)
    for view, files in sources.artifacts.items():
        _create_over_files(connection, view, [str(path) for path in files])


def _create_over_files(connection: duckdb.DuckDBPyConnection, view: str, paths: list[str]) -> None:
    schemas = {
        "trials": trials_schema,
        "trial_blocks": trial_blocks_schema,
        "equity": equity_schema,
        "orders": orders_schema,
        "trades": trades_schema,
    }
    names = ", ".join(f'"{name}"' for name in schemas[view]().names)
    if not paths or view in _ARTIFACTS:
        connection.register(f"_no_{view}", _plain(schemas[view]()).empty_table())
    select = f"SELECT * FROM _no_{view}"
    if paths:
        quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        read = f"SELECT * FROM read_parquet([{quoted}], union_by_name = true)"
        # runs that are older than a column have null there
        select = f"{select} UNION ALL BY NAME {read}" if view in _ARTIFACTS else read
    select = f"SELECT {names} FROM ({select})"
    if view == "trials":
        select += f" UNION ALL SELECT {names} FROM backtests"
    connection.execute(f"CREATE VIEW {view} AS {select}")


def _create_bars(connection: duckdb.DuckDBPyConnection, paths: list[str]) -> None:
    """Create view `bars`; volume is null for bars that have none."""
    schema = bars_part_schema(OHLCV)
    connection.register("_no_bars", _plain(schema).empty_table())
    select = "SELECT * FROM _no_bars"
    if paths:
        quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        read = f"SELECT * FROM read_parquet([{quoted}], union_by_name = true)"
        select = f"{select} UNION ALL BY NAME {read}"
    names = ", ".join(f'"{name}" AS "{name.removeprefix("_")}"' for name in schema.names)
    connection.execute(f"CREATE VIEW bars AS SELECT {names} FROM ({select})")


def _artifacts(
    folder: Path, runs: Iterable[dict[str, Any]], name: str
) -> list[tuple[Path, int, str]]:
    """Return where each run's file of a name is, with the length and hash of its manifest.

    A run that is older than the artifact has none.
    """
    return [
        (folder / run["folder"] / name, entry["size"], entry["sha256"])
        for run in runs
        for entry in json.loads(run["manifest"])["files"]
        if entry["file"] == name
    ]


def _plain(schema: pa.Schema) -> pa.Schema:
    """Return a schema as DuckDB reads it back: no dictionaries, lists of any length."""
    import pyarrow as pa

    def plain(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_dictionary(kind):
            return kind.value_type
        return pa.list_(kind.value_type) if pa.types.is_fixed_size_list(kind) else kind

    return pa.schema([(column.name, plain(column.type)) for column in schema])


def _arrow(view: str, rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    kinds = dict.fromkeys(_TEXT[view], pa.string()) | dict.fromkeys(_WHOLE[view], pa.int64())
    columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()}
    time = pa.timestamp("us", tz="UTC")
    for name in _TIMES[view]:
        columns[name] = pa.array([row[name] for row in rows], pa.int64()).cast(time)
    return pa.table(columns)
