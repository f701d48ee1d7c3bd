"""Metrics over a window that moves along a return series."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.metrics.moments import ZERO_VARIANCE

if TYPE_CHECKING:
    from hyprl_lab.metrics.series import Returns
    from hyprl_lab.types import FloatArray

__all__ = ["RollingMetrics", "rolling_metrics"]

_CELLS: Final = 1 << 20
"""Numbers held at once while windows are laid side by side: 8 MB."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RollingMetrics:
    """One value a return: the metric of the window that ends with it.

    NaN until the window is full, and where the metric is undefined.

    Parameters
    ----------
    total_return
        Π(1 + r) - 1, a fraction.
    annualised_volatility
        A fraction a year.
    sharpe
        Annualised; NaN where the window's returns do not vary.
    max_drawdown
        A fraction; the peak starts at the equity before the window's first return.
    """

    total_return: FloatArray
    annualised_volatility: FloatArray
    sharpe: FloatArray
    max_drawdown: FloatArray


def rolling_metrics(returns: Returns, window: int, *, periods_per_year: float) -> RollingMetrics:
    """Return what each metric would say of the last `window` returns alone.

    Parameters
    ----------
    returns
        Simple returns in time order.
    window
        How many returns, at least 2. Longer than the series: everything is NaN.
    periods_per_year
        Returns in a year.

    Raises
    ------
    InputError
        The window is not a whole number of at least 2.

    Notes
    -----
    Each window is summed anew, so that a value does not depend on where the series began; that
    takes time in proportion to returns times window, and a few megabytes.

    Examples
    --------
    >>> from hyprl_lab.metrics import Returns
    >>> found = rolling_metrics(Returns([0.1, -0.1, 0.1, 0.1]), 2, periods_per_year=1.0)
    >>> found.total_return.round(9).tolist()
    [nan, -0.01, -0.01, 0.21]
    >>> found.max_drawdown.round(9).tolist()
    [nan, 0.1, 0.1, 0.0]
    """
    if isinstance(window, bool) or not isinstance(window, int | np.integer) or window < 2:
        raise InputError(f"window is {window!r}; expected a whole number of returns, at least 2")
    width = int(window)
    columns = np.full((4, len(returns)), np.nan)
    if width <= len(returns):
        windows = np.lib.stride_tricks.sliding_window_view(returns.values, width)
        step = max(1, _CELLS // width)
        for first in range(0, len(windows), step):
            part = windows[first : first + step]
            place = slice(width - 1 + first, width - 1 + first + len(part))
            columns[:, place] = _of_windows(part, periods_per_year)
    total, volatility, sharpe, drawdown = columns
    return RollingMetrics(
        total_return=total,
        annualised_volatility=volatility,
        sharpe=sharpe,
        max_drawdown=drawdown,
    )


def _of_windows(windows: FloatArray, periods_per_year: float) -> FloatArray:
    """Return the four metrics of each row, by the formulas of `Moments` and `max_drawdown`."""
    n = windows.shape[1]
    sum1, sum2 = windows.sum(axis=1), np.square(windows).sum(axis=1)
    variance = (sum2 - sum1 * sum1 / n) / (n - 1)
    variance = np.where(variance > ZERO_VARIANCE * sum2 / (n - 1), variance, 0.0)
    deviation = np.sqrt(variance)
    sharpe = np.divide(
        sum1 / n, deviation, out=np.full(len(windows), np.nan), where=deviation > 0.0
    )
    wealth = np.cumprod(1.0 + windows, axis=1)
    peak = np.maximum(np.maximum.accumulate(wealth, axis=1), 1.0)
    fall = (1.0 - wealth / peak).max(axis=1)
    annual = math.sqrt(periods_per_year)
    metrics = (wealth[:, -1] - 1.0, deviation * annual, sharpe * annual, np.minimum(fall, 1.0))
    return np.stack(metrics)
