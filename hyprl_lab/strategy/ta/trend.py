"""Averages that follow a series."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression

__all__ = ["ema", "sma"]


def sma(x: Expr | float, window: Expr | int) -> Expr:
    """Return the simple moving average: the mean of the last `window` values.

    One running sum is kept from the first value on, as TA-Lib's `TA_SMA` does.

    Parameters
    ----------
    x
        A number expression, in any unit; the average has the same. A missing value
        starts a new window.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are
        missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> sma(close, 200)
    sma(close, 200)
    """
    return Expr("sma", (expression(x), expression(window)))


def ema(x: Expr | float, window: Expr | int) -> Expr:
    """Return the exponential moving average, e += (x - e)·2/(window + 1).

    Seeded with the simple average of the first `window` values, as TA-Lib's `TA_EMA`
    in its default mode.

    Parameters
    ----------
    x
        A number expression, in any unit; the average has the same. A missing value
        starts a new seed.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are
        missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> ema(close, 12)
    ema(close, 12)
    """
    return Expr("ema", (expression(x), expression(window)))
