"""Bars of a longer timeframe, made of shorter ones: what `on` reads, as bars of their own.

The first open, the highest high, the lowest low, the last close, the sum of volume (added up in
order of time) and the last value of any feature. Which bars make up one is `longer_bars`' to say,
so a strategy reads the same numbers off these bars as `on` shows it. The last bar is left out
unless it is complete; a bar whose completing one is missing is complete with the next bar.

A bar of minutes or hours is stamped with the moment its bucket begins on the clock, as in pandas,
whether a bar opens then or not (a second bucket in one place is stamped with its first bar). A bar
of a day or longer is stamped with its first bar's open; late bars of the session before, which
count to the next one, are passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.data.anchored import Anchor, stretches_of
from hyprl_lab.data.bars import Bars
from hyprl_lab.data.calendars import calendar_of
from hyprl_lab.data.longer import longer_bars
from hyprl_lab.data.parts import parts
from hyprl_lab.data.sessions import session_runs
from hyprl_lab.data.timeframe import DAY_US, MINUTE_US, Timeframe, stamp
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.data.calendars import Calendar
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Anchor", "resample"]


def resample(bars: Bars, timeframe: str, *, anchor: Anchor = "midnight") -> Bars:
    """Return bars of a longer timeframe, closed ones only.

    Parameters
    ----------
    bars
        What to make them of. Symbol and calendar stay; the lineage says what was done.
    timeframe
        A multiple of the bars' own, such as `"1h"` of `"5m"` or `"1d"` of `"1h"`.
    anchor
        Where buckets of minutes and hours count from: local `"midnight"`, as `on` has it, or the
        `"session"`'s open, see `hyprl_lab.data.anchored`. Days are sessions either way.

    Raises
    ------
    BarsError
        The timeframe is no multiple, no longer bar is closed, the anchor is none, or the bars
        don't lie on the grid that counts from the session's open.

    Examples
    --------
    >>> prices = np.arange(1.0, 6.0)
    >>> bars = Bars("COIN", "1h", "24/7", np.arange(5) * 3_600_000_000,
    ...             dict.fromkeys(("open", "high", "low", "close", "volume"), prices))
    >>> two = resample(bars, "2h")
    >>> two.open.tolist(), two.close.tolist(), two.volume.tolist()  # the fifth hour is half of one
    ([1.0, 3.0], [2.0, 4.0], [3.0, 7.0])
    """
    if anchor not in ("midnight", "session"):
        raise BarsError(f"anchor: found {anchor!r}; expected 'midnight' or 'session'")
    length, longer = Timeframe.parse(bars.timeframe), Timeframe.parse(timeframe)
    calendar = calendar_of(bars.calendar)
    made = longer_bars(bars.ts, length, bars.calendar, longer, anchor=anchor)
    firsts, lengths = session_runs(made.bucket)
    if not made.closed[-1]:
        firsts, lengths = firsts[:-1], lengths[:-1]
    if firsts.size == 0:
        raise BarsError(
            f"resample: found no bar of {longer} that is closed in {len(bars)} bars of {length}, "
            f"{stamp(bars.ts[0])} to {stamp(bars.ts[-1])}; expected at least one. Take more bars, "
            "or a shorter timeframe"
        )
    if not longer.is_intraday:
        ts = _first_in_session(bars.ts, firsts, lengths, calendar, length)
    else:
        if anchor == "session":
            _check_grid(bars, calendar, length)
        ts = _bucket_begins(bars.ts, firsts, calendar, longer, anchor)
    columns = {
        name: _merged(name, values, firsts, lengths) for name, values in bars.columns.items()
    }
    return Bars._restored(  # noqa: SLF001 - made of bars that are checked
        bars.symbol,
        str(longer),
        bars.calendar,
        ts,
        columns,
        bars.calendar_inferred,
        bars.lineage.then("resample", timeframe=str(longer), anchor=anchor),
    )


def _merged(name: str, values: FloatArray, firsts: IntArray, lengths: IntArray) -> FloatArray:
    """Return a column of the longer bars; only features may be missing, and their last counts."""
    merged: FloatArray
    if name == "open":
        merged = values[firsts]
        return merged
    if name in ("high", "low"):
        extreme = np.maximum if name == "high" else np.minimum
        merged = extreme.reduceat(values[: firsts[-1] + lengths[-1]], firsts)
        return merged
    if name == "volume":
        return _sums(values, firsts, lengths)
    merged = values[firsts + lengths - 1]
    return merged


def _sums(values: FloatArray, firsts: IntArray, lengths: IntArray) -> FloatArray:
    """Add up each stretch from its first value to its last, as the engines do."""
    if int(lengths.max()) > firsts.size:
        ends = firsts + lengths
        spans = [slice(first, end) for first, end in zip(firsts, ends, strict=True)]
        return np.array([np.add.accumulate(values[span])[-1] for span in spans])
    longest_first = np.argsort(-lengths, kind="stable")
    rows, left = firsts[longest_first], lengths[longest_first]
    sums = values[rows]
    for step in range(1, int(left[0])):
        going_on = int(np.searchsorted(-left, -step))  # those that are longer than this
        sums[:going_on] += values[rows[:going_on] + step]
    merged = np.empty_like(sums)
    merged[longest_first] = sums
    return merged


def _bucket_begins(
    ts: IntArray, firsts: IntArray, calendar: Calendar, longer: Timeframe, anchor: Anchor
) -> IntArray:
    """Return the moment each bucket begins on the clock, unless that is taken or in a clock change.

    That is: where the bucket before has a bar then or later, or the wall clock shows another time.
    """
    local = calendar.wall_clock(ts[firsts])
    begin = local // DAY_US * DAY_US
    if anchor == "session":
        _, begin, _ = stretches_of(local, calendar)
    into = (local - begin) % longer.shortest_us
    if anchor == "midnight" and calendar.opens_on_the_eve:
        since = local - begin - DAY_US - calendar.open_minute * MINUTE_US
        into = np.where(since >= 0, np.minimum(into, since), into)
    begins = ts[firsts] - into
    usable = np.append(True, begins[1:] > ts[firsts[1:] - 1])
    order = np.argsort(begins, kind="stable")
    shown = np.empty_like(begins)
    shown[order] = calendar.wall_clock(begins[order])
    usable &= shown == local - into
    moments: IntArray = np.where(usable, begins, ts[firsts])
    return moments


def _first_in_session(
    ts: IntArray, firsts: IntArray, lengths: IntArray, calendar: Calendar, length: Timeframe
) -> IntArray:
    """Return the open of each bucket's first bar that isn't past the close of its own session."""
    if not length.is_intraday:
        return ts[firsts]
    rows = ts[: firsts[-1] + lengths[-1]]
    local = calendar.wall_clock(rows)
    labels = calendar.labels(local)
    starts, runs = session_runs(labels)
    late = local >= np.repeat(calendar.closes(labels[starts]), runs)
    row = np.where(late, rows.size, np.arange(rows.size))
    timely = np.minimum.reduceat(row, firsts)
    return rows[np.where(timely < firsts + lengths, timely, firsts)]


def _check_grid(bars: Bars, calendar: Calendar, length: Timeframe) -> None:
    """Refuse to count from the open where most bars of the sessions stand astride that grid."""
    trading, off, row, opens = 0, 0, 0, 0
    for part in parts(len(bars)):
        local = calendar.wall_clock(bars.ts[part])
        number, begin, _ = stretches_of(local, calendar)
        inside = np.isin(number % 8, (1, 3))
        astride = inside & ((local - begin) % length.shortest_us != 0)
        if off == 0 and astride.any():
            row = part.start + int(np.argmax(astride))
            opens = int(begin[row - part.start])
        trading, off = trading + int(inside.sum()), off + int(astride.sum())
    if 2 * off <= trading:
        return
    minutes = opens % DAY_US // MINUTE_US
    raise BarsError(
        f"anchor='session': found bars of {length} such as row {row} ({stamp(bars.ts[row])}), "
        f"which don't stand whole bars after the open of their session ({minutes // 60:02}:"
        f"{minutes % 60:02} in {calendar.zone or 'UTC'}); expected bars on that grid. Use "
        "anchor='midnight', or shorter bars"
    )
