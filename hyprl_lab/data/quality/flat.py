"""`flat_bar`: bars with one price, and feeds that stand still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.quality.subject import rows_where
from hyprl_lab.data.sessions import session_runs

if TYPE_CHECKING:
    from hyprl_lab.data.findings import Finding
    from hyprl_lab.data.quality.subject import Subject
    from hyprl_lab.types import BoolArray

__all__ = ["STALE_BARS", "flat_bar"]

STALE_BARS: Final = 10
"""So many bars in a row that repeat one price are a feed that stands still."""


def flat_bar(subject: Subject) -> list[Finding]:
    """Return the bars whose open, high, low and close are one price.

    `warning` where ten or more in a row repeat the close before them although they report volume,
    or nothing is known of volume: a feed stood still. Else `info`: closes alone, or no trade.

    Parameters
    ----------
    subject
        The bars.
    """
    bars, volume = subject.bars, subject.volume

    def flat(part: slice) -> BoolArray:
        still: BoolArray = bars.high[part] == bars.low[part]  # open and close lie between them
        return still

    rows = rows_where(len(bars), flat)
    if rows.size == 0:
        return []
    before = bars.close[np.maximum(rows - 1, 0)]
    stale = rows[(bars.close[rows] == before) & (rows > 0)]
    if volume is not None:
        stale = stale[volume[stale] > 0.0]
    starts, lengths = session_runs(stale - np.arange(stale.size))
    has = "has" if rows.size == 1 else "have"
    share = f"{rows.size:,} of {len(bars):,} bars ({rows.size / len(bars):.2%}) {has} one price"
    if lengths.size and int(lengths.max()) >= STALE_BARS:
        longest = int(np.argmax(lengths))
        detail = (
            f"{share}; {int(lengths[longest])} in a row repeat it from "
            f"{subject.at(stale[starts[longest]])} on: did the feed stand still? Drop them, or get "
            "them again from the source"
        )
        return [subject.finding("flat_bar", "warning", rows, detail)]
    detail = (
        f"{share}, the first {subject.at(rows[0])}: closes alone, or no trade. Stops and limits "
        f"never fill inside {'it' if rows.size == 1 else 'them'}"
    )
    return [subject.finding("flat_bar", "info", rows, detail)]
