"""Buckets that count from the session's open rather than from local midnight.

Each stretch of a session counts for itself, and its last bucket ends with it, complete or not on
the grid: from the open to the break, from the break's end to the close, and what comes after the
close until the session's date ends. What comes before the open counts back from it. So New York's
hours begin at 9:30 and the last is half an hour; Tokyo's morning ends at 11:30, and its afternoon
begins at 12:30. Calendars around the clock open at midnight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from hyprl_lab.data.calendars import calendar_of
from hyprl_lab.data.sessions import day_runs, session_runs
from hyprl_lab.data.timeframe import DAY_US, MINUTE_US, Timeframe
from hyprl_lab.data.zone import zone_offsets

if TYPE_CHECKING:
    from hyprl_lab.data.calendars import Calendar
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["Anchor", "anchored_stretches", "ends_on_the_clock", "stretches_of"]

Anchor: TypeAlias = Literal["midnight", "session"]

_PLACES = 4_096
"""More than twice the minutes of a day: places count from half of it, those before an open down."""


def stretches_of(local: IntArray, calendar: Calendar) -> tuple[IntArray, IntArray, IntArray]:
    """Return the stretch of trading that each time is in: its number, begin and end.

    Parameters
    ----------
    local
        Microseconds of the calendar's wall clock, ascending but where clocks go back; one or more.
    calendar
        Whose.

    Returns
    -------
    tuple[IntArray, IntArray, IntArray]
        Numbers that ascend with time; and microseconds of the wall clock. What is before an open
        ends there and begins there as well: places in it are negative.

    Examples
    --------
    >>> hours = np.array([9, 11, 12, 15]) * 3_600_000_000 + 100 * DAY_US  # a Saturday's
    >>> number, begin, end = stretches_of(hours, calendar_of("XTKS"))
    >>> (np.diff(number)).tolist(), ((begin - 100 * DAY_US) // MINUTE_US).tolist()
    ([0, 1, 1], [540, 540, 690, 750])
    """
    dated = calendar.dated(local)
    starts, dates = day_runs(dated)
    lengths = np.diff(starts, append=local.size)
    hours = calendar.hours(calendar.labels(dates * DAY_US))
    bounds = (hours.opens, hours.break_starts, hours.break_ends, hours.closes)
    passed = np.zeros(local.size, dtype=np.int64)
    for bound in bounds:
        passed += local >= np.repeat(bound, lengths)
    over = (dates + 1) * DAY_US + min(calendar.open_minute, 0) * MINUTE_US
    begins = np.column_stack([hours.opens, *bounds])
    ends = np.column_stack([*bounds, over])
    run = np.repeat(np.arange(starts.size), lengths)
    return np.repeat(dates, lengths) * 8 + passed, begins[run, passed], ends[run, passed]


def anchored_stretches(
    ts: IntArray, timeframe: Timeframe, calendar: str, longer: Timeframe, lowest: int
) -> tuple[IntArray, IntArray, BoolArray]:
    """Return where buckets start, their numbers, and which bars end theirs.

    The numbers fall where clocks go back: `lowest`, the number before the first, is no bound.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC; at least one.
    timeframe, calendar, longer, lowest
        As `longer_bars` has them.

    Examples
    --------
    >>> from hyprl_lab.data.timeframe import Timeframe
    >>> ts = np.arange(8) * 30 * MINUTE_US + 14 * 60 * MINUTE_US  # from 9 o'clock in New York
    >>> starts, _, ends = anchored_stretches(
    ...     ts, Timeframe(30, "m"), "XNYS", Timeframe(1, "h"), 0)
    >>> starts.tolist(), np.flatnonzero(ends).tolist()
    ([0, 1, 3, 5, 7], [0, 2, 4, 6])
    """
    del lowest
    known = calendar_of(calendar)
    length, bar = longer.shortest_us, timeframe.shortest_us
    local = known.wall_clock(ts)
    number, begin, end = stretches_of(local, known)
    place = (local - begin) // length
    left = np.minimum(begin + (place + 1) * length, end) - local
    buckets = number * _PLACES + _PLACES // 2 + place
    starts = session_runs(buckets)[0]
    return starts, buckets[starts], ends_on_the_clock(ts, left, bar, known)


def ends_on_the_clock(ts: IntArray, left: IntArray, bar: int, calendar: Calendar) -> BoolArray:
    """Return which bars last to the end of their bucket on the wall clock.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC; at least one.
    left
        What is left of the bucket when the bar opens, in microseconds of the wall clock.
    bar
        The length of a bar in microseconds.
    calendar
        Whose clock: in spring a bar covers an hour more of it than its length.
    """
    ends = left <= bar
    if calendar.zone is not None:
        moments, offsets = zone_offsets(int(ts[0]), int(ts[-1]) + bar, calendar.zone)
        gained = np.diff(offsets, prepend=offsets[0])
        for moment, gain in zip(moments[gained > 0], gained[gained > 0], strict=True):
            rows = slice(*np.searchsorted(ts, [moment - bar, moment]))
            ends[rows] = left[rows] <= bar + gain
    return ends
