"""MACD crosses its signal above zero."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import macd

__all__ = ["ROW", "macd_trend"]


def macd_trend() -> Strategy:
    """Return: long or short while MACD is on one side of its signal, and has crossed it.

    Long when the line crosses above its signal, short when it crosses below; each cross reverses
    the position. Parameters `fast` (2 to 50 bars), `slow` (10 to 200), `signal` (2 to 50).

    Loses in quiet ranges, where line and signal lie close and cross at every turn. (G. Appel,
    Technical Analysis: Power Tools for Active Investors, 2005; the indicator is of the late
    1970s.)

    Examples
    --------
    >>> macd_trend().warm_up({"fast": 12, "slow": 26, "signal": 9})
    34
    """
    found = macd(close, param("fast", 2, 50), param("slow", 10, 200), param("signal", 2, 50))
    return Strategy(
        "macd_trend",
        long_entry=found.line.crosses_above(found.signal),
        short_entry=found.line.crosses_below(found.signal),
    )


ROW: Final = BuiltIn(
    name="macd_trend",
    title="MACD against its signal, long or short",
    idea="Momentum turns before the trend does; the cross of MACD and its signal shows the turn.",
    rules="Long when the MACD line crosses above its signal, short when it crosses below; each "
    "cross reverses the position.",
    weakness="Whipsaw: it trades each slowing of a trend as its end, and is always in the market. "
    "Its shorts lose in an index that rises. No stop, so a gap is taken whole; many fills, so "
    "costs decide.",
    source="G. Appel, 2005",
    build=macd_trend,
    params={"fast": 12, "slow": 26, "signal": 9},
)
