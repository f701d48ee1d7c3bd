"""Sessions: which calendar bars follow, which bars end a session, how many make a year.

Three calendars are known, each with its label for a session and its sessions a year:

- `"XNYS"`: New York exchanges; the date in New York; 252.
- `"24/5"`: foreign exchange and other round-the-clock weekday markets; the date in UTC, Saturday
  and Sunday counted to Monday; 260.
- `"24/7"`: crypto; the date in UTC; 365.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.timeframe import DAY_US, Timeframe
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.types import IntArray

__all__ = [
    "CALENDARS",
    "check_calendar",
    "headline_rows",
    "infer_calendar",
    "periods_per_year",
    "session_days",
]

CALENDARS: Final = ("XNYS", "24/5", "24/7")
_SESSIONS_A_YEAR: Final = {"XNYS": 252.0, "24/5": 260.0, "24/7": 365.0}
_HOUR_US: Final = DAY_US // 24
_EPOCH_WEEKDAY: Final = 3  # 1 January 1970 was a Thursday; Monday is 0
_NEW_YORK: Final = "America/New_York"
_FIRST_TRADE_US: Final = 4 * _HOUR_US  # extended hours: 04:00 to 20:00 in New York
_LAST_TRADE_US: Final = 20 * _HOUR_US


def check_calendar(calendar: str) -> str:
    """Return the calendar, or refuse one that isn't known.

    Raises
    ------
    BarsError
        Listing the known calendars.

    Examples
    --------
    >>> check_calendar("24/7")
    '24/7'
    """
    if calendar not in CALENDARS:
        raise BarsError(f"calendar: found {calendar!r}; expected one of {list(CALENDARS)}")
    return calendar


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
    weekdays = (ts // DAY_US + _EPOCH_WEEKDAY) % 7
    if bool(np.any(weekdays == 5)):
        return "24/7"
    if bool(np.any(weekdays == 6)):
        return "24/5"
    if not timeframe.is_intraday:
        return "XNYS"
    clock = _new_york_clock(ts) % DAY_US
    inside = (clock >= _FIRST_TRADE_US) & (clock < _LAST_TRADE_US)
    return "XNYS" if bool(np.all(inside)) else "24/5"


def session_days(ts: IntArray, calendar: str) -> IntArray:
    """Return the session each bar belongs to, as days since the epoch.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    calendar
        `"XNYS"`, `"24/5"` or `"24/7"`.

    Examples
    --------
    >>> sunday = np.array([(4 * 24 - 1) * 3_600_000_000])  # 4 January 1970, 23:00
    >>> session_days(sunday, "24/5").tolist(), session_days(sunday, "24/7").tolist()
    ([4], [3])
    """
    if check_calendar(calendar) == "XNYS":
        return _new_york_clock(ts) // DAY_US
    days = ts // DAY_US
    if calendar == "24/7":
        return days
    weekdays = (days + _EPOCH_WEEKDAY) % 7
    return days + np.where(weekdays >= 5, 7 - weekdays, 0)


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
    days = session_days(ts, calendar)
    last = np.append(days[1:] != days[:-1], True)
    return np.flatnonzero(last).astype(np.int64, copy=False)


def periods_per_year(timeframe: Timeframe, calendar: str) -> float:
    """Return how many headline periods make a year.

    Examples
    --------
    >>> periods_per_year(Timeframe(5, "m"), "24/7"), periods_per_year(Timeframe(2, "d"), "XNYS")
    (365.0, 126.0)
    """
    sessions = _SESSIONS_A_YEAR[check_calendar(calendar)]
    if timeframe.is_intraday:
        return sessions
    in_a_year = {"d": sessions, "w": 52.0, "mo": 12.0}[timeframe.unit]
    return in_a_year / timeframe.count


def _new_york_clock(ts: IntArray) -> IntArray:
    """Return microseconds of New York's wall clock, by the offsets in force at each stamp.

    Offsets change on the hour, so it is enough to know them at each midnight, and at each hour of
    a day whose midnights differ.
    """
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(_NEW_YORK)

    def offset(hour: int) -> int:
        moment = datetime.fromtimestamp(hour * 3_600, UTC).astimezone(zone)
        shift = moment.utcoffset()
        return 0 if shift is None else int(shift.total_seconds()) * 1_000_000

    first, last = int(ts[0] // DAY_US), int(ts[-1] // DAY_US) + 1
    starts, offsets = [first * 24], [offset(first * 24)]
    before = offsets[0]
    for day in range(first, last):
        after = offset((day + 1) * 24)
        if after != before:
            for hour in range(day * 24 + 1, (day + 1) * 24 + 1):
                if offset(hour) != offsets[-1]:
                    starts.append(hour)
                    offsets.append(offset(hour))
        before = after
    segment = np.searchsorted(np.array(starts, dtype=np.int64), ts // _HOUR_US, side="right") - 1
    return ts + np.array(offsets, dtype=np.int64)[segment]
