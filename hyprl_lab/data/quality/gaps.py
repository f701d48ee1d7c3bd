"""`gap`: bars that the schedule has and the data has not.

Bars shorter than a day are missed where a stretch of a session, from its open to its close without
breaks, holds no bar: so many as fit, halves rounded up, for a venue may begin with half a bar.
Daily bars are missed session by session, weeks and months by their number. What lies before the
first bar or after the last is no gap. Bars of several days have no fixed place and are not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.calendars import session_breaks, sessions_between
from hyprl_lab.data.quality.subject import counted
from hyprl_lab.data.timeframe import DAY_US, EPOCH_WEEKDAY

if TYPE_CHECKING:
    from hyprl_lab.data.findings import Finding, Severity
    from hyprl_lab.data.quality.subject import Subject
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["FEW", "gaps"]

FEW: Final = 0.01
"""Up to this share of the expected bars may be missing, no whole session among them, for `info`."""


@dataclass(frozen=True, slots=True, eq=False)
class _Missing:
    """Stretches without bars: from when to when, how many bars, the row after, whole sessions."""

    start: IntArray
    end: IntArray
    count: IntArray
    row: IntArray
    whole: BoolArray

    def at(self, chosen: BoolArray | IntArray) -> _Missing:
        return _Missing(
            self.start[chosen],
            self.end[chosen],
            self.count[chosen],
            self.row[chosen],
            self.whole[chosen],
        )


def gaps(subject: Subject) -> list[Finding]:
    """Return what is missing; closures at the turn of the year apart, where there is no schedule.

    `warning` where a whole session is missing or more than one bar in a hundred, else `info`. The
    calendar `"24/5"` has no holidays: what is missing within 24 to 26 December or within 31
    December to 2 January is `info`, since most of the world's markets are closed then.

    Parameters
    ----------
    subject
        The bars, and whose sessions.
    """
    timeframe = subject.timeframe
    missing: _Missing | None
    if timeframe.is_intraday:
        missing = _bars(subject)
    elif timeframe.unit == "d":
        missing = _sessions(subject) if timeframe.count == 1 else None
    else:
        missing = _periods(subject)
    if missing is None or missing.count.size == 0:
        return []
    closed = np.zeros(missing.count.size, dtype=np.bool_)
    if subject.calendar == "24/5" and timeframe.unit not in ("w", "mo"):
        closed = _turn_of_the_year(missing.start) & _turn_of_the_year(missing.end - 1)
    expected = int(missing.count.sum()) + len(subject.bars)
    found = []
    if not closed.all():
        odd = missing.at(~closed)
        grave = bool(odd.whole.any()) or int(odd.count.sum()) > FEW * expected
        mend = "Get them from the source, or go on without: nothing is filled in." + subject.doubt
        found.append(_finding(subject, "warning" if grave else "info", odd, expected, mend))
    if closed.any():
        mend = "They lie in 24 to 26 December or 31 December to 2 January, when most markets close."
        found.append(_finding(subject, "info", missing.at(closed), expected, mend))
    return found


def _finding(
    subject: Subject, severity: Severity, missing: _Missing, expected: int, mend: str
) -> Finding:
    count, whole = int(missing.count.sum()), missing.at(missing.whole)
    rows, first = np.unique(missing.row, return_index=True)
    sizes = np.add.reduceat(missing.count, first)
    longest = int(np.argmax(sizes))
    one = rows.size == 1
    are = "is" if count == 1 else "are"
    before = subject.at(rows[0]) if one else f"{rows.size:,} rows"
    parts = [f"{count:,} of {expected:,} expected bars {are} missing, before {before}"]
    if whole.count.size and subject.timeframe.unit not in ("w", "mo"):
        days = (whole.end - 1).astype("datetime64[us]").astype("datetime64[D]")
        named = ", ".join(str(day) for day in days[:5])
        more = f", … ({days.size:,} in all)" if days.size > 5 else ""
        parts.append(f"whole session{'' if days.size == 1 else 's'}: {named}{more}")
    if not one:
        told = counted(int(sizes[longest]), "bar")
        parts.append(f"the longest gap, {told}, ends at {subject.at(rows[longest])}")
    return subject.finding("gap", severity, rows, "; ".join(parts) + ". " + mend, count=count)


def _bars(subject: Subject) -> _Missing | None:
    """Return the stretches of sessions, from the first bar to the last, that hold no bar."""
    ts, length, hours = subject.ts, subject.timeframe.shortest_us, subject.hours
    held = np.flatnonzero(hours.stops > hours.starts)
    if held.size == 0:
        return None
    first, last = int(held[0]), int(held[-1])
    empty = np.flatnonzero(hours.stops == hours.starts)
    empty = empty[(empty > first) & (empty < last)]
    begun, ended = held[1:], held[:-1]
    rows = subject.pauses
    session = np.searchsorted(hours.starts, rows, side="right") - 1
    inside = (session >= 0) & (rows > hours.starts[session]) & (rows < hours.stops[session])
    rows, session = rows[inside], session[inside]
    breaks = session_breaks(hours.days, subject.calendar)
    starts, stops = hours.starts[begun], hours.stops[ended]
    # Where one session follows another a bar may reach over midnight.
    opened = np.maximum(hours.opens[begun], ts[starts - 1] + length)
    closed = np.minimum(hours.closes[ended], ts[stops])
    stretches = [
        (hours.opens[empty], hours.closes[empty], hours.starts[empty], empty),
        (opened, ts[starts], starts, begun),
        (ts[stops - 1] + length, closed, stops, ended),
        (ts[rows - 1] + length, ts[rows], rows, session),
    ]
    pieces = []
    for number, (start, end, row, place) in enumerate(stretches):
        pause = np.minimum(end, breaks[1][place]) - np.maximum(start, breaks[0][place])
        time = np.maximum(end - start, 0) - np.maximum(pause, 0)
        whole = np.full(start.size, number == 0)
        # A session is made of begun bars; elsewhere less than half a bar is none.
        count = np.where(whole, -(-time // length), (time + length // 2) // length)
        pieces.append(_Missing(start, end, count, row, whole))
    return _joined(pieces)


def _joined(pieces: list[_Missing]) -> _Missing:
    """Return all stretches in which at least one bar is missing, in order of time."""
    joined = _Missing(
        np.concatenate([piece.start for piece in pieces]),
        np.concatenate([piece.end for piece in pieces]),
        np.concatenate([piece.count for piece in pieces]),
        np.concatenate([piece.row for piece in pieces]),
        np.concatenate([piece.whole for piece in pieces]),
    )
    order = np.lexsort((joined.start, joined.row))
    return joined.at(order[joined.count[order] > 0])


def _sessions(subject: Subject) -> _Missing:
    """Return the sessions between the first daily bar and the last that have no bar."""
    labels = np.maximum.accumulate(subject.labels)
    days = sessions_between(int(labels[0]), int(labels[-1]), subject.calendar)
    days = days[~np.isin(days, labels)]
    rows = np.searchsorted(labels, days)
    one = np.ones(days.size, dtype=np.int64)
    return _Missing(days * DAY_US, (days + 1) * DAY_US, one, rows, one.astype(np.bool_))


def _periods(subject: Subject) -> _Missing:
    """Return the weeks or months between bars."""
    labels = subject.labels
    if subject.timeframe.unit == "w":
        numbers = (labels + EPOCH_WEEKDAY) // 7
    else:
        numbers = labels.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    count = np.diff(numbers) // subject.timeframe.count - 1
    rows = np.flatnonzero(count > 0) + 1
    whole = np.ones(rows.size, dtype=np.bool_)
    return _Missing(subject.ts[rows - 1], subject.ts[rows], count[rows - 1], rows, whole)


def _turn_of_the_year(moments: IntArray) -> BoolArray:
    days = moments.astype("datetime64[us]").astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    day = (days - months).astype(np.int64) + 1
    month = months.astype(np.int64) % 12 + 1
    december = (month == 12) & (((day >= 24) & (day <= 26)) | (day == 31))
    turn: BoolArray = december | ((month == 1) & (day <= 2))
    return turn
