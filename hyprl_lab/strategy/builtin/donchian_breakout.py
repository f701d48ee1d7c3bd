"""A new high, held until the price falls back by some ranges."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy import trail
from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import donchian

__all__ = ["ROW", "donchian_breakout"]


def donchian_breakout() -> Strategy:
    """Return: long on a close above the highs before it, left by a trailing stop of some ranges.

    Enters where the close is above the highest high of the `window` bars before; leaves where the
    price falls by `multiple` average true ranges of `atr_window` bars from its best, measured at
    the entry. Parameters `window` (5 to 200 bars), `atr_window` (5 to 50), `multiple` (1 to 8).

    Loses on breakouts that fail, which are most of them. (R. Donchian's four-week rule, 1960s;
    C. Faith, Way of the Turtle, 2007, for the Turtles' rules; the trailing stop stands for their
    exit by a shorter channel.)

    Examples
    --------
    >>> donchian_breakout().warm_up({"window": 20, "atr_window": 14, "multiple": 3})
    20
    """
    channel = donchian(param("window", 5, 200))
    return Strategy(
        "donchian_breakout",
        long_entry=close > channel.upper.shift(1),
        trailing_stop=trail.atr(param("atr_window", 5, 50), param("multiple", 1.0, 8.0)),
    )


ROW: Final = BuiltIn(
    name="donchian_breakout",
    title="Donchian breakout with a trailing stop",
    idea="Large moves begin as new extremes; a stop that follows lets the few that go on pay for "
    "the rest.",
    rules="Long when the close is above the highest high of the bars before; left by a stop that "
    "trails the best price by a multiple of the average true range.",
    weakness="Most breakouts fail, so it loses often and lives off a few trades: leave those out "
    "and it loses. In a range it buys the top each time. The stop fills at the open beyond a gap. "
    "The levels are watched by everyone, which invites false breaks.",
    source="R. Donchian, 1960s; C. Faith, 2007",
    build=donchian_breakout,
    params={"window": 20, "atr_window": 14, "multiple": 3.0},
)
