"""What `generate_signals` returned, checked column by column and row by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.timeframe import stamp
from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.document import OUTPUTS
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars
    from hyprl_lab.types import FloatArray

__all__ = ["checked_signals"]

_MEANS: Final = {"entry": "long_entry", "exit": "long_exit"}
_EXPECTED: Final = "booleans, or 0, 1 and NaN"


def checked_signals(found: Any, bars: Bars) -> dict[str, FloatArray]:
    """Return signals as float64: 1 true, 0 false, NaN missing; in the order of a strategy.

    Parameters
    ----------
    found
        A mapping or a pandas DataFrame of columns.
    bars
        That they are of: one value a bar.

    Raises
    ------
    StrategyError
        Naming the column and the row: a name is unknown or said twice, an exit lacks its entry, a
        column is not as long as the bars or stands on other times, or a value is none of a
        signal.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> bars = load_bars("TEST")
    >>> list(checked_signals({"entry": bars.close > bars.open}, bars))
    ['long_entry']
    """
    named: dict[str, FloatArray] = {}
    for name, column in _columns(found, bars):
        meant = _MEANS.get(name, name)
        if meant not in OUTPUTS:
            raise StrategyError(
                f"signals: unknown column {shown(name)}; expected some of {[*OUTPUTS, *_MEANS]}"
            )
        if meant in named:
            raise StrategyError(
                f"signals: {meant} is said twice; {meant.removeprefix('long_')!r} means "
                f"{meant!r}: return one of them"
            )
        named[meant] = _values(column, name, bars)
    for side in ("long", "short"):
        if f"{side}_exit" in named and f"{side}_entry" not in named:
            raise StrategyError(f"signals: {side}_exit without {side}_entry; return the entry too")
    if not named:
        raise StrategyError(
            "signals: found no column; expected long_entry, short_entry or both, with their exits"
        )
    return {name: named[name] for name in OUTPUTS if name in named}


def _columns(found: Any, bars: Bars) -> list[tuple[str, Any]]:
    if isinstance(found, Mapping):
        return list(found.items())
    if type(found).__module__.partition(".")[0] == "pandas" and hasattr(found, "columns"):
        twice = list(found.columns[found.columns.duplicated()])
        if twice:
            raise StrategyError(f"signals: columns {listed(twice)} stand twice; rename them")
        return [(name, found[name]) for name in found.columns]
    raise StrategyError(
        f"generate_signals returned {shown(found)} ({type(found).__name__}) over {len(bars)} bars; "
        "expected a mapping or a DataFrame with long_entry, short_entry or both"
    )


def _values(column: Any, name: str, bars: Bars) -> FloatArray:
    _check_times(column, name, bars)
    try:
        array = np.asarray(column)
    except (ValueError, TypeError) as error:
        raise StrategyError(
            f"signals, column {name}: no array can be made of it ({error}); expected {len(bars)} "
            f"values, one a bar: {_EXPECTED}"
        ) from error
    if array.ndim != 1 or array.size != len(bars):
        size = f"{array.size} values" if array.ndim == 1 else f"shape {array.shape}"
        raise StrategyError(
            f"signals, column {name}: found {size}; expected {len(bars)}, one a bar"
        )
    if array.dtype.kind == "b":
        return array.astype(np.float64)
    if array.dtype.kind in "iuf":
        values = array.astype(np.float64)
        wrong = ~(np.isnan(values) | (values == 0.0) | (values == 1.0))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise _refused(name, row, bars, array[row].item())
        return np.where(values == 0.0, 0.0, values)  # without a negative zero
    if array.dtype.kind == "O":
        return np.array([_one(value, name, row, bars) for row, value in enumerate(array)])
    raise StrategyError(
        f"signals, column {name}: found values of type {array.dtype}; expected {_EXPECTED}"
    )


def _check_times(column: Any, name: str, bars: Bars) -> None:
    """Refuse a pandas column that stands on other times than the bars."""
    index: Any = getattr(column, "index", None)
    if type(index).__name__ != "DatetimeIndex":
        return
    zoned = index if index.tz is not None else index.tz_localize("UTC")
    times = zoned.tz_convert("UTC").tz_localize(None).to_numpy()
    stamps = times.astype("datetime64[us]").astype(np.int64)
    if not np.array_equal(stamps, bars.ts):
        same = stamps[: len(bars)] == bars.ts[: stamps.size]
        row = int(same.size) if same.all() else int(np.argmin(same))
        raise StrategyError(
            f"signals, column {name}: its index differs from the bars' times at row {row}; "
            f"expected the {len(bars)} times of bars.ts: reindex it, or return arrays"
        )


def _one(value: Any, name: str, row: int, bars: Bars) -> float:
    if value is None or type(value).__name__ == "NAType":
        return np.nan
    number = isinstance(value, bool | int | float | np.bool_ | np.integer | np.floating)
    if not number or not (value != value or value in (0, 1)):  # noqa: PLR0124  # NaN
        raise _refused(name, row, bars, value)
    return float(value) + 0.0


def _refused(name: str, row: int, bars: Bars, value: object) -> StrategyError:
    return StrategyError(
        f"signals, column {name}, row {row} ({stamp(bars.ts[row])}): found {shown(value)}; "
        f"expected {_EXPECTED}"
    )
