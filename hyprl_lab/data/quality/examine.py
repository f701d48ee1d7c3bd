"""All checks, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.data.findings import Quality
from hyprl_lab.data.quality.flat import flat_bar
from hyprl_lab.data.quality.gaps import gaps
from hyprl_lab.data.quality.imported import imported
from hyprl_lab.data.quality.outliers import outliers
from hyprl_lab.data.quality.outside import outside_session
from hyprl_lab.data.quality.short import short_data
from hyprl_lab.data.quality.splits import find_splits, unadjusted_split
from hyprl_lab.data.quality.subject import Subject
from hyprl_lab.data.quality.volume import zero_volume
from hyprl_lab.data.quality.zone import time_zone
from hyprl_lab.data.sessions import check_calendar

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars

__all__ = ["quality"]


def quality(bars: Bars, *, calendar: str | None = None) -> Quality:
    """Return what is odd about bars; nothing is changed.

    Bars hold no NaN price, no duplicate and no open outside high and low: those are found by the
    import, and what it repaired or left aside is listed here again, from the lineage. Each other
    rule, with its thresholds and where they come from, is in `docs/data.md`, "Quality".

    Parameters
    ----------
    bars
        The bars.
    calendar
        Whose sessions to hold them against, in place of their own.

    Returns
    -------
    Quality
        Findings, the gravest first. Without an import's errors none is graver than `warning`.

    Raises
    ------
    BarsError
        There is no such calendar.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> report = quality(load_bars("TEST"))
    >>> report.ok, report.rows_kept
    (True, 500)
    """
    chosen = bars.calendar if calendar is None else check_calendar(calendar)
    subject = Subject(bars, chosen, calendar is None and bars.calendar_inferred)
    source = imported(bars.lineage)
    with np.errstate(over="ignore"):  # a limit beyond the largest float is one no price passes
        splits = find_splits(subject)
        findings = [
            *source.findings,
            *gaps(subject),
            *outside_session(subject),
            *outliers(subject, np.array([split.row for split in splits], dtype=np.int64)),
            *zero_volume(subject),
            *flat_bar(subject),
            *unadjusted_split(subject, splits),
            *time_zone(subject),
            *short_data(subject),
        ]
    rows_in = len(bars)
    if source.rows_in is not None and source.rows_kept == len(bars):
        rows_in = source.rows_in
    return Quality.of(
        findings,
        rows_in=rows_in,
        rows_kept=len(bars),
        title=f"{bars.symbol} {bars.timeframe}, calendar {chosen}",
        span=(int(bars.ts[0]), int(bars.ts[-1])),
    )
