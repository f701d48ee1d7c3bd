"""By which of its bars a market is known again, under whatever name.

A bar is chosen by its time alone, so bars that were cut, appended or given columns choose the same
ones where they overlap: a hash of the time lies below 2⁶⁴ ÷ m, where m is the smallest power of two
that is not below n ÷ 512. So longer bars choose some of what shorter ones do. A mark is 63 bits of
a hash over timeframe, time, open, high, low and close, their bits. Both hashes are the finaliser of
SplitMix64 (Steele, Lea and Flood, 2014), the marks' fed with one value after the other. A bar whose
high is its low says nothing of a market and is not chosen.

It knows the same prices at the same times. Prices that were scaled, shifted in time or changed in
the last digit are another market to it, and so is a cut of a few bars out of very many.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hyprl_lab.data import Bars
    from hyprl_lab.store.control.database import Transaction
    from hyprl_lab.types import IntArray

__all__ = ["BarMarks"]

MOST: Final = 512
"""Marks of one set of bars."""

LEAST: Final = 2
"""So many marks are no accident."""

SHARE: Final = 8
"""One of so many that a lineage could have is to be there: ticks of a penny stock repeat."""

_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_PIECE_ROWS: Final = 1 << 20
_PRICES: Final = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True, eq=False)
class BarMarks:
    """The marks of bars, those first that the longest bars would choose too.

    Parameters
    ----------
    timeframe
        Of the bars.
    ts
        When each marked bar opens, microseconds UTC.
    marks
        0 … 2⁶³ - 1.
    """

    timeframe: str
    ts: IntArray
    marks: IntArray

    @classmethod
    def of(cls, bars: Bars) -> BarMarks:
        """Mark bars.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> bars = load_bars("TEST")
        >>> whole, part = BarMarks.of(bars), BarMarks.of(bars.slice("2020-06", "2020-07"))
        >>> set(part.marks.tolist()) <= set(whole.marks.tolist())
        True
        """
        rows = _chosen(bars.ts)
        rows = rows[bars.columns["high"][rows] > bars.columns["low"][rows]]
        ts = np.asarray(bars.ts[rows], np.int64)
        name = hashlib.sha256(bars.timeframe.encode()).digest()[:8]
        marks = _mixed(ts.view(np.uint64) ^ np.frombuffer(name, "<u8").astype(np.uint64))
        for column in _PRICES:
            prices = np.ascontiguousarray(bars.columns[column][rows], np.float64)
            marks = _mixed(marks ^ prices.view(np.uint64))
        return cls(bars.timeframe, ts, (marks >> np.uint64(1)).astype(np.int64))

    def roots(self, transaction: Transaction) -> dict[str, int]:
        """Return the roots that hold these bars, each with its place among all roots."""
        found = transaction.rows_among("lineage.marked", self.marks.tolist())
        seqs = {row["current_root"]: int(row["seq"]) for row in found}
        held: dict[str, set[int]] = {root: set() for root in seqs}
        for row in found:
            held[row["current_root"]].add(int(row["mark"]))
        return {
            root: seqs[root]
            for root, marks in held.items()
            if self._are_of(transaction, root, marks)
        }

    def put(self, transaction: Transaction, root: str) -> None:
        """Note that a root holds these bars."""
        rows = [{"mark": mark, "root": root} for mark in dict.fromkeys(self.marks.tolist())]
        transaction.many("lineage.mark", rows)

    def _are_of(self, transaction: Transaction, root: str, held: set[int]) -> bool:
        """Whether marks that a root holds are enough of those that it could hold."""
        if len(held) < LEAST:
            return False
        inside = np.zeros(len(self.ts), np.bool_)
        for row in transaction.rows("lineage.spans", root=root, timeframe=self.timeframe):
            inside |= (self.ts >= row["first_ts"]) & (self.ts <= row["last_ts"])
        places = np.flatnonzero(np.isin(self.marks, list(held)))
        return SHARE * len(held) >= int(inside[: places[-1] + 1].sum())


def _chosen(ts: IntArray) -> IntArray:
    """Return the rows that are marked, those with the smallest hashes of their times first."""
    shift = 64 - max(-(-len(ts) // MOST) - 1, 0).bit_length()
    rows, hashes = [], []
    for start in range(0, len(ts), _PIECE_ROWS):  # long columns lie in files, not in memory
        piece = np.ascontiguousarray(ts[start : start + _PIECE_ROWS], np.int64)
        hashed = _mixed(piece.view(np.uint64))
        found = (
            np.arange(len(piece))
            if shift == 64
            else np.flatnonzero(hashed >> np.uint64(shift) == 0)
        )
        rows.append(found + start)
        hashes.append(hashed[found])
    order = np.argsort(np.concatenate(hashes), kind="stable")
    return np.concatenate(rows)[order]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the finaliser of SplitMix64 of each."""
    mixed = values ^ (values >> np.uint64(30))
    mixed *= _FIRST
    mixed ^= mixed >> np.uint64(27)
    mixed *= _SECOND
    mixed ^= mixed >> np.uint64(31)
    return mixed
