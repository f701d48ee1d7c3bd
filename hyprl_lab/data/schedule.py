"""The schedule: when a session closes, which one is next, which bars stand at the cutoff.

Around-the-clock calendars close at midnight UTC. Exchanges have holidays and short days: those of
`exchange_calendars`, see `hyprl_lab.data.exchanges`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.data.calendars import calendar_of
from hyprl_lab.data.parts import parts
from hyprl_lab.data.sessions import session_runs
from hyprl_lab.data.timeframe import DAY_US, MINUTE_US, Timeframe
from hyprl_lab.errors import BarsError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.data.calendars import Calendar
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["closes", "next_sessions", "square_off"]


def closes(sessions: IntArray, calendar: str) -> IntArray:
    """Return when sessions are scheduled to close.

    Parameters
    ----------
    sessions
        Sessions as `session_days` labels them: days since the epoch.
    calendar
        An exchange's: its regular hour, or when a short day ends; the regular hour also on days
        that are no session and on those that its schedule doesn't reach (`"XNYS"`: before 1885 or
        after 2100). `"24/5"`, `"24/7"`: midnight.

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
    return calendar_of(calendar).closes(sessions)


def next_sessions(days: IntArray, calendar: str) -> IntArray:
    """Return the first scheduled session after each day.

    Parameters
    ----------
    days
        Days since the epoch; they need not be sessions.
    calendar
        An exchange's days without its holidays (its weekdays where the schedule doesn't reach),
        `"24/5"` weekdays, `"24/7"` every day.

    Examples
    --------
    >>> thursday = np.array(["2021-04-01"], dtype="datetime64[D]").astype(np.int64)
    >>> next_sessions(thursday, "XNYS").astype("datetime64[D]").tolist()  # after Good Friday
    [datetime.date(2021, 4, 5)]
    """
    return calendar_of(calendar).next_sessions(days)


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
        bar by the schedule, if that comes first (a short day ends before the cutoff). From the
        regular close on (`"XNYS"`: 16:00) a cutoff lies in extended hours, and the schedule doesn't
        bound it. It is a time of the day that names the session, so of a Monday's session in
        `"24/5"` or `"CMES"` Sunday evening is before it. `None`: bars that end at or after the
        scheduled close, those of extended hours after it included.
    check
        Called between parts of the work; what it raises ends it.

    Raises
    ------
    BarsError
        The bars are a day or longer.
    ConfigError
        The cutoff is no time of day, or one at which the next session of a calendar that opens on
        the eve has begun, or nothing is traded.

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
    known = calendar_of(calendar)
    minutes = None if cutoff is None else _minutes(cutoff, known)
    extended = minutes is not None and minutes >= known.close_minute
    past = np.empty(ts.size, dtype=np.bool_)
    for part in parts(ts.size, check):
        local = known.wall_clock(ts[part])
        labels = known.labels(local)
        starts, lengths = session_runs(labels)
        sessions = labels[starts]
        stated = None if minutes is None else sessions * DAY_US + minutes * MINUTE_US
        if stated is not None and extended:
            latest = stated
        else:  # a short day may end before what is stated
            last_bars = known.closes(sessions) - timeframe.shortest_us
            latest = last_bars if stated is None else np.minimum(stated, last_bars)
        past[part] = local >= np.repeat(latest, lengths)
    return past


def _minutes(cutoff: str, calendar: Calendar) -> int:
    match = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", cutoff)
    if match is None:
        raise ConfigError(
            f"session_cutoff: found {cutoff!r}; expected a local time of day as 'HH:MM', such as "
            "'15:45'"
        )
    minutes = int(match[1]) * 60 + int(match[2])
    if calendar.opens_on_the_eve and minutes >= calendar.close_minute:
        raise ConfigError(
            f"session_cutoff: found {cutoff!r}; expected a time before "
            f"{calendar.close_minute // 60:02}:{calendar.close_minute % 60:02}, when sessions of "
            f"{calendar.name!r} end that began on the evening before (local time of the calendar)"
        )
    return minutes
