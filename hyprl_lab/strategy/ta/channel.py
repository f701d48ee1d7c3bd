"""The extremes of a window, and the channels between them."""

from __future__ import annotations

from dataclasses import dataclass

from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.lines import Lines
from hyprl_lab.strategy.prices import close, high, low
from hyprl_lab.strategy.ta.trend import ema

__all__ = [
    "Channel",
    "donchian",
    "highest",
    "keltner",
    "lowest",
    "max",
    "midpoint",
    "midprice",
    "min",
]


@dataclass(frozen=True, eq=False, slots=True)
class Channel(Lines):
    """The lines of `donchian` and `keltner`, in price."""

    upper: Expr
    middle: Expr
    lower: Expr


def highest(x: Expr | float, window: Expr | int) -> Expr:
    """Return the greatest of the last `window` values, this bar included; `max` is the same.

    Shift it by one bar to ask for a breakout above what came before. TA-Lib's `TA_MAX`.

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
    """Return the least of the last `window` values, this bar included; `min` is the same.

    TA-Lib's `TA_MIN`.

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


max = highest  # noqa: A001  # TA-Lib's name
min = lowest  # noqa: A001  # TA-Lib's name


def donchian(window: Expr | int = 20) -> Channel:
    """Return the Donchian channel: highest high, lowest low, and the mean of the two.

    This bar is in it: a breakout compares with a line's `.shift(1)`. (R. Donchian.)

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are missing,
        and so are they while the window holds a missing price.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> close > donchian(20).upper.shift(1)
    (close > shift(highest(high, 20), 1))
    """
    upper, lower = highest(high, window), lowest(low, window)
    return Channel(upper=upper, middle=(upper + lower) / 2, lower=lower)


def keltner(
    window: Expr | int = 20, atr_window: Expr | int = 10, multiple: Expr | float = 2.0
) -> Channel:
    """Return the Keltner channel: ema(close), and so many average true ranges around it.

    (C. W. Keltner, How to Make Money in Commodities, 1960, in the form of L. Raschke.)

    Parameters
    ----------
    window
        Bars of the average, a whole number >= 1 or a parameter. The first `window - 1`
        values of `middle` are missing.
    atr_window
        Bars of the true range, likewise. The first max(window - 1, atr_window) values of
        `upper` and `lower` are missing; a missing price starts anew.
    multiple
        Ranges from the middle to each line: a number or a parameter.

    Raises
    ------
    StrategyError
        `window` or `atr_window` is no window, or `multiple` is a condition.

    Examples
    --------
    >>> keltner().upper
    (ema(close, 20) + (2 * atr(10)))
    """
    middle = ema(close, window)
    distance = multiple * Expr("atr", (expression(atr_window),))
    return Channel(upper=middle + distance, middle=middle, lower=middle - distance)


def midpoint(x: Expr | float, window: Expr | int = 14) -> Expr:
    """Return the mean of the greatest and the least of the last values; TA-Lib's `TA_MIDPOINT`.

    Parameters
    ----------
    x
        A number expression. Missing while the window holds a missing value.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> midpoint(close, 14)
    ((highest(close, 14) + lowest(close, 14)) / 2)
    """
    return (highest(x, window) + lowest(x, window)) / 2


def midprice(window: Expr | int = 14) -> Expr:
    """Return the mean of highest high and lowest low, in price; TA-Lib's `TA_MIDPRICE`.

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are missing,
        and so are they while the window holds a missing price.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> midprice(14)
    ((highest(high, 14) + lowest(low, 14)) / 2)
    """
    return (highest(high, window) + lowest(low, window)) / 2
