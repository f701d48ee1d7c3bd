"""A close beyond the Keltner channel, held until its middle."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import keltner

__all__ = ["ROW", "keltner_breakout"]


def keltner_breakout() -> Strategy:
    """Return: long when the close crosses above the upper Keltner line, flat below the middle.

    Parameters `window` (5 to 100 bars of the middle, an exponential average), `atr_window` (5 to
    50), `multiple` (0.5 to 5 average true ranges).

    Loses on thrusts that exhaust the move they announce. (C. Keltner, How to Make Money in
    Commodities, 1960; L. Raschke's form with exponential average and average true range, 1980s.)

    Examples
    --------
    >>> keltner_breakout().warm_up({"window": 20, "atr_window": 10, "multiple": 2})
    20
    """
    channel = keltner(
        param("window", 5, 100), param("atr_window", 5, 50), param("multiple", 0.5, 5.0)
    )
    return Strategy(
        "keltner_breakout",
        long_entry=close.crosses_above(channel.upper),
        long_exit=close < channel.middle,
    )


ROW: Final = BuiltIn(
    name="keltner_breakout",
    title="Keltner channel breakout",
    idea="A close some ranges above its average is out of the ordinary: more buyers than usual.",
    rules="Long when the close crosses above the upper line; flat when it is below the middle.",
    weakness="Thrusts that far above the average often end the move: it buys exhaustion in a "
    "range and after news. The middle lags, so a good part of each gain is given back, and there "
    "is no stop nearer than it. A quiet rise never reaches the line and is missed.",
    source="C. Keltner, 1960; L. Raschke, 1980s",
    build=keltner_breakout,
    params={"window": 20, "atr_window": 10, "multiple": 2.0},
)
