"""The side of the directional indicators, where the trend is strong."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import adx, minus_di, plus_di

__all__ = ["ROW", "adx_trend"]


def adx_trend() -> Strategy:
    """Return: long while +DI is above -DI in a strong trend, short while it is below.

    Enters where the average directional index is above `level` on the side of the larger
    directional indicator, leaves where the two change places. Parameters `window` (5 to 50 bars)
    and `level` (10 to 50).

    Loses at the end of trends, where the index is highest, and in ranges wide enough to look like
    one. (J. W. Wilder, New Concepts in Technical Trading Systems, 1978.)

    Examples
    --------
    >>> adx_trend().warm_up({"window": 14, "level": 25})
    27
    """
    window = param("window", 5, 50)
    plus, minus = plus_di(window), minus_di(window)
    strong = adx(window) > param("level", 10.0, 50.0)
    return Strategy(
        "adx_trend",
        long_entry=(plus > minus) & strong,
        long_exit=plus < minus,
        short_entry=(plus < minus) & strong,
        short_exit=plus > minus,
    )


ROW: Final = BuiltIn(
    name="adx_trend",
    title="Directional movement, filtered by ADX",
    idea="Directional indicators tell the side, ADX whether there is a trend at all; ranges are "
    "left out.",
    rules="Long where +DI is above -DI and ADX above a level, short where it is below; flat when "
    "the two change places.",
    weakness="ADX is smoothed twice and late: it is high at the end of a trend and through the "
    "sharp turn after it, and low at the start of the next. The level that would have worked "
    "differs from market to market. Short entries come after falls, into rallies; no stop.",
    source="J. W. Wilder, 1978",
    build=adx_trend,
    params={"window": 14, "level": 25.0},
)
