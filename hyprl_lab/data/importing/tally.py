"""What was found, kind by kind, while a file is read: how often, which rows, the first in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.data.findings import ROWS_NAMED, Finding
from hyprl_lab.data.importing.repairs import REPAIRS, mend
from hyprl_lab.data.timeframe import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.types import IntArray

__all__ = ["Seen", "Tally"]


@dataclass(slots=True)
class Seen:
    """All rows of one kind.

    Attributes
    ----------
    count
        How many.
    rows
        The first 1,000 row numbers.
    line, time, ts
        Of the first row: its line of the file, and its time as it was read or, once that is
        settled, in microseconds UTC, where they are known.
    column, found, expected
        Of the first row, in words.
    mend
        A better way than a repair, for all rows.
    offset
        Of the first row's time from UTC, in microseconds, while its day and month may change
        places.
    """

    count: int = 0
    rows: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    line: int | None = None
    time: int | None = None
    ts: int | None = None
    column: str | None = None
    found: str = ""
    expected: str = ""
    mend: str | None = None
    offset: int = 0


class Tally:
    """Counts rows that are not bars; each row is told under one kind.

    Examples
    --------
    >>> tally = Tally()
    >>> tally.add("missing_value", np.array([7, 9]), column="open", found="no number",
    ...           expected="a price")
    >>> tally.dropped(frozenset()), tally.findings({}, lambda row, time: time)[0].detail[:42]
    (2, 'row 7, column open: found no number; expec')
    """

    def __init__(self) -> None:
        self.kinds: dict[str, Seen] = {}

    def add(
        self,
        kind: str,
        rows: IntArray,
        *,
        found: str,
        expected: str,
        column: str | None = None,
        line: int | None = None,
        time: int | None = None,
        ts: int | None = None,
        mend: str | None = None,
        offset: int = 0,
    ) -> None:
        """Add rows of one kind; the words are about the first of them.

        Parameters
        ----------
        kind
            Of `REPAIRS`.
        rows
            Row numbers, in order, at least one.
        column, found, expected, line, time, ts, mend, offset
            As in `Seen`.
        """
        seen = self.kinds.setdefault(kind, Seen())
        if seen.rows.size == 0 or rows[0] < seen.rows[0]:
            seen.line, seen.time, seen.ts, seen.column = line, time, ts, column
            seen.found, seen.expected, seen.offset = found, expected, offset
        seen.mend = seen.mend or mend
        seen.count += int(rows.size)
        if seen.rows.size < ROWS_NAMED or rows[0] < seen.rows[-1]:
            seen.rows = np.sort(np.concatenate([seen.rows, rows[:ROWS_NAMED]]))[:ROWS_NAMED]

    def advise(self, kind: str, words: str) -> None:
        """Say of a kind, where it was found, what mends it better than a repair."""
        if kind in self.kinds:
            self.kinds[kind].mend = words

    def repairs(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Return the mildest repair of each kind that was found and has nothing better."""
        return {
            kind: asked.get(kind, REPAIRS[kind][0])
            for kind, seen in self.kinds.items()
            if kind in asked or seen.mend is None
        }

    def dropped(self, kept: frozenset[str]) -> int:
        """Return how many rows are told of, those of the kinds in `kept` not counted."""
        return sum(seen.count for kind, seen in self.kinds.items() if kind not in kept)

    def findings(
        self,
        repair: Mapping[str, str],
        moment: Callable[..., int | None],
        *,
        of: str = "",
    ) -> list[Finding]:
        """Return a finding a kind: repaired where that was asked for, else an error.

        Parameters
        ----------
        repair
            What was asked for.
        moment
            From a row and its time as it was read to microseconds, UTC, where they are known.
        of
            Whose rows these are, where there are several: `"symbol A: "`.
        """
        return [
            self._finding(kind, seen, repair.get(kind), moment, of)
            for kind, seen in self.kinds.items()
        ]

    @staticmethod
    def _finding(
        kind: str,
        seen: Seen,
        way: str | None,
        moment: Callable[..., int | None],
        of: str,
    ) -> Finding:
        row = int(seen.rows[0])
        known = (seen.offset,) if seen.offset else ()
        ts = moment(row, seen.time, *known) if seen.ts is None else seen.ts
        place = [f"line {seen.line}"] if seen.line is not None else []
        place += [stamp(ts)] if ts is not None else []
        where = f"row {row}" + (f" ({', '.join(place)})" if place else "")
        where += f", column {seen.column}" if seen.column else ""
        rows = "1 row is so" if seen.count == 1 else f"{seen.count:,} rows are so"
        done = (seen.mend or mend(kind)) if way is None else f"Repaired: {way}"
        return Finding(
            kind=kind,
            severity="error" if way is None else "repaired",
            count=seen.count,
            first_ts=ts,
            detail=f"{of}{where}: found {seen.found}; expected {seen.expected}; {rows}. {done}",
            rows=tuple(seen.rows.tolist()),
        )
