"""New York's wall clock, without a look-up for each stamp."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.timeframe import DAY_US

if TYPE_CHECKING:
    from hyprl_lab.types import IntArray

__all__ = ["new_york_clock", "new_york_offsets"]

_HOUR_US: Final = DAY_US // 24
_NEW_YORK: Final = "America/New_York"


def new_york_clock(ts: IntArray) -> IntArray:
    """Return microseconds of New York's wall clock, by the offset in force at each stamp.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.

    Returns
    -------
    IntArray
        Microseconds from midnight, 1 January 1970, in New York. In autumn an hour comes twice, so
        they may go back once a year.

    Examples
    --------
    >>> (new_york_clock(np.array([12, 13]) * 3_600_000_000) // 3_600_000_000).tolist()
    [7, 8]
    """
    if ts.size == 0:
        return ts
    moments, offsets = new_york_offsets(int(ts[0]), int(ts[-1]))
    rows = np.searchsorted(ts, moments)
    local: IntArray = ts + np.repeat(offsets, np.diff(rows, append=ts.size))
    return local


def new_york_offsets(first: int, last: int) -> tuple[IntArray, IntArray]:
    """Return since which moments which offsets are in force, over all years from first to last.

    Each year begins with the offset that is in force then, whether it changed or not.

    Parameters
    ----------
    first, last
        Microseconds since the epoch, UTC.

    Returns
    -------
    tuple[IntArray, IntArray]
        Moments in microseconds since the epoch, ascending, the first not after `first`; and
        offsets from UTC in microseconds.

    Examples
    --------
    >>> moments, offsets = new_york_offsets(0, 0)
    >>> (offsets // 3_600_000_000).tolist()  # 1970
    [-5, -4, -5]
    """
    ends = np.array([first, last], dtype="datetime64[us]").astype("datetime64[Y]").astype(np.int64)
    changes = [change for year in range(ends[0], ends[1] + 1) for change in _offsets(year)]
    moments, offsets = np.array(changes, dtype=np.int64).T
    return moments, offsets


@lru_cache(maxsize=1_000)
def _offsets(years: int) -> list[tuple[int, int]]:
    """Return the offsets from UTC in a year: since which moment, and how much, in microseconds.

    The offset changes on the hour and at most once a month: it is looked up at the first of each
    month, and the hour is found by halving where two of them differ.

    Parameters
    ----------
    years
        Since 1970.
    """
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(_NEW_YORK)

    def offset(hour: int) -> int:
        moment = datetime.fromtimestamp(hour * 3_600, UTC).astimezone(zone)
        shift = moment.utcoffset()
        return 0 if shift is None else int(shift.total_seconds()) * 1_000_000

    months = np.arange(12 * years, 12 * (years + 1) + 1).astype("datetime64[M]")
    hours = [int(hour) for hour in months.astype("datetime64[h]").astype(np.int64)]
    known = offset(hours[0])
    found = [(hours[0] * _HOUR_US, known)]
    for first, last in pairwise(hours):
        changed = offset(last)
        if changed == known:
            continue
        low, high = first, last
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == known else (low, middle)
        found.append((high * _HOUR_US, changed))
        known = changed
    return found
