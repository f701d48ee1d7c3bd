"""The one importer of the native engine: what is handed to it is checked, and it is called."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from hyprl_lab.errors import CancelledError, EngineUnavailableError, InputError, StrategyError
from hyprl_lab.kernel_arguments import (
    MOST_THREADS,
    TrialSettings,
    columns_of,
    flag_of,
    index_of,
    indices_of,
    names_of,
    numbers_of,
    prefix_of,
    text_of,
    threads_of,
    trial_settings_of,
    watch_of,
)
from hyprl_lab.kernel_setup import Setup, setup_of

try:
    from hyprl_lab import _native
except ImportError as error:
    raise EngineUnavailableError(
        f"the native engine can't be loaded ({error}); build it with `make build`, "
        'or pass engine="python"'
    ) from error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = [
    "METRIC_NAMES",
    "MOST_THREADS",
    "VERSION",
    "BacktestArrays",
    "HalfWinners",
    "SearchArrays",
    "Setup",
    "TrialSettings",
    "backtest",
    "best_of_halves",
    "evaluate",
    "intrabar",
    "search",
    "standing_in_halves",
    "trial_keys",
]

METRIC_NAMES: tuple[str, ...] = tuple(_native.METRIC_NAMES)
"""Names of a trial's metrics, in the engine's order."""

VERSION: str = _native.__version__
"""The native engine's version."""


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
        An array or a value has another type or shape than it should, or does not ascend.
    StrategyError, ConfigError, BarsError
        The engine refuses the graph, a setting or the bars.
    CancelledError
        `watch` said stop.
    """
    checked = columns_of(columns)
    result: BacktestArrays = _native.backtest(
        checked,
        setup_of(setup, checked[0][1].shape),
        numbers_of("params", params, ("parameters",)),
        watch_of(watch),
        flag_of("portable", portable),
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
    checked = columns_of(columns)
    stop_first, nearest_first, target_first = _native.intrabar(
        checked,
        setup_of(setup, checked[0][1].shape),
        numbers_of("params", params, ("parameters",)),
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
        `values` is not two-dimensional or as wide as the graph has parameters, or an array or
        another value is malformed.
    StrategyError, ConfigError, BarsError
        The engine refuses the graph, a setting or the bars; a parameter row that it refuses is
        marked in `failed` instead.
    CancelledError
        `watch` said stop.
    """
    checked = columns_of(columns)
    ready = setup_of(setup, checked[0][1].shape)
    rows = _trials(values, ready.graph)
    asked = _Watched(watch_of(watch))
    try:
        result: SearchArrays = _native.search(
            checked,
            ready,
            rows,
            threads_of(threads),
            flag_of("portable", portable),
            flag_of("blocks", blocks),
            None if settings is None else trial_settings_of(settings, len(rows)),
            None if watch is None else asked,
        )
    except CancelledError as error:
        if not asked.stopped:
            raise
        raise CancelledError(
            f"the search was cancelled after {asked.done:,} of {asked.total:,} trials"
        ) from error
    return result


class _Watched:
    """Asks a search's watch, and remembers what it was told where it said stop."""

    def __init__(self, watch: Callable[[int, int], bool] | None) -> None:
        self.watch = watch
        self.stopped, self.done, self.total = False, 0, 0

    def __call__(self, done: int, total: int) -> bool:
        self.done, self.total = done, total
        self.stopped = self.watch is not None and bool(self.watch(done, total))
        return self.stopped


def _trials(values: FloatArray, graph: str) -> FloatArray:
    """Return the rows of a search, as wide as its graph has parameters."""
    rows, wanted = numbers_of("values", values, ("trials", "parameters")), len(_parameters(graph))
    if rows.shape[1] != wanted:
        raise InputError(
            f"values has rows of {rows.shape[1]} numbers, and the graph has {wanted} parameters; "
            "expected one column for each, in the sorted order of their names"
        )
    return rows


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
    checked = columns_of(columns)
    return _native.evaluate(
        checked,
        setup_of(setup, checked[0][1].shape),
        numbers_of("params", params, ("parameters",)),
        indices_of(nodes),
    )


class HalfWinners(NamedTuple):
    """The best trial of each half of some blocks, halves in ascending order of their masks."""

    trial: NDArray[np.uint32]
    score: FloatArray
    other: FloatArray


def best_of_halves(
    sums: FloatArray, squares: FloatArray, *, length: int, threads: int, portable: bool = False
) -> HalfWinners:
    """Return the best trial of each half of some blocks of time.

    A score is s·|s|/q, s = Σr and q = Σr² over the half: it grows with the Sharpe ratio. Bit b of
    a half's mask is block b, so the half that is left out stands at the same place from the end.

    Parameters
    ----------
    sums, squares
        Shape (trials, blocks): Σr and Σr² of each block, oldest first; an even number of blocks
        from 2 to 24.
    length
        Returns in each block.
    threads
        Worker threads, 1 to 1,024; results do not depend on it.
    portable
        As for `backtest`.

    Returns
    -------
    HalfWinners
        The trial, the first of those that are equal, 2³² - 1 where no trial's returns vary; its
        score; its score in the other half, NaN where its returns do not vary there.

    Raises
    ------
    InputError
        An argument has another type or shape than it should.
    ConfigError
        The engine refuses the number of blocks or their length.
    """
    return HalfWinners(
        *_native.best_of_halves(
            *_block_sums(sums, squares),
            index_of("length is", length, "a number of returns"),
            threads_of(threads),
            flag_of("portable", portable),
        )
    )


def standing_in_halves(
    sums: FloatArray,
    squares: FloatArray,
    against: FloatArray,
    *,
    length: int,
    threads: int,
    portable: bool = False,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
    """Count trials by their scores in the other half of each half.

    Parameters
    ----------
    sums, squares, length, threads, portable
        As for `best_of_halves`.
    against
        Shape (halves,): the score that those in the other half are compared with; NaN is neither
        above nor equal to any.

    Returns
    -------
    tuple
        For each half the trials that have a score in the other one, those whose score is below
        the given one, and those whose score is equal.

    Raises
    ------
    InputError, ConfigError
        As `best_of_halves`.
    """
    scored, below, equal = _native.standing_in_halves(
        *_block_sums(sums, squares),
        index_of("length is", length, "a number of returns"),
        numbers_of("against", against, ("halves",)),
        threads_of(threads),
        flag_of("portable", portable),
    )
    return scored, below, equal


def _block_sums(sums: FloatArray, squares: FloatArray) -> tuple[FloatArray, FloatArray]:
    rows = numbers_of("sums", sums, ("trials", "blocks"))
    other = numbers_of("squares", squares, ("trials", "blocks"))
    if rows.shape != other.shape:
        raise InputError(
            f"sums have shape {rows.shape} and squares {other.shape}; expected one shape for both"
        )
    return rows, other


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

    Raises
    ------
    InputError
        The prefix is no SHA-256, names are no texts or not one a column, or `values` are no
        numbers in two dimensions.
    """
    rows = numbers_of("values", values, ("trials", "parameters"))
    return _native.trial_keys(prefix_of(prefix), names_of(names, rows.shape[1]), rows)


@lru_cache(maxsize=64)
def _parameters(graph: str) -> tuple[str, ...]:
    """Return the names of a graph's parameters; none where it can't be read, as the engine says."""
    try:
        return tuple(sorted(text_of("parameter", name) for name in json.loads(graph)["parameters"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StrategyError(f"graph: expected the JSON of a strategy ({error})") from error
