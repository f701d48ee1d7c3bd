"""The readable indicators, one float at a time, in TA-Lib's order of operations.

A missing value (NaN) restarts a running sum or average from the next valid one; while a window
holds one, its extreme is missing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "average_true_range",
    "deviation",
    "exponential_average",
    "relative_strength",
    "rolling_extreme",
    "rolling_sum",
    "simple_average",
]

FLAT: Final = 1e-14
"""Average moves below this count as none, as in TA-Lib."""


STILL: Final = 1e-14
"""A variance below this counts as 0, as in TA-Lib (`ta_STDDEV.c`)."""


def rolling_sum(values: list[float], window: int) -> list[float]:
    """Return the sum of the last `window` values, from one running sum.

    A window of 1 is the value itself.

    Examples
    --------
    >>> rolling_sum([1.0, 2.0, 3.0, 4.0], 2)
    [nan, 3.0, 5.0, 7.0]
    """
    if window == 1:
        return list(values)
    return _running_sum(values, window)


def simple_average(values: list[float], window: int) -> list[float]:
    """Return the mean of the last `window` values: the running sum, divided.

    A window of 1 is the value itself.

    Examples
    --------
    >>> simple_average([1.0, 2.0, 3.0, 4.0], 2)
    [nan, 1.5, 2.5, 3.5]
    """
    return [total / window for total in rolling_sum(values, window)]


def deviation(values: list[float], window: int) -> list[float]:
    """Return the population deviation of the last `window` values.

    The root of the mean of squares less the square of the mean, from two running sums
    (TA-Lib, `ta_VAR.c` and `ta_STDDEV.c`).

    Examples
    --------
    >>> deviation([1.0, 3.0, 3.0, 7.0], 2)
    [nan, 1.0, 0.0, 2.0]
    """
    totals = _running_sum(values, window)
    squares = _running_sum([value * value for value in values], window)
    deviations = []
    for total, square in zip(totals, squares, strict=True):
        mean = total / window
        variance = square / window - mean * mean
        deviations.append(0.0 if variance < STILL else math.sqrt(variance))
    return deviations


def exponential_average(values: list[float], window: int) -> list[float]:
    """Return the exponential average, seeded with the mean of the first `window` values.

    Examples
    --------
    >>> exponential_average([1.0, 3.0, 5.0], 2)
    [nan, 2.0, 4.0]
    """
    weight = 2.0 / (window + 1)
    averages = []
    total, held, average = 0.0, 0, math.nan
    for value in values:
        if math.isnan(value):
            total, held, average = 0.0, 0, math.nan
        else:
            held += 1
            if held <= window:
                total += value
                average = total / window if held == window else math.nan
            else:
                average = (value - average) * weight + average
        averages.append(average)
    return averages


def relative_strength(values: list[float], window: int) -> list[float]:
    """Return Wilder's relative strength index, from 0 to 100.

    Examples
    --------
    >>> relative_strength([1.0, 2.0, 1.0, 2.0], 2)
    [nan, nan, 50.0, 75.0]
    """
    strengths = []
    up = down = 0.0
    moves, previous = 0, math.nan
    for value in values:
        if math.isnan(value):
            up = down = 0.0
            moves = 0
        elif not math.isnan(previous):
            moves += 1
            rise, fall = max(value - previous, 0.0), max(previous - value, 0.0)
            up, down = _wilder(up, rise, moves, window), _wilder(down, fall, moves, window)
        previous = value
        if moves < window:
            strengths.append(math.nan)
        else:
            total = up + down
            strengths.append(100.0 * (up / total) if total >= FLAT else 0.0)
    return strengths


def average_true_range(
    high: list[float], low: list[float], close: list[float], window: int
) -> list[float]:
    """Return Wilder's average of the true range, in price.

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
            reach = max(top - bottom, abs(top - previous), abs(bottom - previous))
            average = _wilder(average, reach, ranges, window)
        previous = last
        averages.append(average if ranges >= window else math.nan)
    return averages


def rolling_extreme(
    values: list[float], window: int, extreme: Callable[[list[float]], float]
) -> list[float]:
    """Return the highest (`max`) or lowest (`min`) of the last `window` values.

    Examples
    --------
    >>> rolling_extreme([3.0, 1.0, 2.0], 2, max)
    [nan, 3.0, 2.0]
    """
    extremes = []
    for t in range(len(values)):
        held = values[max(t - window + 1, 0) : t + 1]
        whole = len(held) == window and not any(math.isnan(value) for value in held)
        extremes.append(extreme(held) if whole else math.nan)
    return extremes


def _running_sum(values: list[float], window: int) -> list[float]:
    """Add the new value, subtract the one that leaves; a missing one starts anew."""
    sums = []
    total, held = 0.0, 0
    for t, value in enumerate(values):
        if math.isnan(value):
            total, held = 0.0, 0
            sums.append(math.nan)
            continue
        total += value
        if held == window:
            total -= values[t - window]
        else:
            held += 1
        sums.append(total if held == window else math.nan)
    return sums


def _wilder(average: float, value: float, count: int, window: int) -> float:
    """Take in the `count`-th value: a sum, then the mean of `window`, then Wilder's smoothing."""
    if count < window:
        return average + value
    if count == window:
        return (average + value) / window
    return (average * (window - 1) + value) / window
