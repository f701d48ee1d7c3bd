"""Averages that follow a series."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.ta.by_length import constant_or_expression

__all__ = ["dema", "ema", "kama", "sma", "t3", "tema", "trima", "wma"]


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


def wma(x: Expr | float, window: Expr | int) -> Expr:
    """Return the linearly weighted average: weight `window` for the newest value, 1 for the oldest.

    Two running sums, taken afresh now and then, as TA-Lib's `TA_WMA` has them.

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
    >>> wma(close, 30)
    wma(close, 30)
    """
    return Expr("wma", (expression(x), expression(window)))


def dema(x: Expr | float, window: Expr | int) -> Expr:
    """Return the double exponential average, 2·e1 - e2, where e2 is the average of e1.

    TA-Lib's `TA_DEMA`. (P. G. Mulloy, Smoothing Data with Faster Moving Averages, 1994.)

    Parameters
    ----------
    x
        A number expression, in any unit; the average has the same. A missing value
        starts a new seed.
    window
        Bars, a whole number >= 1 or a parameter. The first `2·(window - 1)` values are
        missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> dema(close, 20)
    ((2 * ema(close, 20)) - ema(ema(close, 20), 20))
    """
    first = ema(x, window)
    return 2 * first - ema(first, window)


def tema(x: Expr | float, window: Expr | int) -> Expr:
    """Return the triple exponential average, 3·e1 - 3·e2 + e3, each the average of the one before.

    TA-Lib's `TA_TEMA`. (P. G. Mulloy, Smoothing Data with Faster Moving Averages, 1994.)

    Parameters
    ----------
    x
        A number expression, in any unit; the average has the same. A missing value
        starts a new seed.
    window
        Bars, a whole number >= 1 or a parameter. The first `3·(window - 1)` values are
        missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> tema(close, 20)
    (((3 * ema(close, 20)) - (3 * ema(…, 20))) + ema(ema(ema(close, 20), 20), 20))
    """
    first = ema(x, window)
    second = ema(first, window)
    return 3 * first - 3 * second + ema(second, window)


def trima(x: Expr | float, window: Expr | int) -> Expr:
    """Return the triangular average: weights rise to the middle of the window and fall again.

    The simple average of a simple average over half the window, as TA-Lib's `TA_TRIMA`.

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
    >>> trima(close, 30)
    trima(close, 30)
    """
    return Expr("trima", (expression(x), expression(window)))


def kama(x: Expr | float, window: Expr | int) -> Expr:
    """Return Kaufman's adaptive average: quick where x goes straight, slow where it wavers.

    e += (x - e)·k, k = (er·(2/3 - 2/31) + 2/31)², er the change over `window` bars by the sum
    of the bars' own changes; as TA-Lib's `TA_KAMA`. (P. J. Kaufman, Smarter Trading, 1995.)

    Parameters
    ----------
    x
        A number expression, in any unit; the average has the same. A missing value
        starts a new seed.
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> kama(close, 10)
    kama(close, 10)
    """
    return Expr("kama", (expression(x), expression(window)))


def t3(x: Expr | float, window: Expr | int = 5, vfactor: Expr | float = 0.7) -> Expr:
    """Return Tillson's T3: six nested exponential averages, the last four of them weighted.

    c1·e6 + c2·e5 + c3·e4 + c4·e3 with c1 = -v³, c2 = 3v² + 3v³, c3 = -6v² - 3v - 3v³ and
    c4 = 1 + 3v + v³ + 3v², as TA-Lib's `TA_T3`. (T. Tillson, Better Moving Averages, 1998.)

    Parameters
    ----------
    x
        A number expression, in any unit; the average has the same. A missing value
        starts a new seed.
    window
        Bars, a whole number >= 1 or a parameter. The first `6·(window - 1)` values are
        missing.
    vfactor
        v: 0 for no weight on overshooting, 1 for most. A number or a parameter.

    Raises
    ------
    StrategyError
        `x` or `vfactor` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, param
    >>> t3(close, param("window", 3, 20), param("v", 0.0, 1.0)).kind
    'number'
    """
    averages = [ema(x, window)]
    for _ in range(5):
        averages.append(ema(averages[-1], window))
    v = constant_or_expression(vfactor)
    square = v * v
    c1 = -(square * v)
    c2 = 3 * (square - c1)
    c3 = -6 * square - 3 * (v - c1)
    c4 = 1 + 3 * v - c1 + 3 * square
    return c1 * averages[5] + c2 * averages[4] + c3 * averages[3] + c4 * averages[2]
