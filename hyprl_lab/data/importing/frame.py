"""A whole file as a pandas frame, its text columns kept: for panels of several symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.data.frames import TIME_COLUMNS
from hyprl_lab.data.importing.civil import swapped
from hyprl_lab.data.importing.numbers import numbers_of, why_no_number
from hyprl_lab.data.importing.source import Source
from hyprl_lab.data.importing.tabular import CsvTable
from hyprl_lab.data.importing.times import TimeReader
from hyprl_lab.data.timeframe import DAY_US
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from hyprl_lab.data.importing.fields import Block
    from hyprl_lab.types import BoolArray

__all__ = ["read_frame"]


def read_frame(path: str | Path) -> tuple[pd.DataFrame, str]:
    r"""Return a file's table, and its name and hash.

    Numbers are float64, text stays text, and times (ISO 8601, or an order of day and month that the
    file proves) are datetimes, in UTC where they carry a zone.

    Parameters
    ----------
    path
        A CSV (also one packed by gzip) or Parquet file.

    Raises
    ------
    BarsError
        A line is no row, a cell is not what its column holds, or the file can't be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "panel.csv"
    >>> _ = file.write_text("date,symbol,close\n2024-01-02,A,1\n2024-01-02,B,2\n")
    >>> df, source = read_frame(file)
    >>> df.symbol.tolist(), source[:17]
    (['A', 'B'], 'panel.csv sha256:')
    """
    with Source(path) as source:
        try:
            frame = _parquet(source) if source.format == "parquet" else _csv(source)
            return frame, f"{source.name} sha256:{source.sha256()}"
        except BarsError as error:
            raise BarsError(f"{source.name}: {error}") from error


def _parquet(source: Source) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame: pd.DataFrame = pq.read_table(source.path).to_pandas()
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError) as error:
        raise BarsError(
            f"found a damaged Parquet file ({error}); expected a whole one. Fetch it again"
        ) from error
    return frame


def _csv(source: Source) -> pd.DataFrame:
    import pandas as pd

    table = CsvTable(source, None)
    times = {
        place: TimeReader.of_sample(column.name, None, table.sample[place])
        for place, column in enumerate(table.found)
        if column.name.lower() in TIME_COLUMNS
    }
    numbers = {
        place
        for place, column in enumerate(table.found)
        if column.kind == "number" and place not in times
    }
    texts = set(range(len(table.found))) - numbers
    parts: dict[int, list[Any]] = {place: [] for place in range(len(table.found))}
    for block in table.blocks(numbers, texts):
        _refuse_bad_lines(block)
        for place, column in parts.items():
            name, reader = table.found[place].name, times.get(place)
            if reader is not None:
                _read_times(block, place, reader, column)
            elif place in numbers:
                values, unreadable = numbers_of(block.cells[place])
                _refuse_cells(block, place, name, unreadable, None)
                column.append(values)
            else:
                column.append(np.array(block.cells[place].to_pylist(), dtype=object))
    for reader in times.values():
        if reader.needs_order or reader.is_epoch:
            raise BarsError(
                f"column {reader.column}: found times that leave open "
                f"{'the order of day and month' if reader.needs_order else 'what they count'}; "
                "expected ISO 8601. Write the times as YYYY-MM-DD"
            )
    frame: dict[str, Any] = {}
    for place, column in parts.items():
        joined = np.concatenate(column) if column else np.empty(0)
        if place in times:
            index = pd.DatetimeIndex(joined.astype(np.int64).view("datetime64[us]"))
            frame[table.found[place].name] = index.tz_localize(
                "UTC" if times[place].zoned else None
            )
        else:
            frame[table.found[place].name] = joined
    return pd.DataFrame(frame)


def _read_times(block: Block, place: int, reader: TimeReader, column: list[Any]) -> None:
    open_order = reader.needs_order
    times, unreadable = reader.read(block.cells[place], block.rows)
    _refuse_cells(block, place, reader.column, unreadable, "a time, written like the others")
    if open_order and reader.order == "month_first":  # earlier rows were read with the day first
        column[:] = [swapped(part // DAY_US) * DAY_US + part % DAY_US for part in column]
    column.append(times)


def _refuse_cells(
    block: Block, place: int, name: str, unreadable: BoolArray, expected: str | None
) -> None:
    if bool(unreadable.any()):
        first = int(np.argmax(unreadable))
        text = str(block.cells[place][first].as_py())
        raise BarsError(
            f"row {int(block.rows[first])}, column {name}: found {text[:40]!r}; expected "
            f"{expected or why_no_number(text)}"
        )


def _refuse_bad_lines(block: Block) -> None:
    for bad in block.bad:
        raise BarsError(
            f"row {bad.row} (line {bad.line}): found {bad.found}; expected {bad.expected}"
        )
