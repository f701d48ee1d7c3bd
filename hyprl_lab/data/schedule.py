"""The schedule: when a session closes, which one is next, which bars stand at the cutoff.

Around-the-clock calendars close at midnight UTC. New York's exchanges have holidays and short days:
those of `exchange_calendars` (Apache-2.0), from 1885 to 2100. A closure that was not announced is
in it as well, so the schedule of September 2001 knows of the four days without trading.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.parts import parts
from hyprl_lab.data.sessions import check_calendar, session_labels, session_runs, wall_clock
from hyprl_lab.data.timeframe import DAY_US, EPOCH_WEEKDAY, MINUTE_US, Timeframe
from hyprl_lab.errors import BarsError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["closes", "next_sessions", "square_off", "weekday_numbers"]

_FIRST: Final = "1885-01-01"
_LAST: Final = "2100-12-31"
_MIDNIGHT: Final = 1_440
_REGULAR_CLOSE: Final = 16 * 60


def closes(sessions: IntArray, calendar: str) -> IntArray:
    """Return when sessions are scheduled to close.

    Parameters
    ----------
    sessions
        Sessions as `session_days` labels them: days since the epoch.
    calendar
        `"XNYS"`: 16:00 in New York, or when a short day ends; 16:00 also on days that are no
        session and on those before 1885 or after 2100. `"24/5"`, `"24/7"`: midnight.

    Returns
    -------
    IntArray
        Microseconds on the calendar's wall clock, see `wall_clock`.

    Examples
    --------
    >>> thanksgiving_friday = np.array(["2020-11-27"], dtype="datetime64[D]").astype(np.int64)
    >>> (closes(thanksgiving_friday, "XNYS") % DAY_US / 3_600_000_000).tolist()
    [13.0]
    """
    if check_calendar(calendar) != "XNYS":
        return (sessions + 1) * DAY_US
    known, minutes = _new_york_sessions()
    row = np.minimum(np.searchsorted(known, sessions), known.size - 1)
    close = np.where(known[row] == sessions, minutes[row], _REGULAR_CLOSE)
    ends: IntArray = sessions * DAY_US + close * MINUTE_US
    return ends


def next_sessions(days: IntArray, calendar: str) -> IntArray:
    """Return the first scheduled session after each day.

    Parameters
    ----------
    days
        Days since the epoch; they need not be sessions.
    calendar
        `"XNYS"` without its holidays (weekdays before 1885 and after 2100), `"24/5"` weekdays,
        `"24/7"` every day.

    Examples
    --------
    >>> thursday = np.array(["2021-04-01"], dtype="datetime64[D]").astype(np.int64)
    >>> next_sessions(thursday, "XNYS").astype("datetime64[D]").tolist()  # after Good Friday
    [datetime.date(2021, 4, 5)]
    """
    if check_calendar(calendar) == "24/7":
        return days + 1
    weekday = (days + EPOCH_WEEKDAY) % 7
    following: IntArray = days + np.where(weekday >= 4, 7 - weekday, 1)
    if calendar == "24/5":
        return following
    known, _ = _new_york_sessions()
    row = np.minimum(np.searchsorted(known, days, side="right"), known.size - 1)
    inside = (days >= known[0]) & (days < known[-1])
    return np.where(inside, known[row], following)


def weekday_numbers(days: IntArray) -> IntArray:
    """Return the number of each weekday, from 0 on Monday, 29 December 1969.

    Saturdays and Sundays count with their Friday.

    Examples
    --------
    >>> weekday_numbers(np.array([-3, 1, 2, 3, 4])).tolist()
    [0, 4, 4, 4, 5]
    """
    return (days + EPOCH_WEEKDAY) // 7 * 5 + np.minimum((days + EPOCH_WEEKDAY) % 7, 4)


def square_off(
    ts: IntArray,
    timeframe: Timeframe,
    calendar: str,
    cutoff: str | None = None,
    *,
    check: Callable[[], None] | None = None,
) -> BoolArray:
    """Return which bars stand at or after the cutoff of their session.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    timeframe, calendar
        The length of a bar, shorter than a day, and whose sessions.
    cutoff
        `"HH:MM"`, local time of the calendar: bars that open then or later, and a session's last
        bar by the schedule, if that comes first (a short day ends before the cutoff). From 16:00
        on a cutoff of `"XNYS"` lies in extended hours, and the schedule doesn't bound it. It is a
        time of the day that names the session, so of a Monday's session in `"24/5"` Sunday evening
        is before it. `None`: bars that end at or after the scheduled close, those of extended
        hours after it included.
    check
        Called between parts of the work; what it raises ends it.

    Raises
    ------
    BarsError
        The bars are a day or longer.
    ConfigError
        The cutoff is no time of day.

    Examples
    --------
    >>> hours = np.arange(20, 26) * 3_600_000_000
    >>> square_off(hours, Timeframe(1, "h"), "24/7").tolist()
    [False, False, False, True, False, False]
    >>> square_off(hours, Timeframe(1, "h"), "24/7", "22:00").tolist()
    [False, False, True, True, False, False]
    """
    if not timeframe.is_intraday:
        raise BarsError(
            f"timeframe: found {str(timeframe)!r}; expected bars shorter than a day, because "
            "leaving a position at the session's end needs several bars in it"
        )
    minutes = None if cutoff is None else _minutes(cutoff)
    extended = calendar == "XNYS" and minutes is not None and minutes >= _REGULAR_CLOSE
    past = np.empty(ts.size, dtype=np.bool_)
    for part in parts(ts.size, check):
        local = wall_clock(ts[part], timeframe, calendar)
        labels = session_labels(local, calendar)
        starts, lengths = session_runs(labels)
        sessions = labels[starts]
        stated = None if minutes is None else sessions * DAY_US + minutes * MINUTE_US
        if stated is not None and extended:
            latest = stated
        else:  # a short day may end before what is stated
            last_bars = closes(sessions, calendar) - timeframe.shortest_us
            latest = last_bars if stated is None else np.minimum(stated, last_bars)
        past[part] = local >= np.repeat(latest, lengths)
    return past


def _minutes(cutoff: str) -> int:
    match = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", cutoff)
    if match is None:
        raise ConfigError(
            f"session_cutoff: found {cutoff!r}; expected a local time of day as 'HH:MM', such as "
            "'15:45'"
        )
    return int(match[1]) * 60 + int(match[2])


@lru_cache(maxsize=1)
def _new_york_sessions() -> tuple[IntArray, IntArray]:
    """Return all known sessions in days since the epoch, and their closes in local minutes."""
    import exchange_calendars  # type: ignore[import-untyped]  # it ships no types

    # 4.13.2 reads `Series.values`, which pandas 3.1 says will change; nothing here depends on it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        calendar = exchange_calendars.get_calendar("XNYS", start=_FIRST, end=_LAST)
    ends = calendar.closes
    days = ends.index.to_numpy().astype("datetime64[D]").astype(np.int64)
    local = ends.dt.tz_convert("America/New_York").dt
    minutes = (local.hour * 60 + local.minute).to_numpy().astype(np.int64)
    for array in (days, minutes):
        array.flags.writeable = False
    return days, minutes
