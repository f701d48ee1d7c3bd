"""The side of the session's volume-weighted average price."""

from __future__ import annotations

from typing import Final

from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.clock import bar_of_session, minute_of_day
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import session_vwap as vwap

__all__ = ["ROW", "session_vwap"]


def session_vwap() -> Strategy:
    """Return: long when the close crosses above the session's VWAP, short when below.

    Enters from bar `after` of the session on (0 is its first; 1 to 200), so that an average of
    one bar is never crossed, and on bars that open before minute `until` of the local day (1 to
    1440), for a cross on the last bar would be filled at the next session's open; leaves when the
    close crosses back. For bars shorter than a day with volume:
    `hl.strategies.settings("session_vwap")` squares off at the end of each session.

    Loses on days without a direction, when the price winds around the average. (S. Berkowitz,
    D. Logue, E. Noser, The total cost of transactions on the NYSE, Journal of Finance 43, 1988,
    for the average; C. Zarattini and A. Aziz, Volume weighted average price: the holy grail for
    day trading systems, 2023, for the rule.)

    Examples
    --------
    >>> session_vwap().clock
    ('bar_of_session', 'minute_of_day')
    """
    average = vwap()
    begun, late = bar_of_session >= param("after", 1, 200), minute_of_day >= param("until", 1, 1440)
    open_to_entries = begun & ~late
    above, below = close.crosses_above(average), close.crosses_below(average)
    return Strategy(
        "session_vwap",
        long_entry=above & open_to_entries,
        long_exit=below,
        short_entry=below & open_to_entries,
        short_exit=above,
    )


ROW: Final = BuiltIn(
    name="session_vwap",
    title="Side of the session's VWAP",
    idea="Those who have to trade today measure themselves by VWAP; a price that leaves it shows "
    "who is in a hurry.",
    rules="From bar `after` of the session on, and before minute `until` of the local day: long "
    "when the close crosses above the session's VWAP, short when it crosses below; flat at the "
    "cross back and at the end of the session.",
    weakness="On days without a direction the price winds around the average and each cross "
    "costs. Turnover is high: spread and fees alone can take all of it. Needs true volume of "
    "bars shorter than a day; an index's volume, or that of one venue of many, gives another "
    "average. Late crosses have no time left, and on a half day, which ends before `until`, one "
    "on the last bar is filled at the next session's open.",
    source="S. Berkowitz, D. Logue, E. Noser, 1988; C. Zarattini and A. Aziz, 2023",
    build=session_vwap,
    params={"after": 1, "until": 900},
    intraday=True,
)
