"""The readable oscillators of momentum: how much of the movement was up, how far price strays.

`relative_strength` and `momentum_oscillator` restart at a missing value (NaN); `channel_index`
reads each window afresh.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hyprl_lab.engine.reference_averages import wilder
from hyprl_lab.engine.reference_numbers import NOTHING
from hyprl_lab.engine.reference_rolling import total
from hyprl_lab.engine.reference_stretches import each_stretch, each_window

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["channel_index", "momentum_oscillator", "relative_strength"]


def relative_strength(values: list[float], window: int) -> list[float]:
    """Return Wilder's relative strength index, from 0 to 100; 0 where nothing moved.

    TA-Lib, `ta_RSI.c`.

    Examples
    --------
    >>> relative_strength([1.0, 2.0, 1.0, 2.0], 2)
    [nan, nan, 50.0, 75.0]
    """
    return _of_moves(
        values,
        window,
        lambda up, down: 100.0 * (up / (up + down)) if up + down > 0.0 else 0.0,
    )


def momentum_oscillator(values: list[float], window: int) -> list[float]:
    """Return Chande's momentum oscillator, from -100 to 100; 0 where nothing moved.

    TA-Lib, `ta_CMO.c`: gains and losses are averaged as in `relative_strength`.

    Examples
    --------
    >>> momentum_oscillator([1.0, 2.0, 1.0, 2.0], 2)
    [nan, nan, 0.0, 50.0]
    """
    return _of_moves(
        values,
        window,
        lambda up, down: 100.0 * ((up - down) / (up + down)) if up + down > 0.0 else 0.0,
    )


def channel_index(values: list[float], window: int) -> list[float]:
    """Return Lambert's commodity channel index of a price; 0 where it does not move.

    The distance from the mean of the window, in units of 0.015 mean absolute deviations (TA-Lib,
    `ta_CCI.c`, which takes the typical price). A part of 1e-14 of the mean counts as no movement.

    Examples
    --------
    >>> [round(index, 6) for index in channel_index([3.0, 3.0, 3.0, 0.0], 3)]
    [nan, nan, 0.0, -100.0]
    """

    def work(held: list[float]) -> float:
        mean = total(held) / window
        spread = total([abs(value - mean) for value in held]) / window
        distance = held[-1] - mean
        nothing = NOTHING * abs(mean)
        if abs(distance) <= nothing or spread <= nothing or 0.015 * spread == 0.0:
            return 0.0
        return distance / (0.015 * spread)

    return each_window(work, values, window)


def _of_moves(
    values: list[float], window: int, index: Callable[[float, float], float]
) -> list[float]:
    """Average gains and losses as Wilder does, and make an index of them."""

    def work(stretch: list[float]) -> list[float]:
        found = [math.nan]
        up = down = 0.0
        for t in range(1, len(stretch)):
            rise = max(stretch[t] - stretch[t - 1], 0.0)
            fall = max(stretch[t - 1] - stretch[t], 0.0)
            up, down = wilder(up, rise, t, window), wilder(down, fall, t, window)
            found.append(index(up, down) if t >= window else math.nan)
        return found

    return each_stretch(work, values)
