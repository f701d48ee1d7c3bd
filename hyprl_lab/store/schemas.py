"""The columns of everything the warehouse keeps in Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.metrics import TRIAL_METRICS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "BLOCKS",
    "TRIAL_STATES",
    "backtests_schema",
    "bars_part_schema",
    "equity_schema",
    "orders_schema",
    "trades_schema",
    "trial_blocks_schema",
    "trials_schema",
]

BLOCKS: Final = 17
"""S = 16 blocks of equal length, after a leading one for the oldest T mod S returns."""

TRIAL_STATES: Final = ("completed", "failed", "pruned")
"""What became of a trial; all three count."""

BACKTEST_STUDY: Final = "backtest"
"""The `study_id` of trials that single backtests recorded."""


def trials_schema() -> pa.Schema:
    """Return the schema of table `trials`.

    `study_id`, `trial_index` (from 0 within the study), `trial_key` (16 bytes), `lineage_root`,
    `state` (`completed`, `failed` or `pruned`), `param_values` (in the order of the study's
    `param_names`), each of `hyprl_lab.metrics.TRIAL_METRICS` (null where undefined) and
    `behaviour_hash`.

    Examples
    --------
    >>> trials_schema().field("sharpe").type
    DataType(double)
    """
    import pyarrow as pa

    label = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            pa.field("study_id", label, nullable=False),
            pa.field("trial_index", pa.int64(), nullable=False),
            pa.field("trial_key", pa.binary(16), nullable=False),
            pa.field("lineage_root", label, nullable=False),
            pa.field("state", label, nullable=False),
            pa.field("param_values", pa.list_(pa.float64()), nullable=False),
            *(pa.field(name, pa.float64()) for name in TRIAL_METRICS),
            pa.field("behaviour_hash", pa.uint64()),
        ]
    )


def backtests_schema() -> pa.Schema:
    """Return the schema of table `backtests`: single trials that a compaction moved into a part.

    Columns are those of `trials`, but each row names its own parameters, and has the `id` under
    which `small_trials` goes on counting its looks. `created_at` is the first of them. `first_ts`,
    `last_ts`, `fingerprint` and `purpose` say what was seen; null in rows that are older.

    Examples
    --------
    >>> backtests_schema().field("param_names").type
    ListType(list<element: string>)
    """
    import pyarrow as pa

    label = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            pa.field("id", pa.string(), nullable=False),
            pa.field("trial_index", pa.int64(), nullable=False),
            pa.field("trial_key", pa.binary(16), nullable=False),
            pa.field("lineage_root", label, nullable=False),
            pa.field("strategy_hash", label, nullable=False),
            pa.field("state", label, nullable=False),
            pa.field("param_names", pa.list_(pa.field("element", pa.string())), nullable=False),
            pa.field("param_values", pa.list_(pa.float64()), nullable=False),
            *(pa.field(name, pa.float64()) for name in TRIAL_METRICS),
            pa.field("behaviour_hash", pa.uint64()),
            pa.field("first_ts", pa.timestamp("us", tz="UTC")),
            pa.field("last_ts", pa.timestamp("us", tz="UTC")),
            pa.field("fingerprint", label),
            pa.field("purpose", label),
            pa.field("created_at", pa.timestamp("us", tz="UTC"), nullable=False),
        ]
    )


def trial_blocks_schema() -> pa.Schema:
    """Return the schema of table `trial_blocks`: 17 blocks a trial, the leading one first.

    `sum1` … `sum4` are Σr … Σr⁴ of headline returns, `turnover` is Σ|notional| in money,
    `trades` counts trades closed. The third and fourth sums and the turnover are float32.

    Examples
    --------
    >>> trial_blocks_schema().field("sum1").type.list_size
    17
    """
    import pyarrow as pa

    def blocks(value: pa.DataType) -> pa.DataType:
        return pa.list_(pa.field("element", value, nullable=False), BLOCKS)

    kinds = {
        "sum1": pa.float64(),
        "sum2": pa.float64(),
        "sum3": pa.float32(),
        "sum4": pa.float32(),
        "turnover": pa.float32(),
        "trades": pa.uint32(),
    }
    return pa.schema(
        [
            pa.field("study_id", pa.dictionary(pa.int32(), pa.string()), nullable=False),
            pa.field("trial_index", pa.int64(), nullable=False),
            *(pa.field(name, blocks(kind), nullable=False) for name, kind in kinds.items()),
        ]
    )


def trades_schema() -> pa.Schema:
    """Return the schema of a run's `trades.parquet` (view `trades` adds nothing).

    Prices, `pnl`, `fees` and `financing` are money, `return`, `mae` and `mfe` are fractions of the
    entry, `stop_price` and `r_multiple` are null for a trade without a stop. What follows
    `stop_price` is null for runs that were stored before it was known.
    """
    import pyarrow as pa

    time = pa.timestamp("us", tz="UTC")
    number = pa.float64()
    return pa.schema(
        [
            ("run_hash", pa.string()),
            ("side", pa.string()),
            ("entry_ts", time),
            ("exit_ts", time),
            ("entry_price", number),
            ("exit_price", number),
            ("quantity", number),
            ("pnl", number),
            ("return", number),
            ("reason", pa.string()),
            ("stop_price", number),
            ("bars_held", pa.int64()),
            ("fees", number),
            ("financing", number),
            ("mae", number),
            ("mfe", number),
            ("r_multiple", number),
        ]
    )


def orders_schema() -> pa.Schema:
    """Return the schema of a run's `orders.parquet` (view `orders` adds nothing).

    `signal_ts` is null where no signal asked for the order, `price` where nothing was filled;
    `price` and `fee` are money, `asked` and `quantity` units.

    Examples
    --------
    >>> orders_schema().field("signal_ts").type
    TimestampType(timestamp[us, tz=UTC])
    """
    import pyarrow as pa

    time = pa.timestamp("us", tz="UTC")
    words = ("side", "intent", "kind", "reason", "status", "why")
    return pa.schema(
        [
            ("run_hash", pa.string()),
            ("ts", time),
            ("signal_ts", time),
            *((word, pa.string()) for word in words),
            *((number, pa.float64()) for number in ("asked", "quantity", "price", "fee")),
        ]
    )


def bars_part_schema(columns: tuple[str, ...]) -> pa.Schema:
    """Return the schema of a part of bars: labels and `_ts`, then the bars' own columns.

    No column of bars begins with an underscore (see `hyprl_lab.data.names`), so no name of a
    feature is in the way of a label. NaN is missing, and never null.

    Examples
    --------
    >>> bars_part_schema(("open", "high", "low", "close")).names[:5]
    ['_fingerprint', '_symbol', '_timeframe', '_ts', 'open']
    """
    import pyarrow as pa

    label = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            *(
                pa.field(name, label, nullable=False)
                for name in ("_fingerprint", "_symbol", "_timeframe")
            ),
            pa.field("_ts", pa.timestamp("us", tz="UTC"), nullable=False),
            *(pa.field(name, pa.float64(), nullable=False) for name in columns),
        ]
    )


def equity_schema() -> pa.Schema:
    """Return the schema of a run's `equity.parquet`: money at each bar's close."""
    import pyarrow as pa

    return pa.schema(
        [
            ("run_hash", pa.string()),
            ("ts", pa.timestamp("us", tz="UTC")),
            ("equity", pa.float64()),
        ]
    )
