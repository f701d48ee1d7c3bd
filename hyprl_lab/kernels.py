"""The one importer of the native engine: shapes and dtypes are checked here, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from hyprl_lab.errors import EngineUnavailableError, InputError

try:
    from hyprl_lab import _native
except ImportError as error:
    raise EngineUnavailableError(
        f"the native engine can't be loaded ({error}); build it with `make build`, "
        'or pass engine="python"'
    ) from error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = [
    "METRIC_NAMES",
    "VERSION",
    "BacktestArrays",
    "SearchArrays",
    "Setup",
    "backtest",
    "search",
    "trial_keys",
]

METRIC_NAMES: tuple[str, ...] = tuple(_native.METRIC_NAMES)
"""Names of a trial's metrics, in the engine's order."""

VERSION: str = _native.__version__
"""The native engine's version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a simulation needs besides bars and parameters, as the engine reads it.

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
    """

    graph: str
    risk: str
    execution: str
    cash: float
    start: int
    headline: IntArray
    periods_per_year: float
    years: float


class BacktestArrays(TypedDict):
    """Arrays of one backtest: trades, equity, metrics, block moments."""

    entry_bar: IntArray
    exit_bar: IntArray
    side: IntArray
    entry_price: FloatArray
    exit_price: FloatArray
    quantity: FloatArray
    pnl: FloatArray
    trade_return: FloatArray
    stop_price: FloatArray
    reason: IntArray
    values: FloatArray
    equity: FloatArray
    blocks: FloatArray
    behaviour_hash: int
    ruined_bar: int | None
    deficit: float


class SearchArrays(TypedDict):
    """Arrays of many trials: `values` is (metrics, trials), `blocks` (trials, 17, 6)."""

    values: FloatArray
    behaviour_hash: NDArray[np.uint64]
    failed: BoolArray
    first_error: str | None
    blocks: FloatArray


def backtest(
    columns: Mapping[str, FloatArray], setup: Setup, params: Sequence[float]
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

    Raises
    ------
    InputError
        A column is not one-dimensional, or the lengths differ.
    StrategyError, ConfigError, BarsError
        The engine refuses the graph, a setting or the bars.
    """
    result: BacktestArrays = _native.backtest(
        _columns(columns), _setup(setup), np.asarray(params, dtype=np.float64)
    )
    return result


def search(
    columns: Mapping[str, FloatArray], setup: Setup, values: FloatArray, *, threads: int
) -> SearchArrays:
    """Run a trial for each row of `values`.

    Parameters
    ----------
    columns, setup
        As for `backtest`.
    values
        Shape (trials, parameters), columns in the sorted order of the graph's parameter names.
    threads
        Worker threads, at least 1; results do not depend on it.

    Raises
    ------
    InputError
        `values` is not two-dimensional, or a column is malformed.
    StrategyError, ConfigError, BarsError
        The engine refuses the graph, a setting or the bars; a parameter row that it refuses is
        marked in `failed` instead.
    """
    if values.ndim != 2:
        raise InputError(f"values has {values.ndim} dimensions, expected (trials, parameters)")
    if threads < 1:
        raise InputError(f"threads is {threads}, expected at least 1")
    result: SearchArrays = _native.search(
        _columns(columns),
        _setup(setup),
        np.ascontiguousarray(values, dtype=np.float64),
        threads,
    )
    return result


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


def _columns(columns: Mapping[str, FloatArray]) -> list[tuple[str, FloatArray]]:
    checked = [
        (name, np.ascontiguousarray(values, dtype=np.float64)) for name, values in columns.items()
    ]
    shapes = {values.shape for _, values in checked}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise InputError(f"columns have shapes {sorted(shapes)}, expected one length for all")
    return checked


def _setup(setup: Setup) -> Setup:
    if setup.start < 0:
        raise InputError(f"start is {setup.start}, expected a bar index ≥ 0")
    return setup
