"""The readable rolling values: sums, spreads, extremes, ranks of the last `window` values.

Sums run: the new value is added, then the one that leaves is subtracted; a missing value (NaN)
restarts them. Extremes, quantiles and ranks read
each window afresh. Values before the window is full are missing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from hyprl_lab.engine.reference_stretches import each_stretch, each_window

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "PATIENCE",
    "deviation",
    "lag",
    "quantile",
    "rank",
    "rolling_extreme",
    "rolling_sum",
    "running_sum",
    "total",
    "variance",
]

PATIENCE: Final = 32
"""After so many windows, sums that are anchored at a value get a new anchor, as in TA-Lib."""


def total(values: list[float]) -> float:
    """Return the sum of the values, added one after the other.

    Examples
    --------
    >>> total([1.0, 2.0, 3.0])
    6.0
    """
    added = 0.0
    for value in values:  # in time order; the built-in sum compensates from Python 3.12 on
        added += value
    return added


def running_sum(values: list[float], window: int) -> list[float]:
    """Return the sum of the last `window` values of a series that lacks none, from one running sum.

    Examples
    --------
    >>> running_sum([1.0, 2.0, 3.0, 4.0], 2)
    [nan, 3.0, 5.0, 7.0]
    """
    sums = []
    held = 0.0
    for t, value in enumerate(values):
        held += value
        if t >= window:
            held -= values[t - window]
        sums.append(held if t >= window - 1 else math.nan)
    return sums


def rolling_sum(values: list[float], window: int) -> list[float]:
    """Return the sum of the last `window` values. A window of 1 is the value itself.

    Examples
    --------
    >>> rolling_sum([1.0, 2.0, math.nan, 3.0, 4.0], 2)
    [nan, 3.0, nan, nan, 7.0]
    """
    if window == 1:
        return list(values)
    return each_stretch(lambda stretch: running_sum(stretch, window), values)


def variance(values: list[float], window: int) -> list[float]:
    """Return the population variance of the last `window` values, in the unit squared.

    The mean of squares less the square of the mean, from two running sums of the distances to an
    anchor (TA-Lib 0.8, `ta_VAR.c`). The anchor is the first value; it becomes the window's mean
    where the difference is too small beside the squares, where the value that leaves had nearly
    all of them, and after 32 windows, so that rounding does not pile up.

    Examples
    --------
    >>> variance([1.0, 3.0, 3.0, 7.0], 2)
    [nan, 1.0, 0.0, 4.0]
    """
    share = 1.0 / window

    def work(stretch: list[float]) -> list[float]:
        variances = []
        anchor, patience = stretch[0], PATIENCE * window
        distance = squares = 0.0
        for t, value in enumerate(stretch):
            distance += value - anchor
            squares += (value - anchor) * (value - anchor)
            if t < window - 1:
                variances.append(math.nan)
                continue
            spread = share * squares - (share * distance) * (share * distance)
            oldest = stretch[t - window + 1]
            away = (oldest - anchor) * (oldest - anchor)
            rest = squares - away
            patience -= 1
            if share * rest * 1e-6 > spread or away > rest * 1e6 or patience == 0:
                held = stretch[t - window + 1 : t + 1]
                anchor, patience = total(held) * share, PATIENCE * window
                distance = total([x - anchor for x in held])
                squares = total([(x - anchor) * (x - anchor) for x in held])
                spread = share * squares - (share * distance) * (share * distance)
                if spread < share * squares * 1e-12:
                    spread = 0.0
                rest = squares - (oldest - anchor) * (oldest - anchor)
            variances.append(spread)
            distance -= oldest - anchor
            squares = rest
        return variances

    return each_stretch(work, values)


def deviation(values: list[float], window: int) -> list[float]:
    """Return the population deviation of the last `window` values: the root of their `variance`.

    TA-Lib 0.8, `ta_STDDEV.c`.

    Examples
    --------
    >>> deviation([1.0, 3.0, 3.0, 7.0], 2)
    [nan, 1.0, 0.0, 2.0]
    """
    return [math.sqrt(v) if v >= 0.0 else math.nan for v in variance(values, window)]


def rolling_extreme(
    values: list[float], window: int, extreme: Callable[[list[float]], float]
) -> list[float]:
    """Return the highest (`max`) or lowest (`min`) of the last `window` values.

    Examples
    --------
    >>> rolling_extreme([3.0, 1.0, 2.0], 2, max)
    [nan, 3.0, 2.0]
    """
    return each_window(extreme, values, window)


def quantile(values: list[float], window: int, q: float) -> list[float]:
    """Return the quantile `q` (0 to 1) of the last `window` values, between two of them linearly.

    Hyndman and Fan (1996), "Sample Quantiles in Statistical Packages", definition 7; NumPy's
    method `linear`.

    Examples
    --------
    >>> quantile([4.0, 1.0, 2.0, 9.0], 3, 0.25)
    [nan, nan, 1.5, 1.5]
    """
    place = (window - 1) * q
    below = math.floor(place)

    def work(held: list[float]) -> float:
        ordered = sorted(held)
        if place == below:
            return ordered[below]
        return ordered[below] + (place - below) * (ordered[below + 1] - ordered[below])

    return each_window(work, values, window)


def rank(values: list[float], window: int) -> list[float]:
    """Return the newest value's rank among the last `window`, as a fraction; equals share theirs.

    From 1/window, where it is below all others, to 1 (pandas' `rolling(window).rank(pct=True)`).

    Examples
    --------
    >>> rank([4.0, 1.0, 2.0, 2.0], 2)
    [nan, 0.5, 1.0, 0.75]
    """

    def work(held: list[float]) -> float:
        newest = held[-1]
        less = sum(1 for value in held if value < newest)
        equal = sum(1 for value in held if value == newest)
        return (less + (equal + 1) / 2) / window

    return each_window(work, values, window)


def lag(values: list[float], window: int) -> list[float]:
    """Return the value `window` bars ago, missing or not.

    Examples
    --------
    >>> lag([1.0, 2.0, 3.0], 2)
    [nan, nan, 1.0]
    """
    return [values[t - window] if t >= window else math.nan for t in range(len(values))]
