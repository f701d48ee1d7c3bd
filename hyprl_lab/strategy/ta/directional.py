"""Which way the market goes, and how steadily."""

from __future__ import annotations

from dataclasses import dataclass

from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.lines import Lines
from hyprl_lab.strategy.prices import close, high, low
from hyprl_lab.strategy.ta.by_length import constant_or_expression
from hyprl_lab.strategy.ta.volatility import atr

__all__ = [
    "Aroon",
    "Supertrend",
    "adx",
    "aroon",
    "dx",
    "minus_di",
    "plus_di",
    "sar",
    "supertrend",
]


@dataclass(frozen=True, eq=False, slots=True)
class Aroon(Lines):
    """The lines of `aroon`: `up` and `down` from 0 to 100, `oscillator` from -100 to 100."""

    up: Expr
    down: Expr
    oscillator: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Supertrend(Lines):
    """The lines of `supertrend`: `line`, a price, and `direction`, 1 up and -1 down."""

    line: Expr
    direction: Expr


def plus_di(window: Expr | int = 14) -> Expr:
    """Return Wilder's positive directional indicator: smoothed rises of highs by ranges, 0 to 100.

    As TA-Lib's `TA_PLUS_DI`; 0 where the smoothed range is 0. (J. W. Wilder, New Concepts in
    Technical Trading Systems, 1978.)

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing; a
        bar without a price starts a new seed. A window of 1 is, as in TA-Lib, no percentage:
        it goes from 0 to 1.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> plus_di() > minus_di()
    (plus_di(14) > minus_di(14))
    """
    return Expr("plus_di", (expression(window),))


def minus_di(window: Expr | int = 14) -> Expr:
    """Return Wilder's negative directional indicator: smoothed falls of lows by ranges, 0 to 100.

    As TA-Lib's `TA_MINUS_DI`; 0 where the smoothed range is 0.

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing; a
        bar without a price starts a new seed. A window of 1 is, as in TA-Lib, no percentage:
        it goes from 0 to 1.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> minus_di(14)
    minus_di(14)
    """
    return Expr("minus_di", (expression(window),))


def dx(window: Expr | int = 14) -> Expr:
    """Return the directional index, 100·|+DI - -DI|/(+DI + -DI).

    As TA-Lib's `TA_DX`: the value before where the range or the sum of both is 0.

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing; a
        bar without a price starts a new seed.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> dx(14)
    dx(14)
    """
    return Expr("dx", (expression(window),))


def adx(window: Expr | int = 14) -> Expr:
    """Return Wilder's average directional index: how steady a trend is, up or down, 0 to 100.

    The mean of the first `window` directional indices, then (adx·(window - 1) + dx)/window,
    as TA-Lib's `TA_ADX`. (J. W. Wilder, New Concepts in Technical Trading Systems, 1978.)

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `2·window - 1` values are missing;
        a bar without a price starts a new seed.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> (adx(14) > 25) & (plus_di(14) > minus_di(14))
    ((adx(14) > 25) & (plus_di(14) > minus_di(14)))
    """
    return Expr("adx", (expression(window),))


def aroon(window: Expr | int = 14) -> Aroon:
    """Return Aroon: how fresh the highest high and the lowest low of `window + 1` bars are.

    100·(window - bars since)/window, 100 for one made on this bar; `oscillator` is up - down.
    As TA-Lib's `TA_AROON` and `TA_AROONOSC`: of equal extremes the newest counts. (T. Chande,
    1995.)

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing, and
        so are they while the window holds a missing price.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> aroon(25).up.crosses_above(70)
    crosses_above((4 * (25 - since_highest(high, 25))), 70)
    """
    bars = expression(window)
    since_high = Expr("since_highest", (high, bars))
    since_low = Expr("since_lowest", (low, bars))
    factor = 100 / constant_or_expression(window)
    return Aroon(
        up=factor * (bars - since_high),
        down=factor * (bars - since_low),
        oscillator=factor * (since_low - since_high),
    )


def sar(acceleration: Expr | float = 0.02, maximum: Expr | float = 0.2) -> Expr:
    """Return Wilder's parabolic stop and reverse, in price: below the lows of a rise.

    As TA-Lib's `TA_SAR`. (J. W. Wilder, New Concepts in Technical Trading Systems, 1978.)

    Parameters
    ----------
    acceleration
        What the factor begins with and grows by at each new extreme: a number above 0 or a
        parameter. Above `maximum` it counts as that.
    maximum
        What the factor grows to: a number above 0 or a parameter.

    Raises
    ------
    StrategyError
        One of them is neither, or not above 0.

    Notes
    -----
    The first value is missing; a bar without a price starts anew.

    Examples
    --------
    >>> close > sar()
    (close > sar(0.02, 0.2))
    """
    return Expr("sar", (expression(acceleration), expression(maximum)))


def supertrend(window: Expr | int = 10, multiple: Expr | float = 3.0) -> Supertrend:
    """Return Supertrend: a stop that follows the price at a distance, and turns when it is passed.

    Bands at (high + low)/2 ± multiple·atr(window) that only come closer until the close passes
    one. `line` is the lower band in a rise and the upper one in a fall, `direction` 1 or -1.
    (TradingView's `ta.supertrend`, O. Seban's indicator, where 1 is a fall and -1 a rise.)

    Parameters
    ----------
    window
        Bars of the range, a whole number >= 1 or a parameter. The first `window` values are
        missing; a bar without a price starts anew, falling.
    multiple
        Ranges between middle and band: a number or a parameter.

    Raises
    ------
    StrategyError
        `window` is no window, or `multiple` is a condition.

    Examples
    --------
    >>> supertrend().direction.crosses_above(0)
    crosses_above(supertrend_direction(((high + low) / 2), (3 * atr(10)), close), 0)
    """
    bands = ((high + low) / 2, multiple * atr(window), close)
    return Supertrend(Expr("supertrend_line", bands), Expr("supertrend_direction", bands))
