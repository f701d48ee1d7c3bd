"""Statistics over a window, and sums."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.ta.trend import sma

__all__ = [
    "cumulative_sum",
    "lag",
    "median",
    "quantile",
    "rank",
    "stddev",
    "stdev",
    "sum",
    "sum_since",
    "var",
    "variance",
    "zscore",
]


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
    """Return the population deviation of the last `window` values; `stddev` is the same.

    The root of `variance`, as TA-Lib's `TA_STDDEV`.

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


def variance(x: Expr | float, window: Expr | int) -> Expr:
    """Return the population variance of the last `window` values; `var` is the same.

    Mean of squares less square of mean, of distances to an anchor that moves where rounding
    would show, as in TA-Lib's `TA_VAR` since 0.8.

    Parameters
    ----------
    x
        A number expression; the variance has the square of its unit. A missing value starts
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
    >>> variance(close, 20)
    variance(close, 20)
    """
    return Expr("variance", (expression(x), expression(window)))


stddev = stdev
var = variance


def median(x: Expr | float, window: Expr | int) -> Expr:
    """Return the median of the last `window` values, the mean of the middle two where it is even.

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
    >>> from hyprl_lab.strategy import close
    >>> median(close, 21)
    quantile(close, 21, 0.5)
    """
    return quantile(x, window, 0.5)


def quantile(x: Expr | float, window: Expr | int, q: Expr | float) -> Expr:
    """Return a quantile of the last `window` values, by linear interpolation.

    NumPy's `quantile(…, method="linear")`: R. J. Hyndman and Y. Fan's definition 7, 1996.

    Parameters
    ----------
    x
        A number expression. Missing while the window holds a missing value.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are
        missing.
    q
        From 0, the least, to 1, the greatest: a number or a parameter.

    Raises
    ------
    StrategyError
        `x` is a condition, `window` is no window, or `q` no number from 0 to 1.

    Examples
    --------
    >>> from hyprl_lab.strategy import volume
    >>> volume > quantile(volume, 50, 0.9)
    (volume > quantile(volume, 50, 0.9))
    """
    return Expr("quantile", (expression(x), expression(window), expression(q)))


def rank(x: Expr | float, window: Expr | int) -> Expr:
    """Return how far up the newest of the last `window` values stands, above 0 to 1.

    (values below it + (equal ones + 1)/2)/window, itself an equal one: pandas'
    `rolling(window).rank(pct=True)`.

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
    >>> from hyprl_lab.strategy import close
    >>> rank(close, 252) > 0.9
    (rank(close, 252) > 0.9)
    """
    return Expr("rank", (expression(x), expression(window)))


def zscore(x: Expr | float, window: Expr | int) -> Expr:
    """Return how many population deviations x is above its mean, (x - sma)/stdev.

    Parameters
    ----------
    x
        A number expression. A missing value starts a new window.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are
        missing, and so it is where the deviation is 0.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> zscore(close, 20) < -2
    (((close - sma(close, 20)) / stdev(close, 20)) < -2)
    """
    return (expression(x) - sma(x, window)) / stdev(x, window)


def lag(x: Expr | float, window: Expr | int) -> Expr:
    """Return the value `window` bars before: a `shift` whose bars may be a parameter.

    Parameters
    ----------
    x
        A number expression. Missing where the value before is.
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, param
    >>> close > lag(close, param("back", 1, 250))
    (close > lag(close, back))
    """
    return Expr("lag", (expression(x), expression(window)))


def cumulative_sum(x: Expr | float) -> Expr:
    """Return the sum of all values so far, in the unit of x.

    It depends on where the bars begin; a missing value is missing, and starts a new sum.

    Raises
    ------
    StrategyError
        `x` is a condition.

    Examples
    --------
    >>> from hyprl_lab.strategy import volume
    >>> cumulative_sum(volume)
    cumulative_sum(volume)
    """
    return Expr("cumulative_sum", (expression(x),))


def sum_since(condition: Expr, x: Expr | float) -> Expr:
    """Return the sum of x from the last bar on which a condition was true, that one included.

    Parameters
    ----------
    condition
        A condition; a missing one is not true. Missing before it was true for the first time.
    x
        A number expression, in any unit; the sum has the same. A missing value makes the sum
        missing until the condition is true again.

    Raises
    ------
    StrategyError
        `condition` is a number, or `x` is a condition.

    Examples
    --------
    >>> from hyprl_lab.strategy import bar_of_session, volume
    >>> sum_since(bar_of_session == 0, volume)
    sum_since((bar_of_session == 0), volume)
    """
    return Expr("sum_since", (expression(condition), expression(x)))
