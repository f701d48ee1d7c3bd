"""Prices weighed by the volume behind them."""

from __future__ import annotations

from hyprl_lab.strategy.clock import bar_of_session
from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.prices import close, high, low, volume
from hyprl_lab.strategy.selection import where
from hyprl_lab.strategy.ta.channel import highest
from hyprl_lab.strategy.ta.near import nearly_equal
from hyprl_lab.strategy.ta.prices import typical_price
from hyprl_lab.strategy.ta.rolling import cumulative_sum, sum_since
from hyprl_lab.strategy.ta.rolling import sum as rolling_sum

__all__ = ["ad", "adosc", "anchored_vwap", "mfi", "obv", "session_vwap"]


def obv() -> Expr:
    """Return on-balance volume: volume added where the close rose, taken off where it fell.

    As TA-Lib's `TA_OBV`, which begins with the first bar's volume; only changes of it say
    anything. In units of volume; a missing close or volume starts anew. (J. Granville, 1963.)

    Examples
    --------
    >>> obv()
    obv(close, volume)
    """
    return Expr("obv", (close, volume))


def ad() -> Expr:
    """Return the accumulation/distribution line: volume by where the close is in its bar, summed.

    Σ ((close - low) - (high - close))/(high - low)·volume, nothing where high = low, as TA-Lib's
    `TA_AD`. In units of volume; a missing price or volume starts anew. (M. Chaikin.)

    Examples
    --------
    >>> ad().kind
    'number'
    """
    share = ((close - low) - (high - close)) / (high - low)
    return cumulative_sum(where(high - low > 0, share * volume, 0))


def adosc(fast: Expr | int = 3, slow: Expr | int = 10) -> Expr:
    """Return Chaikin's oscillator: a fast exponential average of `ad` less a slow one.

    As TA-Lib's `TA_ADOSC`, whose averages begin with the first value itself. In units of
    volume.

    Parameters
    ----------
    fast, slow
        Bars, whole numbers >= 1 or parameters. The first max(fast, slow) - 1 values are
        missing; a missing price or volume starts anew.

    Raises
    ------
    StrategyError
        One of them is no window.

    Examples
    --------
    >>> adosc(3, 10) > 0
    ((ewm(cumulative_sum(…), 3) - ewm(cumulative_sum(…), 10)) > 0)
    """
    line = ad()
    return Expr("ewm", (line, expression(fast))) - Expr("ewm", (line, expression(slow)))


def mfi(window: Expr | int = 14) -> Expr:
    """Return the money flow index: typical price by volume on rising bars, 0 to 100.

    100·positive/(positive + negative) over `window` bars, 0 where neither has any; as TA-Lib's
    `TA_MFI`, for which a change below a 10^-14th of the price is none. (G. Quong and A. Soudack,
    1989.)

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing; a
        missing price or volume starts a new window.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> (mfi(14) < 20).kind
    'boolean'
    """
    price = typical_price()
    before = price.shift(1)
    flow = where(nearly_equal(price, before), 0, price * volume)
    positive = rolling_sum(where(price > before, flow, 0), window)
    negative = rolling_sum(where(price < before, flow, 0), window)
    share = positive / (positive + negative)
    return where(highest(flow, window) == 0, 0, 100 * share)


def session_vwap() -> Expr:
    """Return the volume-weighted average of typical prices since the session began, in price.

    Σ price·volume/Σ volume over the bars of the session so far, this one included; missing
    while there was no volume, and after a missing price or volume until the next session.

    Examples
    --------
    >>> (close > session_vwap()).kind
    'boolean'
    """
    return anchored_vwap(bar_of_session == 0)


def anchored_vwap(condition: Expr) -> Expr:
    """Return the volume-weighted average of typical prices since a condition was last true.

    Σ price·volume/Σ volume from that bar on, this one included, in price; missing before it was
    true for the first time, while there was no volume, and after a missing price or volume
    until it is true again.

    Parameters
    ----------
    condition
        Where the sums begin anew; a missing one is not true.

    Raises
    ------
    StrategyError
        `condition` is a number.

    Examples
    --------
    >>> from hyprl_lab.strategy import ta
    >>> low_of_the_year = low == ta.lowest(low, 252)
    >>> (close > anchored_vwap(low_of_the_year)).kind
    'boolean'
    """
    weighed = sum_since(condition, typical_price() * volume)
    return weighed / sum_since(condition, volume)
