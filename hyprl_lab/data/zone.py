"""Wall clocks of time zones, without a look-up for each stamp."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.timeframe import DAY_US

if TYPE_CHECKING:
    from hyprl_lab.types import IntArray

__all__ = ["utc_of", "zone_clock", "zone_offsets"]

_SECOND_US: Final = 1_000_000
_YEAR_WEEKS: Final = 53


def zone_clock(ts: IntArray, zone: str) -> IntArray:
    """Return microseconds of a zone's wall clock, by the offset in force at each stamp.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    zone
        Its IANA name, such as `"America/New_York"`.

    Returns
    -------
    IntArray
        Microseconds from midnight, 1 January 1970, there. Where clocks go back in autumn an hour
        comes twice, so they may go back once a year.

    Examples
    --------
    >>> noon = np.array([12, 13]) * 3_600_000_000
    >>> (zone_clock(noon, "America/New_York") // 3_600_000_000).tolist()
    [7, 8]
    """
    if ts.size == 0:
        return ts
    moments, offsets = zone_offsets(int(ts[0]), int(ts[-1]), zone)
    rows = np.searchsorted(ts, moments)
    local: IntArray = ts + np.repeat(offsets, np.diff(rows, append=ts.size))
    return local


def utc_of(local: IntArray, zone: str) -> IntArray:
    """Return the moments at which a zone's wall clock shows given times.

    Parameters
    ----------
    local
        Microseconds of the wall clock, in any order. Of an hour that comes twice one of the two is
        taken; an hour that is left out counts on from before it.
    zone
        Its IANA name.

    Returns
    -------
    IntArray
        Microseconds since the epoch, UTC.

    Examples
    --------
    >>> summer = np.array(["2021-07-01T09:30"], dtype="datetime64[us]").astype(np.int64)
    >>> utc_of(summer, "America/New_York").astype("datetime64[us]").tolist()
    [datetime.datetime(2021, 7, 1, 13, 30)]
    """
    if local.size == 0:
        return local
    moments, offsets = zone_offsets(int(local.min()) - DAY_US, int(local.max()) + DAY_US, zone)
    utc = local
    for _ in range(2):  # the offset of a moment that is off by less than a day, then the true one
        utc = local - offsets[np.searchsorted(moments, utc, side="right") - 1]
    return utc


def zone_offsets(first: int, last: int, zone: str) -> tuple[IntArray, IntArray]:
    """Return since which moments which offsets are in force, over all years from first to last.

    Each year begins with the offset that is in force then, whether it changed or not.

    Parameters
    ----------
    first, last
        Microseconds since the epoch, UTC.
    zone
        Its IANA name.

    Returns
    -------
    tuple[IntArray, IntArray]
        Moments in microseconds since the epoch, ascending, the first not after `first`; and
        offsets from UTC in microseconds.

    Examples
    --------
    >>> moments, offsets = zone_offsets(0, 0, "America/New_York")
    >>> (offsets // 3_600_000_000).tolist()  # 1970
    [-5, -4, -5]
    """
    ends = np.array([first, last], dtype="datetime64[us]").astype("datetime64[Y]").astype(np.int64)
    changes = [change for year in range(ends[0], ends[1] + 1) for change in _offsets(zone, year)]
    moments, offsets = np.array(changes, dtype=np.int64).T
    return moments, offsets


@lru_cache(maxsize=4_000)
def _offsets(zone: str, years: int) -> list[tuple[int, int]]:
    """Return the offsets from UTC in a year: since which moment, and how much, in microseconds.

    The offset changes on the second and at most once in seven days: it is looked up weekly, and
    the second is found by halving where two of them differ.

    Parameters
    ----------
    zone
        Its IANA name.
    years
        Since 1970.
    """
    from zoneinfo import ZoneInfo

    place = ZoneInfo(zone)

    def offset(second: int) -> int:
        shift = datetime.fromtimestamp(second, UTC).astimezone(place).utcoffset()
        return 0 if shift is None else int(shift.total_seconds()) * _SECOND_US

    ends = np.array([years, years + 1]).astype("datetime64[Y]").astype("datetime64[s]")
    begin, end = (int(second) for second in ends.astype(np.int64))
    known = offset(begin)
    found = [(begin * _SECOND_US, known)]
    week = 7 * DAY_US // _SECOND_US
    for first, last in pairwise([*(begin + k * week for k in range(_YEAR_WEEKS)), end]):
        changed = offset(last)
        if changed == known:
            continue
        low, high = first, last
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == known else (low, middle)
        found.append((high * _SECOND_US, changed))
        known = changed
    return found
