"""The timeframe and the calendar of a long series, told piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.importing.table import pieces
from hyprl_lab.data.sessions import infer_calendar
from hyprl_lab.data.timeframe import MINUTE_US, Timeframe, check_spacing, infer_timeframe
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.types import IntArray

__all__ = ["check_long_spacing", "inferred_calendar", "timeframe_of"]

_WHOLE_ROWS: Final = 1 << 20
"""Shorter series are looked at at once."""


def inferred_calendar(ts: IntArray, timeframe: Timeframe) -> str:
    """Return the calendar the stamps speak for, as `infer_calendar` of all of them does.

    Examples
    --------
    >>> inferred_calendar(np.arange(7) * 86_400_000_000, Timeframe(1, "d"))
    '24/7'
    """
    found = {infer_calendar(ts[piece], timeframe) for piece in pieces({"ts": ts})}
    return next(calendar for calendar in ("24/7", "24/5", "XNYS") if calendar in found)


def timeframe_of(ts: IntArray, *, whole_rows: int = _WHOLE_ROWS) -> Timeframe:
    """Return the timeframe that most gaps prove, as `infer_timeframe` of all stamps does.

    A gap that half of all have, half of some piece have: only those are counted.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    whole_rows
        Series of no more rows are looked at at once.

    Raises
    ------
    BarsError
        As `infer_timeframe` does.

    Examples
    --------
    >>> str(timeframe_of(np.arange(9) * 3_600_000_000, whole_rows=4))
    '1h'
    """
    if ts.size <= whole_rows:
        return infer_timeframe(ts)
    candidates: set[int] = set()
    for gaps in _gaps(ts):
        lengths, counts = np.unique(gaps, return_counts=True)
        best = int(np.argmax(counts))
        if 2 * int(counts[best]) >= gaps.size:
            candidates.add(int(lengths[best]))
    for candidate in sorted(candidates):
        count = sum(int(np.count_nonzero(gaps == candidate)) for gaps in _gaps(ts))
        if 2 * count >= ts.size - 1:
            return infer_timeframe(np.arange(5) * candidate)
    raise BarsError(
        f"timeframe: found no gap that half of the {ts.size:,} bars share; expected whole minutes, "
        "hours, days or weeks in half the rows or more. Pass timeframe="
    )


def check_long_spacing(
    ts: IntArray, timeframe: Timeframe, *, whole_rows: int = _WHOLE_ROWS
) -> None:
    """Refuse a timeframe that the stamps contradict, as `check_spacing` does.

    Raises
    ------
    BarsError
        The median gap is shorter than a bar, or no gap is shorter than two.

    Examples
    --------
    >>> check_long_spacing(np.arange(9) * 3_600_000_000, Timeframe(1, "h"), whole_rows=4)
    """
    if ts.size <= whole_rows:
        check_spacing(ts, timeframe)
        return
    short, least = 0, np.iinfo(np.int64).max
    for gaps in _gaps(ts):
        short += int(np.count_nonzero(gaps < timeframe.shortest_us))
        least = min(least, int(gaps.min()))
    closer, apart = 2 * short > ts.size - 1, least >= 2 * timeframe.shortest_us
    if closer or apart:
        raise BarsError(
            f"timeframe: found bars {'closer together' if closer else 'further apart'} than "
            f"{str(timeframe)!r}: {short:,} of {ts.size - 1:,} gaps are shorter, the shortest is "
            f"{least / MINUTE_US:g} minutes; expected gaps of one bar or more, most of them one "
            "bar. Pass the bars' true timeframe"
        )


def _gaps(ts: IntArray) -> Iterator[IntArray]:
    """Yield all gaps, those of a piece of rows at a time."""
    for piece in pieces({"ts": ts}):
        gaps = np.diff(ts[max(piece.start - 1, 0) : piece.stop])
        if gaps.size:
            yield gaps
