"""Once a whole file is read: times into moments, rows into order, each moment once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.data.importing.civil import swapped
from hyprl_lab.data.importing.epoch import to_microseconds
from hyprl_lab.data.importing.table import LINE, OFFSET, ROW, pieces
from hyprl_lab.data.importing.zones import to_utc, why_no_moment
from hyprl_lab.data.timeframe import DAY_US

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hyprl_lab.data.importing.table import Arrays, Table
    from hyprl_lab.data.importing.tally import Tally
    from hyprl_lab.types import BoolArray, IntArray

__all__ = [
    "EARLIEST_US",
    "LATEST_US",
    "Meaning",
    "settle_duplicates",
    "settle_order",
    "settle_times",
]

EARLIEST_US = -8_520_336_000_000_000  # 1700-01-01
LATEST_US = 10_413_792_000_000_000  # 2300-01-01


@dataclass(frozen=True, slots=True)
class Meaning:
    """What times as they were read mean.

    Parameters
    ----------
    unit
        What counts since 1970 count; `None` where times are dates.
    tz
        The zone of wall clocks; `None` where they are UTC.
    exchanged_rows
        Rows before this number were read with day and month in each other's place.
    shift_us
        How much later than its bar's open a time is.
    """

    unit: str | None = None
    tz: str | None = None
    exchanged_rows: int = 0
    shift_us: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether times are what they were read as."""
        plain = self.unit is None and self.tz in (None, "UTC") and self.exchanged_rows == 0
        return plain and self.shift_us == 0

    def moments(
        self, times: IntArray, rows: IntArray, offsets: IntArray | int = 0
    ) -> tuple[IntArray, BoolArray]:
        """Return microseconds, UTC, and which times are no moments.

        Examples
        --------
        >>> ts, unclear = Meaning(unit="epoch_ms").moments(np.array([5]), np.array([0]))
        >>> ts.tolist(), unclear.tolist()
        ([5000], [False])
        """
        unclear = np.zeros(times.size, dtype=np.bool_)
        if self.unit is not None:
            times, rest = to_microseconds(times, self.unit)
            return self._shifted(times, rest != 0)
        exchanged = rows < self.exchanged_rows
        if bool(exchanged.any()):
            apart: IntArray = np.asarray(offsets, dtype=np.int64)
            written: IntArray = times + apart  # by the clock that wrote the day and the month
            days, clock = written // DAY_US, written % DAY_US
            days[exchanged] = swapped(days[exchanged])
            swapped_utc: IntArray = days * DAY_US + clock - apart
            times = swapped_utc
        if self.tz is not None:
            times, unclear = to_utc(times, self.tz)
        return self._shifted(times, unclear)

    def _shifted(self, times: IntArray, unclear: BoolArray) -> tuple[IntArray, BoolArray]:
        outside = (times < EARLIEST_US + self.shift_us) | (times >= LATEST_US)
        return times - self.shift_us, unclear | outside

    def moment(self, row: int, time: int | None, offset: int = 0) -> int | None:
        """Return one row's moment, `None` where it has none."""
        if time is None:
            return None
        ts, unclear = self.moments(np.array([time]), np.array([row]), offset)
        return None if unclear[0] else int(ts[0])

    def why_unclear(self, row: int, time: int) -> str:
        """Return in words why a time is no moment."""
        if self.unit is not None:
            return f"the count {time}, no whole microsecond of 1700 to 2299 in {self.unit}"
        wall, _ = Meaning(exchanged_rows=self.exchanged_rows).moments(
            np.array([time]), np.array([row])
        )
        return why_no_moment(int(wall[0]), self.tz or "UTC")


def settle_times(table: Table, arrays: Arrays, meaning: Meaning, tally: Tally) -> Arrays:
    """Return the columns with moments for times, without rows that have none.

    Parameters
    ----------
    table
        What the columns come from.
    arrays
        The columns.
    meaning
        What their times mean.
    tally
        Where rows are told that are left out.
    """
    if meaning.is_plain:
        return _without_offsets(arrays)

    def change(_: slice, columns: Arrays) -> Mapping[str, NDArray[Any]]:
        rows = columns[ROW]
        ts, unclear = meaning.moments(columns["ts"], rows, columns.get(OFFSET, 0))
        if bool(unclear.any()):
            first = int(np.argmax(unclear))
            tally.add(
                "unreadable_time",
                rows[unclear],
                column="ts",
                line=int(columns[LINE][first]) if LINE in columns else None,
                found=meaning.why_unclear(int(rows[first]), int(columns["ts"][first])),
                expected="a moment that there was once. Write times in UTC at the source"
                if meaning.unit is None
                else "a whole microsecond of 1700 to 2299, for finer times are not kept",
                mend="Round the times to microseconds at the source"
                if meaning.unit == "epoch_ns"
                else None,
            )
        good = ~unclear
        columns["ts"] = ts
        return {name: values[good] for name, values in columns.items()}

    return _without_offsets(table.rewritten(arrays, change))


def _without_offsets(arrays: Arrays) -> Arrays:
    if OFFSET not in arrays:
        return arrays
    return {name: values for name, values in arrays.items() if name != OFFSET}


def settle_order(
    arrays: Arrays, tally: Tally, *, repair: bool, may_sort: bool
) -> tuple[Arrays, bool]:
    """Return the columns in order of time, and whether they are.

    Parameters
    ----------
    arrays
        The columns.
    tally
        Where rows are told that are earlier than the row before.
    repair
        Whether sorting was asked for.
    may_sort
        Whether the columns are small enough to be sorted in memory.
    """
    before: int | None = None
    in_order = True
    for piece in pieces(arrays):
        ts = arrays["ts"][piece]
        steps = np.diff(ts, prepend=ts[0] if before is None else before)
        back = np.flatnonzero(steps < 0)
        if back.size:
            in_order = False
            first = int(back[0])
            rows = arrays[ROW][piece]
            expected = "times that increase"
            if repair and not may_sort:
                expected += ". The file is too large to be sorted here: sort it first"
            tally.add(
                "unsorted",
                rows[back],
                column="ts",
                line=int(arrays[LINE][piece][first]) if LINE in arrays else None,
                ts=int(ts[first]),
                found="a time earlier than the row before it",
                expected=expected,
            )
        before = int(ts[-1])
    if in_order or not may_sort:
        return arrays, in_order
    order = np.argsort(arrays["ts"], kind="stable")
    return {name: values[order] for name, values in arrays.items()}, True


def settle_duplicates(table: Table, arrays: Arrays, tally: Tally, *, way: str) -> Arrays:
    """Return the columns with each time once.

    Parameters
    ----------
    table
        What the columns come from.
    arrays
        The columns in order of time, rows of one time in the order of the file.
    tally
        Where rows are told that are left out.
    way
        Which of the rows of one time stay: `first`, `last`, or none of them (`drop`).
    """
    ts = arrays["ts"]
    if not any(bool((ts[p][1:] == ts[p][:-1]).any()) or _joins(ts, p) for p in pieces(arrays)):
        return arrays

    def change(piece: slice, columns: Arrays) -> Mapping[str, NDArray[Any]]:
        own = columns["ts"]
        again = own == np.concatenate([ts[max(piece.start - 1, 0) :][:1], own[:-1]])
        again[0] &= piece.start > 0
        followed = own == np.concatenate([own[1:], ts[piece.stop :][:1], own[-1:]])[: own.size]
        followed[-1] &= piece.stop < ts.size
        left_out = {"first": again, "last": followed, "drop": again | followed}[way]
        if bool(left_out.any()):
            places = np.flatnonzero(left_out)
            rows = columns[ROW][places]
            first = int(places[int(np.argmin(rows))])
            tally.add(
                "duplicate_time",
                np.sort(rows),
                column="ts",
                line=int(columns[LINE][first]) if LINE in columns else None,
                ts=int(own[first]),
                found="a time that another row has too",
                expected="each time once",
            )
        return {name: values[~left_out] for name, values in columns.items()}

    return table.rewritten(arrays, change)


def _joins(ts: IntArray, piece: slice) -> bool:
    return piece.start > 0 and bool(ts[piece.start - 1] == ts[piece.start])
