"""What every check looks at: bars, the calendar they are held against, and what these imply."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.findings import ROWS_NAMED, Finding
from hyprl_lab.data.parts import parts
from hyprl_lab.data.quality.hours import SessionRows, session_rows
from hyprl_lab.data.sessions import session_labels, wall_clock
from hyprl_lab.data.timeframe import DAY_US, Timeframe, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.data.findings import Severity
    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = ["STRETCHES", "Subject", "counted", "rows_where"]

_NIGHT_US: Final = 4 * DAY_US // 24
STRETCHES: Final = 120
"""Into how many stretches of time the rows of a finding are counted."""


@dataclass(frozen=True, eq=False)
class Subject:
    """Bars under examination.

    Parameters
    ----------
    bars
        The bars.
    calendar
        Whose sessions they are held against.
    inferred
        Whether that calendar was read off the stamps.
    """

    bars: Bars
    calendar: str
    inferred: bool

    @cached_property
    def timeframe(self) -> Timeframe:
        """The length of a bar."""
        return Timeframe.parse(self.bars.timeframe)

    @property
    def ts(self) -> IntArray:
        """When bars open."""
        return self.bars.ts

    @property
    def volume(self) -> FloatArray | None:
        """Units traded, where they are known."""
        return self.bars.columns.get("volume")

    @cached_property
    def hours(self) -> SessionRows:
        """The sessions and their rows, of bars shorter than a day."""
        return session_rows(self.ts, self.timeframe, self.calendar)

    @cached_property
    def labels(self) -> IntArray:
        """The session of each bar of a day or longer, days since the epoch."""
        local = wall_clock(self.ts, self.timeframe, self.calendar)
        return session_labels(local, self.calendar)

    @cached_property
    def pauses(self) -> IntArray:
        """Rows that open more than a bar after the one before; none for a day or longer."""
        if not self.timeframe.is_intraday:
            return np.empty(0, dtype=np.int64)
        length, ts = self.timeframe.shortest_us, self.ts

        def late(part: slice) -> BoolArray:
            return np.diff(ts[part.start : part.stop + 1]) > length

        return rows_where(len(ts) - 1, late) + 1

    @cached_property
    def nights(self) -> IntArray:
        """Rows that open four hours or more after the one before; none for a day or longer."""
        rows = self.pauses
        return rows[self.ts[rows] - self.ts[rows - 1] >= _NIGHT_US]

    @property
    def doubt(self) -> str:
        """What to say where the calendar may be the wrong one."""
        if not self.inferred:
            return ""
        read = f" The calendar {self.calendar} was read off the times;"
        return f"{read} pass calendar= if it is another."

    def at(self, row: int | np.int64) -> str:
        """Return a row's number and time, in words."""
        return f"row {int(row):,} ({stamp(self.ts[row])})"

    def finding(
        self,
        kind: str,
        severity: Severity,
        rows: IntArray,
        detail: str,
        *,
        count: int | None = None,
    ) -> Finding:
        """Return a finding about rows of the bars.

        Parameters
        ----------
        kind, severity, detail
            See `Finding`.
        rows
            All rows, ascending, at least one.
        count
            How many there are, where that isn't the number of rows.
        """
        ts = self.ts
        edges = np.linspace(float(ts[0]), float(ts[-1]) + 1.0, STRETCHES + 1)[1:-1]
        cuts = np.searchsorted(rows, np.searchsorted(ts, edges.astype(np.int64)))
        spread = np.diff(cuts, prepend=0, append=rows.size)
        return Finding(
            kind=kind,
            severity=severity,
            count=int(rows.size) if count is None else count,
            first_ts=int(ts[rows[0]]),
            detail=detail,
            rows=tuple(rows[:ROWS_NAMED].tolist()),
            spread=tuple(spread.tolist()),
        )


def counted(count: int, noun: str) -> str:
    """Return a number of things in words.

    Examples
    --------
    >>> counted(1, "bar"), counted(1_200, "bar")
    ('1 bar', '1,200 bars')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def rows_where(count: int, test: Callable[[slice], BoolArray]) -> IntArray:
    """Return the rows that pass a test, made part by part so that no array is as long as the bars.

    Parameters
    ----------
    count
        How many rows there are.
    test
        Returns one flag a row of a part.

    Examples
    --------
    >>> values = np.array([3.0, 1.0, 2.0])
    >>> rows_where(3, lambda part: values[part] > 1.5).tolist()
    [0, 2]
    """
    found = [part.start + np.flatnonzero(test(part)) for part in parts(count)]
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)
