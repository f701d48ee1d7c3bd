"""Longer bars: which one each bar belongs to, and which bars complete theirs.

Everything is read off the stamps up to a bar, the timeframe and the calendar. What comes later
never changes what was said before: a strategy that reads longer bars sees no future.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.anchored import anchored_stretches, ends_on_the_clock
from hyprl_lab.data.calendars import calendar_of
from hyprl_lab.data.parts import parts
from hyprl_lab.data.schedule import next_sessions
from hyprl_lab.data.sessions import day_runs, session_labels, session_runs, wall_clock
from hyprl_lab.data.timeframe import DAY_US, EPOCH_WEEKDAY, MINUTE_US, Timeframe
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.data.anchored import Anchor
    from hyprl_lab.data.calendars import Calendar
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["LongerBars", "longer_bars"]

_UNITS: Final = ("m", "h", "d", "w", "mo")
_DAY_MINUTES: Final = 1_440
_BEFORE: Final = -(2**62)  # less than the number of any stretch
_NEVER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, eq=False)
class LongerBars:
    """How bars make up longer ones.

    Parameters
    ----------
    bucket
        int64, ascending from 0: the number of the longer bar that each bar belongs to.
    closed
        Whether the bar completes its longer bar at its close. The next bar is then in another.
    """

    bucket: IntArray
    closed: BoolArray


def longer_bars(
    ts: IntArray,
    timeframe: Timeframe,
    calendar: str,
    longer: Timeframe,
    *,
    anchor: Anchor = "midnight",
    check: Callable[[], None] | None = None,
) -> LongerBars:
    """Group bars into longer ones.

    Minutes and hours
        Buckets count from local midnight, the day's last one ends at midnight; where a session
        opens on the evening before, the bucket it opens in ends there, and another begins, so that
        none holds bars of two sessions. One is complete when a bar ends at or after its end on the
        wall clock. When clocks go forward, a bucket that holds the missing hour is an hour shorter;
        when they go back, one that is complete before the hour comes again stays complete, and the
        repeated hour makes another.
    One day
        A session. It is complete when a bar ends at or after the scheduled close; bars that open
        then or later belong to the next scheduled session. Daily bars are sessions themselves; of
        several with one label (`"24/5"`: Sunday's and Monday's) only the weekday's completes it.
        A session that opens on the evening before has that evening in it.
    Days, weeks, months
        Several days are counted in the calendar's weekdays, holidays included (`"24/7"`: in days),
        from Monday, 29 December 1969; so `"5d"` runs from Monday to Friday. Weeks are those of
        ISO 8601, months those of the year, by the date of the session; several count from the same
        Monday and from January 1970. They are complete with the last session that the schedule
        has in them.

    Where the bar that would complete a bucket is missing, the next bucket's first bar does. A bar
    that is stamped inside a bucket that was complete before it begins another.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    timeframe, calendar
        The length of a bar, and whose clock and sessions.
    longer
        The length of a longer bar.
    anchor
        Where buckets of minutes and hours count from: local `"midnight"`, or the `"session"`'s
        open, see `hyprl_lab.data.anchored`. The others are by session either way.
    check
        Called between parts of the work; what it raises ends it.

    Raises
    ------
    BarsError
        `longer` is not longer than the bars, or not made of whole ones.

    Notes
    -----
    The schedule knows closures that were not announced, such as those of September 2001: the week
    that ended early counts as complete with its last session. Prices are never read ahead.

    Examples
    --------
    >>> minutes = np.array([0, 30, 60, 120, 150]) * 60_000_000
    >>> hours = longer_bars(minutes, Timeframe(30, "m"), "24/7", Timeframe(1, "h"))
    >>> hours.bucket.tolist(), hours.closed.tolist()
    ([0, 0, 1, 2, 2], [False, True, False, False, True])
    """
    _check(timeframe, calendar_of(calendar), longer)
    stretches = _clock_stretches if anchor == "midnight" else anchored_stretches
    if not longer.is_intraday:
        stretches = _session_stretches if timeframe.is_intraday else _date_stretches
    bucket = np.empty(ts.size, dtype=np.int64)
    closed = np.empty(ts.size, dtype=np.bool_)
    number, key, complete = -1, _BEFORE, True  # of the last bar so far
    for part in parts(ts.size, check):
        ends = closed[part]
        starts, keys, ends[:] = stretches(ts[part], timeframe, calendar, longer, key)
        begins = np.empty(ends.size, dtype=np.bool_)
        begins[0], begins[1:] = complete, ends[:-1]
        begins[starts[np.diff(keys, prepend=key) != 0]] = True
        rows = np.flatnonzero(begins)
        if not begins[0]:
            rows = np.concatenate([[0], rows])
            number -= 1
        lengths = np.diff(rows, append=ends.size)
        bucket[part] = np.repeat(np.arange(number + 1, number + 1 + rows.size), lengths)
        number, key, complete = number + rows.size, int(keys[-1]), bool(ends[-1])
    return LongerBars(bucket, closed)


def _clock_stretches(
    ts: IntArray, timeframe: Timeframe, calendar: str, longer: Timeframe, lowest: int
) -> tuple[IntArray, IntArray, BoolArray]:
    """Return where stretches of the wall clock start, their numbers, and which bars end theirs.

    The numbers fall where clocks go back: `lowest`, the number before the first, is no bound.
    """
    del lowest
    length, bar = longer.shortest_us, timeframe.shortest_us
    known = calendar_of(calendar)
    local = known.wall_clock(ts)
    if DAY_US % length == 0 and not known.opens_on_the_eve:
        keys = local // length
        left = (keys + 1) * length - local
    else:
        days = local // DAY_US
        into = local - days * DAY_US
        place = into // length
        left = np.minimum((place + 1) * length, DAY_US) - into
        keys = days * -(-DAY_US // length) + place
        if known.opens_on_the_eve:
            opens = DAY_US + known.open_minute * MINUTE_US
            evening = into >= opens
            left = np.where(evening, left, np.minimum(left, opens - into))
            keys = 2 * keys + evening
    starts = session_runs(keys)[0]
    return starts, keys[starts], ends_on_the_clock(ts, left, bar, known)


def _session_stretches(
    ts: IntArray, timeframe: Timeframe, calendar: str, longer: Timeframe, lowest: int
) -> tuple[IntArray, IntArray, BoolArray]:
    """Return where stretches of sessions start, their groups, and which bars end their last."""
    known = calendar_of(calendar)
    local = known.wall_clock(ts)
    starts, dates = day_runs(known.dated(local))
    labels = known.labels(dates * DAY_US)
    stops = np.append(starts[1:], ts.size)
    # Clocks go back at night: what opens at the close or later stands after all that does not.
    late = np.clip(np.searchsorted(local, known.closes(labels)), starts, stops)
    starts = np.column_stack([starts, late]).ravel()
    days = np.column_stack([labels, known.next_sessions(labels)]).ravel()
    lengths = np.diff(starts, append=ts.size)
    starts, days, lengths = starts[lengths > 0], days[lengths > 0], lengths[lengths > 0]
    # Bars on a day off that follow late bars of the session before it stay with them.
    keys = np.maximum(np.maximum.accumulate(_groups(days, longer, calendar)), lowest)
    last = _groups(known.next_sessions(days), longer, calendar) > keys
    completes = np.where(last, known.closes(days) - timeframe.shortest_us, _NEVER)
    return starts, keys, local >= np.repeat(completes, lengths)


def _date_stretches(
    ts: IntArray, timeframe: Timeframe, calendar: str, longer: Timeframe, lowest: int
) -> tuple[IntArray, IntArray, BoolArray]:
    """Return each bar of a day or longer, its group of dates, and whether it is the last."""
    local = wall_clock(ts, timeframe, calendar)
    days = session_labels(local, calendar)
    keys = np.maximum(np.maximum.accumulate(_groups(days, longer, calendar)), lowest)
    if timeframe.unit == "d":
        following = _groups(next_sessions(days, calendar), longer, calendar)
        ends = (following > keys) & (local + DAY_US > days * DAY_US)
    elif timeframe.unit == "w":
        ends = _groups(days + 7 * timeframe.count, longer, calendar) > keys
    else:
        months = days.astype("datetime64[D]").astype("datetime64[M]") + timeframe.count
        ends = months.astype(np.int64) // longer.count > keys
    return np.arange(ts.size), keys, ends


def _groups(days: IntArray, longer: Timeframe, calendar: str) -> IntArray:
    """Return the number of the days, weeks or months that a date belongs to."""
    if longer.unit == "w":
        return (days + EPOCH_WEEKDAY) // 7 // longer.count
    if longer.unit == "mo":
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return months // longer.count
    if longer.count == 1:
        return days
    return calendar_of(calendar).day_numbers(days) // longer.count


def _check(timeframe: Timeframe, calendar: Calendar, longer: Timeframe) -> None:
    """Refuse longer bars that are not made of whole bars."""
    if timeframe.unit == "d" and timeframe.count > 1:
        raise BarsError(
            f"longer timeframe: found {str(longer)!r} over bars of {timeframe}, which have no "
            "fixed place in a calendar; expected bars shorter than a day, of one day, or of weeks "
            "or months. Use bars of '1d'"
        )
    size, unit = _UNITS.index(timeframe.unit), _UNITS.index(longer.unit)
    if longer.is_intraday and timeframe.is_intraday:
        whole = longer.shortest_us % timeframe.shortest_us == 0
        whole = whole and longer.shortest_us > timeframe.shortest_us
    elif timeframe.is_intraday:
        minutes = timeframe.shortest_us // MINUTE_US
        whole = _DAY_MINUTES % minutes == 0 or calendar.session_minutes % minutes == 0
    elif timeframe.unit == "d":
        whole = unit > size or (unit == size and longer.count > 1)
    else:
        whole = unit == size and longer.count % timeframe.count == 0
        whole = whole and longer.count > timeframe.count
    if not whole:
        raise BarsError(
            f"longer timeframe: found {str(longer)!r} over bars of {timeframe}; expected one that "
            "is longer than the bars and a multiple of theirs, such as '1h' over '5m', '1d' over "
            "'1h', '1w' over '1d'"
        )
