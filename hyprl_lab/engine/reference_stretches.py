"""The readable meaning of a missing value: a stretch of bars without one, or a window without one.

An operation either *restarts*, and each stretch of bars that lacks nothing is a series of its own,
or it reads each window afresh, and is missing where the window holds a missing value.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["each_stretch", "each_window"]


def each_stretch(work: Callable[..., list[float]], *series: list[float]) -> list[float]:
    """Work on each stretch of bars on which no series is missing, as if nothing were before it.

    Parameters
    ----------
    work
        Given the series of one stretch, none of them with a NaN, its values: as many as bars.
    series
        One or several, all of one length; NaN is a missing value.

    Examples
    --------
    >>> each_stretch(lambda values: [v - values[0] for v in values], [1.0, 3.0, math.nan, 7.0, 8.0])
    [0.0, 2.0, nan, 0.0, 1.0]
    """
    bars = len(series[0])
    results = [math.nan] * bars
    start = 0
    for t in range(bars + 1):
        if t == bars or any(math.isnan(values[t]) for values in series):
            if start < t:
                results[start:t] = work(*(values[start:t] for values in series))
            start = t + 1
    return results


def each_window(
    work: Callable[[list[float]], float], values: list[float], window: int
) -> list[float]:
    """Work on the last `window` values of each bar, oldest first; missing where one of them is.

    Examples
    --------
    >>> each_window(lambda held: held[0] * held[1], [2.0, 3.0, math.nan, 5.0, 6.0], 2)
    [nan, 6.0, nan, nan, 30.0]
    """
    results = []
    valid = 0
    for t, value in enumerate(values):
        valid = 0 if math.isnan(value) else valid + 1
        results.append(work(values[t - window + 1 : t + 1]) if valid >= window else math.nan)
    return results
