"""The turns of Kaufman's adaptive average, beyond a filter."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import highest, kama, lowest, stddev

__all__ = ["ROW", "kama_trend"]

_FILTER_BARS: Final = 20


def kama_trend() -> Strategy:
    """Return: long when the adaptive average has turned up by more than a filter, flat when down.

    The filter is `filter` standard deviations of the average's one-bar changes over 20 bars; up
    and down are measured from its lowest and highest value of 20 bars. Parameters `window` (5 to
    100 bars) and `filter` (0.1 to 3).

    Loses after sharp turns, which find the average slow, and in ranges with thrusts of their own.
    (P. Kaufman, Smarter Trading, 1995.)

    Examples
    --------
    >>> kama_trend().warm_up({"window": 10, "filter": 1})
    30
    """
    average = kama(close, param("window", 5, 100))
    noise = param("filter", 0.1, 3.0) * stddev(average - average.shift(1), _FILTER_BARS)
    return Strategy(
        "kama_trend",
        long_entry=(average - lowest(average, _FILTER_BARS)) > noise,
        long_exit=(highest(average, _FILTER_BARS) - average) > noise,
    )


ROW: Final = BuiltIn(
    name="kama_trend",
    title="Kaufman's adaptive average",
    idea="An average that is fast in a clean trend and slow in noise turns less often for nothing.",
    rules="Long when the adaptive average has risen by a filter above its lowest value of 20 bars; "
    "flat when it has fallen by the filter below its highest.",
    weakness="After a noisy stretch the average stands still, and a sharp turn finds it slow. It "
    "has one more parameter to over-fit than a plain average. No stop, so gaps are taken whole; "
    "long only, it sits out falls that shorts would earn.",
    source="P. Kaufman, 1995",
    build=kama_trend,
    params={"window": 10, "filter": 1.0},
)
