"""Two moving averages, always in the market."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import sma

__all__ = ["ROW", "sma_cross_long_short"]


def sma_cross_long_short() -> Strategy:
    """Return: long from each cross of the fast average above the slow, short from below.

    Always in the market after the first cross. Parameters `fast` (2 to 100 bars) and
    `slow` (3 to 300).

    Loses in a range, twice at each false cross, and its short side loses in a market that rises
    over the years. (R. Donchian's rule of 5 and 20 days, 1960; W. Brock, J. Lakonishok,
    B. LeBaron, Journal of Finance 47, 1992.)

    Examples
    --------
    >>> list(sma_cross_long_short().parameters)
    ['fast', 'slow']
    """
    fast, slow = sma(close, param("fast", 2, 100)), sma(close, param("slow", 3, 300))
    return Strategy(
        "sma_cross_long_short",
        long_entry=fast.crosses_above(slow),
        short_entry=fast.crosses_below(slow),
    )


ROW: Final = BuiltIn(
    name="sma_cross_long_short",
    title="Two moving averages, long or short",
    idea="As dual_sma; a fall is a trend too, and is held short.",
    rules="Long when the fast average of closes crosses above the slow one, short when it crosses "
    "below; each cross reverses the position.",
    weakness="Never flat, so a range costs at every cross, and twice. Shorts lose to the drift of "
    "a stock index, pay borrow, and meet rallies that are sharper than falls. No stop; a reversal "
    "is two fills.",
    source="R. Donchian, 1960; W. Brock, J. Lakonishok, B. LeBaron, 1992",
    build=sma_cross_long_short,
    params={"fast": 20, "slow": 100},
)
