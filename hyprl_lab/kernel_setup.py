"""What a simulation is set up with, besides bars and parameters, as the native engine reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.errors import ConfigError, InputError, StrategyError
from hyprl_lab.kernel_arguments import READABLE, finite_of, form, index_of, rows_of, text_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = ["Setup", "setup_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a simulation needs besides bars and parameters, as the engine reads it.

    Arrays over bars have one value a bar, C-contiguous.

    Parameters
    ----------
    graph, risk, execution
        JSON texts.
    cash
        Money before the first bar, above 0.
    start
        The first simulated bar.
    headline
        int64, ascending bar indices ≥ `start` at which equity is sampled.
    periods_per_year, years
        Headline periods a year, above 0, and elapsed years, from 0.
    ts
        int64 microseconds since the epoch, UTC: the open of each bar.
    bars_per_year
        Bars in a year, above 0.
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


def setup_of(setup: Setup, shape: tuple[int, ...]) -> Setup:
    """Return a setup that the engine can read, its arrays at even addresses.

    Parameters
    ----------
    setup
        Whatever a caller hands in.
    shape
        Of the columns: `(bars,)`.

    Raises
    ------
    InputError
        It is no `Setup`, an array has another type or shape than it should, or does not ascend.
    StrategyError, ConfigError
        The graph is no text; risk or execution are none, or a number is out of range.
    """
    if not isinstance(setup, Setup):
        raise InputError(f"setup is {form(setup)}; expected a kernels.Setup")
    ts = _one_a_bar("ts", setup.ts, np.int64, shape)
    _never_falling("ts", ts)
    session, square_off = setup.session, setup.square_off
    if session is not None:
        session = _one_a_bar("session", session, np.int64, shape)
        _never_falling("session", session)
    if square_off is not None:
        square_off = _one_a_bar("square_off", square_off, np.bool_, shape)
    return replace(
        setup,
        graph=text_of("graph", setup.graph, StrategyError),
        risk=text_of("risk", setup.risk, ConfigError),
        execution=text_of("execution", setup.execution, ConfigError),
        cash=finite_of("cash", setup.cash),
        start=index_of("start is", setup.start, "a bar index ≥ 0"),
        headline=_headline(setup.headline),
        periods_per_year=finite_of("periods_per_year", setup.periods_per_year),
        years=finite_of("years", setup.years, zero=True),
        ts=ts,
        bars_per_year=finite_of("bars_per_year", setup.bars_per_year),
        clock=_clock(setup.clock, shape),
        longer=_longer(setup.longer, shape),
        session=session,
        square_off=square_off,
    )


def _headline(values: object) -> IntArray:
    if not isinstance(values, np.ndarray) or values.ndim != 1:
        raise InputError(f"headline is {form(values)}, expected one dimension of bar indices")
    if values.dtype != np.int64 or not values.flags.c_contiguous:
        raise InputError(f"headline is {form(values)}, expected contiguous int64")
    if values.size and values.min() < 0:
        raise InputError(f"headline holds {values.min()}, expected bar indices ≥ 0")
    return np.require(values, requirements=READABLE)


def _clock(given: object, shape: tuple[int, ...]) -> list[tuple[str, FloatArray]]:
    return [
        (text_of("clock", name), _one_a_bar(f"clock {name}", values, np.float64, shape))
        for name, values in rows_of("clock", given, ("name", "values"))
    ]


def _longer(given: object, shape: tuple[int, ...]) -> list[tuple[str, IntArray, BoolArray]]:
    return [
        (
            text_of("longer", name),
            _one_a_bar(f"longer {name} bucket", bucket, np.int64, shape),
            _one_a_bar(f"longer {name} closed", closed, np.bool_, shape),
        )
        for name, bucket, closed in rows_of("longer", given, ("timeframe", "bucket", "closed"))
    ]


def _one_a_bar(name: str, values: Any, dtype: type, shape: tuple[int, ...]) -> NDArray[Any]:
    fits = isinstance(values, np.ndarray) and values.shape == shape and values.dtype == dtype
    if not fits or not values.flags.c_contiguous:
        raise InputError(
            f"{name} is {form(values)}, expected contiguous {np.dtype(dtype)} of shape {shape}, "
            "one value a bar"
        )
    return np.require(values, requirements=READABLE)


def _never_falling(name: str, values: IntArray) -> None:
    falls = values[1:] < values[:-1]
    if falls.any():
        row = int(falls.argmax())
        raise InputError(
            f"{name} falls from {values[row]} to {values[row + 1]} at bar {row + 1}, expected "
            "ascending numbers"
        )
