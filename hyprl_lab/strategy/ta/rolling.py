"""Sum and deviation over a window."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression

__all__ = ["stdev", "sum"]


def sum(x: Expr | float, window: Expr | int) -> Expr:  # noqa: A001  # the field's name for it
    """Return the sum of the last `window` values.

    One running sum is kept from the first value on, as TA-Lib's `TA_SUM` does.

    Parameters
    ----------
    x
        A number expression, in any unit; the sum has the same. A missing value starts a new
        window.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are
        missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import volume
    >>> sum(volume, 20)
    sum(volume, 20)
    """
    return Expr("sum", (expression(x), expression(window)))


def stdev(x: Expr | float, window: Expr | int) -> Expr:
    """Return the population deviation of the last `window` values.

    √(mean of squares - square of mean), 0 where the variance is below 1e-14, from two
    running sums, as TA-Lib's `TA_STDDEV` does.

    Parameters
    ----------
    x
        A number expression, in any unit; the deviation has the same. A missing value starts
        a new window.
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
    >>> stdev(close, 20)
    stdev(close, 20)
    """
    return Expr("stdev", (expression(x), expression(window)))
