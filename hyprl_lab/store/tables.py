"""From arrays and frames to the warehouse's Arrow tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store.schemas import (
    BLOCKS,
    TRIAL_STATES,
    equity_schema,
    orders_schema,
    trades_schema,
    trial_blocks_schema,
    trials_schema,
)
from hyprl_lab.store.trials.keys import KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from hyprl_lab.types import FloatArray

__all__ = [
    "blocks_table",
    "equity_table",
    "features_table",
    "orders_table",
    "trades_table",
    "trials_table",
]


def trials_table(
    *,
    study_id: str,
    first_index: int,
    keys: NDArray[np.uint8],
    lineage_root: str,
    param_values: FloatArray,
    metrics: Mapping[str, FloatArray],
    behaviour_hash: NDArray[np.uint64],
    states: str | Sequence[str] = "completed",
) -> pa.Table:
    """Return n trials as rows of table `trials`; nothing of floats is copied but parameters.

    Parameters
    ----------
    first_index
        The `trial_index` of the first row; the others follow.
    keys
        uint8, shape (n, 16): `trial_key` of each trial.
    param_values
        Shape (n, parameters), columns in the order of the study's `param_names`.
    metrics
        For each of `TRIAL_METRICS`, n numbers; NaN, which means undefined, is stored as null.
    behaviour_hash
        uint64, n of them.
    states
        `completed`, `failed` or `pruned`, for all or for each.

    Raises
    ------
    InputError
        Shapes, metric names or states don't fit.

    Examples
    --------
    >>> from hyprl_lab.metrics import TRIAL_METRICS
    >>> table = trials_table(
    ...     study_id="s", first_index=0, keys=np.zeros((1, 16), np.uint8), lineage_root="r",
    ...     param_values=np.array([[5.0]]), metrics={m: np.array([np.nan]) for m in TRIAL_METRICS},
    ...     behaviour_hash=np.zeros(1, np.uint64))
    >>> table["sharpe"].null_count
    1
    """
    import pyarrow as pa

    n = len(keys)
    if keys.shape != (n, KEY_BYTES) or keys.dtype != np.uint8:
        raise InputError(f"keys are {keys.dtype}{keys.shape}; expected uint8 ({n}, {KEY_BYTES})")
    if set(metrics) != set(TRIAL_METRICS):
        raise InputError(f"metrics are {sorted(metrics)}; expected exactly {sorted(TRIAL_METRICS)}")
    lengths = {"param_values": len(param_values), "behaviour_hash": len(behaviour_hash)}
    lengths |= {name: len(values) for name, values in metrics.items()}
    lengths |= {} if isinstance(states, str) else {"states": len(states)}
    for name, length in lengths.items():
        if length != n:
            raise InputError(f"{name} has {length} rows; expected {n}, one for each key")
    schema = trials_schema()
    width = param_values.shape[1] if n else 0
    offsets = np.arange(n + 1, dtype=np.int32) * width
    flat = np.ascontiguousarray(param_values, np.float64).ravel()
    columns: dict[str, pa.Array] = {
        "study_id": _repeated(study_id, n),
        "trial_index": pa.array(np.arange(first_index, first_index + n, dtype=np.int64)),
        "trial_key": pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(KEY_BYTES), n, [None, pa.py_buffer(np.ascontiguousarray(keys))]
        ),
        "lineage_root": _repeated(lineage_root, n),
        "state": _states(states, n),
        "param_values": pa.ListArray.from_arrays(pa.array(offsets), pa.array(flat)),
        **{
            name: pa.array(np.asarray(metrics[name], np.float64), from_pandas=True)
            for name in TRIAL_METRICS
        },
        "behaviour_hash": pa.array(np.asarray(behaviour_hash, np.uint64)),
    }
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def blocks_table(*, study_id: str, first_index: int, blocks: FloatArray) -> pa.Table:
    """Return the block moments of n trials as rows of table `trial_blocks`.

    Parameters
    ----------
    first_index
        The `trial_index` of the first row.
    blocks
        Shape (n, 17, 6); the last axis is Σr, Σr², Σr³, Σr⁴, trades, turnover
        (`hyprl_lab.engine.simulation.BLOCK_COLUMNS`).

    Raises
    ------
    InputError
        The shape differs, or a block has NaN: every block is defined, an empty one is zeros.

    Examples
    --------
    >>> blocks_table(study_id="s", first_index=7, blocks=np.ones((2, 17, 6)))["trial_index"][1]
    <pyarrow.Int64Scalar: 8>
    """
    import pyarrow as pa

    n = len(blocks)
    if blocks.shape != (n, BLOCKS, 6):
        raise InputError(f"blocks have shape {blocks.shape}; expected (n, {BLOCKS}, 6)")
    if not np.isfinite(blocks).all():
        row = int(np.flatnonzero(~np.isfinite(blocks).all(axis=(1, 2)))[0])
        raise InputError(f"blocks of trial {first_index + row} hold NaN or infinity")
    schema = trial_blocks_schema()
    places = {"sum1": 0, "sum2": 1, "sum3": 2, "sum4": 3, "trades": 4, "turnover": 5}
    columns: dict[str, pa.Array] = {
        "study_id": _repeated(study_id, n),
        "trial_index": pa.array(np.arange(first_index, first_index + n, dtype=np.int64)),
    }
    for name, place in places.items():
        kind = schema.field(name).type
        flat = np.ascontiguousarray(blocks[:, :, place], kind.value_type.to_pandas_dtype())
        columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(flat.ravel()), type=kind)
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def trades_table(run_hash: str, trades: pd.DataFrame | pa.Table) -> pa.Table:
    """Return a run's trades as its artifact holds them.

    Raises
    ------
    InputError
        A column of `trades_schema()` is missing or of another kind.
    """
    return _artifact(run_hash, trades, trades_schema(), "trades")


def orders_table(run_hash: str, orders: pd.DataFrame | pa.Table) -> pa.Table:
    """Return a run's orders as its artifact holds them.

    Raises
    ------
    InputError
        A column of `orders_schema()` is missing or of another kind.
    """
    return _artifact(run_hash, orders, orders_schema(), "orders")


def equity_table(run_hash: str, equity: pd.Series[float] | pa.Table) -> pa.Table:
    """Return a run's equity as its artifact holds it.

    Parameters
    ----------
    equity
        A series indexed by UTC time, or a table of `ts` and `equity`.

    Raises
    ------
    InputError
        A column of `equity_schema()` is missing or of another kind.
    """
    import pyarrow as pa

    if not isinstance(equity, pa.Table):
        equity = pa.table({"ts": pa.array(equity.index), "equity": pa.array(equity.to_numpy())})
    return _artifact(run_hash, equity, equity_schema(), "equity")


def features_table(run_hash: str, features: pd.DataFrame | pa.Table) -> pa.Table:
    """Return a run's feature matrix as its artifact holds it: `run_hash`, `ts`, and its columns.

    Parameters
    ----------
    features
        Numbers by name, indexed by UTC time, or a table of `ts` and them. NaN stays NaN.

    Raises
    ------
    InputError
        There is no `ts`, a column has the name of a label, or is not of numbers.

    Examples
    --------
    >>> import pyarrow as pa
    >>> times = pa.array([0], pa.timestamp("us", tz="UTC"))
    >>> features_table("aa", pa.table({"ts": times, "x": [1]})).column_names
    ['run_hash', 'ts', 'x']
    """
    import pyarrow as pa

    if not isinstance(features, pa.Table):
        names = [str(name) for name in features.columns]
        columns = [pa.array(features[name].to_numpy(np.float64)) for name in features.columns]
        features = pa.table([pa.array(features.index), *columns], names=["ts", *names])
    names = [name for name in features.column_names if name != "ts"]
    if "run_hash" in names or len(set(names)) < len(names):
        raise InputError(f"features are named {names}; expected names of their own, each once")
    time = ("ts", pa.timestamp("us", tz="UTC"))
    schema = pa.schema([("run_hash", pa.string()), time, *((name, pa.float64()) for name in names)])
    return _artifact(run_hash, features, schema, "features")


def _artifact(
    run_hash: str, content: pd.DataFrame | pa.Table, schema: pa.Schema, what: str
) -> pa.Table:
    import pyarrow as pa

    table = content if isinstance(content, pa.Table) else pa.Table.from_pandas(content)
    missing = sorted(set(schema.names) - {"run_hash"} - set(table.column_names))
    if missing:
        raise InputError(f"{what} lack {missing}; expected {schema.names[1:]}")
    label = pa.array([run_hash] * len(table), pa.string())
    columns = [label, *(table[name] for name in schema.names[1:])]
    try:
        return pa.Table.from_arrays(columns, names=schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f"{what} don't fit the artifact's columns: {error}") from error


def _repeated(value: str, n: int) -> pa.Array:
    import pyarrow as pa

    indices = pa.array(np.zeros(n, np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array([value], pa.string()))


def _states(states: str | Sequence[str], n: int) -> pa.Array:
    import pyarrow as pa

    codes = {state: code for code, state in enumerate(TRIAL_STATES)}
    given = [states] * n if isinstance(states, str) else list(states)
    unknown = sorted(set(given) - set(codes))
    if unknown:
        raise InputError(f"trial states {unknown} are unknown; expected {list(TRIAL_STATES)}")
    indices = pa.array(np.array([codes[state] for state in given], np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array(TRIAL_STATES, pa.string()))
