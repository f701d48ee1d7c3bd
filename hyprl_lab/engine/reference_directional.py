"""The readable directional movement: Wilder's range, his directional system, his stop-and-reverse.

Wilder (1978), "New Concepts in Technical Trading Systems", in TA-Lib's order of operations
(`ta_ATR.c`, `ta_PLUS_DI.c`, `ta_MINUS_DI.c`, `ta_DX.c`, `ta_ADX.c`, `ta_SAR.c`). A missing value
(NaN) restarts them all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hyprl_lab.engine.reference_averages import wilder
from hyprl_lab.engine.reference_numbers import is_zero
from hyprl_lab.engine.reference_stretches import each_stretch

__all__ = [
    "average_directional_index",
    "average_true_range",
    "directional_index",
    "minus_indicator",
    "parabolic",
    "plus_indicator",
]


def average_true_range(
    high: list[float], low: list[float], close: list[float], window: int
) -> list[float]:
    """Return Wilder's average of the true range, in price.

    A bar needs its own high and low and the close before it.

    Examples
    --------
    >>> average_true_range([2.0, 4.0, 4.0], [1.0, 2.0, 1.0], [2.0, 3.0, 2.0], 2)
    [nan, nan, 2.5]
    """
    averages = []
    average, ranges, previous = 0.0, 0, math.nan
    for top, bottom, last in zip(high, low, close, strict=True):
        if math.isnan(top) or math.isnan(bottom) or math.isnan(previous):
            average, ranges = 0.0, 0
        else:
            ranges += 1
            average = wilder(average, _true_range(top, bottom, previous), ranges, window)
        previous = last
        averages.append(average if ranges >= window else math.nan)
    return averages


def plus_indicator(
    high: list[float], low: list[float], close: list[float], window: int
) -> list[float]:
    """Return the share of the true range that went up, from 0 to 100; 0 where nothing moved.

    As TA-Lib has it, the one bar of a window of 1 is not smoothed, and its share not in percent: it
    goes from 0 to 1.

    Examples
    --------
    >>> plus_indicator([2.0, 4.0, 5.0], [1.0, 2.0, 3.0], [2.0, 3.0, 4.0], 2)
    [nan, nan, 66.66666666666666]
    """

    def work(*bars: list[float]) -> list[float]:
        movements = _movements(bars, window)
        if window == 1:
            return _placed(bars, [moved.fraction(moved.plus) for moved in movements])
        return _placed(bars, [100.0 * moved.fraction(moved.plus) for moved in movements])

    return each_stretch(work, high, low, close)


def minus_indicator(
    high: list[float], low: list[float], close: list[float], window: int
) -> list[float]:
    """Return the share of the true range that went down, from 0 to 100; 0 where nothing moved.

    A window of 1 goes from 0 to 1, as in `plus_indicator`.

    Examples
    --------
    >>> minus_indicator([5.0, 4.0, 3.0], [3.0, 2.0, 0.0], [4.0, 3.0, 1.0], 2)
    [nan, nan, 62.5]
    """

    def work(*bars: list[float]) -> list[float]:
        movements = _movements(bars, window)
        if window == 1:
            return _placed(bars, [moved.fraction(moved.minus) for moved in movements])
        return _placed(bars, [100.0 * moved.fraction(moved.minus) for moved in movements])

    return each_stretch(work, high, low, close)


def directional_index(
    high: list[float], low: list[float], close: list[float], window: int
) -> list[float]:
    """Return how one-sided the movement is, from 0 to 100.

    Where nothing moved it stays what it was, 0 at first.

    Examples
    --------
    >>> directional_index([2.0, 4.0, 4.0], [1.0, 2.0, 1.0], [2.0, 3.0, 4.0], 2)
    [nan, nan, 0.0]
    """

    def work(*bars: list[float]) -> list[float]:
        found = []
        index = 0.0
        for moved in _movements(bars, window):
            one_sided = moved.one_sided()
            index = index if one_sided is None else one_sided
            found.append(index)
        return _placed(bars, found)

    return each_stretch(work, high, low, close)


def average_directional_index(
    high: list[float], low: list[float], close: list[float], window: int
) -> list[float]:
    """Return Wilder's average of the directional index, from 0 to 100: the strength of a trend.

    The first is the mean of `window` of them, those of bars without movement counting 0; later
    bars without movement leave it as it was.

    Examples
    --------
    >>> average_directional_index(
    ...     [2.0, 4.0, 4.0, 4.0], [1.0, 2.0, 1.0, 1.0], [2.0, 3.0, 4.0, 2.0], 2
    ... )
    [nan, nan, nan, 0.0]
    """

    def work(*bars: list[float]) -> list[float]:
        found = [math.nan] * len(bars[0])
        total, average = 0.0, math.nan
        for t, moved in enumerate(_movements(bars, window), start=window):
            index = moved.one_sided()
            if t < 2 * window:
                total += 0.0 if index is None else index
                average = total / window
            elif index is not None:
                average = (average * (window - 1) + index) / window
            found[t] = average if t >= 2 * window - 1 else math.nan
        return found

    return each_stretch(work, high, low, close)


def parabolic(
    high: list[float], low: list[float], acceleration: float, maximum: float
) -> list[float]:
    """Return Wilder's parabolic stop-and-reverse, in price; from the second bar on.

    Parameters
    ----------
    high, low
        One price a bar; a bar that lacks one restarts it.
    acceleration
        The share of the way to the extreme that the stop moves a bar, and what each new extreme
        adds to it; above `maximum` it counts as `maximum`.
    maximum
        The largest share.

    Examples
    --------
    >>> parabolic([2.0, 3.0, 4.0, 3.0], [1.0, 2.0, 3.0, 0.5], 0.5, 1.0)
    [nan, 1.0, 2.0, 4.0]
    """

    def work(tops: list[float], bottoms: list[float]) -> list[float]:
        return _stops(tops, bottoms, min(acceleration, maximum), maximum)

    return each_stretch(work, high, low)


@dataclass(frozen=True, slots=True)
class _Movement:
    """The smoothed movement up and down, and the smoothed true range, of one bar."""

    plus: float
    minus: float
    reach: float

    def fraction(self, moved: float) -> float:
        """Return a movement as a fraction of the range; 0 where nothing moved."""
        return moved / self.reach if self.reach > 0.0 else 0.0

    def one_sided(self) -> float | None:
        """Return the directional index; `None` where nothing moved."""
        plus, minus = 100.0 * self.fraction(self.plus), 100.0 * self.fraction(self.minus)
        if not self.reach > 0.0 or is_zero(minus + plus):
            return None
        return 100.0 * (abs(minus - plus) / (minus + plus))


def _movements(bars: tuple[list[float], ...], window: int) -> list[_Movement]:
    """Sum bars 1 to window - 1, then smooth; the result starts at bar `window`."""
    high, low, close = bars
    movements = []
    plus = minus = reach = 0.0
    for t in range(1, len(high)):
        up, down = high[t] - high[t - 1], low[t - 1] - low[t]
        rose = fell = 0.0
        if down > 0.0 and up < down:
            fell = down
        elif up > 0.0 and up > down:
            rose = up
        ranged = _true_range(high[t], low[t], close[t - 1])
        if t < window:
            plus, minus, reach = plus + rose, minus + fell, reach + ranged
        else:
            plus = plus - plus / window + rose
            minus = minus - minus / window + fell
            reach = reach - reach / window + ranged
            movements.append(_Movement(plus, minus, reach))
    return movements


def _placed(bars: tuple[list[float], ...], found: list[float]) -> list[float]:
    """Put the values of the last bars on them."""
    return [math.nan] * (len(bars[0]) - len(found)) + found


def _true_range(high: float, low: float, previous_close: float) -> float:
    return max(high - low, abs(high - previous_close), abs(low - previous_close))


def _stops(high: list[float], low: list[float], acceleration: float, maximum: float) -> list[float]:
    if len(high) == 1:
        return [math.nan]
    up, down = high[1] - high[0], low[0] - low[1]
    long = not (down > 0.0 and up < down)
    extreme, stop = (high[1], low[0]) if long else (low[1], high[0])
    share = acceleration
    stops = [math.nan]
    for t in range(1, len(high)):
        before = max(t - 1, 1)  # the second bar has no bar before it
        top, bottom = max(high[before], high[t]), min(low[before], low[t])
        turned = low[t] <= stop if long else high[t] >= stop
        if turned:
            long = not long
            # the extreme of the old side, outside what the last two bars traded
            stops.append(min(extreme, bottom) if long else max(extreme, top))
            extreme, share = (high[t] if long else low[t]), acceleration
        else:
            stops.append(stop)
            if (high[t] > extreme) if long else (low[t] < extreme):
                extreme, share = (high[t] if long else low[t]), min(share + acceleration, maximum)
        stop = stops[-1] + share * (extreme - stops[-1])
        stop = min(stop, bottom) if long else max(stop, top)
    return stops
