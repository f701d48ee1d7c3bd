"""What the session nodes of a strategy graph read: time of day, weekday, bar of the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.parts import parts
from hyprl_lab.data.sessions import session_labels, session_runs, wall_clock
from hyprl_lab.data.timeframe import DAY_US, EPOCH_WEEKDAY, MINUTE_US, Timeframe
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["CLOCK_NAMES", "clock"]

CLOCK_NAMES: Final = ("minute_of_day", "weekday", "bar_of_session")


def clock(
    name: str,
    ts: IntArray,
    timeframe: Timeframe,
    calendar: str,
    *,
    check: Callable[[], None] | None = None,
) -> FloatArray:
    """Return a session node of the strategy graph.

    Parameters
    ----------
    name
        `"minute_of_day"`: whole minutes from midnight to the bar's open, local time of the
        calendar (0 for a bar of a day or longer that stands for a bare date). `"weekday"`: of the
        bar's session, Monday 0 to Sunday 6. `"bar_of_session"`: bars of the session before this
        one, counted from the first that is there.
    ts
        Increasing microseconds since the epoch, UTC.
    timeframe, calendar
        The length of a bar, and whose clock and sessions.
    check
        Called between parts of the work; what it raises ends it.

    Returns
    -------
    FloatArray
        float64, one value a bar, never NaN.

    Raises
    ------
    BarsError
        There is no such node.

    Examples
    --------
    >>> hours = np.arange(22, 27) * 3_600_000_000  # from Thursday night
    >>> clock("minute_of_day", hours, Timeframe(1, "h"), "24/7").tolist()
    [1320.0, 1380.0, 0.0, 60.0, 120.0]
    >>> clock("weekday", hours, Timeframe(1, "h"), "24/7").tolist()
    [3.0, 3.0, 4.0, 4.0, 4.0]
    >>> clock("bar_of_session", hours, Timeframe(1, "h"), "24/7").tolist()
    [0.0, 1.0, 0.0, 1.0, 2.0]
    """
    if name not in CLOCK_NAMES:
        raise BarsError(f"session node: found {name!r}; expected one of {list(CLOCK_NAMES)}")
    values = np.empty(ts.size)
    begun, session = 0, None  # the row at which the session began
    for part in parts(ts.size, check):
        local = wall_clock(ts[part], timeframe, calendar)
        if name == "minute_of_day":
            values[part] = local % DAY_US // MINUTE_US
            continue
        labels = session_labels(local, calendar)
        starts, lengths = session_runs(labels)
        if name == "weekday":
            values[part] = np.repeat((labels[starts] + EPOCH_WEEKDAY) % 7, lengths)
            continue
        rows = part.start + starts
        if labels[0] == session:
            rows[0] = begun
        values[part] = np.arange(part.start, part.stop) - np.repeat(rows, lengths)
        begun, session = rows[-1], labels[-1]
    return values
