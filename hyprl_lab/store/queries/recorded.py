"""Views over rows of the control database, and the Arrow tables they are read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.metrics import TRIAL_METRICS, UNITS
from hyprl_lab.store.schemas import BACKTEST_STUDY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

__all__ = ["BACKTEST_COLUMNS", "RECORDED", "Recorded", "arrow", "backtests_select"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Rows that a statement of the control database gives, and the view over them.

    Parameters
    ----------
    text, whole, times
        Columns of the statement by what they hold: text, integers, microseconds since the epoch.
    select
        What the view selects, from the rows under their name with an underscore before it;
        empty where other views read the rows and none is of them alone.
    """

    text: Sequence[str] = ()
    whole: Sequence[str] = ()
    times: Sequence[str] = ()
    select: str = ""


# ruff: noqa: S608 - the names in these statements are all ours

_TRIAL: Final = "{" + ",".join(f'"{name}":"DOUBLE"' for name in TRIAL_METRICS) + "}"
_RUN: Final = "{" + ",".join(f'"{name}":"DOUBLE"' for name in UNITS) + "}"
_NAMES: Final = """from_json(param_names, '["VARCHAR"]') AS param_names"""
_COLUMNS: Final = """from_json(column_names, '["VARCHAR"]') AS column_names"""

BACKTEST_COLUMNS: Final = (
    *("trial_index", "trial_key", "lineage_root", "strategy_hash", "state", "param_names"),
    *("param_values", *TRIAL_METRICS, "behaviour_hash", "first_ts", "last_ts", "fingerprint"),
    *("purpose", "created_at"),
)
"""What is known of a single backtest's trial, but for its looks."""

RECORDED: Final[Mapping[str, Recorded]] = {
    "bar_sets": Recorded(
        text=(
            *("fingerprint", "ohlcv_fingerprint", "symbol", "timeframe", "calendar"),
            *("column_names", "lineage", "source", "part_id"),
        ),
        whole=("seq", "calendar_inferred", "rows", "sources"),
        times=("first_ts", "last_ts", "created_at"),
        select=f"SELECT * REPLACE ({_COLUMNS}, calendar_inferred = 1 AS calendar_inferred) "
        "FROM _bar_sets",
    ),
    "chain": Recorded(
        text=("kind", "subject", "body", "body_hash", "chain_prev", "chain_hash"),
        whole=("seq",),
        times=("created_at",),
        select="SELECT seq, * EXCLUDE (seq) FROM _chain",
    ),
    "environments": Recorded(
        text=("hash", "body"), times=("created_at",), select="SELECT * FROM _environments"
    ),
    "lineages": Recorded(
        text=("root", "current_root", "symbol", "timeframe"),
        times=("first_ts", "last_ts"),
        select="SELECT * FROM _lineages",
    ),
    "looks": Recorded(whole=("trial_index", "looks"), times=("last_look_at",)),
    "run_events": Recorded(
        text=("run_hash", "engine", "engine_version", "kind", "body"),
        whole=("seq",),
        times=("created_at",),
        select="SELECT run_hash, engine, engine_version, seq, kind, body, created_at "
        "FROM _run_events",
    ),
    "runs": Recorded(
        text=(
            *("run_hash", "engine", "engine_version", "state", "error", "symbol", "timeframe"),
            *("fingerprint", "lineage_root", "strategy_hash", "strategy_name", "config"),
            *("code_version", "environment_hash", "manifest_hash", "chain_prev", "chain_hash"),
            *("metrics", "folder", "manifest"),
        ),
        whole=("seq", "attempt", "seed"),
        times=("created_at", "updated_at"),
        select="SELECT * EXCLUDE (metrics, m, folder, manifest), m.* FROM "
        f"(SELECT *, from_json(metrics, '{_RUN}') AS m FROM _runs)",
    ),
    "shards": Recorded(
        text=("study_id", "state", "lineage_root", "trials_digest", "blocks_digest"),
        whole=("shard", "rows", "first_index"),
        times=("created_at", "committed_at"),
        select="SELECT * FROM _shards",
    ),
    "studies": Recorded(
        text=(
            *("study_id", "kind", "state", "symbol", "timeframe", "fingerprint", "lineage_root"),
            *("strategy_hash", "strategy_name", "strategy", "param_names", "spec", "summary"),
            *("code_version", "environment_hash", "digest"),
        ),
        whole=("total",),
        times=("first_ts", "last_ts", "created_at", "completed_at"),
        select=f"SELECT * REPLACE ({_NAMES}) FROM _studies",
    ),
    "verdicts": Recorded(
        text=("id", "name", "profile", "run_hash", "study_id", "body"),
        whole=("passed",),
        times=("created_at",),
        select="SELECT * REPLACE (passed = 1 AS passed) FROM _verdicts",
    ),
    "waiting_backtests": Recorded(
        text=(
            *("trial_key", "lineage_root", "strategy_hash", "state", "param_names"),
            *("param_values", "metrics", "behaviour_hash", "fingerprint", "purpose"),
        ),
        whole=("trial_index", "looks"),
        times=("first_ts", "last_ts", "created_at", "last_look_at"),
    ),
    "removed": Recorded(text=("folder", "file")),
}
"""Every statement of `warehouse/queries/control/views.sql`, by its name there."""


def arrow(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return the rows of a statement of `RECORDED` as a table; times are UTC."""
    import pyarrow as pa

    kind = RECORDED[name]
    types = dict.fromkeys(kind.text, pa.string()) | dict.fromkeys(kind.whole, pa.int64())
    columns = {column: pa.array([row[column] for row in rows], of) for column, of in types.items()}
    time = pa.timestamp("us", tz="UTC")
    for column in kind.times:
        columns[column] = pa.array([row[column] for row in rows], pa.int64()).cast(time)
    return pa.table(columns)


def backtests_select() -> str:
    """Return what makes trials of single backtests of the rows in the control database.

    The columns are `BACKTEST_COLUMNS`, before them `study_id`, and after them `looks` and
    `last_look_at`.
    """
    return f"""SELECT '{BACKTEST_STUDY}' AS study_id, trial_index, trial_key, lineage_root,
        strategy_hash, state, param_names, param_values, m.*, behaviour_hash, first_ts, last_ts,
        fingerprint, purpose, created_at, looks, last_look_at
        FROM (SELECT * REPLACE (unhex(trial_key) AS trial_key, {_NAMES},
            from_json(param_values, '["DOUBLE"]') AS param_values,
            behaviour_hash::UBIGINT AS behaviour_hash), from_json(metrics, '{_TRIAL}') AS m
            FROM _waiting_backtests)"""
