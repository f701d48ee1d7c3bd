"""How widely prices range."""

from __future__ import annotations

from dataclasses import dataclass

from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.lines import Lines
from hyprl_lab.strategy.prices import close, high, low
from hyprl_lab.strategy.selection import maximum, where
from hyprl_lab.strategy.ta.rolling import stdev
from hyprl_lab.strategy.ta.trend import sma

__all__ = ["Bands", "atr", "bbands", "natr", "trange"]


@dataclass(frozen=True, eq=False, slots=True)
class Bands(Lines):
    """The lines of `bbands`.

    `upper`, `middle` and `lower` in the unit of x; `width` is (upper - lower)/middle, `percent`
    (x - lower)/(upper - lower): 0 on the lower band and 1 on the upper, missing where they meet.
    """

    upper: Expr
    middle: Expr
    lower: Expr
    width: Expr
    percent: Expr


def atr(window: Expr | int) -> Expr:
    """Return the average true range of the bars, in price.

    The true range is max(high - low, |high - previous close|, |low - previous close|);
    its first average is a simple one, then Wilder's, as in TA-Lib's `TA_ATR`. (J. W.
    Wilder, New Concepts in Technical Trading Systems, 1978.)

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> atr(14)
    atr(14)
    """
    return Expr("atr", (expression(window),))


def natr(window: Expr | int = 14) -> Expr:
    """Return the average true range in percent of the close, 100·atr/close.

    As TA-Lib's `TA_NATR`: 0 where the close is 0. (Its window of 1 is left undivided there, and
    divided here.)

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> natr(14)
    where((close == 0), 0, ((atr(14) / close) * 100))
    """
    return where(close == 0, 0, atr(window) / close * 100)


def trange() -> Expr:
    """Return the true range of this bar, in price.

    max(high - low, |high - previous close|, |low - previous close|), as TA-Lib's `TA_TRANGE`;
    missing on the first bar.

    Examples
    --------
    >>> (trange() > 2 * atr(14)).kind
    'boolean'
    """
    before = close.shift(1)
    return maximum(maximum(high - low, abs(high - before)), abs(low - before))


def bbands(x: Expr | float, window: Expr | int = 20, deviations: Expr | float = 2.0) -> Bands:
    """Return Bollinger bands: the mean, and so many population deviations above and below.

    As TA-Lib's `TA_BBANDS` with simple averages. (J. Bollinger, Bollinger on Bollinger Bands,
    2001, where 20 and 2 are from; TA-Lib has 5 and 2.)

    Parameters
    ----------
    x
        A number expression, in any unit. A missing value starts a new window.
    window
        Bars, a whole number >= 1 or a parameter. The first `window - 1` values are missing.
    deviations
        From the middle to each band: a number or a parameter.

    Raises
    ------
    StrategyError
        `x` or `deviations` is a condition, or `window` is no window.

    Examples
    --------
    >>> close < bbands(close, 20, 2).lower
    (close < (sma(close, 20) - (2 * stdev(close, 20))))
    """
    value, middle = expression(x), sma(x, window)
    distance = deviations * stdev(x, window)
    upper, lower = middle + distance, middle - distance
    return Bands(
        upper=upper,
        middle=middle,
        lower=lower,
        width=(upper - lower) / middle,
        percent=(value - lower) / (upper - lower),
    )
