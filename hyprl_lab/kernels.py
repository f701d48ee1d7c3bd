"""The one importer of the native engine: shapes and dtypes are checked here, nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias, TypedDict

import numpy as np

from hyprl_lab.errors import EngineUnavailableError, InputError, StrategyError

try:
    from hyprl_lab import _native
except ImportError as error:
    raise EngineUnavailableError(
        f"the native engine can't be loaded ({error}); build it with `make build`, "
        'or pass engine="python"'
    ) from error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = [
    "METRIC_NAMES",
    "MOST_THREADS",
    "VERSION",
    "BacktestArrays",
    "SearchArrays",
    "Setup",
    "TrialSettings",
    "backtest",
    "evaluate",
    "intrabar",
    "search",
    "trial_keys",
]

METRIC_NAMES: tuple[str, ...] = tuple(_native.METRIC_NAMES)
"""Names of a trial's metrics, in the engine's order."""

MOST_THREADS: Final = 1024
"""The most worker threads that a search is given."""

VERSION: str = _native.__version__
"""The native engine's version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a simulation needs besides bars and parameters, as the engine reads it.

    Arrays over bars have one value a bar, C-contiguous.

    Parameters
    ----------
    graph, risk, execution
        JSON texts.
    cash
        Money before the first bar.
    start
        The first simulated bar.
    headline
        int64, ascending bar indices ≥ `start` at which equity is sampled.
    periods_per_year, years
        Headline periods a year, and elapsed years.
    ts
        int64 microseconds since the epoch, UTC: the open of each bar.
    bars_per_year
        Bars in a year.
    clock
        float64 values of session nodes, by the node's name.
    longer
        By a longer timeframe's name: int64, which longer bar each bar belongs to, and bool, which
        bars complete theirs.
    session
        int64, ascending: the session of each bar.
    square_off
        bool: which bars stand at or after the session cutoff.
    """

    graph: str
    risk: str
    execution: str
    cash: float
    start: int
    headline: IntArray
    periods_per_year: float
    years: float
    ts: IntArray
    bars_per_year: float
    clock: list[tuple[str, FloatArray]]
    longer: list[tuple[str, IntArray, BoolArray]]
    session: IntArray | None
    square_off: BoolArray | None


class BacktestArrays(TypedDict):
    """Arrays of one backtest: trades, orders, equity, metrics, block moments."""

    entry_bar: IntArray
    exit_bar: IntArray
    side: NDArray[np.int8]
    entry_price: FloatArray
    exit_price: FloatArray
    quantity: FloatArray
    pnl: FloatArray
    trade_return: FloatArray
    stop_price: FloatArray
    reason: NDArray[np.int8]
    fees: FloatArray
    financing: FloatArray
    mae: FloatArray
    mfe: FloatArray
    order_bar: IntArray
    order_signal_bar: IntArray
    order_side: NDArray[np.int8]
    order_intent: NDArray[np.int8]
    order_kind: NDArray[np.int8]
    order_reason: NDArray[np.int8]
    order_status: NDArray[np.int8]
    order_why: NDArray[np.int8]
    order_asked: FloatArray
    order_quantity: FloatArray
    order_price: FloatArray
    order_fee: FloatArray
    values: FloatArray
    equity: FloatArray
    blocks: FloatArray
    behaviour_hash: int
    ruined_bar: int | None
    deficit: float


TrialSettings: TypeAlias = "tuple[Sequence[tuple[str, str]], NDArray[np.uint32]]"
"""Risk and execution of some accounts as JSON texts, and which of them each trial has."""


class SearchArrays(TypedDict):
    """Arrays of many trials: `values` is (metrics, trials), `blocks` (trials, 17, 6).

    Without block moments `blocks` is (0, 17, 6).
    """

    values: FloatArray
    behaviour_hash: NDArray[np.uint64]
    failed: BoolArray
    first_error: str | None
    blocks: FloatArray


def backtest(
    columns: Mapping[str, FloatArray],
    setup: Setup,
    params: Sequence[float],
    *,
    watch: Callable[[int, int], bool] | None = None,
    portable: bool = False,
) -> BacktestArrays:
    """Run one backtest.

    Parameters
    ----------
    columns
        float64 columns of one length by name, `open high low close` among them.
    setup
        The rest.
    params
        Values in the sorted order of the graph's parameter names.
    watch
        Called with the bars done and their number, at least every 20 ms; it returns whether to
        stop. What it raises ends the work.
    portable
        Leave out the instructions that not every machine has; results are equal to the bit.

    Raises
    ------
    InputError
        An array has another type or shape than it should, or does not ascend.
    StrategyError, ConfigError, BarsError
        The engine refuses the graph, a setting or the bars.
    CancelledError
        `watch` said stop.
    """
    checked = _columns(columns)
    result: BacktestArrays = _native.backtest(
        checked, _setup(setup, checked), np.asarray(params, dtype=np.float64), watch, portable
    )
    return result


def intrabar(
    columns: Mapping[str, FloatArray], setup: Setup, params: Sequence[float]
) -> tuple[BacktestArrays, BacktestArrays, BacktestArrays]:
    """Run one backtest by each order of stop and target inside a bar, from one evaluation.

    Parameters
    ----------
    columns, setup, params
        As for `backtest`; the setup's own `intrabar` setting is not read.

    Returns
    -------
    tuple
        By `stop_first`, `nearest_first`, `target_first`.

    Raises
    ------
    InputError, StrategyError, ConfigError, BarsError
        As `backtest`.
    """
    checked = _columns(columns)
    stop_first, nearest_first, target_first = _native.intrabar(
        checked, _setup(setup, checked), np.asarray(params, dtype=np.float64)
    )
    return stop_first, nearest_first, target_first


def search(
    columns: Mapping[str, FloatArray],
    setup: Setup,
    values: FloatArray,
    *,
    threads: int,
    portable: bool = False,
    blocks: bool = True,
    settings: TrialSettings | None = None,
    watch: Callable[[int, int], bool] | None = None,
) -> SearchArrays:
    """Run a trial for each row of `values`.

    Parameters
    ----------
    columns, setup, portable
        As for `backtest`.
    values
        Shape (trials, parameters), columns in the sorted order of the graph's parameter names.
    threads
        Worker threads, 1 to 1,024; results do not depend on it.
    blocks
        Whether block moments are returned; without them `blocks` has no rows. Nothing else changes.
    settings
        The risk and execution, as JSON texts, of some accounts, and which of them each trial has
        (uint32); those of the setup for all where `None`.
    watch
        Called with the trials done and their number, every 20 ms or so; it returns whether to stop.
        What it raises ends the work.

    Raises
    ------
    InputError
        `values` is not two-dimensional or as wide as the graph has parameters, or an array is
        malformed.
    StrategyError, ConfigError, BarsError
        The engine refuses the graph, a setting or the bars; a parameter row that it refuses is
        marked in `failed` instead.
    CancelledError
        `watch` said stop.
    """
    if values.ndim != 2:
        raise InputError(f"values has {values.ndim} dimensions, expected (trials, parameters)")
    wanted = len(_parameters(setup.graph))
    if values.shape[1] != wanted:
        raise InputError(
            f"values has rows of {values.shape[1]} numbers, and the graph has {wanted} parameters; "
            "expected one column for each, in the sorted order of their names"
        )
    if not 1 <= threads <= MOST_THREADS:
        raise InputError(f"threads is {threads}, expected 1 to {MOST_THREADS}")
    checked = _columns(columns)
    result: SearchArrays = _native.search(
        checked,
        _setup(setup, checked),
        np.ascontiguousarray(values, dtype=np.float64),
        threads,
        portable,
        blocks,
        None if settings is None else _settings(settings, len(values)),
        watch,
    )
    return result


def _settings(
    settings: TrialSettings, trials: int
) -> tuple[list[tuple[str, str]], NDArray[np.uint32]]:
    pairs, index = settings
    if index.shape != (trials,) or index.dtype != np.uint32:
        raise InputError(
            f"settings name {index.dtype} of shape {index.shape}, expected uint32 of shape "
            f"({trials},): one for each trial"
        )
    return list(pairs), np.ascontiguousarray(index)


def evaluate(
    columns: Mapping[str, FloatArray], setup: Setup, params: Sequence[float], nodes: Sequence[int]
) -> list[FloatArray]:
    """Return the values of some of a graph's nodes over all bars.

    Parameters
    ----------
    columns, setup, params
        As for `backtest`; of the setup only what describes the bars and the graph is read, and the
        graph may have no entry.
    nodes
        Indices in the graph's `nodes`.

    Returns
    -------
    list
        float64, one array a node in the order asked; NaN where missing. A condition is 1.0, 0.0 or
        NaN.

    Raises
    ------
    InputError
        An array is malformed, or a node is negative.
    StrategyError, ConfigError, BarsError
        The engine refuses the graph, its parameters or the bars, or has no such node.
    """
    wrong = [node for node in nodes if node < 0]
    if wrong:
        raise InputError(f"nodes hold {wrong[0]}, expected indices of the graph's nodes, from 0 on")
    checked = _columns(columns)
    return _native.evaluate(
        checked, _setup(setup, checked), np.asarray(params, dtype=np.float64), list(nodes)
    )


def trial_keys(prefix: bytes, names: Sequence[str], values: FloatArray) -> NDArray[np.uint8]:
    """Return the (trials, 16) bytes that identify each row of `values` under `prefix`.

    Parameters
    ----------
    prefix
        SHA-256 of what the trials share.
    names
        Parameter names of the columns of `values`, in any order.
    values
        Shape (trials, parameters).
    """
    return _native.trial_keys(prefix, list(names), np.ascontiguousarray(values, dtype=np.float64))


@lru_cache(maxsize=64)
def _parameters(graph: str) -> tuple[str, ...]:
    """Return the names of a graph's parameters; none where it can't be read, as the engine says."""
    try:
        found = json.loads(graph)["parameters"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StrategyError(f"graph: expected the JSON of a strategy ({error})") from error
    return tuple(sorted(found))


def _columns(columns: Mapping[str, FloatArray]) -> list[tuple[str, FloatArray]]:
    checked = [
        (name, np.require(values, np.float64, ["C", "A"])) for name, values in columns.items()
    ]
    shapes = {values.shape for _, values in checked}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise InputError(f"columns have shapes {sorted(shapes)}, expected one length for all")
    return checked


def _setup(setup: Setup, columns: list[tuple[str, FloatArray]]) -> Setup:
    if not isinstance(setup.start, int) or not 0 <= setup.start < 2**63:
        raise InputError(f"start is {setup.start!r:.40}, expected a bar index ≥ 0")
    shape = columns[0][1].shape
    _one_a_bar("ts", setup.ts, np.int64, shape)
    _never_falling("ts", setup.ts)
    headline = setup.headline
    if not isinstance(headline, np.ndarray) or headline.ndim != 1:
        raise InputError(f"headline is {_form(headline)}, expected one dimension of bar indices")
    if headline.dtype != np.int64 or not headline.flags.c_contiguous:
        raise InputError(f"headline is {_form(headline)}, expected contiguous int64")
    if headline.size and headline.min() < 0:
        raise InputError(f"headline holds {headline.min()}, expected bar indices ≥ 0")
    for name, values in setup.clock:
        _one_a_bar(f"clock {name}", values, np.float64, shape)
    for timeframe, bucket, closed in setup.longer:
        _one_a_bar(f"longer {timeframe} bucket", bucket, np.int64, shape)
        _one_a_bar(f"longer {timeframe} closed", closed, np.bool_, shape)
    if setup.session is not None:
        _one_a_bar("session", setup.session, np.int64, shape)
        _never_falling("session", setup.session)
    if setup.square_off is not None:
        _one_a_bar("square_off", setup.square_off, np.bool_, shape)
    return setup


def _one_a_bar(name: str, values: NDArray[np.generic], dtype: type, shape: tuple[int, ...]) -> None:
    fits = isinstance(values, np.ndarray) and values.shape == shape and values.dtype == dtype
    if not fits or not values.flags.c_contiguous:
        raise InputError(
            f"{name} is {_form(values)}, expected contiguous {np.dtype(dtype)} of shape {shape}, "
            "one value a bar"
        )


def _never_falling(name: str, values: IntArray) -> None:
    falls = values[1:] < values[:-1]
    if falls.any():
        row = int(falls.argmax())
        raise InputError(
            f"{name} falls from {values[row]} to {values[row + 1]} at bar {row + 1}, expected "
            "ascending numbers"
        )


def _form(values: object) -> str:
    if isinstance(values, np.ndarray):
        return f"{values.dtype} of shape {values.shape}"
    return f"a {type(values).__name__}"
