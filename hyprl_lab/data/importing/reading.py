"""A file from its first block to its last: columns, and what their times mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.data.importing.epoch import prove_unit
from hyprl_lab.data.importing.groups import Groups
from hyprl_lab.data.importing.hints import compact_date
from hyprl_lab.data.importing.settle import Meaning
from hyprl_lab.data.importing.sieve import Sieve
from hyprl_lab.data.importing.table import LINE, OFFSET, ROW, SYMBOL, Table
from hyprl_lab.data.importing.tabular import opened
from hyprl_lab.data.importing.tally import Tally
from hyprl_lab.data.importing.times import TimeReader
from hyprl_lab.data.timeframe import stamp
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.data.importing.asked import Asked
    from hyprl_lab.data.importing.fields import Block
    from hyprl_lab.data.importing.parquet import TypedTimes
    from hyprl_lab.data.importing.source import Source
    from hyprl_lab.data.importing.table import Arrays
    from hyprl_lab.types import IntArray

__all__ = ["Reading"]

_PROOF_ROWS: Final = 1 << 16


class Reading:
    """One file that is read.

    Parameters
    ----------
    source
        The file, of which nothing was read.
    asked
        What the caller said.
    spill, spill_bytes
        As in `import_file`.
    by
        The column of symbols, of a file that holds several.

    Attributes
    ----------
    groups
        The symbols, where there are several.
    tally
        What was found so far.
    columns
        The columns that are kept, growing.
    sieve
        What blocks go through.

    Raises
    ------
    BarsError
        Its columns can't serve as those of bars.
    """

    def __init__(
        self,
        source: Source,
        asked: Asked,
        *,
        spill: str | Path | None,
        spill_bytes: int,
        by: str | None = None,
    ) -> None:
        self.asked, self.tally = asked, Tally()
        self.table, self.plan = opened(
            source, asked.columns, by=by, skip=asked.skip, marks=asked.marks
        )
        self.groups = None if self.plan.by is None else Groups(self.table.found[self.plan.by].name)
        names = [self.table.found[place].name for place in self.plan.time]
        places = [f"column {place}" for place in self.plan.time]
        self.time_name = " ".join(name or where for name, where in zip(names, places, strict=True))
        sample = zip(*(self.table.sample[place] for place in self.plan.time), strict=True)
        self.reader: TimeReader | TypedTimes = self.table.reader(
            self.plan.time[0],
            self.time_name,
            asked.dates,
            [" ".join(cell.strip() for cell in cells) for cells in sample],
            parts=len(self.plan.time),
        )
        numbered = [ROW, LINE] if self.table.has_lines else [ROW]
        numbered += [] if self.groups is None else [SYMBOL]
        numbered += [OFFSET] if self.reader.keeps_offsets else []
        self.columns = Table(
            ["ts", *numbered, *self.plan.columns], limit_bytes=spill_bytes, folder=spill
        )
        self.sieve = Sieve(
            self.plan,
            self.reader,
            tally=self.tally,
            table=self.columns,
            marks=asked.marks,
            groups=self.groups,
        )

    def read(self) -> tuple[Arrays, Meaning]:
        """Read everything; return the columns, times as they are written, and what these mean.

        Raises
        ------
        BarsError
            The file holds several symbols, or leaves open what its times mean.
        """
        exchanged = self._read_blocks()
        if self.groups is None:
            self._refuse_several_symbols()
        for tally in (self.tally, *([] if self.groups is None else self.groups.tallies.values())):
            if (words := self.reader.contradiction()) is not None:
                tally.advise("unreadable_time", words)
        arrays = self.columns.finish()
        if "volume" in arrays and self.sieve.volumes == 0:
            del arrays["volume"]  # a column without a single value knows no volume
        unit = self._unit(arrays["ts"])
        return arrays, Meaning(unit, self.asked.tz, exchanged, self.asked.shift_us)

    def _read_blocks(self) -> int:
        """Return before which row day and month were taken for each other."""
        exchanged, numbers, texts = 0, self.plan.numbers, set(self.plan.texts)
        texts |= set() if self.plan.by is None else {self.plan.by}
        for block in self.table.blocks(numbers, {*self.plan.time, *texts} - numbers):
            order_open = self.reader.needs_order
            self.sieve.take(block)
            self._refuse_wrong_zone()
            if order_open and self.reader.order == "month_first":
                exchanged = _first_row(block)
        if isinstance(self.reader, TimeReader) and self.reader.needs_order and self.columns.rows:
            raise self.reader.open_order()
        return exchanged

    def _refuse_wrong_zone(self) -> None:
        tz = self.asked.tz
        if tz is not None and self.reader.zoned:
            raise BarsError(f"tz: found {tz!r} for times that carry a zone. Leave tz= out")
        if tz is not None and self.reader.is_epoch:
            raise BarsError(
                f"tz: found {tz!r} for counts since 1970, which are UTC. Leave tz= out"
                f"{self._dates()}"
            )
        if tz is None and self.reader.zoned is False and not self.reader.is_epoch:
            self._refuse_clock_without_zone()

    def _dates(self) -> str:
        """Return what to state if counts are no counts but dates without marks."""
        first = next(iter(self.table.sample[self.plan.time[0]]), "").strip()
        form = compact_date(int(first)) if first.isdecimal() and self.asked.dates is None else None
        return "" if form is None else f"; or, for they read as dates, state it: dates={form!r}"

    def _refuse_clock_without_zone(self) -> None:
        if self.sieve.first_clock is not None:
            row, moment = self.sieve.first_clock
            raise BarsError(
                f"row {row} ({stamp(moment).removesuffix('Z')}), column {self.time_name}: found a "
                "time without a zone; expected one that says when it was (only bare dates of bars "
                "of a day or longer mean midnight UTC). Pass tz=, such as tz='UTC' or "
                "tz='America/New_York'"
            )

    def _refuse_several_symbols(self) -> None:
        for place, values in self.sieve.texts.items():
            if len(values) > 1:
                name, some = self.plan.texts[place], ", ".join(map(repr, sorted(values)[:3]))
                raise BarsError(
                    f"column {name}: found {len(values)} texts, such as {some}; expected the bars "
                    f"of one symbol. For {len(values)} symbols in column {name}: "
                    f"hl.Panel.read(path, by={name!r}); if they are no symbols, leave them out: "
                    f"columns={{{name!r}: None}}"
                )

    def _unit(self, times: IntArray) -> str | None:
        if not self.reader.is_epoch or times.size == 0:
            return None
        if self.asked.dates is not None:
            return "epoch_us" if self.asked.dates == "epoch_s" else self.asked.dates
        return prove_unit(times[:_PROOF_ROWS], self.asked.timeframe, self.time_name)


def _first_row(block: Block) -> int:
    return min(int(rows[0]) for rows in (block.rows, *(bad.rows for bad in block.bad)) if rows.size)
