"""The extremes of a window, this bar included."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression

__all__ = ["highest", "lowest"]


def highest(x: Expr | float, window: Expr | int) -> Expr:
    """Return the greatest of the last `window` values, this bar included.

    Shift it by one bar to ask for a breakout above what came before.

    Parameters
    ----------
    x
        A number expression. Missing while the window holds a missing value.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are
        missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, high
    >>> close > highest(high, 20).shift(1)
    (close > shift(highest(high, 20), 1))
    """
    return Expr("highest", (expression(x), expression(window)))


def lowest(x: Expr | float, window: Expr | int) -> Expr:
    """Return the least of the last `window` values, this bar included.

    Parameters
    ----------
    x
        A number expression. Missing while the window holds a missing value.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are
        missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import low
    >>> lowest(low, 10)
    lowest(low, 10)
    """
    return Expr("lowest", (expression(x), expression(window)))
