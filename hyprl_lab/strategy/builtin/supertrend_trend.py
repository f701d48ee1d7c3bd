"""Supertrend's turns, long and short."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import supertrend

__all__ = ["ROW", "supertrend_trend"]


def supertrend_trend() -> Strategy:
    """Return: long from each turn of Supertrend to a rise, short from each turn to a fall.

    Parameters `window` (2 to 100 bars of the range) and `multiple` (1 to 8 ranges).

    Loses in a range that is wider than its bands: it buys near the top and sells near the bottom.
    (O. Seban's indicator of the late 2000s, as TradingView's `ta.supertrend` defines it.)

    Examples
    --------
    >>> supertrend_trend().warm_up({"window": 10, "multiple": 3})
    11
    """
    turn = supertrend(param("window", 2, 100), param("multiple", 1.0, 8.0)).direction
    return Strategy(
        "supertrend_trend",
        long_entry=turn.crosses_above(0),
        short_entry=turn.crosses_below(0),
    )


ROW: Final = BuiltIn(
    name="supertrend_trend",
    title="Supertrend, long or short",
    idea="A move against the trend by several average ranges is no noise, but its end.",
    rules="Long when Supertrend turns to a rise, short when it turns to a fall; each turn reverses "
    "the position.",
    weakness="In a range wider than the bands it buys near the top and sells near the bottom. It "
    "gives back the width of the band at each turn, more where volatility rises at the end of a "
    "trend. The turn is seen at a close and filled at the next open, so gaps are taken whole; "
    "shorts lose to an index's drift.",
    source="O. Seban, late 2000s (TradingView's ta.supertrend)",
    build=supertrend_trend,
    params={"window": 10, "multiple": 3.0},
)
