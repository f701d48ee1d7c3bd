"""What bars must be: every rule, and the row that breaks it first.

Nothing is repaired here. A message names the row (counted from 0) with its time, the column, what
was found, what was expected, how many rows are so, and how to mend it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.names import snake_case
from hyprl_lab.data.timeframe import stamp
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = [
    "OHLCV",
    "PRICES",
    "as_microseconds",
    "check_columns",
    "check_symbol",
    "check_ts",
    "refuse",
]

PRICES: Final = ("open", "high", "low", "close")
OHLCV: Final = (*PRICES, "volume")
SYMBOL_LENGTH: Final = 100
_EARLIEST_US: Final = -8_520_336_000_000_000  # 1700-01-01
_LATEST_US: Final = 10_413_792_000_000_000  # 2300-01-01


def refuse(
    bad: BoolArray, ts: IntArray | None, column: str, *, found: str, expected: str, mend: str
) -> None:
    """Raise for the first row where `bad` holds, and do nothing where none does.

    Parameters
    ----------
    bad
        One flag a row.
    ts
        Microseconds UTC, or `None` while they aren't known yet.
    column
        The column to name.
    found
        What was found; `{row}` stands for the row number.
    expected, mend
        What it should be, and how to make it so.

    Raises
    ------
    BarsError
        At least one row is bad.
    """
    count = int(np.count_nonzero(bad))
    if count == 0:
        return
    row = int(np.argmax(bad))
    when = "" if ts is None else f" ({stamp(ts[row])})"
    rows = "1 row is so" if count == 1 else f"{count} rows are so"
    raise BarsError(
        f"row {row}{when}, column {column}: found {found.format(row=row)}; "
        f"expected {expected}; {rows}. {mend}"
    )


def as_microseconds(ts: NDArray[np.int64] | NDArray[np.datetime64]) -> IntArray:
    """Return a copy of stamps as int64 microseconds since the epoch.

    Parameters
    ----------
    ts
        Whole microseconds, or NumPy datetimes (UTC) in microseconds or coarser.

    Raises
    ------
    BarsError
        The stamps have another type or more than one dimension, or would lose digits.

    Examples
    --------
    >>> as_microseconds(np.array(["1970-01-02"], dtype="datetime64[D]")).tolist()
    [86400000000]
    """
    stamps = np.asarray(ts)
    whole = stamps.astype("datetime64[us]") if stamps.dtype.kind == "M" else stamps
    if stamps.ndim != 1 or whole.dtype.kind not in "iuM" or bool(np.any(whole != stamps)):
        raise BarsError(
            f"column ts: found {stamps.dtype} of shape {stamps.shape}; expected one dimension of "
            "int64 microseconds since the epoch, UTC, or of datetimes in whole microseconds"
        )
    return np.array(whole.astype(np.int64))


def check_symbol(symbol: object) -> None:
    """Check an instrument's name.

    Raises
    ------
    BarsError
        It is not text of 1 to 100 printable characters.

    Examples
    --------
    >>> check_symbol("BRK.B")
    """
    if not (isinstance(symbol, str) and 0 < len(symbol) <= SYMBOL_LENGTH and symbol.isprintable()):
        raise BarsError(
            f"symbol: found {str(symbol)[:40]!r}; expected the instrument's name, "
            f"1 to {SYMBOL_LENGTH} printable characters"
        )


def check_ts(ts: IntArray) -> None:
    """Refuse an empty, unsorted, repeating or impossible time axis.

    Parameters
    ----------
    ts
        Microseconds since the epoch, UTC.

    Raises
    ------
    BarsError
        Naming the first row that is not later than the one before it.
    """
    if ts.size == 0:
        raise BarsError("bars: found no rows; expected at least one bar")
    refuse(
        (ts < _EARLIEST_US) | (ts >= _LATEST_US),
        None,
        "ts",
        found=f"{int(ts[np.argmax((ts < _EARLIEST_US) | (ts >= _LATEST_US))])}",
        expected="microseconds since the epoch, from the year 1700 to 2299",
        mend="Were these seconds, milliseconds or nanoseconds? Convert them",
    )
    step = np.diff(ts, prepend=ts[0] - 1)
    row = int(np.argmax(step < 0))
    refuse(
        step < 0,
        ts,
        "ts",
        found=f"a time earlier than row {row - 1} ({stamp(ts[row - 1])})",
        expected="increasing times",
        mend="Sort the rows by time, after finding out why they are not: df.sort_index()",
    )
    row = int(np.argmax(step == 0))
    refuse(
        step == 0,
        ts,
        "ts",
        found=f"the time of row {row - 1} again",
        expected="each time once",
        mend="Decide which row is right and drop the other: df[~df.index.duplicated(keep=...)]",
    )


def check_columns(ts: IntArray, columns: Mapping[str, FloatArray]) -> None:
    """Refuse missing columns, other names than snake case, and values that no market prints.

    Prices must be finite and above zero, with `low ≤ open, close ≤ high`; volume, where there is
    one, must be finite and not negative. Other columns may hold NaN (missing) but not infinity.

    Parameters
    ----------
    ts
        Microseconds since the epoch, UTC.
    columns
        float64 arrays as long as `ts`.

    Raises
    ------
    BarsError
        Naming the first bad row of the first bad column.
    """
    missing = [name for name in PRICES if name not in columns]
    if missing:
        raise BarsError(
            f"columns: found {sorted(columns)}, without {missing}; expected open, high, low and "
            "close (any case), and volume if it is known. Rename the columns: df.rename(columns=…)"
        )
    if "ts" in columns:
        raise BarsError("columns: found 'ts' beside the times; expected another name for it")
    for name, values in columns.items():
        if snake_case(name) != name:
            raise BarsError(
                f"columns: found the name {name!r}; expected snake case. "
                f"Call it {snake_case(name)!r}"
            )
        if values.shape != ts.shape:
            raise BarsError(
                f"column {name}: found shape {values.shape}; expected one value a row, {ts.shape}"
            )
    for name in PRICES:
        _check_price(ts, name, columns[name])
    _check_order(ts, columns)
    if "volume" in columns:
        _check_volume(ts, columns["volume"])
    for name in columns:
        if name not in OHLCV:
            refuse(
                np.isinf(columns[name]),
                ts,
                name,
                found="infinity",
                expected="a finite number, or NaN where the feature is missing",
                mend=f"If it means missing: df[{name!r}].replace([np.inf, -np.inf], np.nan)",
            )


def _check_price(ts: IntArray, name: str, values: FloatArray) -> None:
    bad = ~((values > 0.0) & (values < np.inf))
    first = float(values[int(np.argmax(bad))])
    refuse(
        bad,
        ts,
        name,
        found=f"{first}",
        expected="a finite price above zero",
        mend="Drop these rows, or get them again from the source",
    )


def _check_order(ts: IntArray, columns: Mapping[str, FloatArray]) -> None:
    high, low = columns["high"], columns["low"]
    body_top = np.maximum(columns["open"], columns["close"])
    body_bottom = np.minimum(columns["open"], columns["close"])
    for bad, column, value, relation, other, wanted in (
        (high < low, "high", high, "below the low", low, "high ≥ low"),
        (high < body_top, "high", high, "below", body_top, "high ≥ open and high ≥ close"),
        (low > body_bottom, "low", low, "above", body_bottom, "low ≤ open and low ≤ close"),
    ):
        row = int(np.argmax(bad))
        refuse(
            bad,
            ts,
            column,
            found=f"{column} {value[row]!s} {relation} {other[row]!s}",
            expected=wanted,
            mend="Get these rows again from the source, or drop them",
        )


def _check_volume(ts: IntArray, values: FloatArray) -> None:
    bad = ~((values >= 0.0) & (values < np.inf))
    first = float(values[int(np.argmax(bad))])
    refuse(
        bad,
        ts,
        "volume",
        found=f"{first}",
        expected="a finite volume of zero or more",
        mend="If the volume isn't known, leave the column out: df.drop(columns='volume')",
    )
