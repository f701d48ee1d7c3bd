"""`short_data`: too few bars for what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.quality.subject import counted
from hyprl_lab.data.sessions import periods_per_year

if TYPE_CHECKING:
    from hyprl_lab.data.findings import Finding
    from hyprl_lab.data.quality.subject import Subject

__all__ = ["BLOCKS_PERIODS", "short_data"]

BLOCKS_PERIODS: Final = 32
"""Two returns for each of the 16 blocks in which a trial's moments are kept."""


def short_data(subject: Subject) -> list[Finding]:
    """Return whether the headline series (bars, or sessions of shorter ones) is short.

    `warning` below 32 periods, two for each of the 16 blocks that the statistics of a search need;
    `info` below a year, since yearly numbers are then projections. Bars that mostly lie outside the
    sessions are not judged.

    Parameters
    ----------
    subject
        The bars.
    """
    year = periods_per_year(subject.timeframe, subject.calendar)
    if subject.timeframe.is_intraday:
        rows = subject.hours.stops - subject.hours.starts
        if 2 * int(rows.sum()) < len(subject.bars):
            return []
        periods, unit = int(np.count_nonzero(rows)), "session"
    else:
        periods, unit = len(subject.bars), "bar"
    if periods >= year:
        return []
    first = np.zeros(1, dtype=np.int64)
    if periods < BLOCKS_PERIODS:
        detail = (
            f"{counted(periods, unit)}, fewer than {BLOCKS_PERIODS}: the statistics of a search "
            "need two in each of 16 blocks. Load more"
        )
        return [subject.finding("short_data", "warning", first, detail, count=periods)]
    detail = (
        f"{counted(periods, unit)}, less than a year of {year:g}: yearly numbers are projections"
    )
    return [subject.finding("short_data", "info", first, detail, count=periods)]
