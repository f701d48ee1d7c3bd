"""Expressions on the bars of a longer timeframe."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.timeframe import timeframe_name

__all__ = ["on"]


def on(timeframe: str, x: Expr | float) -> Expr:
    """Return an expression's value on longer bars, as of the last one closed at t.

    Everything under it reads bars that are made of the bars at hand: first open, highest
    high, lowest low, last close, sum of volume, last value of other columns. Windows and
    shifts under it count longer bars. A bar that is still growing is never read; before the
    first closed one the value is missing.

    Parameters
    ----------
    timeframe
        `"1h"`, `"1d"`, `"1w"`, …: longer than the bars' own and a multiple of it.
    x
        A number or a condition, without `on`, session nodes or `probability` in it.

    Raises
    ------
    StrategyError
        The text is no timeframe, or something under it needs the bars at hand.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, ta
    >>> close > on("1d", ta.sma(close, 50))
    (close > on('1d', sma(close, 50)))
    >>> on("60m", close > 5)
    on('1h', (close > 5))
    """
    return Expr("on", (expression(x),), timeframe=timeframe_name(timeframe))
