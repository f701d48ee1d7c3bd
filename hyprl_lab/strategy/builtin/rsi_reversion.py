"""Weakness inside a rise, bought and sold into strength."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import rsi, sma

__all__ = ["ROW", "rsi_reversion"]


def rsi_reversion() -> Strategy:
    """Return: long when the relative strength index is low in a rise, flat when it is high again.

    Enters where `rsi(close, window) < buy_below` and the close is above its average of `trend`
    bars; leaves where the index is above `sell_above`. Parameters `window` (2 to 20 bars),
    `buy_below` (5 to 45), `sell_above` (46 to 95), `trend` (50 to 300 bars).

    Loses when a fall goes on: it buys falling prices without a stop, so a crash is taken whole.
    (J. W. Wilder, New Concepts in Technical Trading Systems, 1978, for the index; L. Connors and
    C. Alvarez, Short Term Trading Strategies That Work, 2009, for the rule.)

    Examples
    --------
    >>> rsi_reversion().warm_up({"window": 2, "buy_below": 10, "sell_above": 70, "trend": 200})
    199
    """
    strength = rsi(close, param("window", 2, 20))
    rising = close > sma(close, param("trend", 50, 300))
    return Strategy(
        "rsi_reversion",
        long_entry=(strength < param("buy_below", 5.0, 45.0)) & rising,
        long_exit=strength > param("sell_above", 46.0, 95.0),
    )


ROW: Final = BuiltIn(
    name="rsi_reversion",
    title="RSI pullback in a rise",
    idea="Short falls inside a rise are often forced selling, and are made good within days.",
    rules="Long when RSI is below buy_below while the close is above its slow average; flat when "
    "RSI is above sell_above.",
    weakness="Buys falling prices without a stop: many small gains, then one loss that takes them "
    "back when the fall goes on (1987, 2008, 2020), gaps included. It holds until strength "
    "returns, however long that takes; the edge is small, so costs decide; the rule is widely "
    "known and crowded.",
    source="J. W. Wilder, 1978; L. Connors and C. Alvarez, 2009",
    build=rsi_reversion,
    params={"window": 2, "buy_below": 10, "sell_above": 70, "trend": 200},
)
