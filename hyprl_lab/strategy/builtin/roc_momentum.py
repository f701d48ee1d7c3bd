"""The market's own past return."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import roc

__all__ = ["ROW", "roc_momentum"]


def roc_momentum() -> Strategy:
    """Return: long while the past return is above a threshold, flat once it is below zero.

    Enters where `roc(close, window) > threshold` (percent), leaves where it is below 0.
    Parameters `window` (5 to 300 bars) and `threshold` (0 to 20 percent).

    Loses at turns: after a crash it is flat through the first leg up. (T. Moskowitz, Y. H. Ooi,
    L. H. Pedersen, Time series momentum, Journal of Financial Economics 104, 2012.)

    Examples
    --------
    >>> roc_momentum().warm_up({"window": 252, "threshold": 0})
    252
    """
    change = roc(close, param("window", 5, 300))
    return Strategy(
        "roc_momentum",
        long_entry=change > param("threshold", 0.0, 20.0),
        long_exit=change < 0,
    )


ROW: Final = BuiltIn(
    name="roc_momentum",
    title="Time-series momentum",
    idea="Markets that rose over the past months have more often than not risen in the next.",
    rules="Long when the change over the window is above a threshold in percent; flat when it is "
    "below zero.",
    weakness="Late at turns: it holds the first part of a fall and misses the first leg of the "
    "recovery, and near zero it goes in and out. What left the window long ago moves it as much "
    "as today. Crowded: many funds follow it and leave together.",
    source="T. Moskowitz, Y. H. Ooi, L. H. Pedersen, 2012",
    build=roc_momentum,
    params={"window": 252, "threshold": 0.0},
)
