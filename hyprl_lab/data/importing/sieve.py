"""Blocks of rows into columns of bars; rows that can't be read are told and left out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import numpy as np

from hyprl_lab.data.checks import OHLCV
from hyprl_lab.data.importing.marks import Marks
from hyprl_lab.data.importing.numbers import numbers_of, why_no_number
from hyprl_lab.data.importing.table import LINE, OFFSET, ROW, SYMBOL
from hyprl_lab.data.timeframe import DAY_US
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from hyprl_lab.data.importing.fields import Block
    from hyprl_lab.data.importing.groups import Groups
    from hyprl_lab.data.importing.plan import Plan
    from hyprl_lab.data.importing.table import Table
    from hyprl_lab.data.importing.tally import Tally
    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = ["Reader", "Sieve"]

T = TypeVar("T")
_VALUES_KEPT: Final = 1_000
_NAN: Final = np.array([0x7FF8_0000_0000_0000], dtype=np.uint64).view(np.float64)[0]


class Reader(Protocol):
    """Reads a column of times: of text, or of what Parquet holds."""

    keeps_offsets: bool
    block_offsets: IntArray | None

    def read(self, cells: Any, rows: IntArray) -> tuple[IntArray, BoolArray]:
        """Return a block's times, and which cells are none."""
        ...

    def why(self, text: str) -> tuple[str, str | None]:
        """Return what a cell should have been that is no time, and how to mend the column."""
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
    marks
        How numbers are written.
    groups
        The symbols, of a file that holds several; rows that have one are told there.

    Attributes
    ----------
    rows_in
        How many rows there were, bad ones counted too.
    volumes
        How many rows that were kept have a volume.
    first_clock
        The first row whose time is not midnight, and that time.
    texts
        The values of each text column, the first 1,000 of them or some more, 200 letters of each.
    """

    def __init__(
        self,
        plan: Plan,
        reader: Reader,
        *,
        tally: Tally,
        table: Table,
        marks: Marks = Marks(),  # noqa: B008 - frozen
        groups: Groups | None = None,
    ) -> None:
        self.rows_in = 0
        self._marks, self._groups = marks, groups
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
                bad.rows,
                line=bad.line,
                found=bad.found,
                expected=bad.expected,
            )
        self.rows_in += int(block.rows.size) + sum(bad.rows.size for bad in block.bad)
        if block.rows.size == 0:
            return
        cells = _joined_times(block, self._plan.time)
        times, untimely = _typed("ts", cells, lambda: self._reader.read(cells, block.rows))
        codes = None
        if self._groups is not None and self._plan.by is not None:
            codes = self._groups.codes(block.cells[self._plan.by])
        sifted = _Sifted(
            block,
            times,
            self._tally,
            groups=self._groups,
            codes=codes,
            offsets=self._reader.block_offsets,
        )
        if codes is not None and self._groups is not None:
            sifted.leave_out(
                "missing_value",
                codes < 0,
                self._groups.name,
                lambda _: "no symbol",
                lambda _: "one in each row",
            )
        sifted.leave_out(
            "unreadable_time",
            untimely,
            "ts",
            partial(_quoted, cells),
            lambda row: self._reader.why(_shown(cells[row]))[0],
            mend=lambda row: self._reader.why(_shown(cells[row]))[1],
        )
        if self.first_clock is None:
            clocked = np.flatnonzero((times % DAY_US != 0) & sifted.good)[:1]
            if clocked.size:
                self.first_clock = (int(block.rows[clocked[0]]), int(times[clocked[0]]))
        columns = self._numbers(block, sifted)
        if codes is not None:
            columns = {SYMBOL: codes, **columns}
        if self._reader.keeps_offsets and self._reader.block_offsets is not None:
            columns = {OFFSET: self._reader.block_offsets, **columns}
        self._keep(block, times, columns, sifted.good)
        self._see_texts(block, sifted.good)

    def _numbers(self, block: Block, sifted: _Sifted) -> dict[str, NDArray[Any]]:
        read: dict[tuple[int, bool], FloatArray] = {}
        columns: dict[str, NDArray[Any]] = {}
        for name, place in self._plan.columns.items():
            own = (place, name not in OHLCV)
            if own not in read:
                texts = block.cells[place]
                values, unreadable = _typed(name, texts, partial(self._read, texts, truth=own[1]))
                sifted.leave_out(
                    "unreadable_value",
                    unreadable,
                    name,
                    partial(_quoted, texts),
                    partial(self._why, texts),
                )
                read[own] = values + 0.0  # IEEE 754: minus zero plus zero is zero
                read[own][np.isnan(values)] = _NAN  # bars hold one NaN
            columns[name] = read[own]
        return columns

    def _read(self, cells: Any, *, truth: bool) -> tuple[FloatArray, BoolArray]:
        plain, wrong = self._marks.plain(cells)
        values, unreadable = numbers_of(plain, truth=truth)
        return values, unreadable | wrong

    def _why(self, cells: Any, row: int) -> str:
        text = str(cells[row].as_py())
        return why_no_number(text) if self._marks.usual else self._marks.wanted()

    def _keep(
        self, block: Block, times: IntArray, columns: Mapping[str, NDArray[Any]], good: BoolArray
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
                some = pc.unique(kept)[:_VALUES_KEPT].to_pylist()
                values.update(str(one)[:200] for one in some if one)


class _Sifted:
    """Which rows of a block are still good."""

    def __init__(
        self,
        block: Block,
        times: IntArray,
        tally: Tally,
        *,
        groups: Groups | None,
        codes: IntArray | None,
        offsets: IntArray | None,
    ) -> None:
        self._offsets = offsets
        self.good = np.ones(block.rows.size, dtype=np.bool_)
        self._block, self._times, self._tally = block, times, tally
        self._groups, self._codes = groups, codes

    def leave_out(
        self,
        kind: str,
        bad: BoolArray,
        column: str,
        found: Callable[[int], str],
        expected: Callable[[int], str],
        *,
        mend: Callable[[int], str | None] = lambda _: None,
    ) -> None:
        """Tell the good rows that are bad, and leave them out; words are of the first's place."""
        if not bool(bad.any()):
            return
        places = np.flatnonzero(bad & self.good)
        if places.size == 0:
            return
        for tally, own in self._by_symbol(places):
            first, lines = int(own[0]), self._block.lines
            timeless = kind in ("unreadable_time", "missing_value")  # times aren't proved yet
            tally.add(
                kind,
                self._block.rows[own],
                column=column,
                line=None if lines is None else int(lines[first]),
                time=None if timeless else int(self._times[first]),
                found=found(first),
                expected=expected(first),
                mend=mend(first),
                offset=0 if self._offsets is None else int(self._offsets[first]),
            )
        self.good[places] = False

    def _by_symbol(self, places: IntArray) -> Iterator[tuple[Tally, IntArray]]:
        if self._groups is None or self._codes is None:
            yield self._tally, places
            return
        codes = self._codes[places]
        for code in np.unique(codes).tolist():
            yield (self._tally if code < 0 else self._groups.tally(code)), places[codes == code]


def _joined_times(block: Block, places: tuple[int, ...]) -> Any:
    """Return the time's cells; a date and a time of day with a space between."""
    import pyarrow.compute as pc

    if len(places) == 1:
        return block.cells[places[0]]
    date, clock = (
        _typed("ts", block.cells[place], partial(_part_of_time, block.cells[place]))
        for place in places
    )
    return pc.binary_join_element_wise(
        pc.utf8_trim_whitespace(date), pc.utf8_trim_whitespace(clock), " "
    )


def _part_of_time(cells: Any) -> Any:
    """Return a date or a time of day as text, whatever its type."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(cells.type):
        cells = pc.cast(cells, pa.date32())  # refused by pyarrow where it is not midnight
    return pc.cast(cells, pa.string())


def _typed(column: str, cells: Any, read: Callable[[], T]) -> T:
    """Return what is read from cells, or refuse their type."""
    import pyarrow as pa

    try:
        return read()
    except pa.ArrowException as error:
        raise BarsError(
            f"column {column}: found {cells.type}, which can't be read as it should be "
            f"({str(error)[:120]}); expected {'times' if column == 'ts' else 'numbers'}. Convert "
            "the column, or leave it out with columns="
        ) from error


def _quoted(cells: Any, row: int) -> str:
    return repr(_shown(cells[row]))


def _shown(cell: Any) -> str:
    try:
        return str(cell.as_py())[:40]
    except (KeyError, OverflowError, ValueError):  # a zone or a year that Python does not have
        return f"{cell.type} {cell.value}"[:60]
