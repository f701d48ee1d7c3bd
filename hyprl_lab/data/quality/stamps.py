"""Signs that times say something else than when bars open: their closes, or no time of a grid."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.quality.subject import counted, rows_where
from hyprl_lab.data.timeframe import MINUTE_US

if TYPE_CHECKING:
    from hyprl_lab.data.findings import Finding
    from hyprl_lab.data.quality.subject import Subject
    from hyprl_lab.types import BoolArray

__all__ = ["close_stamps", "off_grid"]

_HALF_HOUR_US: Final = 30 * MINUTE_US
_SESSIONS: Final = 10
_MOST: Final = 0.6
_FEW: Final = 0.05


def close_stamps(subject: Subject) -> list[Finding]:
    """Return whether times seem to be those at which bars close, of severity `warning`.

    So it is where trading begins and ends ten times or more, and at six in ten of them no bar holds
    the open, the first begins within one bar after it, and another begins at the close or within
    one bar after it: moved back by one bar, all would lie inside.

    Parameters
    ----------
    subject
        The bars, shorter than a day. Those of `"24/7"` have neither an open nor a close.
    """
    ts, length, hours = subject.ts, subject.timeframe.shortest_us, subject.hours
    if hours.days.size == 0:
        return []
    apart = hours.opens[1:] != hours.closes[:-1]  # a week of "24/5" is one stretch of trading
    opens, closes = hours.opens[np.append(True, apart)], hours.closes[np.append(apart, True)]
    first = np.searchsorted(ts, opens - length, side="right")
    after = np.searchsorted(ts, closes, side="left")
    held = after > first
    opens, closes, first, after = opens[held], closes[held], first[held], after[held]
    last = np.minimum(after, ts.size - 1)
    late = (ts[first] > opens) & (ts[first] <= opens + length)
    odd = late & (ts[last] >= closes) & (ts[last] < closes + length)
    if odd.size < _SESSIONS or odd.sum() < _MOST * odd.size:
        return []
    zone = "" if length % _HALF_HOUR_US else ", or with their tz= if they are in another zone"
    detail = (
        f"{int(odd.sum()):,} of {counted(odd.size, 'session')} have no bar at the open and one at "
        "the close: times may be those at which bars close. Read the file again with "
        f'stamp="close"{zone}.{subject.doubt}'
    )
    return [subject.finding("time_zone", "warning", first[odd], detail)]


def off_grid(subject: Subject) -> list[Finding]:
    """Return whether more than 5 % of the bars begin off the grid, of severity `info`.

    The grid is whole multiples of the timeframe, by the clock in any zone of half hours (of
    timeframes that don't divide half an hour, the multiples of what both have in common) or counted
    from the session's open.

    Parameters
    ----------
    subject
        The bars, shorter than a day.
    """
    ts, length, opens = subject.ts, subject.timeframe.shortest_us, subject.hours.opens
    step = gcd(length, _HALF_HOUR_US)

    def off(part: slice) -> BoolArray:
        begin = ts[part]
        odd: BoolArray = begin % step != 0
        if opens.size:
            session = np.maximum(np.searchsorted(opens, begin[odd], side="right") - 1, 0)
            odd[odd] = (begin[odd] - opens[session]) % length != 0
        return odd

    rows = rows_where(ts.size, off)
    if rows.size <= _FEW * ts.size:
        return []
    past, counts = np.unique(ts[rows] % step, return_counts=True)
    usual = int(np.argmax(counts))
    detail = (
        f"{rows.size:,} of {counted(ts.size, 'bar')} ({rows.size / ts.size:.1%}) begin at no whole "
        f"multiple of {subject.timeframe}, by the clock or from the open, the first "
        f"{subject.at(rows[0])}; {int(counts[usual]):,} of them {int(past[usual]) / 1e6:g} s past "
        "one. Bars on the grid have no time in common with them"
    )
    return [subject.finding("time_zone", "info", rows, detail)]
