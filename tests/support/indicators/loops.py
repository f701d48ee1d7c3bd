"""What TA-Lib does not have, bar by bar or window by window, each as its definition reads.

Written apart from both engines: a window is looked at anew on every bar, nothing is carried but
what the definition itself carries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import talib

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.types import BoolArray, FloatArray
    from indicators.sets import RealBars

AT_ONCE: Final = 4_000_000
"""Values of windows that are looked at in one call to NumPy."""


def over_windows(
    x: FloatArray, window: int, statistic: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """A statistic of the last `window` values, one window a row, the oldest value first."""
    found = np.full(len(x), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(x, window)
    step = max(1, AT_ONCE // window)
    for first in range(0, len(windows), step):
        part = windows[first : first + step]
        found[first + window - 1 : first + window - 1 + len(part)] = statistic(part)
    return found


def quantile(x: FloatArray, window: int, q: float) -> FloatArray:
    return over_windows(x, window, lambda w: np.quantile(w, q, axis=1, method="linear"))


def median(x: FloatArray, window: int) -> FloatArray:
    return over_windows(x, window, lambda w: np.median(w, axis=1))


def rank(x: FloatArray, window: int) -> FloatArray:
    """pandas: equal values share the mean of their places."""
    import pandas as pd

    return pd.Series(x).rolling(window).rank(pct=True, method="average").to_numpy()


def zscore(x: FloatArray, window: int) -> FloatArray:
    def score(windows: FloatArray) -> FloatArray:
        spread = windows.std(axis=1)
        flat = windows.max(axis=1) == windows.min(axis=1)
        apart = windows[:, -1] - windows.mean(axis=1)
        return np.where(flat, np.nan, apart / np.where(flat, 1.0, spread))

    return over_windows(x, window, score)


def lag(x: FloatArray, window: int) -> FloatArray:
    return np.r_[np.full(window, np.nan), x[:-window]]


def cumulative_sum(x: FloatArray) -> FloatArray:
    return np.cumsum(x)


def sum_since(condition: BoolArray, x: FloatArray) -> FloatArray:
    found = np.full(len(x), np.nan)
    since: int | None = None
    for t in range(len(x)):
        since = t if condition[t] else since
        if since is not None:
            found[t] = x[since : t + 1].sum()
    return found


def vwap_since(condition: BoolArray, bars: RealBars) -> FloatArray:
    price = (bars.high + bars.low + bars.close) / 3.0
    volume = sum_since(condition, bars.volume)
    money = sum_since(condition, price * bars.volume)
    return np.divide(money, volume, out=np.full(len(volume), np.nan), where=volume > 0.0)


def donchian(bars: RealBars, window: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Upper, middle, lower."""
    upper = over_windows(bars.high, window, lambda w: w.max(axis=1))
    lower = over_windows(bars.low, window, lambda w: w.min(axis=1))
    return upper, (upper + lower) / 2.0, lower


def keltner(
    bars: RealBars, window: int, atr_window: int, multiple: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Upper, middle, lower: TA-Lib's average and range put together."""
    middle = talib.EMA(bars.close, window)
    distance = multiple * talib.ATR(bars.high, bars.low, bars.close, atr_window)
    return middle + distance, middle, middle - distance


def supertrend(bars: RealBars, window: int, multiple: float) -> tuple[FloatArray, FloatArray]:
    """Line and direction, 1 in a rise: TradingView's page of `ta.supertrend`, sentence by sentence.

    There a direction of 1 is a fall and -1 a rise; it begins falling.
    """
    middle = (bars.high + bars.low) / 2.0
    distance = multiple * talib.ATR(bars.high, bars.low, bars.close, window)
    line, direction = np.full((2, len(bars)), np.nan)
    last = None
    for t in range(window, len(bars)):
        upper, lower = middle[t] + distance[t], middle[t] - distance[t]
        if last is None:
            pine = 1
        else:
            last_upper, last_lower, last_line = last
            before = bars.close[t - 1]
            if not (lower > last_lower or before < last_lower):
                lower = last_lower
            if not (upper < last_upper or before > last_upper):
                upper = last_upper
            if last_line == last_upper:
                pine = -1 if bars.close[t] > upper else 1
            else:
                pine = 1 if bars.close[t] < lower else -1
        line[t] = lower if pine == -1 else upper
        direction[t] = -pine
        last = upper, lower, line[t]
    return line, direction
