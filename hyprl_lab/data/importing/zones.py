"""Wall clocks into UTC: what a zone skips or repeats when clocks change is no moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["check_zone", "to_utc", "why_no_moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_ZONES = ("localtime", "posixrules", "Factory")
_NO_FOLDERS = ("right/", "posix/")
"""Files beside the zones: what this machine is set to, stand-ins, and clocks with leap seconds."""


def check_zone(tz: str | None) -> str | None:
    """Return a zone's name, or refuse one that isn't known.

    Raises
    ------
    BarsError
        It is no IANA zone.

    Examples
    --------
    >>> check_zone("America/New_York")
    'America/New_York'
    """
    if tz is None:
        return None
    wrong = BarsError(
        f"tz: found {tz!r}; expected an IANA zone, such as 'UTC' or 'America/New_York'"
    )
    try:
        ZoneInfo(tz)
    except (KeyError, ValueError, OSError, TypeError, AttributeError) as error:
        raise wrong from error
    if tz in _NO_ZONES or tz.startswith(_NO_FOLDERS):
        raise wrong
    return tz


def to_utc(wall: IntArray, tz: str) -> tuple[IntArray, BoolArray]:
    """Return moments in UTC, and which wall times the zone skips or repeats.

    Parameters
    ----------
    wall
        Microseconds of the zone's clock since midnight, 1 January 1970.
    tz
        An IANA zone.

    Examples
    --------
    >>> half_past_two = np.array(["2024-03-10T02:30", "2024-03-11T02:30"], dtype="M8[us]")
    >>> ts, unclear = to_utc(half_past_two.astype(np.int64), "America/New_York")
    >>> str(ts[1].astype("M8[us]")), unclear.tolist()
    ('2024-03-11T06:30:00.000000', [True, False])
    """
    if tz == "UTC":
        return wall, np.zeros(wall.size, dtype=np.bool_)
    import pandas as pd

    local = pd.DatetimeIndex(wall.view("datetime64[us]")).tz_localize(
        tz, ambiguous="NaT", nonexistent="NaT"
    )
    moments = local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    return moments.astype(np.int64), np.asarray(local.isna())


def why_no_moment(wall: int, tz: str) -> str:
    """Return in words why a wall time is no moment.

    Examples
    --------
    >>> why_no_moment(1_710_037_800_000_000, "America/New_York")
    '2024-03-10T02:30:00, which America/New_York skips when clocks go forward'
    """
    local = (_EPOCH + timedelta(microseconds=wall)).replace(tzinfo=ZoneInfo(tz))
    before, after = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    written = local.replace(tzinfo=None).isoformat()
    if before is not None and after is not None and before < after:
        return f"{written}, which {tz} skips when clocks go forward"
    return f"{written}, which {tz} has twice when clocks go back"
