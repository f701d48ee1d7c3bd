"""Which rows lie in which session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.calendars import session_hours, sessions_between
from hyprl_lab.data.timeframe import DAY_US, EPOCH_WEEKDAY
from hyprl_lab.data.zone import utc_of

if TYPE_CHECKING:
    from hyprl_lab.data.timeframe import Timeframe
    from hyprl_lab.types import IntArray

__all__ = ["SessionRows", "session_rows"]

_FIVE_PM_US: Final = 17 * DAY_US // 24
_NEW_YORK: Final = "America/New_York"
_MONDAY: Final = 0
_FRIDAY: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class SessionRows:
    """The scheduled sessions around some bars, and the rows that lie in each.

    Parameters
    ----------
    days
        The sessions, days since the epoch.
    opens, closes
        When they open and close, microseconds since the epoch, UTC.
    starts, stops
        Rows `starts` to `stops`, the last one excluded, lie in the session: bars that end after it
        opens and begin before it closes. Equal where there is none.
    """

    days: IntArray
    opens: IntArray
    closes: IntArray
    starts: IntArray
    stops: IntArray


def session_rows(ts: IntArray, timeframe: Timeframe, calendar: str) -> SessionRows:
    """Return the sessions from the day before the first bar to the day after the last.

    The calendar `"24/5"` has no hours of its own: here it opens on Sunday and closes on Friday at
    17:00 in New York, the week of foreign exchange.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    timeframe, calendar
        The length of a bar, shorter than a day, and whose sessions.

    Examples
    --------
    >>> from hyprl_lab.data.timeframe import Timeframe
    >>> hours = np.arange(30) * 3_600_000_000
    >>> rows = session_rows(hours, Timeframe(1, "h"), "24/7")
    >>> rows.starts.tolist(), rows.stops.tolist()
    ([0, 0, 24, 30], [0, 24, 30, 30])
    """
    days = sessions_between(int(ts[0] // DAY_US) - 1, int(ts[-1] // DAY_US) + 1, calendar)
    opens, closes = _currency_week(days) if calendar == "24/5" else session_hours(days, calendar)
    starts = np.searchsorted(ts, opens - timeframe.shortest_us, side="right")
    stops = np.searchsorted(ts, closes, side="left")
    # A bar over a midnight where one session follows another belongs to the one it begins in.
    starts[1:] = np.maximum(starts[1:], np.maximum.accumulate(stops)[:-1])
    return SessionRows(days, opens, closes, starts, np.maximum(starts, stops))


def _currency_week(days: IntArray) -> tuple[IntArray, IntArray]:
    """Return the hours of weekdays, from midnight to midnight UTC but for the week's two ends."""
    opens, closes = days * DAY_US, (days + 1) * DAY_US
    weekdays = (days + EPOCH_WEEKDAY) % 7
    if days.size:
        opens[weekdays == _MONDAY] = _five_in_new_york(days[weekdays == _MONDAY] - 1)
        closes[weekdays == _FRIDAY] = _five_in_new_york(days[weekdays == _FRIDAY])
    return opens, closes


def _five_in_new_york(days: IntArray) -> IntArray:
    """Return when it is 17:00 in New York, where clocks never change between noon and midnight."""
    return utc_of(days * DAY_US + _FIVE_PM_US, _NEW_YORK)
