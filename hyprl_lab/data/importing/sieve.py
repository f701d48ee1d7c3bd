"""Blocks of rows into columns of bars; rows that can't be read are told and left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from hyprl_lab.data.importing.numbers import numbers_of, why_no_number
from hyprl_lab.data.importing.table import LINE, ROW
from hyprl_lab.data.timeframe import DAY_US

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data.importing.fields import Block
    from hyprl_lab.data.importing.plan import Plan
    from hyprl_lab.data.importing.table import Table
    from hyprl_lab.data.importing.tally import Tally
    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = ["Reader", "Sieve"]

_VALUES_KEPT: Final = 10_000
_NAN: Final = np.array([0x7FF8_0000_0000_0000], dtype=np.uint64).view(np.float64)[0]


class Reader(Protocol):
    """Reads a column of times: of text, or of what Parquet holds."""

    def read(self, cells: Any, rows: IntArray) -> tuple[IntArray, BoolArray]:
        """Return a block's times, and which cells are none."""
        ...


class Sieve:
    """Takes a file's blocks in order.

    Parameters
    ----------
    plan
        Which column serves as which.
    reader
        Reads the times.
    tally
        Where rows are told that are left out.
    table
        Where the others go.

    Attributes
    ----------
    rows_in
        How many rows there were, bad ones counted too.
    volumes
        How many rows that were kept have a volume.
    first_clock
        The first row whose time is not midnight, and that time.
    texts
        The values of each text column, the first 10,000 of them.
    """

    def __init__(self, plan: Plan, reader: Reader, *, tally: Tally, table: Table) -> None:
        self.rows_in = 0
        self.volumes = 0
        self.first_clock: tuple[int, int] | None = None
        self.texts: dict[int, set[str]] = {place: set() for place in plan.texts}
        self._plan, self._reader = plan, reader
        self._tally, self._table = tally, table

    def take(self, block: Block) -> None:
        """Read a block's rows.

        Raises
        ------
        BarsError
            What the reader of times refuses, and where there is no room for what is kept.
        """
        for bad in block.bad:
            self._tally.add(
                bad.kind,
                np.array([bad.row]),
                line=bad.line,
                found=bad.found,
                expected=bad.expected,
            )
        self.rows_in += int(block.rows.size) + len(block.bad)
        if block.rows.size == 0:
            return
        cells = _joined_times(block, self._plan.time)
        times, untimely = self._reader.read(cells, block.rows)
        sifted = _Sifted(block, times, self._tally)
        sifted.leave_out(
            "unreadable_time",
            untimely,
            "ts",
            lambda row: repr(str(cells[row].as_py())[:40]),
            lambda _: "a day and a time that exist, written like most of the others",
        )
        if self.first_clock is None:
            clocked = np.flatnonzero((times % DAY_US != 0) & sifted.good)[:1]
            if clocked.size:
                self.first_clock = (int(block.rows[clocked[0]]), int(times[clocked[0]]))
        columns = self._numbers(block, sifted)
        self._keep(block, times, columns, sifted.good)
        self._see_texts(block, sifted.good)

    def _numbers(self, block: Block, sifted: _Sifted) -> dict[str, FloatArray]:
        read: dict[int, FloatArray] = {}
        columns = {}
        for name, place in self._plan.columns.items():
            if place not in read:
                values, unreadable = numbers_of(block.cells[place])
                texts = block.cells[place]
                sifted.leave_out(
                    "unreadable_value",
                    unreadable,
                    name,
                    lambda row, texts=texts: repr(str(texts[row].as_py())[:40]),
                    lambda row, texts=texts: why_no_number(str(texts[row].as_py())),
                )
                read[place] = values + 0.0  # IEEE 754: minus zero plus zero is zero
                read[place][np.isnan(values)] = _NAN  # bars hold one NaN
            columns[name] = read[place]
        return columns

    def _keep(
        self, block: Block, times: IntArray, columns: Mapping[str, FloatArray], good: BoolArray
    ) -> None:
        if "volume" in columns:
            self.volumes += int(np.count_nonzero(~np.isnan(columns["volume"][good])))
        lines = block.rows if block.lines is None else block.lines
        kept = {"ts": times, ROW: block.rows, LINE: lines, **columns}
        if not bool(good.all()):
            kept = {name: values[good] for name, values in kept.items()}
        self._table.append(kept)

    def _see_texts(self, block: Block, good: BoolArray) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        for place, values in self.texts.items():
            if len(values) < _VALUES_KEPT:
                kept = pc.filter(block.cells[place], pa.array(good))
                values.update(str(one) for one in pc.unique(kept).to_pylist() if one)


class _Sifted:
    """Which rows of a block are still good."""

    def __init__(self, block: Block, times: IntArray, tally: Tally) -> None:
        self.good = np.ones(block.rows.size, dtype=np.bool_)
        self._block, self._times, self._tally = block, times, tally

    def leave_out(self, kind: str, bad: BoolArray, column: str, found: Any, expected: Any) -> None:
        """Tell the good rows that are bad, and leave them out; words are of the first's place."""
        if not bool(bad.any()):
            return
        places = np.flatnonzero(bad & self.good)
        if places.size == 0:
            return
        self.tell(kind, places, column, found(int(places[0])), expected(int(places[0])))
        self.good[places] = False

    def tell(self, kind: str, places: IntArray, column: str, found: str, expected: str) -> None:
        first, lines = int(places[0]), self._block.lines
        self._tally.add(
            kind,
            self._block.rows[places],
            column=column,
            line=None if lines is None else int(lines[first]),
            time=None if kind == "unreadable_time" else int(self._times[first]),
            found=found,
            expected=expected,
        )


def _joined_times(block: Block, places: tuple[int, ...]) -> Any:
    """Return the time's cells; a date and a time of day with a space between."""
    import pyarrow.compute as pc

    if len(places) == 1:
        return block.cells[places[0]]
    date, clock = (pc.utf8_trim_whitespace(block.cells[place]) for place in places)
    return pc.binary_join_element_wise(date, clock, " ")
