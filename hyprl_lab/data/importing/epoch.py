"""Counts since 1970: which unit they count, stated or proved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.importing.hints import compact_date
from hyprl_lab.data.timeframe import DAY_US, Timeframe, infer_timeframe
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.types import IntArray

__all__ = ["UNITS", "prove_unit", "to_microseconds"]

UNITS: Final = {
    "epoch_s": (1_000_000, 1),
    "epoch_ms": (1_000, 1),
    "epoch_us": (1, 1),
    "epoch_ns": (1, 1_000),
}
"""Each unit in microseconds, as a fraction."""

_FROM_US: Final = -2_208_988_800_000_000  # 1900-01-01
_TO_US: Final = 4_102_444_800_000_000  # 2100-01-01


def to_microseconds(counts: IntArray, unit: str) -> tuple[IntArray, IntArray]:
    """Return microseconds, and what is left over in nanoseconds.

    Examples
    --------
    >>> [part.tolist() for part in to_microseconds(np.array([1_500]), "epoch_ns")]
    [[1], [500]]
    """
    factor, divisor = UNITS[unit]
    limit = np.iinfo(np.int64).max // factor
    held = np.clip(counts, -limit, limit)
    return held * factor // divisor, held % divisor


def prove_unit(counts: IntArray, timeframe: Timeframe | None, column: str) -> str:
    """Return the unit of counts, where exactly one makes bars of them.

    Under that unit all dates lie in 1900 to 2100, and the most frequent step is one bar: of the
    timeframe that was stated, or else of one that half of the steps or more share.

    Parameters
    ----------
    counts
        Some of the counts, in any order.
    timeframe
        What the bars are said to be.
    column
        For messages.

    Raises
    ------
    BarsError
        No unit does, or more than one.

    Examples
    --------
    >>> prove_unit(np.arange(5) * 3_600_000 + 1_577_836_800_000, None, "ts")
    'epoch_ms'
    """
    ordered = np.unique(counts)
    fitting = [unit for unit in UNITS if _fits(ordered, unit, timeframe)]
    form = compact_date(int(counts[0]))
    if len(fitting) == 1 and not _all_dates(ordered):
        return fitting[0]
    what = "none does" if not fitting else f"{' and '.join(fitting)} do"
    if fitting and _all_dates(ordered):
        what = f"{' and '.join(fitting)} would, but all read as calendar dates too"
    state = f"dates= one of {list(UNITS)}, or a strptime format if these are dates"
    if form is not None:
        state = f"it reads as a date: dates={form!r}"
    raise BarsError(
        f"row 0, column {column}: found the number {int(counts[0])}; expected counts since 1970 of "
        "which one unit alone gives dates in 1900 to 2100 and steps of "
        f"{'one whole timeframe' if timeframe is None else str(timeframe)}: {what}. "
        f"State it: {state}"
    )


def _all_dates(ordered: IntArray) -> bool:
    """Whether the first counts all read as dates with a clock, of years of two digits too."""
    texts = [str(count) for count in ordered[:100].tolist()]
    return all(
        compact_date(int(f"20{text}" if len(text) == 10 else text)) is not None for text in texts
    )


def _fits(ordered: IntArray, unit: str, timeframe: Timeframe | None) -> bool:
    ts, rest = to_microseconds(ordered, unit)
    if bool(rest.any()) or ts[0] < _FROM_US or ts[-1] >= _TO_US or ts.size < 2:
        return False
    if timeframe is None:
        try:
            infer_timeframe(ts)
        except BarsError:
            return False
        return True
    steps, frequency = np.unique(np.diff(ts), return_counts=True)
    usual = int(steps[int(np.argmax(frequency))])
    if timeframe.unit == "mo":
        return timeframe.count * 28 * DAY_US <= usual <= timeframe.count * 31 * DAY_US
    return usual == timeframe.shortest_us
