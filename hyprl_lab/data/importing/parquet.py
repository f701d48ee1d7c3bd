"""Parquet files, row group by row group."""

from __future__ import annotations

from datetime import datetime, time
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.importing.fields import Block
from hyprl_lab.data.importing.hints import why_no_time
from hyprl_lab.data.importing.numbers import is_missing, is_number
from hyprl_lab.data.importing.plan import Found
from hyprl_lab.data.importing.settle import EARLIEST_US, LATEST_US
from hyprl_lab.data.importing.shapes import family_of
from hyprl_lab.data.timeframe import DAY_US
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hyprl_lab.data.importing.plan import Kind
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["ParquetRows", "TypedTimes", "kind_of_texts"]

_BATCH_ROWS: Final = 1 << 16
_BATCH_BYTES: Final = 16 << 20
_LATEST_US: Final = LATEST_US
_SAMPLE_ROWS: Final = 200
_PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAMAGED: Final = "expected a whole one. Fetch it again"


class ParquetRows:
    """A Parquet file's columns, and its rows in blocks.

    Parameters
    ----------
    path
        The file, or the open one.

    Raises
    ------
    BarsError
        It is damaged, or holds a column that is neither numbers, text nor times.
    """

    def __init__(self, path: Path | IO[bytes]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._errors = (pa.ArrowException, OSError, KeyError, UnicodeDecodeError)
        try:
            self._file: Any = pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)
            self._schema: Any = self._file.schema_arrow
            scalar = [field.name for field in self._schema if not _is_nested(field.type)]
            rows = min(_SAMPLE_ROWS, self._batch_rows())
            batch = next(self._file.iter_batches(batch_size=rows, columns=scalar), None)
            if batch is not None:
                batch.validate(full=True)
        except self._errors as error:
            raise _damaged(error) from error
        self.rows = int(self._file.metadata.num_rows)
        self.sample: list[list[str]] = [
            [] if batch is None or field.name not in scalar else _texts(batch.column(field.name))
            for field in self._schema
        ]

    def _batch_rows(self) -> int:
        """Return how many rows take some megabytes, by the widest row group."""
        meta = self._file.metadata
        groups = [meta.row_group(place) for place in range(meta.num_row_groups)]
        widest = max((one.total_byte_size / max(one.num_rows, 1) for one in groups), default=0.0)
        return max(1, min(_BATCH_ROWS, int(_BATCH_BYTES / max(widest, 1.0))))

    def columns(self) -> list[Found]:
        """Return the columns by position."""
        return [
            Found(field.name, _kind(field.type, self.sample[place]))
            for place, field in enumerate(self._schema)
        ]

    def type_of(self, place: int) -> Any:
        """Return a column's pyarrow type."""
        return self._schema.field(place).type

    def refuse_nested(self, places: set[int]) -> None:
        """Refuse columns of other things than numbers, among those that are wanted.

        Raises
        ------
        BarsError
            Naming the first.
        """
        for place in sorted(places):
            field = self._schema.field(place)
            if not (_is_number(field.type) or _is_text(field.type)):
                raise BarsError(
                    f"column {field.name}: found {field.type}; expected numbers. Leave it out: "
                    f"columns={{{field.name!r}: None}}"
                )

    def blocks(self, places: set[int]) -> Iterator[Block]:
        """Yield the rows of the columns at these positions.

        Raises
        ------
        BarsError
            The file is damaged.
        """
        wanted = sorted(places)
        names = [self._schema.field(place).name for place in wanted]
        first = 0
        try:
            for batch in self._file.iter_batches(batch_size=self._batch_rows(), columns=names):
                batch.validate(full=True)  # text that is not UTF-8 is found here
                cells = {place: batch.column(self._schema.field(place).name) for place in wanted}
                rows = np.arange(first, first + batch.num_rows)
                first += batch.num_rows
                yield Block(rows, None, {place: _plain(one) for place, one in cells.items()})
        except self._errors as error:
            raise _damaged(error) from error


class TypedTimes:
    """Reads times of a column that says they are times.

    Parameters
    ----------
    kind
        A pyarrow type: timestamp or date.
    """

    def __init__(self, kind: Any) -> None:
        self.zoned: bool | None = getattr(kind, "tz", None) is not None
        self.order: str | None = None
        self.offsets: set[int] = set()
        self.is_epoch = False
        self.needs_order = False
        self.written = "typed"
        self.keeps_offsets = False
        self.block_offsets: IntArray | None = None

    @staticmethod
    def contradiction() -> None:
        """Return nothing: a type has one order of day and month."""

    @staticmethod
    def why(text: str) -> tuple[str, str | None]:
        """Return what a cell should have been that is no time, and how to mend the column."""
        return why_no_time(text, None)

    def read(self, cells: Any, rows: IntArray) -> tuple[IntArray, BoolArray]:  # noqa: ARG002 - the rows of a typed column need no naming
        """Return microseconds, and which cells are none or have nanoseconds."""
        import pyarrow as pa
        import pyarrow.compute as pc

        unreadable: BoolArray = np.asarray(pc.is_null(cells).to_numpy(zero_copy_only=False))
        if pa.types.is_date32(cells.type):
            days = pc.fill_null(pc.cast(cells, pa.int32()), 0).to_numpy().astype(np.int64)
            limit = _LATEST_US // DAY_US
            return _in_range(np.clip(days, -2 * limit, 2 * limit) * DAY_US, unreadable)
        unit = "ms" if pa.types.is_date64(cells.type) else cells.type.unit
        counts = pc.fill_null(pc.cast(cells, pa.int64()), 0).to_numpy()
        finer = _PER_SECOND[unit] // 1_000_000
        if finer:
            return _in_range(counts // finer, unreadable | (counts % finer != 0))
        coarser = 1_000_000 // _PER_SECOND[unit]
        limit = np.iinfo(np.int64).max // coarser
        return _in_range(np.clip(counts, -limit, limit) * coarser, unreadable)


def _in_range(times: IntArray, unreadable: BoolArray) -> tuple[IntArray, BoolArray]:
    wrong = unreadable | (times < EARLIEST_US) | (times >= _LATEST_US)
    return np.where(wrong, 0, times), wrong


def kind_of_texts(cells: list[str], is_number: Callable[[str], bool] = is_number) -> Kind:
    """Return whether most cells that hold something hold numbers; where none does, they may.

    Parameters
    ----------
    cells
        The first of a column.
    is_number
        Tells whether a text is one.

    Examples
    --------
    >>> kind_of_texts(["1.5", ".", "2"]), kind_of_texts(["BTC", "BTC"]), kind_of_texts([""])
    ('number', 'text', 'number')
    """
    said = [cell for cell in cells if not is_missing(cell)]
    if 2 * sum(is_number(cell) for cell in said) >= len(said):
        return "number"
    dated = sum(family_of(cell.strip()) in ("year_first", "day_month") for cell in said)
    return "dated" if 2 * dated > len(said) else "text"


def _kind(kind: Any, sample: list[str]) -> Kind:
    import pyarrow as pa

    if pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind):
        return "time"
    return kind_of_texts(sample) if _is_text(kind) else "number"


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_number(kind.value_type)
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    return any(test(kind) for test in tests) or bool(pa.types.is_null(kind))


def _is_nested(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_nested(kind))


def _texts(cells: Any) -> list[str]:
    """Return cells as text, empty where Python has no such time."""
    import pyarrow as pa

    if pa.types.is_timestamp(cells.type) and cells.type.tz is not None:
        return [""] * len(cells)  # its zone may be none that there is
    try:
        return [_told(one) for one in cells.to_pylist()]
    except (OverflowError, ValueError):
        return [""] * len(cells)


def _plain(cells: Any) -> Any:
    import pyarrow as pa

    return cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells


def _told(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == time():
        return str(value.date())  # of which a time of day in another column makes a time
    return "" if value is None else str(value)


def _damaged(error: BaseException) -> BarsError:
    return BarsError(f"found a damaged Parquet file ({str(error)[:200]}); {_DAMAGED}")
