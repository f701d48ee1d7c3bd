"""Runs found again: by hash, or by what they are and came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.data.instant import microseconds
from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.metrics import UNITS
from hyprl_lab.research.runs.condition import checked_condition
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from hyprl_lab.engine.period import Moment
    from hyprl_lab.store import StoredRun, Warehouse
    from hyprl_lab.types import EngineName, RunStateName

__all__ = ["as_frame", "became", "find", "get", "mentioned", "opened", "rows", "starting"]

_LEAST: Final = 4
_ABOUT: Final = ("run_hash", "created_at", "state", "strategy_name", "symbol", "timeframe")
_PROOF: Final = ("engine", "engine_version", "code_version", "seed", "fingerprint", "strategy_hash")
_COLUMNS: Final = (*_ABOUT, *UNITS, *_PROOF, "lineage_root")
_COUNTS: Final = ("max_drawdown_bars", "trades", "open_trades", "seed")

# ruff: noqa: S608 - names are ours, values go in as parameters, and a condition is checked first


def opened(warehouse: Warehouse | None) -> Warehouse:
    """Return a warehouse, or that of `HYPRL_HOME` where there is none."""
    if warehouse is not None:
        return warehouse
    from hyprl_lab.store import default

    return default()


def get(
    run_hash: str,
    *,
    engine: EngineName | None = None,
    engine_version: str | None = None,
    warehouse: Warehouse | None = None,
) -> StoredRun:
    """Return a completed run by its hash.

    Parameters
    ----------
    run_hash
        The hash, or as many of its first characters (4 or more) as make it unique.
    engine, engine_version
        Whose, where several engines have computed it; by default the one stored last.
    warehouse
        That of `HYPRL_HOME` where `None`.

    Raises
    ------
    NotFoundError
        There is none; where one was submitted, the message says what became of it.
    InputError
        Several start so, or fewer than 4 characters are given.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> result = hl.backtest(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    >>> run_hash = result.save()
    >>> get(run_hash[:8]).metrics["sharpe"] == result.metrics.sharpe
    True
    """
    store = opened(warehouse)
    found = starting(store, run_hash)
    known = [row["run_hash"] for row in found if row["state"] == "completed"]
    if not known:
        raise NotFoundError(f"no completed run_hash starts with {run_hash!r}{became(found)}")
    return store.get_run(known[0], engine_version, engine)


def starting(store: Warehouse, start: str) -> list[dict[str, Any]]:
    """Return every state of the one run hash that starts so, the newest first.

    Raises
    ------
    InputError
        Several hashes start so, or fewer than 4 characters are given.
    """
    found = store.runs_starting(_long_enough(start))
    _check_alone(start, {row["run_hash"] for row in found})
    return found


def mentioned(store: Warehouse, start: str) -> str:
    """Return the one run hash that starts so and stands anywhere, be it in the chain alone.

    Raises
    ------
    NotFoundError
        None starts so.
    InputError
        Several do, or fewer than 4 characters are given.
    """
    found = store.run_hashes_mentioned(_long_enough(start))
    if not found:
        raise NotFoundError(f"no run_hash starts with {start!r}; see: hyprl runs list --state any")
    _check_alone(start, set(found))
    return found[0]


def _long_enough(start: str) -> str:
    if not isinstance(start, str) or len(start) < _LEAST:
        raise InputError(f"run_hash {shown(start)} is too short; give at least {_LEAST} characters")
    return start.lower()


def _check_alone(start: str, hashes: set[str]) -> None:
    if len(hashes) > 1:
        raise InputError(
            f"several run_hashes start with {start!r}: "
            f"{', '.join(each[:16] for each in sorted(hashes)[:5])}; give more characters"
        )


def find(
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
    strategy: str | Strategy | None = None,
    engine: EngineName | None = None,
    state: RunStateName | None = "completed",
    since: Moment | None = None,
    where: str | None = None,
    limit: int | None = None,
    warehouse: Warehouse | None = None,
) -> pd.DataFrame:
    """Return runs as a table, a row each, the newest first.

    Columns: `run_hash`, `created_at` (UTC), `state`, `strategy_name`, `symbol`, `timeframe`, every
    metric (missing where undefined, or not completed), and what the run was made with.

    Parameters
    ----------
    symbol, timeframe, engine
        Only runs of these.
    strategy
        A strategy, the name of one, or the first characters (8 or more) of its hash.
    state
        `None` is any.
    since
        Only runs made since this moment: ISO 8601 text, a date, a datetime, or microseconds.
    where
        One boolean expression over the columns of view `runs`, in DuckDB's SQL.
    limit
        At most so many.
    warehouse
        That of `HYPRL_HOME` where `None`.

    Raises
    ------
    InputError
        The state is unknown, the limit is not a number of rows, or `where` is more or less than
        one boolean expression over the columns of a run, is nested too deep, or names a function
        that is not offered (`from_json` and its like).

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> result = hl.backtest(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    >>> run_hash = result.save()
    >>> find(symbol="TEST", where="trades >= 1 and max_drawdown < 0.9")["run_hash"][0] == run_hash
    True
    """
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise InputError(f"limit is {shown(limit)}; expected a whole number of at least 1")
    table = rows(
        opened(warehouse),
        symbol=symbol,
        timeframe=timeframe,
        strategy=strategy,
        engine=engine,
        state=state,
        since=since,
        where=where,
        order="created_at DESC, seq DESC NULLS FIRST, run_hash",
        limit=limit,
    )
    return as_frame(table)


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Return runs as a DataFrame whose counts are whole numbers, missing where undefined."""
    frame: pd.DataFrame = table.to_pandas()
    return frame.astype(dict.fromkeys(_COUNTS, "Int64"))


def rows(
    store: Warehouse,
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
    strategy: str | Strategy | None = None,
    engine: str | None = None,
    state: str | None = "completed",
    since: Moment | None = None,
    where: str | None = None,
    order: str,
    limit: int | None = None,
    newest: bool = False,
) -> pa.Table:
    """Return what `find` does as an Arrow table; with `newest` one row a run hash.

    Parameters
    ----------
    order
        What follows ORDER BY; ours, never a caller's text.
    """
    from hyprl_lab.store.runs.run_state import RUN_STATES

    if state is not None and state not in RUN_STATES:
        raise InputError(f"state is {shown(state)}; expected one of {list(RUN_STATES)}, or None")
    named = {"symbol": symbol, "timeframe": timeframe, "engine": engine, "state": state}
    params: dict[str, object] = {name: value for name, value in named.items() if value is not None}
    wanted = [f"{name} = ${name}" for name in params]
    if strategy is not None:
        wanted.append(_of_strategy(strategy, params))
    if since is not None:
        params["since"] = microseconds(since)
        wanted.append("epoch_us(created_at) >= $since")
    chosen = "true" if where is None else f"(\n{checked_condition(store, where)}\n)"
    kept = "QUALIFY row_number() OVER (PARTITION BY run_hash ORDER BY seq DESC) = 1"
    query = (
        # The condition stands alone in a list of columns, where it can't widen the filters.
        f"SELECT {', '.join(_COLUMNS)}, _chosen FROM (SELECT *, {chosen} AS _chosen FROM "
        f"(SELECT * FROM runs WHERE {' AND '.join(wanted) or 'true'} {kept if newest else ''})) "
        f"WHERE TRY_CAST(_chosen AS BOOLEAN) ORDER BY {order}"
        f"{'' if limit is None else f' LIMIT {limit}'}"
    )
    table = store.sql(query, params or None, arrow=True)
    kind = str(table.schema.field("_chosen").type)
    if kind != "bool":
        raise InputError(f"where {where!r} gives {kind}; expected a boolean, such as 'sharpe > 1'")
    return table.drop_columns(["_chosen"])


def _of_strategy(strategy: str | Strategy, params: dict[str, object]) -> str:
    if isinstance(strategy, Strategy):
        params["strategy"] = strategy.hash
        return "strategy_hash = $strategy"
    params["strategy"] = strategy
    return (
        "(strategy_name = $strategy OR "
        "(length($strategy) >= 8 AND starts_with(strategy_hash, $strategy)))"
    )


def became(found: list[dict[str, Any]]) -> str:
    """Say what became of a run that is not completed, or where to look if there is none.

    Parameters
    ----------
    found
        Its states, the newest first.
    """
    """Say what became of a run that was submitted and is not completed."""
    if not found:
        return "; list what there is with hl.runs.find(state=None), or: hyprl runs list --state any"
    row = found[0]
    because = f" ({row['error']})" if row["error"] else ""
    return f": run {row['run_hash'][:12]} is {row['state']}{because}; see hl.runs.events"
