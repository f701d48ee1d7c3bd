"""The readable moving averages, one float at a time, in TA-Lib's order of operations.

A missing value (NaN) restarts an average: after it everything is as before the first bar.
"""

from __future__ import annotations

import math
from typing import Final

from hyprl_lab.engine.reference_numbers import is_zero
from hyprl_lab.engine.reference_rolling import rolling_sum, total
from hyprl_lab.engine.reference_stretches import each_stretch

__all__ = [
    "adaptive_average",
    "average_difference",
    "exponential_average",
    "exponential_weights",
    "simple_average",
    "triangular_average",
    "weighted_average",
    "wilder",
]

SLOWEST: Final = 2.0 / 31.0
"""Kaufman's slowest weight, that of an exponential average of 30 bars."""

FASTEST: Final = 2.0 / 3.0
"""Kaufman's fastest weight, that of an exponential average of 2 bars."""

WMA_PATIENCE: Final = 8
"""After so many windows a weighted average takes its sums afresh, as in TA-Lib."""


def simple_average(values: list[float], window: int) -> list[float]:
    """Return the mean of the last `window` values: the running sum, divided.

    A window of 1 is the value itself (TA-Lib, `ta_SMA.c`).

    Examples
    --------
    >>> simple_average([1.0, 2.0, 3.0, 4.0], 2)
    [nan, 1.5, 2.5, 3.5]
    """
    return [total / window for total in rolling_sum(values, window)]


def exponential_average(values: list[float], window: int) -> list[float]:
    """Return the exponential average, seeded with the mean of the first `window` values.

    TA-Lib, `ta_EMA.c`.

    Examples
    --------
    >>> exponential_average([1.0, 3.0, 5.0], 2)
    [nan, 2.0, 4.0]
    """
    return each_stretch(lambda stretch: _seeded(stretch, window, window - 1), values)


def exponential_weights(values: list[float], window: int) -> list[float]:
    """Return the exponentially weighted mean that starts at the first value itself.

    Shown once `window` values are in, as the averages of the Chaikin oscillator (TA-Lib,
    `ta_ADOSC.c`).

    Examples
    --------
    >>> exponential_weights([1.0, 4.0, 7.0], 2)
    [nan, 3.0, 5.666666666666666]
    """
    weight = 2.0 / (window + 1)

    def work(stretch: list[float]) -> list[float]:
        means = []
        mean = stretch[0]
        for t, value in enumerate(stretch):
            if t > 0:
                mean = weight * value + (1.0 - weight) * mean
            means.append(mean if t >= window - 1 else math.nan)
        return means

    return each_stretch(work, values)


def weighted_average(values: list[float], window: int) -> list[float]:
    """Return the average of the last `window` values weighted 1 for the oldest to `window`.

    TA-Lib 0.8, `ta_WMA.c`: the weighted sum is kept, each bar takes one plain sum off it, and both
    are taken afresh every 8 windows. A window of 1 is the value itself.

    Examples
    --------
    >>> weighted_average([1.0, 4.0, 7.0], 2)
    [nan, 3.0, 6.0]
    """
    if window == 1:
        return list(values)
    divider = window * (window + 1) / 2

    def work(stretch: list[float]) -> list[float]:
        averages = []
        plain = weighted = leaving = 0.0
        patience = WMA_PATIENCE * window
        for t, value in enumerate(stretch):
            plain += value
            if t < window - 1:
                weighted += value * (t + 1)
                averages.append(math.nan)
                continue
            plain -= leaving
            weighted += value * window
            patience -= 1
            if patience == 0:
                held = stretch[t - window + 1 : t + 1]
                plain = total(held)
                weighted = total([value * place for place, value in enumerate(held, start=1)])
                patience = WMA_PATIENCE * window
            leaving = stretch[t - window + 1]
            averages.append(weighted / divider)
            weighted -= plain
        return averages

    return each_stretch(work, values)


def triangular_average(values: list[float], window: int) -> list[float]:
    """Return the mean of means: its weights rise to the middle of the window and fall again.

    TA-Lib, `ta_TRIMA.c`, has the same weights; here they are two running sums, one of the other.

    Examples
    --------
    >>> triangular_average([1.0, 2.0, 6.0, 1.0], 3)
    [nan, nan, 2.75, 3.75]
    """
    inner = (window + 1) // 2
    outer = inner if window % 2 else inner + 1
    sums = rolling_sum(rolling_sum(values, inner), outer)
    return [total / (inner * outer) for total in sums]


def adaptive_average(values: list[float], window: int) -> list[float]:
    """Return Kaufman's adaptive average: fast where the price goes straight, slow where it wavers.

    Kaufman (1995), "Smarter Trading"; TA-Lib, `ta_KAMA.c`. The efficiency ratio is the way made
    over `window` bars divided by the way walked; it starts from value `window - 1`.

    Examples
    --------
    >>> [round(average, 6) for average in adaptive_average([1.0, 2.0, 4.0, 4.0], 2)]
    [nan, nan, 2.888889, 3.382716]
    """

    def work(stretch: list[float]) -> list[float]:
        averages = []
        walked, average = 0.0, math.nan
        for t, value in enumerate(stretch):
            if t > window:
                walked -= abs(stretch[t - window - 1] - stretch[t - window])
            if t > 0:
                walked += abs(value - stretch[t - 1])
            if t == window - 1:
                average = value
            if t < window:
                averages.append(math.nan)
                continue
            change = value - stretch[t - window]
            straight = walked <= change or is_zero(walked)
            efficiency = 1.0 if straight else abs(change / walked)
            weight = efficiency * (FASTEST - SLOWEST) + SLOWEST
            weight = weight * weight
            average = (value - average) * weight + average
            averages.append(average)
        return averages

    return each_stretch(work, values)


def average_difference(values: list[float], fast: int, slow: int) -> list[float]:
    """Return the fast exponential average less the slow one: the line of the MACD.

    Appel (1979); TA-Lib, `ta_MACD.c`: both have their first value on the same bar, so the fast one
    is seeded with the newest of the slow one's values. Windows the wrong way round change places.

    Examples
    --------
    >>> average_difference([1.0, 2.0, 6.0, 6.0], 2, 3)
    [nan, nan, 1.0, 0.833333333333333]
    """
    if slow < fast:
        fast, slow = slow, fast

    def work(stretch: list[float]) -> list[float]:
        quick, calm = (_seeded(stretch, window, slow - 1) for window in (fast, slow))
        return [one - other for one, other in zip(quick, calm, strict=True)]

    return each_stretch(work, values)


def wilder(average: float, value: float, count: int, window: int) -> float:
    """Take in the `count`-th value: a sum, then the mean of `window`, then Wilder's smoothing.

    Wilder (1978), "New Concepts in Technical Trading Systems".

    Examples
    --------
    >>> total = wilder(0.0, 2.0, 1, 2)
    >>> mean = wilder(total, 4.0, 2, 2)
    >>> total, mean, wilder(mean, 6.0, 3, 2)
    (2.0, 3.0, 4.5)
    """
    if count < window:
        return average + value
    if count == window:
        return (average + value) / window
    return (average * (window - 1) + value) / window


def _seeded(values: list[float], window: int, first: int) -> list[float]:
    """Smooth exponentially from bar `first` on, whose value is the mean of the last `window`."""
    weight = 2.0 / (window + 1)
    averages = []
    total, average = 0.0, math.nan
    for t, value in enumerate(values):
        if first - window < t <= first:
            total += value
        if t == first:
            average = total / window
        elif t > first:
            average = (value - average) * weight + average
        averages.append(average)
    return averages
