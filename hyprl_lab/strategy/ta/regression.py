"""Lines of least squares, and how two series go together."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression

__all__ = ["beta", "correl", "linearreg", "linearreg_intercept", "linearreg_slope", "tsf"]


def linearreg(x: Expr | float, window: Expr | int = 14) -> Expr:
    """Return the line of least squares through the last `window` values, at this bar.

    As TA-Lib's `TA_LINEARREG`; over one bar it is the value itself.

    Parameters
    ----------
    x
        A number expression, in any unit; the line has the same. A missing value starts a new
        window.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> linearreg(close, 14)
    linearreg(close, 14)
    """
    return Expr("linearreg", (expression(x), expression(window)))


def linearreg_slope(x: Expr | float, window: Expr | int = 14) -> Expr:
    """Return how much the line of least squares through the last values rises a bar.

    As TA-Lib's `TA_LINEARREG_SLOPE`; over one bar there is none.

    Parameters
    ----------
    x
        A number expression; the slope has its unit by bar. A missing value starts a new
        window.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are missing;
        of 1, all of them.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> linearreg_slope(close, 14) > 0
    (linearreg_slope(close, 14) > 0)
    """
    return Expr("linearreg_slope", (expression(x), expression(window)))


def linearreg_intercept(x: Expr | float, window: Expr | int = 14) -> Expr:
    """Return the line of least squares through the last values, at the oldest of them.

    linearreg - slope·(window - 1), which is TA-Lib's `TA_LINEARREG_INTERCEPT`.

    Parameters
    ----------
    x
        A number expression, in any unit; the line has the same. A missing value starts a new
        window.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are missing;
        of 1, all of them.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> linearreg_intercept(close, 14)
    (linearreg(close, 14) - (linearreg_slope(close, 14) * (14 - 1)))
    """
    return linearreg(x, window) - linearreg_slope(x, window) * (expression(window) - 1)


def tsf(x: Expr | float, window: Expr | int = 14) -> Expr:
    """Return the time series forecast: the line of least squares, one bar on.

    linearreg + slope, which is TA-Lib's `TA_TSF`; it is made of bars up to this one.

    Parameters
    ----------
    x
        A number expression, in any unit; the line has the same. A missing value starts a new
        window.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are missing;
        of 1, all of them.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> tsf(close, 14)
    (linearreg(close, 14) + linearreg_slope(close, 14))
    """
    return linearreg(x, window) + linearreg_slope(x, window)


def correl(a: Expr | float, b: Expr | float, window: Expr | int = 30) -> Expr:
    """Return Pearson's correlation of two series over a window, from -1 to 1.

    0 where one of the two doesn't move, as TA-Lib's `TA_CORREL`.

    Parameters
    ----------
    a, b
        Number expressions. A missing value in one starts a new window.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are missing.

    Raises
    ------
    StrategyError
        `a` or `b` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, volume
    >>> correl(close, volume, 30)
    correl(close, volume, 30)
    """
    return Expr("correl", (expression(a), expression(b), expression(window)))


def beta(a: Expr | float, b: Expr | float, window: Expr | int = 5) -> Expr:
    """Return the slope of b's one-bar returns over a's: how much b moves for a move of a.

    (n·Σxy - Σx·Σy)/(n·Σx² - (Σx)²), x and y the returns of `a` and `b`, 0 where the divisor
    is; as TA-Lib's `TA_BETA(a, b)`.

    Parameters
    ----------
    a, b
        Number expressions: a market and what is compared with it. A missing value in one
        starts a new window.
    window
        Returns, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `a` or `b` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, col
    >>> beta(col("market"), close, 60)
    beta(market, close, 60)
    """
    return Expr("beta", (expression(a), expression(b), expression(window)))
