"""`time_zone`: times that were read in another zone than they were written in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.quality.outside import outside_rows
from hyprl_lab.data.quality.stamps import close_stamps, off_grid
from hyprl_lab.data.sessions import wall_clock
from hyprl_lab.data.timeframe import DAY_US, MINUTE_US, stamp
from hyprl_lab.data.zone import zone_clock

if TYPE_CHECKING:
    from hyprl_lab.data.findings import Finding
    from hyprl_lab.data.quality.subject import Subject
    from hyprl_lab.types import IntArray

__all__ = ["time_zone"]

_NEW_YORK: Final = "America/New_York"
INSIDE: Final = 0.95
"""Of bars in the right zone at least this share lies inside the sessions."""
_BETTER: Final = 0.05
_DAYS: Final = 10
_MOST: Final = 0.6
_SHIFTS: Final = 14 * 60  # minutes, the widest offset from UTC
_STEP: Final = 30
_SUMMER_US: Final = -4 * DAY_US // 24


def time_zone(subject: Subject) -> list[Finding]:
    """Return one of three signs of misread times, of severity `warning`, and bars off the grid.

    Outside the hours
        Fewer than 95 % of the bars lie inside the sessions, and moved by one number of half hours
        95 % would, at least 5 % more than now.
    An hour apart
        The time of day at which most days begin, by the calendar's clock, is an hour later or
        earlier while New York has daylight-saving time than in winter: the usual mark of stamps in
        a fixed offset read as local time, or of local times read as a fixed offset. For `"24/5"`
        the week's first bar, by New York's clock, in place of the day's. Ten days of each are
        needed, six in ten of which begin at one time.
    At the close
        See `hyprl_lab.data.quality.stamps`, also for bars off the grid, which are `info`.

    Parameters
    ----------
    subject
        The bars. Those of a day or longer show none of this, those of `"24/7"` only the grid.
    """
    if not subject.timeframe.is_intraday:
        return []
    odd = off_grid(subject)
    if subject.calendar == "24/7":
        return odd
    # Where days wander by an hour, bars of an hour seem to be stamped at the close half the year.
    apart = _an_hour_apart(subject)
    closes = [] if apart else close_stamps(subject)
    return (closes or _outside(subject) or apart) + odd


def _outside(subject: Subject) -> list[Finding]:
    if subject.calendar == "24/5":
        return []
    rows, total = outside_rows(subject), len(subject.bars)
    inside = 1.0 - rows.size / total
    if inside >= INSIDE:
        return []
    hours, length = subject.hours, subject.timeframe.shortest_us
    best, shift = inside, 0
    for minutes in sorted(range(-_SHIFTS, _SHIFTS + 1, _STEP), key=abs):
        offset = minutes * MINUTE_US
        begins = np.searchsorted(subject.ts, hours.opens - length - offset, side="right")
        ends = np.searchsorted(subject.ts, hours.closes - offset, side="left")
        share = float(np.sum(ends - begins)) / total
        if share > best + 1e-9:
            best, shift = share, minutes
    if best < INSIDE or best < inside + _BETTER:
        return []
    hour, minute = divmod(abs(shift), 60)
    detail = (
        f"{inside:.1%} of the bars lie inside the sessions of {subject.calendar}; moved by "
        f"{'+' if shift > 0 else '-'}{hour}:{minute:02} {best:.1%} would. Read the file again with "
        f"the tz= its times are in, or state the calendar they follow.{subject.doubt}"
    )
    return [subject.finding("time_zone", "warning", rows, detail)]


def _an_hour_apart(subject: Subject) -> list[Finding]:
    rows, clock = _firsts(subject)
    if rows.size == 0:
        return []
    summer = zone_clock(subject.ts[rows], _NEW_YORK) - subject.ts[rows] == _SUMMER_US
    begins = []
    for season in (~summer, summer):
        minutes, counts = np.unique(clock[season] // MINUTE_US, return_counts=True)
        if counts.sum() < _DAYS or counts.max() < _MOST * counts.sum():
            return []
        begins.append(int(minutes[np.argmax(counts)]))
    winter, other = begins
    if abs((other - winter + 720) % 1_440 - 720) != 60:
        return []
    odd = rows[summer & (clock // MINUTE_US == other)]
    of_week = subject.calendar == "24/5"
    what = "weeks begin at {} by New York's clock" if of_week else "days begin at {}"
    detail = (
        f"in winter most {what.format(_time(winter))}, under daylight-saving time at "
        f"{_time(other)}, first at {stamp(subject.ts[odd[0]])}: were times in a fixed offset read "
        f"as local ones, or the other way round? Read the file again with their tz=.{subject.doubt}"
    )
    return [subject.finding("time_zone", "warning", odd, detail)]


def _firsts(subject: Subject) -> tuple[IntArray, IntArray]:
    """Return the first row of each day, or week of `"24/5"`, and its time of day by the clock."""
    rows, ts = subject.pauses, subject.ts
    if subject.calendar == "24/5":
        rows = rows[ts[rows] - ts[rows - 1] >= DAY_US]
        return rows, zone_clock(ts[rows], _NEW_YORK) % DAY_US
    local = wall_clock(ts[rows], subject.timeframe, subject.calendar)
    before = wall_clock(ts[rows - 1], subject.timeframe, subject.calendar)
    new = local // DAY_US != before // DAY_US
    return rows[new], local[new] % DAY_US


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
