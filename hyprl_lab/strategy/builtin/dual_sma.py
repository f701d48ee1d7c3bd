"""Two moving averages, long or flat."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import sma

__all__ = ["ROW", "dual_sma"]


def dual_sma() -> Strategy:
    """Return: long while the fast average of closes is above the slow one, else flat.

    Entered and left on the cross. Parameters `fast` (2 to 100 bars) and `slow` (3 to 300).

    Loses in a market that goes sideways, where every cross is a false one, and gives back the end
    of each trend. (W. Brock, J. Lakonishok, B. LeBaron, Simple technical trading rules and the
    stochastic properties of stock returns, Journal of Finance 47, 1992.)

    Examples
    --------
    >>> dual_sma().warm_up({"fast": 10, "slow": 20})
    20
    """
    fast, slow = sma(close, param("fast", 2, 100)), sma(close, param("slow", 3, 300))
    return Strategy(
        "dual_sma",
        long_entry=fast.crosses_above(slow),
        long_exit=fast.crosses_below(slow),
    )


ROW: Final = BuiltIn(
    name="dual_sma",
    title="Two moving averages, long or flat",
    idea="Trends last longer than chance would have them; a fast average above a slow one is one.",
    rules="Long when the fast average of closes crosses above the slow one, flat when it crosses "
    "below.",
    weakness="Whipsaw: in a range each cross is false and costs a fill both ways. It enters and "
    "leaves late by about half the slow window, gives back the end of every trend, and has no "
    "stop, so a gap passes through in full. The pair of windows is the most over-fitted one there "
    "is.",
    source="W. Brock, J. Lakonishok, B. LeBaron, 1992",
    build=dual_sma,
    params={"fast": 20, "slow": 100},
)
