"""Sessions: which calendar bars follow, which session a bar is of, how many make a year.

Which calendars there are is told by `hyprl_lab.data.calendars`, when a session ends by
`hyprl_lab.data.schedule`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.calendars import calendar_of
from hyprl_lab.data.parts import parts
from hyprl_lab.data.timeframe import DAY_US, EPOCH_WEEKDAY, MINUTE_US, Timeframe
from hyprl_lab.data.zone import zone_clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.types import IntArray

__all__ = [
    "bars_per_year",
    "check_calendar",
    "day_runs",
    "headline_rows",
    "infer_calendar",
    "periods_per_year",
    "session_days",
    "session_labels",
    "session_minutes",
    "session_numbers",
    "session_runs",
    "wall_clock",
]

_NEW_YORK: Final = "America/New_York"
_HOUR_US: Final = DAY_US // 24
_FIRST_TRADE_US: Final = 4 * _HOUR_US  # extended hours: 04:00 to 20:00 in New York
_LAST_TRADE_US: Final = 20 * _HOUR_US


def check_calendar(calendar: str) -> str:
    """Return the calendar, or refuse one that isn't known.

    Raises
    ------
    BarsError
        There is no such calendar; the message says how to name one.

    Examples
    --------
    >>> check_calendar("24/7")
    '24/7'
    """
    return calendar_of(calendar).name


def infer_calendar(ts: IntArray, timeframe: Timeframe) -> str:
    """Return the calendar the stamps speak for.

    Saturday bars mean `"24/7"`; else Sunday bars `"24/5"`; else daily bars `"XNYS"`; else intraday
    bars that all begin between 04:00 and 20:00 in New York `"XNYS"`, and others `"24/5"`. Weekdays
    are those of UTC. Weekly and monthly bars show no calendar and have no use for one: `"XNYS"`.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    timeframe
        The length of a bar.

    Examples
    --------
    >>> week = np.arange(7) * DAY_US  # from a Thursday
    >>> infer_calendar(week, Timeframe(1, "d")), infer_calendar(week[:2], Timeframe(1, "d"))
    ('24/7', 'XNYS')
    """
    if timeframe.unit in ("w", "mo"):
        return "XNYS"
    weekdays = (ts // DAY_US + EPOCH_WEEKDAY) % 7
    if bool(np.any(weekdays == 5)):
        return "24/7"
    if bool(np.any(weekdays == 6)):
        return "24/5"
    if not timeframe.is_intraday:
        return "XNYS"
    clock = zone_clock(ts, _NEW_YORK) % DAY_US
    inside = (clock >= _FIRST_TRADE_US) & (clock < _LAST_TRADE_US)
    return "XNYS" if bool(np.all(inside)) else "24/5"


def session_days(ts: IntArray, calendar: str) -> IntArray:
    """Return the session each bar belongs to, as days since the epoch.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    calendar
        Whose sessions.

    Examples
    --------
    >>> sunday = np.array([(4 * 24 - 1) * 3_600_000_000])  # 4 January 1970, 23:00
    >>> session_days(sunday, "24/5").tolist(), session_days(sunday, "24/7").tolist()
    ([4], [3])
    """
    known = calendar_of(calendar)
    return known.labels(known.wall_clock(ts))


def session_labels(local: IntArray, calendar: str) -> IntArray:
    """Return the session that each time of `wall_clock` belongs to, as days since the epoch.

    Parameters
    ----------
    local
        Microseconds of the calendar's wall clock, as `wall_clock` gives them.
    calendar
        Whose sessions.

    Examples
    --------
    >>> session_labels(np.array([2, 3]) * DAY_US, "24/5").tolist()  # Saturday, Sunday
    [4, 4]
    """
    return calendar_of(calendar).labels(local)


def session_numbers(
    ts: IntArray, calendar: str, *, check: Callable[[], None] | None = None
) -> IntArray:
    """Return the number of each bar's session: 0 for the first bar's, then one more for each.

    Sessions of which no bar is there are not counted, so later bars never change earlier numbers.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    calendar
        Whose sessions.
    check
        Called between parts of the work; what it raises ends it.

    Examples
    --------
    >>> friday_to_monday = np.array([1, 2, 3, 4]) * DAY_US
    >>> session_numbers(friday_to_monday, "24/5").tolist()
    [0, 1, 1, 1]
    """
    numbers = np.empty(ts.size, dtype=np.int64)
    number, session = -1, None
    for part in parts(ts.size, check):
        labels = session_days(ts[part], calendar)
        starts, lengths = session_runs(labels)
        first = number + int(labels[0] != session)
        numbers[part] = np.repeat(np.arange(first, first + starts.size), lengths)
        number, session = first + starts.size - 1, labels[-1]
    return numbers


def day_runs(local: IntArray) -> tuple[IntArray, IntArray]:
    """Return the first row of each day's stretch of bars, and the days since the epoch.

    Parameters
    ----------
    local
        Microseconds of a wall clock, as `wall_clock` gives them for bars shorter than a day; at
        least one. They may go back where clocks do, but not over midnight.

    Examples
    --------
    >>> starts, days = day_runs(np.array([2, 5, 30, 80]) * 3_600_000_000)
    >>> starts.tolist(), days.tolist()
    ([0, 2, 3], [0, 1, 3])
    """
    days = np.arange(local[0] // DAY_US, local[-1] // DAY_US + 1)
    starts = np.searchsorted(local, days * DAY_US).astype(np.int64, copy=False)
    there = np.diff(starts, append=local.size) > 0
    return starts[there], days[there]


def session_runs(labels: IntArray) -> tuple[IntArray, IntArray]:
    """Return the first row of each stretch of equal labels, and how many rows it has.

    Examples
    --------
    >>> starts, lengths = session_runs(np.array([7, 7, 7, 9]))
    >>> starts.tolist(), lengths.tolist()
    ([0, 3], [3, 1])
    """
    changes = np.flatnonzero(labels[1:] != labels[:-1]) + 1
    starts = np.concatenate([np.arange(min(labels.size, 1)), changes]).astype(np.int64, copy=False)
    return starts, np.diff(starts, append=labels.size)


def wall_clock(ts: IntArray, timeframe: Timeframe, calendar: str) -> IntArray:
    """Return each bar's open on the wall clock of its calendar.

    An exchange's with the offset in force at that moment, UTC for `"24/5"` and `"24/7"`. Midnight
    UTC is what a bare date becomes: bars of a day or longer that carry it stand for that date, not
    for the evening before in New York.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    timeframe, calendar
        The length of a bar, and whose clock.

    Returns
    -------
    IntArray
        Microseconds from midnight, 1 January 1970, of that clock.

    Examples
    --------
    >>> noon = np.array([12 * 3_600_000_000])
    >>> (wall_clock(noon, Timeframe(1, "h"), "XNYS") // 3_600_000_000).tolist()
    [7]
    >>> wall_clock(np.array([DAY_US]), Timeframe(1, "d"), "XNYS") // DAY_US
    array([1])
    """
    known = calendar_of(calendar)
    local = known.wall_clock(ts)
    if timeframe.is_intraday or known.zone is None:
        return local
    return np.where(ts % DAY_US == 0, ts, local)


def headline_rows(ts: IntArray, timeframe: Timeframe, calendar: str) -> IntArray:
    """Return the rows whose closes make the headline return series.

    Every bar of a day or longer; the last bar of each session of shorter ones. The last row ends
    the series even where its session goes on.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    timeframe, calendar
        The length of a bar, and whose sessions.

    Examples
    --------
    >>> hours = np.arange(36) * 3_600_000_000
    >>> headline_rows(hours, Timeframe(1, "h"), "24/7").tolist()
    [23, 35]
    """
    if not timeframe.is_intraday:
        return np.arange(ts.size, dtype=np.int64)
    starts, lengths = session_runs(session_days(ts, calendar))
    return starts + lengths - 1


def periods_per_year(timeframe: Timeframe, calendar: str) -> float:
    """Return how many headline periods make a year.

    Examples
    --------
    >>> periods_per_year(Timeframe(5, "m"), "24/7"), periods_per_year(Timeframe(2, "d"), "XNYS")
    (365.0, 126.0)
    """
    return _headline_periods(timeframe, calendar)


def session_minutes(calendar: str) -> int:
    """Return how many minutes a regular session lasts, its break left out.

    Examples
    --------
    >>> session_minutes("XNYS"), session_minutes("24/7"), session_minutes("XTKS")
    (390, 1440, 330)
    """
    return calendar_of(calendar).session_minutes


def bars_per_year(
    timeframe: Timeframe, calendar: str, periods_per_year: float | None = None
) -> float:
    """Return how many bars, not headline periods, make a year.

    For bars of a day or longer these are the same. For shorter ones it is sessions a year times
    the bars that a regular session takes, a last one that it does not fill included.

    Parameters
    ----------
    timeframe, calendar
        The length of a bar, and whose sessions.
    periods_per_year
        Headline periods a year in place of the calendar's.

    Examples
    --------
    >>> bars_per_year(Timeframe(1, "h"), "XNYS"), bars_per_year(Timeframe(1, "h"), "24/7", 360.0)
    (1764.0, 8640.0)
    """
    if periods_per_year is None:
        return bars_per_year(timeframe, calendar, _headline_periods(timeframe, calendar))
    if not timeframe.is_intraday:
        return float(periods_per_year)
    minutes = timeframe.shortest_us // MINUTE_US
    return float(periods_per_year) * -(-session_minutes(calendar) // minutes)


def _headline_periods(timeframe: Timeframe, calendar: str) -> float:
    sessions = calendar_of(calendar).sessions_per_year
    if timeframe.is_intraday:
        return sessions
    in_a_year = {"d": sessions, "w": 52.0, "mo": 12.0}[timeframe.unit]
    return in_a_year / timeframe.count
