"""`outside_session`: bars at times at which the calendar has no session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.calendars import sessions_between
from hyprl_lab.data.quality.subject import counted
from hyprl_lab.data.sessions import wall_clock
from hyprl_lab.data.timeframe import DAY_US
from hyprl_lab.data.zone import zone_clock

if TYPE_CHECKING:
    from hyprl_lab.data.findings import Finding, Severity
    from hyprl_lab.data.quality.subject import Subject
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["outside_rows", "outside_session"]

_NEW_YORK: Final = "America/New_York"
_EXTENDED_US: Final = (4 * DAY_US // 24, 20 * DAY_US // 24)
_TIMES_NAMED: Final = 5


def outside_session(subject: Subject) -> list[Finding]:
    """Return the bars that end before a session opens or begin when it is over.

    A bar that begins before the open and holds it is inside. Daily bars are outside on days that
    are no session; longer ones are not judged. `warning`, but `info` for New York's extended hours,
    04:00 to 20:00 on a session's day.

    Parameters
    ----------
    subject
        The bars, and whose sessions.
    """
    timeframe = subject.timeframe
    if timeframe.unit in ("w", "mo"):
        return []
    if not timeframe.is_intraday:
        days = np.unique(subject.labels)
        sessions = sessions_between(int(days[0]), int(days[-1]), subject.calendar)
        rows = np.flatnonzero(~np.isin(subject.labels, sessions))
        if rows.size == 0:
            return []
        first = subject.labels[rows[:_TIMES_NAMED]].astype("datetime64[D]")
        named = ", ".join(map(str, first)) + (", …" if rows.size > _TIMES_NAMED else "")
        detail = (
            f"{counted(rows.size, 'bar')} on days that are no session of {subject.calendar}: "
            f"{named}. Drop them, or state the calendar they follow.{subject.doubt}"
        )
        return [subject.finding("outside_session", "warning", rows, detail)]
    rows = outside_rows(subject)
    extended = _extended_hours(subject, rows)
    found = []
    kinds: tuple[tuple[IntArray, Severity, str], ...] = (
        (
            rows[~extended],
            "warning",
            "Nothing trades then: drop them, or state the calendar they follow." + subject.doubt,
        ),
        (rows[extended], "info", "These are extended hours, in which little is traded."),
    )
    for chosen, severity, mend in kinds:
        if chosen.size:
            detail = (
                f"{counted(chosen.size, 'bar')} outside the sessions of {subject.calendar}, the "
                f"first at {subject.at(chosen[0])}; local times: {_times(subject, chosen)}. {mend}"
            )
            found.append(subject.finding("outside_session", severity, chosen, detail))
    return found


def outside_rows(subject: Subject) -> IntArray:
    """Return the rows of bars shorter than a day that lie in no session."""
    hours = subject.hours
    begins = np.append(np.int64(0), hours.stops)
    ends = np.append(hours.starts, np.int64(len(subject.bars)))
    chosen = ends > begins
    begins, sizes = begins[chosen], (ends - begins)[chosen]
    if begins.size == 0:
        return begins
    steps = np.ones(int(sizes.sum()), dtype=np.int64)
    steps[0] = begins[0]
    steps[np.cumsum(sizes)[:-1]] = begins[1:] - (begins + sizes - 1)[:-1]
    return np.cumsum(steps)


def _extended_hours(subject: Subject, rows: IntArray) -> BoolArray:
    if subject.calendar != "XNYS":
        return np.zeros(rows.size, dtype=np.bool_)
    local = zone_clock(subject.ts[rows], _NEW_YORK)
    clock = local % DAY_US
    first, last = _EXTENDED_US
    sessions = np.isin(local // DAY_US, subject.hours.days)
    extended: BoolArray = sessions & (clock >= first) & (clock < last)
    return extended


def _times(subject: Subject, rows: IntArray) -> str:
    """Return the most frequent local times of day, and how often each comes."""
    local = wall_clock(subject.ts[rows], subject.timeframe, subject.calendar)
    minutes, counts = np.unique(local % DAY_US // 60_000_000, return_counts=True)
    order = np.lexsort((minutes, -counts))[:_TIMES_NAMED]
    named = ", ".join(
        f"{minutes[k] // 60:02}:{minutes[k] % 60:02} ({counts[k]:,})" for k in order
    )  # fmt: skip
    return named + (", …" if minutes.size > _TIMES_NAMED else "")
