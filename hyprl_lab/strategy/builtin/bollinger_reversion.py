"""A close below the lower band, held until the middle one."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy import stop
from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import bbands

__all__ = ["ROW", "bollinger_reversion"]


def bollinger_reversion() -> Strategy:
    """Return: long when the close falls below the lower Bollinger band, flat above the middle.

    Enters where the close crosses below `middle - deviations·stddev` over `window` bars, leaves
    where it is above the middle, and by a stop of `stop` average true ranges of 14 bars.
    Parameters `window` (5 to 100 bars), `deviations` (1 to 4), `stop` (1 to 10).

    Loses when a fall becomes a trend: the bands widen with it, and the price walks down the lower
    one. (J. Bollinger, Bollinger on Bollinger Bands, 2001.)

    Examples
    --------
    >>> bollinger_reversion().warm_up({"window": 20, "deviations": 2, "stop": 3})
    20
    """
    bands = bbands(close, param("window", 5, 100), param("deviations", 1.0, 4.0))
    return Strategy(
        "bollinger_reversion",
        long_entry=close.crosses_below(bands.lower),
        long_exit=close > bands.middle,
        stop_loss=stop.atr(14, param("stop", 1.0, 10.0)),
    )


ROW: Final = BuiltIn(
    name="bollinger_reversion",
    title="Bollinger bands, back to the middle",
    idea="A close far below its average is often an overreaction, and comes back to it.",
    rules="Long when the close crosses below the lower band; flat when it is above the middle one, "
    "or at a stop of some average true ranges.",
    weakness="Loses when a fall becomes a trend: the price walks down the band, and the middle "
    "comes down to meet it, so that even an exit at the middle is a loss. The stop sells where "
    "such a rule would want to buy, and gaps pass it. Few, short trades: costs weigh.",
    source="J. Bollinger, 2001",
    build=bollinger_reversion,
    params={"window": 20, "deviations": 2.0, "stop": 4.0},
)
