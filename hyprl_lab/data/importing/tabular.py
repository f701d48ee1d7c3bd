"""A file as a table: its columns, how they serve, and its rows in blocks, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hyprl_lab.data.importing.fields import read_fields
from hyprl_lab.data.importing.lines import line_blocks
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

    def __init__(self, source: Source, columns: Columns | None) -> None:
        self._blocks = line_blocks(source.read)
        first = next(self._blocks, None)
        if first is None:
            raise BarsError("found an empty file; expected a CSV or Parquet file")
        self._layout = sniff(first)
        header = self._layout.header
        self._first = first if header is None else first.rest(1)
        cells = list(zip(*self._layout.sample, strict=True)) or [()] * self._layout.width
        names = header or [""] * self._layout.width
        self.sample = [list(texts) for texts in cells]
        self.found = [
            Found(name, kind_of_texts(texts))
            for name, texts in zip(names, self.sample, strict=True)
        ]
        if header is None and columns is None:
            raise self._nameless()

    def described(self) -> dict[str, JsonValue]:
        """Return how the file is written, as JSON values."""
        delimiter = DELIMITERS[self._layout.delimiter]
        return {"delimiter": delimiter, "header": self._layout.header is not None}

    def reader(self, place: int, name: str, dates: str | None, sample: list[str]) -> TimeReader:  # noqa: ARG002 - ParquetTable looks at the place
        """Return what reads the times."""
        return TimeReader.of_sample(name, dates, sample)

    def blocks(self, numbers: set[int], texts: set[int]) -> Iterator[Block]:
        """Yield the rows of the columns at these positions."""
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
        self._rows = ParquetRows(source.path)
        self.found = self._rows.columns()
        self.sample = self._rows.sample

    def described(self) -> dict[str, JsonValue]:
        """Return nothing: the format says it all."""
        return {}

    def reader(
        self, place: int, name: str, dates: str | None, sample: list[str]
    ) -> TimeReader | TypedTimes:
        """Return what reads the times: of text and counts as in CSV, else typed.

        Raises
        ------
        BarsError
            The column says it holds times, and `dates` how they are written.
        """
        kind = self._rows.type_of(place)
        if self.found[place].kind != "time":
            return TimeReader.of_sample(name, dates, sample)
        if dates is not None:
            raise BarsError(f"dates: found {dates!r} for times of type {kind}. Leave dates= out")
        return TypedTimes(kind)

    def blocks(self, numbers: set[int], texts: set[int]) -> Iterator[Block]:
        """Yield the rows of the columns at these positions."""
        self._rows.refuse_nested(numbers)
        return self._rows.blocks(numbers | texts)


def opened(source: Source, columns: Columns | None) -> tuple[CsvTable | ParquetTable, Plan]:
    """Return a file as a table, and which of its columns serve as which.

    Parameters
    ----------
    source
        The file.
    columns
        As in `import_file`.

    Raises
    ------
    BarsError
        As `CsvTable`, `ParquetTable` and `plan_columns` do.
    """
    table: CsvTable | ParquetTable
    if isinstance(columns, str):
        raise BarsError(f"columns: found the text {columns!r}; expected names in a list, or a dict")
    table = ParquetTable(source) if source.format == "parquet" else CsvTable(source, columns)
    stated: Mapping[str, Any] = {}
    if isinstance(columns, Mapping):
        stated = columns
    elif columns is not None:
        table.found = named(table.found, columns)
    return table, plan_columns(table.found, stated)
