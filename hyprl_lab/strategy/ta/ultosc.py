"""The ultimate oscillator."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.prices import close, low
from hyprl_lab.strategy.selection import minimum, where
from hyprl_lab.strategy.ta.channel import highest
from hyprl_lab.strategy.ta.rolling import sum as rolling_sum
from hyprl_lab.strategy.ta.volatility import trange

__all__ = ["ultosc"]


def ultosc(short: Expr | int = 7, middle: Expr | int = 14, long: Expr | int = 28) -> Expr:
    """Return the ultimate oscillator: buying pressure by true range over three windows, 0 to 100.

    100·(4·a + 2·b + c)/7, where a, b, c are Σ(close - true low)/Σ true range over the shortest,
    the middle and the longest window, and the true low is the lower of low and previous close.
    As TA-Lib's `TA_ULTOSC`: what has no range adds 0. (L. Williams, 1985.)

    Parameters
    ----------
    short, middle, long
        Bars, whole numbers >= 1 or parameters, in any order: it is by their length that they
        are weighed. The first values are missing, as many as the longest has bars; a missing
        price starts anew.

    Raises
    ------
    StrategyError
        One of them is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import param
    >>> (ultosc(param("short", 2, 10), 14, 28) > 70).kind
    'boolean'
    """
    ranges = trange()
    pressure = close - minimum(low, close.shift(1))
    terms: list[Expr] = []
    for window, weight in _weighed([expression(found) for found in (short, middle, long)]):
        whole = rolling_sum(ranges, window)
        share = rolling_sum(pressure, window) / whole
        terms.append(weight * where(highest(ranges, window) == 0, 0, share))
    return 100 * ((terms[0] + terms[1] + terms[2]) / 7)


def _weighed(windows: list[Expr]) -> list[tuple[Expr, Expr | float]]:
    """Each window with its weight, 4 for the shortest: by value where parameters decide."""
    values = [window.value for window in windows]
    known = [value for value in values if value is not None]
    if len(known) == len(windows):
        return list(zip([expression(value) for value in sorted(known)], (4, 2, 1), strict=True))
    return [(window, _weight(windows, place)) for place, window in enumerate(windows)]


def _weight(windows: list[Expr], place: int) -> Expr:
    mine = windows[place]
    before, after = windows[:place], windows[place + 1 :]
    shorter = [where(other <= mine, 1, 0) for other in before]
    shorter += [where(other < mine, 1, 0) for other in after]
    count = shorter[0] + shorter[1]
    return where(count == 0, 4, where(count == 1, 2, 1))
