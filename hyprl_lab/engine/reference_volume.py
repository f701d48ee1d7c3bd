"""The readable totals: of volume by the side that price took, and of a number since a condition."""

from __future__ import annotations

import math

from hyprl_lab.engine.reference_stretches import each_stretch

__all__ = ["balance_volume", "cumulative_sum", "sum_since"]


def balance_volume(price: list[float], volume: list[float]) -> list[float]:
    """Return Granville's on-balance volume: plus volume where price rose, minus where it fell.

    It starts at the first bar's volume (TA-Lib, `ta_OBV.c`), and anew after a bar that lacks one
    of the two.

    Examples
    --------
    >>> balance_volume([5.0, 6.0, 6.0, 4.0], [10.0, 20.0, 30.0, 40.0])
    [10.0, 30.0, 30.0, -10.0]
    """

    def work(prices: list[float], volumes: list[float]) -> list[float]:
        totals = [volumes[0]]
        for t in range(1, len(prices)):
            if prices[t] > prices[t - 1]:
                totals.append(totals[-1] + volumes[t])
            elif prices[t] < prices[t - 1]:
                totals.append(totals[-1] - volumes[t])
            else:
                totals.append(totals[-1])
        return totals

    return each_stretch(work, price, volume)


def cumulative_sum(values: list[float]) -> list[float]:
    """Return the sum from the first value on; a missing value restarts it.

    Examples
    --------
    >>> cumulative_sum([1.0, 2.0, math.nan, 3.0, 4.0])
    [1.0, 3.0, nan, 3.0, 7.0]
    """

    def work(stretch: list[float]) -> list[float]:
        totals = []
        total = 0.0
        for value in stretch:
            total += value
            totals.append(total)
        return totals

    return each_stretch(work, values)


def sum_since(condition: list[bool | None], values: list[float]) -> list[float]:
    """Return the sum of values since the condition was last true, that bar's included.

    Missing before it was true for the first time, and from a missing value on until the condition
    is true on a bar that has one. A missing condition is not true.

    Examples
    --------
    >>> sum_since([False, True, None, True, False], [1.0, 2.0, 3.0, 4.0, 5.0])
    [nan, 2.0, 5.0, 4.0, 9.0]
    """
    totals = []
    total = math.nan
    for holds, value in zip(condition, values, strict=True):
        if math.isnan(value):
            total = math.nan
        elif holds is True:
            total = value
        else:
            total += value
        totals.append(total)
    return totals
