"""The hours of the world's exchanges, as `exchange_calendars` (Apache-2.0) knows them.

This is the only module that imports it, and pandas with it, and only where an exchange's hours are
asked for. A closure that was not announced is in its schedules as well, so that of September 2001
knows of the four days without trading in New York.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.timeframe import DAY_US, MINUTE_US
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.types import IntArray

__all__ = ["Exchange", "Schedule", "exchange_names", "read_exchange", "read_schedule"]

_FIRST: Final = "1885-01-01"
_LAST: Final = "2100-12-31"
_PROBE: Final = ("2024-01-02", "2024-12-30")
"""A year that every calendar knows, to ask it for its bounds and its zone."""
_SINCE: Final = "2010-01-01"


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Every known session of an exchange, oldest first, as int64 arrays of one length.

    Times are minutes of the exchange's wall clock from the midnight that the session's date begins
    with; an evening before is negative. A session without a break has it at its close.

    Parameters
    ----------
    days
        Days since the epoch.
    opens, break_starts, break_ends, closes
        Minutes.
    """

    days: IntArray
    opens: IntArray
    break_starts: IntArray
    break_ends: IntArray
    closes: IntArray

    def traded(self) -> IntArray:
        """Return the minutes of each session, its break left out."""
        return (self.closes - self.opens) - (self.break_ends - self.break_starts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What is regular about an exchange: the hours that most of its sessions since 2010 have.

    Parameters
    ----------
    zone
        The IANA name of its time zone.
    weekdays
        On which days sessions are held, Monday first.
    open_minute, break_start_minute, break_end_minute, close_minute, session_minutes
        As in `Schedule`.
    sessions_per_year
        Counted over 2010 to 2019, or over as many whole years as the schedule has from then on,
        ten at most; rounded.
    """

    zone: str
    weekdays: tuple[bool, ...]
    open_minute: int
    break_start_minute: int
    break_end_minute: int
    close_minute: int
    session_minutes: int
    sessions_per_year: float


def exchange_names() -> tuple[frozenset[str], dict[str, str]]:
    """Return the names there are, and other names for them.

    Examples
    --------
    >>> names, others = exchange_names()
    >>> "XLON" in names, others["LSE"]
    (True, 'XLON')
    """
    import exchange_calendars  # type: ignore[import-untyped]  # it ships no types

    names = frozenset(exchange_calendars.get_calendar_names(include_aliases=False))
    every = exchange_calendars.get_calendar_names(include_aliases=True)
    others = {name: exchange_calendars.resolve_alias(name) for name in every if name not in names}
    return names, others


@cache
def read_schedule(name: str) -> Schedule:
    """Return every session that is known: from 1885 to 2100, or within the calendar's own bounds.

    Raises
    ------
    BarsError
        `exchange_calendars` has the calendar, and can't build it.
    """
    probe = _build(name, *_PROBE)
    first, last = (str(bound)[:10] if bound else None for bound in _bounds(probe))
    calendar = _build(name, max(first or _FIRST, _FIRST), min(last or _LAST, _LAST))
    table = calendar.schedule
    days = table.index.to_numpy().astype("datetime64[D]").astype(np.int64)
    midnights = days * (DAY_US // MINUTE_US)

    def minutes(column: str) -> tuple[IntArray, Any]:
        local = table[column].dt.tz_convert(calendar.tz).dt.tz_localize(None)
        known = local.notna().to_numpy()
        whole = local.to_numpy().astype("datetime64[m]").astype(np.int64)
        return whole - midnights, known

    (opens, _), (closes, _) = minutes("open"), minutes("close")
    pause, resume = (
        np.where(known, found, closes)
        for found, known in map(minutes, ("break_start", "break_end"))
    )
    for array in (days, opens, pause, resume, closes):
        array.flags.writeable = False
    return Schedule(days, opens, pause, resume, closes)


def read_exchange(name: str) -> Exchange:
    """Return what is regular about an exchange.

    Raises
    ------
    BarsError
        `exchange_calendars` has the calendar, and can't build it.

    Examples
    --------
    >>> tokyo = read_exchange("XTKS")
    >>> tokyo.open_minute, tokyo.break_start_minute, tokyo.session_minutes
    (540, 690, 330)
    """
    schedule, probe = read_schedule(name), _build(name, *_PROBE)
    since = int(np.datetime64(_SINCE).astype("datetime64[D]").astype(np.int64))
    recent = schedule.days >= since
    regular = np.column_stack(
        [schedule.opens, schedule.break_starts, schedule.break_ends, schedule.closes]
    )[recent]
    hours, counts = np.unique(regular, axis=0, return_counts=True)
    opens, break_start, break_end, closes = (int(part) for part in hours[np.argmax(counts)])
    return Exchange(
        zone=str(probe.tz.key),
        weekdays=tuple(day == "1" for day in probe.weekmask),
        open_minute=opens,
        break_start_minute=break_start,
        break_end_minute=break_end,
        close_minute=closes,
        session_minutes=(closes - opens) - (break_end - break_start),
        sessions_per_year=_sessions_per_year(schedule.days[recent]),
    )


def _sessions_per_year(days: IntArray) -> float:
    """Return the mean of the first ten whole years at most; a year is whole from its first week."""
    dates = days.astype("datetime64[D]")
    years, counts = np.unique(dates.astype("datetime64[Y]").astype(np.int64), return_counts=True)
    begins = (dates[0] - dates[0].astype("datetime64[Y]")).astype(np.int64)
    whole = counts[1:] if int(begins) > 7 and years.size > 1 else counts
    return float(round(float(np.mean(whole[:10]))))


def _bounds(calendar: Any) -> tuple[Any, Any]:
    return calendar.bound_min(), calendar.bound_max()


def _build(name: str, first: str, last: str) -> Any:
    import exchange_calendars

    with _quiet():
        try:
            return exchange_calendars.get_calendar(name, start=first, end=last)
        except (NotImplementedError, ValueError) as error:
            raise BarsError(
                f"calendar: found {name!r}, which exchange_calendars "
                f"{exchange_calendars.__version__} knows but can't build here "
                f"({str(error)[:60]}); expected a calendar that it builds. "
                "Use that of an exchange with the same hours, or '24/5'"
            ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    # 4.13.2 uses what pandas 3.1 says will change; nothing here depends on it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield
