"""The readable channels: how old an extreme is, and which side of its bands a price is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hyprl_lab.engine.reference_stretches import each_stretch, each_window

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["since_extreme", "supertrend_direction", "supertrend_line"]

UP: Final = 1.0
DOWN: Final = -1.0


def since_extreme(
    values: list[float], window: int, extreme: Callable[[list[float]], float]
) -> list[float]:
    """Return the bars since the highest (`max`) or lowest (`min`) of the last `window + 1` values.

    From 0 to `window`; of equals the newest counts (TA-Lib, `ta_AROON.c`). Missing while those
    values hold a missing one.

    Examples
    --------
    >>> since_extreme([3.0, 1.0, 3.0, 2.0, 1.0], 2, max)
    [nan, nan, 0.0, 1.0, 2.0]
    """

    def work(held: list[float]) -> float:
        return float(held[::-1].index(extreme(held)))

    return each_window(work, values, window + 1)


def supertrend_line(middle: list[float], distance: list[float], price: list[float]) -> list[float]:
    """Return the Supertrend's line: the lower band where the trend is up, the upper where down.

    TradingView's documented `ta.supertrend`; a bar that lacks one of the three restarts it.

    Examples
    --------
    >>> supertrend_line([10.0, 12.0, 14.0], [1.0, 1.0, 1.0], [10.0, 13.0, 12.0])
    [11.0, 11.0, 15.0]
    """

    def work(*bars: list[float]) -> list[float]:
        return [trend.lower if trend.side == UP else trend.upper for trend in _trends(*bars)]

    return each_stretch(work, middle, distance, price)


def supertrend_direction(
    middle: list[float], distance: list[float], price: list[float]
) -> list[float]:
    """Return the Supertrend's direction: +1 up, -1 down (TradingView's own sign is the other).

    Examples
    --------
    >>> supertrend_direction([10.0, 12.0, 14.0], [1.0, 1.0, 1.0], [10.0, 13.0, 12.0])
    [-1.0, 1.0, -1.0]
    """

    def work(*bars: list[float]) -> list[float]:
        return [trend.side for trend in _trends(*bars)]

    return each_stretch(work, middle, distance, price)


class _Trend(NamedTuple):
    """The final bands of a bar, in price, and the side the trend is on."""

    lower: float
    upper: float
    side: float


def _trends(middle: list[float], distance: list[float], price: list[float]) -> list[_Trend]:
    trends: list[_Trend] = []
    for t, (centre, away, last) in enumerate(zip(middle, distance, price, strict=True)):
        lower, upper = centre - away, centre + away
        if t == 0:
            trends.append(_Trend(lower, upper, DOWN))
            continue
        before, earlier = trends[-1], price[t - 1]
        # a band only closes in, unless the price before this bar was beyond it
        if not (lower > before.lower or earlier < before.lower):
            lower = before.lower
        if not (upper < before.upper or earlier > before.upper):
            upper = before.upper
        if before.side == DOWN:
            side = UP if last > upper else DOWN
        else:
            side = DOWN if last < lower else UP
        trends.append(_Trend(lower, upper, side))
    return trends
