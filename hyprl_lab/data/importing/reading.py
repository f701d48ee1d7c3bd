"""A file from its first block to its last: columns, and what their times mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.data.importing.epoch import prove_unit
from hyprl_lab.data.importing.settle import Meaning
from hyprl_lab.data.importing.sieve import Sieve
from hyprl_lab.data.importing.table import LINE, ROW, Table
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

    Attributes
    ----------
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
        self, source: Source, asked: Asked, *, spill: str | Path | None, spill_bytes: int
    ) -> None:
        self.asked, self.tally = asked, Tally()
        self.table, self.plan = opened(source, asked.columns)
        names = [self.table.found[place].name for place in self.plan.time]
        places = [f"column {place}" for place in self.plan.time]
        self.time_name = " ".join(name or where for name, where in zip(names, places, strict=True))
        sample = zip(*(self.table.sample[place] for place in self.plan.time), strict=True)
        self.reader: TimeReader | TypedTimes = self.table.reader(
            self.plan.time[0],
            self.time_name,
            asked.dates,
            [" ".join(cell.strip() for cell in cells) for cells in sample],
        )
        numbered = [ROW, LINE] if self.table.has_lines else [ROW]
        self.columns = Table(
            ["ts", *numbered, *self.plan.columns], limit_bytes=spill_bytes, folder=spill
        )
        self.sieve = Sieve(self.plan, self.reader, tally=self.tally, table=self.columns)

    def read(self) -> tuple[Arrays, Meaning]:
        """Read everything; return the columns, times as they are written, and what these mean.

        Raises
        ------
        BarsError
            The file holds several symbols, or leaves open what its times mean.
        """
        exchanged = self._read_blocks()
        self._refuse_several_symbols()
        arrays = self.columns.finish()
        if "volume" in arrays and self.sieve.volumes == 0:
            del arrays["volume"]  # a column without a single value knows no volume
        return arrays, Meaning(self._unit(arrays["ts"]), self.asked.tz, exchanged)

    def _read_blocks(self) -> int:
        """Return before which row day and month were taken for each other."""
        exchanged, numbers, texts = 0, self.plan.numbers, set(self.plan.texts)
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
            raise BarsError(f"tz: found {tz!r} for counts since 1970, which are UTC. Leave tz= out")
        if tz is None and self.reader.zoned is False and not self.reader.is_epoch:
            self._refuse_clock_without_zone()

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
    return min([*(bad.row for bad in block.bad[:1]), *(int(row) for row in block.rows[:1])])
