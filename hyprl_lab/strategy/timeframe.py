"""Timeframes as text: how `on` names its bars, and how many shorter ones they hold.

`hyprl_lab.data` has the same spelling and what completes a bar; no part of it is needed to
build a strategy.
"""

from __future__ import annotations

import re
from typing import Final

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.wording import shown

__all__ = ["bars_inside", "timeframe_name"]

_DAY: Final = 1_440
_MINUTES: Final = {"m": 1, "h": 60, "d": _DAY, "w": 7 * _DAY}
_MONTH_DAYS: Final = 31
_SPELLED: Final = re.compile(r"([1-9][0-9]{0,4})(mo|m|h|d|w)")


def timeframe_name(found: object) -> str:
    """Return a timeframe in the largest clock unit that holds it, so that it has one name.

    Parameters
    ----------
    found
        `Nm` minutes, `Nh` hours, `Nd` days, `Nw` weeks or `Nmo` months.

    Raises
    ------
    StrategyError
        It is no such text, or minutes or hours pass a day without filling it.

    Examples
    --------
    >>> timeframe_name("60m"), timeframe_name("24h"), timeframe_name("1mo")
    ('1h', '1d', '1mo')
    """
    match = _SPELLED.fullmatch(found) if isinstance(found, str) else None
    if match is None:
        raise StrategyError(
            f"on: timeframe is {shown(found)}; expected Nm (minutes), Nh, Nd, Nw or Nmo, "
            "such as '15m', '1h', '1d', '1w'"
        )
    count, unit = int(match[1]), match[2]
    if unit not in {"m", "h"}:
        return f"{count}{unit}"
    minutes = count * _MINUTES[unit]
    if minutes > _DAY and minutes % _DAY != 0:
        raise StrategyError(
            f"on: timeframe is {shown(found)}, longer than a day but not whole days; "
            "expected less than a day, or whole days, such as '2d'"
        )
    if minutes % _DAY == 0:
        return f"{minutes // _DAY}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def bars_inside(longer: str, shorter: str) -> int:
    """Return how many bars of one timeframe a bar of a longer one holds at most.

    Days are counted as 24 hours and months as 31 days, so it is an upper bound: a session
    holds fewer minutes, a week fewer sessions. Whether a session holds whole bars is a
    question to its calendar, which is not asked here.

    Parameters
    ----------
    longer, shorter
        Timeframes, the one of `on` and that of the bars.

    Raises
    ------
    StrategyError
        A text is no timeframe, or `longer` is not a multiple of `shorter` above one.

    Examples
    --------
    >>> bars_inside("1h", "5m"), bars_inside("1w", "1d"), bars_inside("1mo", "1d")
    (12, 7, 31)
    """
    long_count, long_unit = _parts(timeframe_name(longer))
    short_count, short_unit = _parts(timeframe_name(shorter))
    if long_unit == short_unit == "mo":
        inside, left = divmod(long_count, short_count)
    elif short_unit == "mo" or (long_unit, short_unit) == ("mo", "w"):
        inside, left = 0, 1
    else:
        days = long_count * _MONTH_DAYS if long_unit == "mo" else 0
        length = days * _DAY or long_count * _MINUTES[long_unit]
        inside, left = divmod(length, short_count * _MINUTES[short_unit])
        if left and short_unit in {"m", "h"} and long_unit not in {"m", "h"}:
            inside, left = inside + 1, 0  # the calendar knows whether its sessions hold whole ones
    if left or inside < 2:
        raise StrategyError(
            f"timeframe {longer!r} is not longer than the bars' {shorter!r} and a multiple of it; "
            "expected one that is, such as '1h' on bars of '5m'"
        )
    return inside


def _parts(text: str) -> tuple[int, str]:
    unit = text.lstrip("0123456789")
    return int(text.removesuffix(unit)), unit
