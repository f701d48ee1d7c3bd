"""How fast a series moves, and in which half of its range it stands."""

from __future__ import annotations

from dataclasses import dataclass

from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.lines import Lines
from hyprl_lab.strategy.prices import close, high, low, open  # noqa: A004  # the field's name
from hyprl_lab.strategy.selection import where
from hyprl_lab.strategy.ta.channel import highest, lowest
from hyprl_lab.strategy.ta.near import nearly_equal
from hyprl_lab.strategy.ta.prices import typical_price
from hyprl_lab.strategy.ta.rolling import lag
from hyprl_lab.strategy.ta.trend import sma

__all__ = [
    "Stochastic",
    "bop",
    "cci",
    "cmo",
    "mom",
    "roc",
    "rocp",
    "rsi",
    "stoch",
    "stochf",
    "stochrsi",
    "willr",
]


@dataclass(frozen=True, eq=False, slots=True)
class Stochastic(Lines):
    """The lines of `stoch`, `stochf`, `stochrsi`, from 0 to 100: `k` and its average `d`."""

    k: Expr
    d: Expr


def rsi(x: Expr | float, window: Expr | int) -> Expr:
    """Return Wilder's relative strength index, 100·up/(up + down), from 0 to 100.

    `up` and `down` are Wilder averages of the rises and falls; where nothing moved
    at all the index is 0, as in TA-Lib's `TA_RSI`. (J. W. Wilder, New Concepts in
    Technical Trading Systems, 1978.)

    Parameters
    ----------
    x
        A number expression. A missing value starts a new seed.
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> rsi(close, 14) < 30
    (rsi(close, 14) < 30)
    """
    return Expr("rsi", (expression(x), expression(window)))


def stoch(fastk: Expr | int = 5, slowk: Expr | int = 3, slowd: Expr | int = 3) -> Stochastic:
    """Return the slow stochastic: where the close stands in the range of the last bars, smoothed.

    `k` is the sma over slowk bars of 100·(close - lowest low)/(highest high - lowest low), 0
    where those are nearly equal; `d` is the sma of `k`. As TA-Lib's `TA_STOCH`. (G. C. Lane.)

    Parameters
    ----------
    fastk
        Bars of the range, a whole number >= 1 or a parameter.
    slowk, slowd
        Bars of the two averages, likewise. The first fastk + slowk - 2 values of `k` are
        missing, and slowd - 1 more of `d`; a missing price starts the averages anew.

    Raises
    ------
    StrategyError
        One of them is no window.

    Examples
    --------
    >>> lines = stoch(14, 3, 3)
    >>> lines.k.crosses_above(lines.d).kind
    'boolean'
    """
    k = sma(_in_range(close, high, low, fastk), slowk)
    return Stochastic(k=k, d=sma(k, slowd))


def stochf(fastk: Expr | int = 5, fastd: Expr | int = 3) -> Stochastic:
    """Return the fast stochastic: where the close stands in the range of the last bars.

    `k` is 100·(close - lowest low)/(highest high - lowest low), 0 where those are nearly equal;
    `d` is the sma of `k`. As TA-Lib's `TA_STOCHF`.

    Parameters
    ----------
    fastk
        Bars of the range, a whole number >= 1 or a parameter. The first fastk - 1 values of
        `k` are missing.
    fastd
        Bars of the average, likewise. fastd - 1 more values of `d` are missing.

    Raises
    ------
    StrategyError
        One of them is no window.

    Examples
    --------
    >>> (stochf(14).d > 80).kind
    'boolean'
    """
    k = _in_range(close, high, low, fastk)
    return Stochastic(k=k, d=sma(k, fastd))


def stochrsi(
    x: Expr | float, window: Expr | int = 14, fastk: Expr | int = 5, fastd: Expr | int = 3
) -> Stochastic:
    """Return the fast stochastic of the relative strength index instead of prices.

    As TA-Lib's `TA_STOCHRSI`. (T. Chande and S. Kroll, The New Technical Trader, 1994.)

    Parameters
    ----------
    x
        A number expression. A missing value starts a new seed.
    window
        Bars of the index, a whole number >= 1 or a parameter.
    fastk, fastd
        Bars of the range and of the average, likewise. The first window + fastk - 1 values
        of `k` are missing, and fastd - 1 more of `d`.

    Raises
    ------
    StrategyError
        `x` is a condition, or one of the others is no window.

    Examples
    --------
    >>> (stochrsi(close).k < 20).kind
    'boolean'
    """
    index = rsi(x, window)
    k = _in_range(index, index, index, fastk)
    return Stochastic(k=k, d=sma(k, fastd))


def willr(window: Expr | int = 14) -> Expr:
    """Return Williams' %R, -100·(highest high - close)/(highest high - lowest low), -100 to 0.

    As TA-Lib's `TA_WILLR`: 0 where the two are nearly equal. (L. Williams, 1973.)

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
    >>> (willr(14) < -80).kind
    'boolean'
    """
    top, bottom = highest(high, window), lowest(low, window)
    return where(nearly_equal(top, bottom), 0, (top - close) / ((top - bottom) / -100))


def cci(window: Expr | int = 14) -> Expr:
    """Return the commodity channel index of typical prices.

    The distance from their mean by 0.015 times their mean absolute distance from it, 0 where
    one of the two is 0; as TA-Lib's `TA_CCI`. (D. R. Lambert, 1980.)

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
    >>> cci(20) > 100
    (cci(((… + close) / 3), 20) > 100)
    """
    return Expr("cci", (typical_price(), expression(window)))


def cmo(x: Expr | float, window: Expr | int = 14) -> Expr:
    """Return Chande's momentum oscillator, 100·(up - down)/(up + down), from -100 to 100.

    `up` and `down` as in `rsi`; 0 where their sum is 0. As TA-Lib's `TA_CMO`. (T. Chande and
    S. Kroll, The New Technical Trader, 1994.)

    Parameters
    ----------
    x
        A number expression. A missing value starts a new seed.
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> cmo(close, 14)
    cmo(close, 14)
    """
    return Expr("cmo", (expression(x), expression(window)))


def roc(x: Expr | float, window: Expr | int = 10) -> Expr:
    """Return the change over `window` bars in percent, 100·(x/past - 1).

    As TA-Lib's `TA_ROC`: 0 where the past value is 0.

    Parameters
    ----------
    x
        A number expression. Missing where it or its past value is.
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> roc(close, 10)
    where((lag(close, 10) == 0), 0, (((close / …) - 1) * 100))
    """
    value, past = expression(x), lag(x, window)
    return where(past == 0, 0, (value / past - 1) * 100)


def rocp(x: Expr | float, window: Expr | int = 10) -> Expr:
    """Return the change over `window` bars as a fraction, (x - past)/past.

    As TA-Lib's `TA_ROCP`: 0 where the past value is 0.

    Parameters
    ----------
    x
        A number expression. Missing where it or its past value is.
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> rocp(close, 10)
    where((lag(close, 10) == 0), 0, ((close - lag(close, 10)) / lag(close, 10)))
    """
    value, past = expression(x), lag(x, window)
    return where(past == 0, 0, (value - past) / past)


def mom(x: Expr | float, window: Expr | int = 10) -> Expr:
    """Return the change over `window` bars, x - past, in the unit of x; TA-Lib's `TA_MOM`.

    Parameters
    ----------
    x
        A number expression. Missing where it or its past value is.
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> mom(close, 10)
    (close - lag(close, 10))
    """
    return expression(x) - lag(x, window)


def bop() -> Expr:
    """Return the balance of power, (close - open)/(high - low), from -1 to 1.

    As TA-Lib's `TA_BOP`: 0 where there is no range. (I. Livshin, 2001.)

    Examples
    --------
    >>> bop() > 0.5
    (where((high > low), ((close - open) / (high - low)), 0) > 0.5)
    """
    return where(high > low, (close - open) / (high - low), 0)


def _in_range(x: Expr, top: Expr, bottom: Expr, window: Expr | int) -> Expr:
    """Where x stands between two extremes, 0 to 100; 0 where they are equal."""
    most, least = highest(top, window), lowest(bottom, window)
    return where(nearly_equal(most, least), 0, (x - least) / ((most - least) / 100))
