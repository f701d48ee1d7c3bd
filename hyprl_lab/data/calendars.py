"""Calendars: one object a name, with its clock, its hours and its sessions.

- `"XNYS"`: New York's exchanges; a session is a date in New York; 252 of them a year.
- `"24/5"`: foreign exchange and other round-the-clock weekday markets; the date in UTC, Saturday
  and Sunday counted to Monday; 260.
- `"24/7"`: crypto; the date in UTC; 365.
- The market identifier code (ISO 10383) of any other exchange that `exchange_calendars` knows, such
  as `"XLON"`, `"XTKS"`, `"XBOM"` or `"CMES"`; and `"XNSE"`, which has the hours of `"XBOM"`.

The first three know their regular hours by heart: `exchange_calendars` is imported for holidays and
short days of New York, and for every exchange besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.exchanges import exchange_names, read_exchange, read_schedule
from hyprl_lab.data.timeframe import DAY_US, EPOCH_WEEKDAY, MINUTE_US
from hyprl_lab.data.zone import utc_of, zone_clock
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.data.exchanges import Schedule
    from hyprl_lab.types import IntArray

__all__ = [
    "Calendar",
    "Hours",
    "calendar_of",
    "session_breaks",
    "session_hours",
    "sessions_between",
]

_WEEKDAYS: Final = (True,) * 5 + (False,) * 2
_SAME_HOURS: Final = {"XNSE": "XBOM"}
_MEANT: Final = {"NSE": "XNSE"}


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """When sessions begin, pause and end, in microseconds of the calendar's wall clock.

    A session without a break has it at its close.
    """

    opens: IntArray
    break_starts: IntArray
    break_ends: IntArray
    closes: IntArray


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A market's clock, hours and sessions.

    Parameters
    ----------
    name
        As bars name it.
    zone
        The IANA name of its wall clock's zone; `None` is UTC.
    weekdays
        On which days sessions are held, Monday first.
    open_minute, break_start_minute, break_end_minute, close_minute
        Regular hours: minutes of the wall clock from the midnight that a session's date begins
        with. An open on the evening before is negative; without a break it is at the close.
    session_minutes
        How long a regular session is, its break left out.
    sessions_per_year
        How many sessions a year is counted as.
    rolls
        Whether bars of days that are off every week belong to the next session.
    exchange
        Whose schedule it has in `exchange_calendars`; `None` knows neither holidays nor short days.

    Examples
    --------
    >>> new_york = calendar_of("XNYS")
    >>> new_york.open_minute, new_york.close_minute, new_york.sessions_per_year
    (570, 960, 252.0)
    """

    name: str
    zone: str | None
    weekdays: tuple[bool, ...]
    open_minute: int
    break_start_minute: int
    break_end_minute: int
    close_minute: int
    session_minutes: int
    sessions_per_year: float
    rolls: bool
    exchange: str | None

    @property
    def opens_on_the_eve(self) -> bool:
        """Whether a session begins on the evening before its date."""
        return self.open_minute < 0

    @property
    def schedule(self) -> Schedule | None:
        """Every known session, read when first asked for; `None` where there are no exceptions."""
        return None if self.exchange is None else read_schedule(self.exchange)

    @cached_property
    def _steps(self) -> tuple[IntArray, IntArray]:
        """From each weekday: days on to one with a session, itself counted; and not counted."""
        held = np.array(self.weekdays * 3)
        to = [int(np.argmax(held[day:])) for day in range(7)]
        after = [1 + int(np.argmax(held[day + 1 :])) for day in range(7)]
        return np.array(to, dtype=np.int64), np.array(after, dtype=np.int64)

    def wall_clock(self, ts: IntArray) -> IntArray:
        """Return ascending stamps in UTC as microseconds of the wall clock."""
        return ts if self.zone is None else zone_clock(ts, self.zone)

    def utc(self, local: IntArray) -> IntArray:
        """Return microseconds of the wall clock as UTC."""
        return local if self.zone is None else utc_of(local, self.zone)

    def dated(self, local: IntArray) -> IntArray:
        """Return microseconds of the wall clock with the eve of a session on its date."""
        return local - self.open_minute * MINUTE_US if self.opens_on_the_eve else local

    def labels(self, local: IntArray) -> IntArray:
        """Return the session that each time of the wall clock belongs to, days since the epoch.

        The date, or the next one from the open on where that is on the evening before. Days off
        keep their date, but where `rolls` those of every week belong to the next session.

        Examples
        --------
        >>> calendar_of("24/5").labels(np.array([2, 3]) * DAY_US).tolist()  # Saturday, Sunday
        [4, 4]
        """
        days = self.dated(local) // DAY_US
        if self.rolls:
            days += self._steps[0][(days + EPOCH_WEEKDAY) % 7]
        return days

    def closes(self, sessions: IntArray) -> IntArray:
        """Return when sessions are scheduled to close, in microseconds of the wall clock.

        The regular hour also on days that are no session, and outside the known schedule.
        """
        known = self.schedule
        if known is None:
            return sessions * DAY_US + self.close_minute * MINUTE_US
        return _known(known, known.closes, sessions, self.close_minute)

    def hours(self, sessions: IntArray) -> Hours:
        """Return when sessions begin, pause and end; as `closes` on days that are none."""
        known = self.schedule
        regular = (
            self.open_minute,
            self.break_start_minute,
            self.break_end_minute,
            self.close_minute,
        )
        if known is None:
            return Hours(*(sessions * DAY_US + minute * MINUTE_US for minute in regular))
        columns = (known.opens, known.break_starts, known.break_ends, known.closes)
        return Hours(
            *(_known(known, of, sessions, by) for of, by in zip(columns, regular, strict=True))
        )

    def next_sessions(self, days: IntArray) -> IntArray:
        """Return the first scheduled session after each day.

        Outside the known schedule every day that is regularly one is a session.
        """
        following: IntArray = days + self._steps[1][(days + EPOCH_WEEKDAY) % 7]
        if self.schedule is None:
            return following
        known = self.schedule.days
        row = np.minimum(np.searchsorted(known, days, side="right"), known.size - 1)
        inside = (days >= known[0]) & (days < known[-1])
        return np.where(inside, known[row], following)

    def day_numbers(self, days: IntArray) -> IntArray:
        """Return the number of each regular day of sessions, from 0 on Monday, 29 December 1969.

        Holidays count; days that are off every week count with the day before them.

        Examples
        --------
        >>> calendar_of("24/5").day_numbers(np.array([-3, 1, 2, 3, 4])).tolist()
        [0, 4, 4, 4, 5]
        """
        since = days + EPOCH_WEEKDAY
        within = np.cumsum(self.weekdays)
        numbers: IntArray = since // 7 * within[-1] + within[since % 7] - 1
        return numbers


def calendar_of(name: str) -> Calendar:
    """Return the calendar of a name.

    Parameters
    ----------
    name
        `"XNYS"`, `"24/5"`, `"24/7"`, or another exchange's market identifier code.

    Raises
    ------
    BarsError
        There is no such calendar; the message says how to name one.

    Examples
    --------
    >>> calendar_of("XBOM").zone, calendar_of("XNSE").close_minute // 60
    ('Asia/Kolkata', 15)
    """
    found = _BY_HEART.get(name) if isinstance(name, str) else None
    if found is not None:
        return found
    if not isinstance(name, str):
        raise BarsError(f"calendar: found {name!r}; {_EXPECTED}")
    return _read(name)


def session_hours(sessions: IntArray, calendar: str) -> tuple[IntArray, IntArray]:
    """Return when sessions open and close.

    Parameters
    ----------
    sessions
        Days since the epoch, such as `sessions_between` gives. Days that are no session have the
        regular hours.
    calendar
        Whose. Round-the-clock calendars open and close at midnight UTC, so that Sunday evening is
        before the open of Monday's session in `"24/5"`.

    Returns
    -------
    tuple[IntArray, IntArray]
        Microseconds since the epoch, UTC.

    Examples
    --------
    >>> friday = np.array(["2020-11-27"], dtype="datetime64[D]").astype(np.int64)
    >>> opens, closes = session_hours(friday, "XNYS")
    >>> np.append(opens, closes).astype("datetime64[us]").tolist()
    [datetime.datetime(2020, 11, 27, 14, 30), datetime.datetime(2020, 11, 27, 18, 0)]
    """
    known = calendar_of(calendar)
    hours = known.hours(sessions)
    return known.utc(hours.opens), known.utc(hours.closes)


def session_breaks(sessions: IntArray, calendar: str) -> tuple[IntArray, IntArray]:
    """Return when sessions pause and when they go on, both at the close where they don't pause.

    Parameters
    ----------
    sessions, calendar
        As in `session_hours`.

    Returns
    -------
    tuple[IntArray, IntArray]
        Microseconds since the epoch, UTC.

    Examples
    --------
    >>> monday = np.array(["2024-01-15"], dtype="datetime64[D]").astype(np.int64)
    >>> starts, ends = session_breaks(monday, "XTKS")
    >>> ((ends - starts) // 60_000_000).tolist()
    [60]
    """
    known = calendar_of(calendar)
    hours = known.hours(sessions)
    return known.utc(hours.break_starts), known.utc(hours.break_ends)


def sessions_between(first_day: int, last_day: int, calendar: str) -> IntArray:
    """Return all scheduled sessions from one day to another, both included.

    Parameters
    ----------
    first_day, last_day
        Days since the epoch.
    calendar
        Whose.

    Examples
    --------
    >>> week = np.array(["2020-11-23", "2020-11-29"], dtype="datetime64[D]").astype(np.int64)
    >>> sessions_between(*week.tolist(), "XNYS").astype("datetime64[D]").astype(str).tolist()
    ['2020-11-23', '2020-11-24', '2020-11-25', '2020-11-27']
    """
    days = np.arange(first_day, last_day + 1, dtype=np.int64)
    held: IntArray = days[calendar_of(calendar).next_sessions(days - 1) == days]
    return held


def _known(schedule: Schedule, minutes: IntArray, sessions: IntArray, regular: int) -> IntArray:
    row = np.minimum(np.searchsorted(schedule.days, sessions), schedule.days.size - 1)
    found = np.where(schedule.days[row] == sessions, minutes[row], regular)
    times: IntArray = sessions * DAY_US + found * MINUTE_US
    return times


def _round_the_clock(name: str, weekdays: tuple[bool, ...], sessions: float) -> Calendar:
    return Calendar(
        name=name,
        zone=None,
        weekdays=weekdays,
        open_minute=0,
        break_start_minute=1_440,
        break_end_minute=1_440,
        close_minute=1_440,
        session_minutes=1_440,
        sessions_per_year=sessions,
        rolls=not all(weekdays),
        exchange=None,
    )


_BY_HEART: Final = {
    "XNYS": Calendar(
        name="XNYS",
        zone="America/New_York",
        weekdays=_WEEKDAYS,
        open_minute=570,
        break_start_minute=960,
        break_end_minute=960,
        close_minute=960,
        session_minutes=390,
        sessions_per_year=252.0,
        rolls=False,
        exchange="XNYS",
    ),
    "24/5": _round_the_clock("24/5", _WEEKDAYS, 260.0),
    "24/7": _round_the_clock("24/7", (True,) * 7, 365.0),
}
_EXPECTED: Final = (
    "expected 'XNYS', '24/5' (weekdays around the clock), '24/7' (every day), or the market "
    "identifier code (ISO 10383) of an exchange in exchange_calendars, such as 'XLON', 'XTKS', "
    "'XBOM' or 'CMES'"
)


@cache
def _read(name: str) -> Calendar:
    source = _SAME_HOURS.get(name, name)
    names, others = exchange_names()
    if source not in names:
        raise BarsError(f"calendar: found {name!r}; {_EXPECTED}. {_hint(name, names, others)}")
    found = read_exchange(source)
    return Calendar(
        name=name,
        zone=None if found.zone == "UTC" else found.zone,
        weekdays=found.weekdays,
        open_minute=found.open_minute,
        break_start_minute=found.break_start_minute,
        break_end_minute=found.break_end_minute,
        close_minute=found.close_minute,
        session_minutes=found.session_minutes,
        sessions_per_year=found.sessions_per_year,
        rolls=found.open_minute < 0,
        exchange=source,
    )


def _hint(name: str, names: frozenset[str], others: dict[str, str]) -> str:
    """Say what may have been meant: one calendar has one name, so that equal bars are equal."""
    meant = {**_MEANT, **others}.get(name.upper())
    if meant is not None:
        return f"{name!r} is called {meant!r} here"
    known = dict.fromkeys([*_BY_HEART, *_SAME_HOURS, *sorted(names)])
    near = get_close_matches(name.upper(), known, n=3)
    every = "exchange_calendars.get_calendar_names() has all of them"
    return f"Did you mean {' or '.join(map(repr, near))}? {every}" if near else every
