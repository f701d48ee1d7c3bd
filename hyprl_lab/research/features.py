"""Features: expressions over bars as a table, kept with a run on request (`hl.features`).

import hyprl_lab as hl

table = hl.features.matrix(bars, {"rsi": hl.ta.rsi(hl.close, 14), "up": hl.close > hl.open})
hl.features.save(result, table)
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.given import checked_bars
from hyprl_lab.engine.features import feature_values
from hyprl_lab.engine.result import Result
from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.research.recording import warehouse_of
from hyprl_lab.strategy.features import Features
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.strategy.expression import Expr
    from hyprl_lab.types import EngineName, FloatArray

__all__ = ["matrix", "save"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


def matrix(
    bars: Bars,
    expressions: Mapping[str, Expr],
    *,
    params: Mapping[str, float] | None = None,
    engine: EngineName = "native",
) -> pa.Table:
    """Return expressions over bars as a table: a row a bar, a column each.

    A value at bar t is made of bars up to t, so a row may be used for a decision at its close.

    Parameters
    ----------
    bars
        What they read.
    expressions
        By name, in snake case and other than `ts`; the columns stand in this order.
    params
        A value for each parameter in them.
    engine
        `"native"` (Rust) or `"python"` (the readable twin); never exchanged silently.

    Returns
    -------
    pyarrow.Table
        `ts` (the bar's open, timestamp[us, UTC]), then float64 for numbers and bool for
        conditions, null where missing (during warm-up, say). The schema's metadata, under
        `hyprl`, says of which bars and expressions.

    Raises
    ------
    StrategyError
        A name or an expression is none, a parameter is missing or out of range, or a window is
        longer than the bars.
    BarsError
        A column is missing.
    ConfigError, EngineUnavailableError
        The engine is unknown, or can't be loaded.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> bars = hl.load_bars("TEST")
    >>> table = matrix(bars, {"mean": hl.ta.sma(hl.close, 20), "up": hl.close > hl.open},
    ...                engine="python")
    >>> table.column_names, table["mean"].null_count
    (['ts', 'mean', 'up'], 19)
    """
    import pyarrow as pa

    checked_bars(bars)
    features = Features(expressions)
    bound = features.bind(params)
    values = feature_values(bars, features, bound, engine)
    kinds = features.kinds
    columns = {
        "ts": pa.array(bars.ts, pa.timestamp("us", tz="UTC")),
        **{name: _column(found, kinds[name]) for name, found in values.items()},
    }
    about = {
        "fingerprint": bars.fingerprint,
        "symbol": bars.symbol,
        "timeframe": bars.timeframe,
        "params": bound,
        "features": features.to_json(),
        "nodes": dict(features.graph.roots),
    }
    return pa.table(columns).replace_schema_metadata({"hyprl": json.dumps(about, sort_keys=True)})


def save(result_or_run_hash: Result | str, table: pa.Table, name: str = "features") -> Path:
    """Keep a table of features with a stored run, as its artifact `NAME.parquet`; return where.

    The same table again changes nothing; another one is kept beside the first, as `NAME-2`.

    Parameters
    ----------
    result_or_run_hash
        A saved result, or the hash of a run in the warehouse of `HYPRL_HOME`.
    table
        What `matrix` returned, or any Arrow table.
    name
        A plain file name, without its suffix: `[a-z][a-z0-9_]{0,62}`.

    Raises
    ------
    NotFoundError
        The run is not stored: `result.save()` stores it.
    InputError
        The table is no Arrow table, the name is not plain, or one of the run's own files has it.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> bars = hl.load_bars("TEST")
    >>> result = hl.backtest(bars, hl.Strategy("up", long_entry=hl.close > hl.open))
    >>> run_hash = result.save()
    >>> table = matrix(bars, {"mean": hl.ta.sma(hl.close, 20)}, engine="python")
    >>> save(result, table).name
    'features.parquet'
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not isinstance(table, pa.Table):
        raise InputError(f"table is {shown(table)}; expected an Arrow table, as hl.features.matrix")
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise InputError(
            f"name is {shown(name)}; expected a plain file name: a small letter, then up to 62 "
            "small letters, digits and _, such as 'features'"
        )
    store, key = _run(result_or_run_hash)
    try:
        store.get_run(**key)
    except NotFoundError as error:
        raise NotFoundError(
            f"run {key['run_hash']} is not stored, so features have nothing to be kept with; store "
            f"it first by result.save() ({error})"
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "table.parquet"
        pq.write_table(table, written, compression="zstd")
        kept: Path = store.add_artifact(path=written, name=f"{name}.parquet", **key)
    return kept


def _run(found: Result | str) -> tuple[Any, dict[str, str]]:
    """Return the warehouse of a run, and what names it there."""
    if isinstance(found, Result):
        named = {"engine_version": found.engine_version, "engine": found.engine}
        return warehouse_of(found), {"run_hash": found.run_hash, **named}
    if isinstance(found, str):
        from hyprl_lab.store import default

        return default(), {"run_hash": found}
    raise InputError(f"found {shown(found)}; expected a result of hl.backtest, or a run hash")


def _column(values: FloatArray, kind: str) -> pa.Array:
    import pyarrow as pa

    missing = np.isnan(values)
    if kind == "boolean":
        return pa.array(values == 1.0, pa.bool_(), mask=missing)
    return pa.array(values, pa.float64(), mask=missing)
