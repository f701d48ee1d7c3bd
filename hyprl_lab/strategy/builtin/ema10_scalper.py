"""Closes that cross their exponential average of ten bars, within a session."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy import stop
from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.clock import minute_of_day
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import ema

__all__ = ["ROW", "ema10_scalper"]

_WINDOW: Final = 10


def ema10_scalper() -> Strategy:
    """Return: long when the close crosses above its 10-bar average, short when it crosses below.

    Each cross reverses the position, and a stop of `stop` average true ranges of 10 bars (0.5 to
    10) bounds a trade; bars that open at minute `until` of the local day (1 to 1440) or later only
    leave. For bars shorter than a day, such as one minute; lots, option delta, the square-off at
    the end of a session and the daily target and loss limit are settings:
    `hl.strategies.settings("ema10_scalper")`. With an option delta its results are approximate,
    and can't be promoted.

    Loses to costs first: an average of ten bars is crossed many times a day. (A traders' rule
    without a paper; P. Haurlan, Measuring Trend Values, 1968, for exponential averages of prices.)

    Examples
    --------
    >>> ema10_scalper().warm_up({"stop": 2, "until": 900})
    10
    """
    average = ema(close, _WINDOW)
    above, below = close.crosses_above(average), close.crosses_below(average)
    early = minute_of_day < param("until", 1, 1440)
    return Strategy(
        "ema10_scalper",
        long_entry=above & early,
        long_exit=below,
        short_entry=below & early,
        short_exit=above,
        stop_loss=stop.atr(_WINDOW, param("stop", 0.5, 10.0)),
    )


ROW: Final = BuiltIn(
    name="ema10_scalper",
    title="EMA-10 scalper, within a session",
    idea="A close on the other side of a very short average is the smallest trend there is; many "
    "small ones, a target for the day, and nothing over night.",
    rules="Long when the close crosses above its 10-bar exponential average, short when it crosses "
    "below, before minute `until` of the local day; flat at the cross back, at a stop of some "
    "average true ranges, at the end of the session, and once the day's target or loss limit is "
    "reached.",
    weakness="Costs decide: it crosses many times a day, and most crosses are noise; spread and "
    "slippage alone can exceed the average gain. A daily target cuts the few good days that would "
    "have to pay for the rest, the loss limit acts one bar late. With an option delta the result "
    "is approximate: no gamma, no decay, no premium, no option spread. On a half day, which ends "
    "before `until`, a cross on the last bar is filled at the next session's open.",
    source="a traders' rule without a paper; P. Haurlan, 1968, for the average",
    build=ema10_scalper,
    params={"stop": 2.0, "until": 900},
    intraday=True,
)
