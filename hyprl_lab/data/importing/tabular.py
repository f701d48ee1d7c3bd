"""A file as a table: its columns, how they serve, and its rows in blocks, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.data.importing.fields import read_fields
from hyprl_lab.data.importing.lines import line_blocks
from hyprl_lab.data.importing.marks import Marks
from hyprl_lab.data.importing.numbers import is_number
from hyprl_lab.data.importing.parquet import ParquetRows, TypedTimes, kind_of_texts
from hyprl_lab.data.importing.plan import Found, named, plan_columns
from hyprl_lab.data.importing.sniff import DELIMITERS, looks_like_factors, sniff
from hyprl_lab.data.importing.times import TimeReader
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.data.importing.fields import Block
    from hyprl_lab.data.importing.plan import Columns, Plan
    from hyprl_lab.data.importing.source import Source
    from hyprl_lab.types import JsonValue

__all__ = ["CsvTable", "ParquetTable", "opened"]


class CsvTable:
    r"""A CSV file.

    Parameters
    ----------
    source
        The file, of which nothing was read.
    columns
        As in `import_file`.

    Raises
    ------
    BarsError
        How it is written can't be told, or it has no names and none are stated.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from hyprl_lab.data.importing.source import Source
    >>> file = Path(tempfile.mkdtemp()) / "acme.csv"
    >>> _ = file.write_text("day;close\n2024-01-02;1.5\n")
    >>> with Source(file) as source:
    ...     [column.name for column in CsvTable(source, None).found]
    ['day', 'close']
    """

    has_lines = True

    def __init__(
        self,
        source: Source,
        columns: Columns | None,
        *,
        skip: int = 0,
        marks: Marks = Marks(),  # noqa: B008 - frozen
    ) -> None:
        self._marks = marks
        self._blocks = line_blocks(source.read)
        first = next(self._blocks, None)
        while first is not None and int(first.numbers[-1]) <= skip:
            first = next(self._blocks, None)
        if first is None:
            raise BarsError(
                f"skip: found no line after line {skip}; expected the names of the columns there"
                if skip
                else "found an empty file; expected a CSV or Parquet file"
            )
        first = first.rest(int(np.count_nonzero(first.numbers <= skip)))
        self._layout = sniff(first)
        header = self._layout.header
        self._first = first if header is None else first.rest(1)
        cells = list(zip(*self._layout.sample, strict=True)) or [()] * self._layout.width
        names = header or [""] * self._layout.width
        self.sample = [list(texts) for texts in cells]
        self.found = [
            Found(name, kind_of_texts(texts, is_number if marks.usual else marks.is_number))
            for name, texts in zip(names, self.sample, strict=True)
        ]
        if header is None and columns is None:
            raise self._nameless()

    def described(self) -> dict[str, JsonValue]:
        """Return how the file is written, as JSON values."""
        delimiter = DELIMITERS[self._layout.delimiter]
        told: dict[str, JsonValue] = {
            "delimiter": delimiter,
            "header": self._layout.header is not None,
        }
        if not self._marks.usual:
            told |= {"decimal": self._marks.decimal, "thousands": self._marks.thousands}
        return told

    def reader(
        self,
        place: int,  # noqa: ARG002 - ParquetTable looks at the place
        name: str,
        dates: str | None,
        sample: list[str],
        *,
        parts: int = 1,  # noqa: ARG002 - and at how many columns make a time
    ) -> TimeReader:
        """Return what reads the times."""
        return TimeReader.of_sample(name, dates, sample)

    def blocks(self, numbers: set[int], texts: set[int]) -> Iterator[Block]:
        """Yield the rows of the columns at these positions."""
        if not self._marks.usual:
            texts = texts | numbers  # as they are written, for the marks to be read
        row = 0
        block = self._first
        while True:
            if len(block):
                yield read_fields(
                    block,
                    first_row=row,
                    delimiter=self._layout.delimiter,
                    width=self._layout.width,
                    numbers=numbers,
                    texts=texts,
                    header=self._layout.header,
                )
            row += len(block)
            following = next(self._blocks, None)
            if following is None:
                return
            block = following

    def _nameless(self) -> BarsError:
        line = f"line {self._layout.first_line}: found data and no names of columns"
        if looks_like_factors(self._layout):
            return BarsError(
                f"{line}: dates, factors of prices and of splits, as in a factor file, and no "
                "prices; expected bars. To adjust bars by it: bars.adjusted(factors=path)"
            )
        width = self._layout.width
        return BarsError(
            f"{line}; expected a first line such as 'date,open,high,low,close,volume'. Name the "
            f"{width} columns by position: columns=['date', 'open', …]"
        )


class ParquetTable:
    """A Parquet file; `source` is read for its hash alone."""

    has_lines = False

    def __init__(self, source: Source) -> None:
        self._rows = ParquetRows(source.handle)  # the file that is hashed, whatever has its name
        self.found = self._rows.columns()
        self.sample = self._rows.sample

    def described(self) -> dict[str, JsonValue]:
        """Return nothing: the format says it all."""
        return {}

    def reader(
        self, place: int, name: str, dates: str | None, sample: list[str], *, parts: int = 1
    ) -> TimeReader | TypedTimes:
        """Return what reads the times: of text, counts and several columns as in CSV, else typed.

        Raises
        ------
        BarsError
            The column says it holds times, and `dates` how they are written.
        """
        import pyarrow as pa

        kind = self._rows.type_of(place)
        if self.found[place].kind != "time" or parts > 1:
            return TimeReader.of_sample(name, dates, sample)
        if pa.types.is_time(kind):
            raise BarsError(
                f"column {name}: found {kind}, a time of day; expected a date with it. Name the "
                "other column date, or pass columns={'ts': …} of one that has both"
            )
        if dates is not None:
            raise BarsError(f"dates: found {dates!r} for times of type {kind}. Leave dates= out")
        return TypedTimes(kind)

    def blocks(self, numbers: set[int], texts: set[int]) -> Iterator[Block]:
        """Yield the rows of the columns at these positions."""
        self._rows.refuse_nested(numbers)
        return self._rows.blocks(numbers | texts)


def opened(
    source: Source,
    columns: Columns | None,
    *,
    by: str | None = None,
    skip: int = 0,
    marks: Marks = Marks(),  # noqa: B008 - frozen
) -> tuple[CsvTable | ParquetTable, Plan]:
    """Return a file as a table, and which of its columns serve as which.

    Parameters
    ----------
    source
        The file.
    columns, skip
        As in `import_file`.
    by
        The column of symbols, of a file that holds several.
    marks
        How numbers are written.

    Raises
    ------
    BarsError
        As `CsvTable`, `ParquetTable` and `plan_columns` do.
    """
    table: CsvTable | ParquetTable
    if columns is not None and (
        isinstance(columns, str) or not isinstance(columns, Mapping | Sequence)
    ):
        raise BarsError(f"columns: found {columns!r}; expected names in a list, or a dict")
    if source.format == "parquet":
        if skip or not marks.usual:
            raise BarsError(
                "found a Parquet file, which has neither lines nor marks in numbers. Leave out "
                "skip=, decimal= and thousands="
            )
        table = ParquetTable(source)
    else:
        table = CsvTable(source, columns, skip=skip, marks=marks)
    stated: Mapping[str, Any] = {}
    if isinstance(columns, Mapping):
        stated = columns
    elif columns is not None:
        table.found = named(table.found, columns)
    return table, plan_columns(table.found, stated, by=by)
