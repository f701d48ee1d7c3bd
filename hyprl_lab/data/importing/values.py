"""What no market prints, found in columns: missing, infinite, below zero, high below low."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.checks import OHLCV, PRICES
from hyprl_lab.data.importing.table import LINE, ROW, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from hyprl_lab.data.importing.table import Arrays, Table
    from hyprl_lab.data.importing.tally import Tally
    from hyprl_lab.types import BoolArray

__all__ = ["settle_values"]

_EXPECTED: Final = {"volume": "a volume of zero or more"}
_ALL: Final = frozenset(
    ("infinite_value", "missing_value", "not_positive", "negative_volume", "ohlc_violation")
)
_NO_VALUES: Final = ("ts", ROW, LINE)


def settle_values(
    table: Table,
    arrays: Arrays,
    tally: Tally,
    *,
    widen: bool,
    kinds: frozenset[str] = _ALL,
) -> Arrays:
    """Return the columns without rows whose values no market prints.

    Features may hold NaN, which means missing; nothing else may, and nothing may be infinite.

    Parameters
    ----------
    table
        What the columns come from.
    arrays
        The columns, in order of time.
    tally
        Where rows are told that are left out, or widened.
    widen
        Whether a high below a bar's prices, or a low above, is moved to them rather than left out.
    kinds
        Of faults, which to look for.
    """
    if not any(
        bool(bad.any())
        for piece in pieces(arrays)
        if kinds & _ALL
        for kind, _, bad in _faults({name: values[piece] for name, values in arrays.items()})
        if kind in kinds
    ):
        return arrays

    def change(_: slice, columns: Arrays) -> Mapping[str, NDArray[Any]]:
        good = np.ones(columns["ts"].size, dtype=np.bool_)
        for kind, column, bad in _faults(columns):
            places = np.flatnonzero(bad & good) if kind in kinds else np.empty(0, dtype=np.int64)
            if places.size:
                _tell(tally, kind, column, columns, places)
                good[places] = False
                if kind == "ohlc_violation" and widen:
                    _widen(columns, places)
                    good[places] = True
        return {name: values[good] for name, values in columns.items()}

    return table.rewritten(arrays, change)


def _faults(columns: Arrays) -> Iterator[tuple[str, str, BoolArray]]:
    """Yield each kind of fault, the column it is in, and one flag a row; the gravest first."""
    names = [name for name in columns if name not in _NO_VALUES]
    known = [name for name in OHLCV if name in columns]
    for name in names:
        yield "infinite_value", name, np.isinf(columns[name])
    for name in known:
        yield "missing_value", name, np.isnan(columns[name])
    for name in PRICES:
        yield "not_positive", name, columns[name] <= 0.0
    if "volume" in columns:
        yield "negative_volume", "volume", columns["volume"] < 0.0
    high, low = columns["high"], columns["low"]
    top = np.maximum(columns["open"], columns["close"])
    bottom = np.minimum(columns["open"], columns["close"])
    yield "ohlc_violation", "", (high < top) | (high < low) | (low > bottom)


def _widen(columns: Arrays, places: NDArray[np.int64]) -> None:
    """Move highs up and lows down to the bar's prices, in these rows."""
    four = np.array([columns[name][places] for name in PRICES])
    for name, edge in (("high", four.max(axis=0)), ("low", four.min(axis=0))):
        columns[name] = columns[name].copy()
        columns[name][places] = edge


def _tell(tally: Tally, kind: str, column: str, columns: Arrays, places: NDArray[np.int64]) -> None:
    rows = columns[ROW][places]
    first = int(places[int(np.argmin(rows))])
    if kind == "ohlc_violation":
        four = {name: columns[name][first] for name in PRICES}
        column = "high" if four["high"] < max(four.values()) else "low"
        found = ", ".join(f"{name} {price!s}" for name, price in four.items())
        expected = "low ≤ open, close ≤ high"
    else:
        value = columns[column][first]
        found = "no number" if np.isnan(value) else str(value)
        expected = _EXPECTED.get(column, "a finite price above zero")
        if column not in OHLCV:
            expected = "a finite number, or none where the feature is missing"
    tally.add(
        kind,
        np.sort(rows),
        column=column,
        line=int(columns[LINE][first]) if LINE in columns else None,
        ts=int(columns["ts"][first]),
        found=found,
        expected=expected,
    )
