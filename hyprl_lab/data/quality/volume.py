"""`zero_volume`: bars in which nothing was traded, or in which volume wasn't recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.data.quality.subject import rows_where

if TYPE_CHECKING:
    from hyprl_lab.data.findings import Finding
    from hyprl_lab.data.quality.subject import Subject

__all__ = ["zero_volume"]


def zero_volume(subject: Subject) -> list[Finding]:
    """Return the bars whose volume is zero.

    `warning` where the price moved within such a bar (high above low), since a price moves by
    trades, or where no bar at all has volume, as with an index; else `info`. Bars without a volume
    column have none to judge.

    Parameters
    ----------
    subject
        The bars.
    """
    volume = subject.volume
    if volume is None:
        return []
    rows = rows_where(volume.size, lambda part: volume[part] == 0.0)
    if rows.size == 0:
        return []
    if rows.size == volume.size:
        detail = (
            "no bar has volume, as with an index. Leave the column out, or participation_rate "
            "fills nothing and volume indicators say nothing"
        )
        return [subject.finding("zero_volume", "warning", rows, detail)]
    moved = rows[subject.bars.high[rows] > subject.bars.low[rows]]
    has, them = ("has", "it") if rows.size == 1 else ("have", "them")
    share = f"{rows.size:,} of {volume.size:,} bars ({rows.size / volume.size:.2%}) {has} no volume"
    if moved.size:
        detail = (
            f"{share}; the price moved in {moved.size:,} of them, first in {subject.at(moved[0])}. "
            "Volume is incomplete there: get it from the source"
        )
        return [subject.finding("zero_volume", "warning", rows, detail)]
    detail = f"{share}, the first {subject.at(rows[0])}; the price didn't move in {them}"
    return [subject.finding("zero_volume", "info", rows, detail)]
