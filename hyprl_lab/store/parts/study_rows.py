"""Some columns of one study's rows, read straight from its parts.

A query goes through DuckDB, which has to be started, and reads every study's parts. Here a part's
own statistics say which of its row groups may hold what is asked for, and the others are left.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.parts.pieces import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    import pyarrow.parquet as pq

    from hyprl_lab.store.parts.part_store import LivePart
    from hyprl_lab.types import IntArray

__all__ = ["EVERY", "Wanted", "few_study_rows", "largest_study_rows", "study_rows"]

EVERY: Final = (1 << 63) - 1
"""An index that no trial reaches."""

_THREADS: Final = 4
_UNTOLD: Final = (-math.inf, math.inf)
_NOTHING: Final = (math.inf, -math.inf)
"""Where every value is null."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wanted:
    """Which rows of a study are asked for.

    Parameters
    ----------
    study_id
        The study.
    first, stop
        Indices of trials, the last excluded.
    indices
        Only these of them, ascending; all where `None`.
    """

    study_id: str
    first: int = 0
    stop: int = EVERY
    indices: IntArray | None = None

    def may_be_in(self, low: int, high: int) -> bool:
        """Whether some row that is asked for may have an index from `low` to `high`."""
        if high < self.first or low >= self.stop:
            return False
        if self.indices is None:
            return True
        place = int(np.searchsorted(self.indices, low))
        return place < len(self.indices) and int(self.indices[place]) <= high

    def among(self, index: IntArray) -> slice | IntArray:
        """Return the positions of the rows that are asked for."""
        if self.indices is not None:
            return np.flatnonzero(np.isin(index, self.indices))
        if not len(index) or (self.first <= index.min() and index.max() < self.stop):
            return slice(0, len(index))
        return np.flatnonzero((index >= self.first) & (index < self.stop))


def study_rows(parts: Sequence[LivePart], names: Sequence[str], wanted: Wanted) -> pa.Table:
    """Return rows of a study in the order of their index.

    Parameters
    ----------
    parts
        Live parts of one table, of this study or merged; their files are checked, and pinned.
    names
        Columns; `trial_index` comes first. Those that a file is too old to have are null.
    wanted
        Which rows.

    Raises
    ------
    IntegrityError
        A file can't be read.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        return _read(pool, _opened(parts, wanted), names, wanted)


def few_study_rows(
    parts: Sequence[LivePart], names: Sequence[str], wanted: Wanted, groups: int
) -> pa.Table | None:
    """Do as `study_rows`; return `None` where the rows are in more than so many row groups."""
    with ThreadPoolExecutor(_THREADS) as pool:
        opened = _opened(parts, wanted)
        if sum(len(file.groups) for file in opened) > groups:
            return None
        return _read(pool, opened, names, wanted)


def largest_study_rows(
    parts: Sequence[LivePart],
    names: Sequence[str],
    wanted: Wanted,
    *,
    metric: str,
    least: Callable[[pa.Table], float],
) -> pa.Table:
    """Return rows of a study, among them all where a metric is as large as is asked for.

    Row groups are read a few at a time, those with the largest values first; as many again each
    time, so that it takes hardly longer where all of them have to be read.

    Parameters
    ----------
    parts, names, wanted
        As for `study_rows`.
    metric
        The column.
    least
        Called with the rows that were read so far: smaller values matter no more.

    Raises
    ------
    IntegrityError
        A file can't be read.
    """
    columns = _columns(names)
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting = sorted(
            (
                (file.largest(group, metric), file, group)
                for file in _opened(parts, wanted)
                for group in file.groups
            ),
            key=lambda each: -each[0],
        )
        tables: list[pa.Table] = []
        while waiting and (not tables or waiting[0][0] >= least(_ordered(tables, columns))):
            count = max(_THREADS, len(tables))
            tables += pool.map(
                lambda each: each[1].read([each[2]], columns, wanted), waiting[:count]
            )
            del waiting[:count]
    return _ordered(tables, columns)


def _opened(parts: Sequence[LivePart], wanted: Wanted) -> list[_Opened]:
    found = [file for part in parts if (file := _Opened.of(part, wanted)) is not None]
    return sorted(found, key=lambda file: file.low)


@lru_cache(maxsize=1 << 10)
def _metadata(address: str) -> pq.FileMetaData:
    """Return what a file says of itself; a file that is there never changes."""
    import pyarrow.parquet as pq

    return pq.read_metadata(address)


def _read(
    pool: ThreadPoolExecutor, opened: Sequence[_Opened], names: Sequence[str], wanted: Wanted
) -> pa.Table:
    columns = _columns(names)
    tables = pool.map(lambda file: file.read(file.groups, columns, wanted), opened)
    return _ordered(list(tables), columns)


def _columns(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(["trial_index", *names]))


def _ordered(tables: list[pa.Table], columns: list[str]) -> pa.Table:
    """Return the rows of tables in the order of their index."""
    import pyarrow as pa

    if not tables:
        schema = schema_of("trials")
        return pa.schema([schema.field(name) for name in columns]).empty_table()
    table = pa.concat_tables(tables)
    index = table["trial_index"].to_numpy()
    if (index[1:] > index[:-1]).all():
        return table
    return table.take(np.argsort(index, kind="stable"))


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """A file, and the row groups of it that may hold what is asked for."""

    part: LivePart
    metadata: pq.FileMetaData
    groups: list[int]
    low: int

    @classmethod
    def of(cls, part: LivePart, wanted: Wanted) -> _Opened | None:
        import pyarrow as pa

        try:
            metadata = _metadata(part.address)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(part, error) from error
        lows = {}
        for group in range(metadata.num_row_groups):
            said = _said(metadata.row_group(group), "trial_index", "study_id")
            low, high = said.get("trial_index", (0, EVERY - 1))
            least, most = said.get("study_id", (wanted.study_id, wanted.study_id))
            if least <= wanted.study_id <= most and wanted.may_be_in(low, high):
                lows[group] = low
        return cls(part, metadata, list(lows), min(lows.values())) if lows else None

    def largest(self, group: int, metric: str) -> float:
        """Return the largest value of a metric in a row group, infinity where it does not say."""
        return float(_said(self.metadata.row_group(group), metric).get(metric, _UNTOLD)[1])

    def read(self, groups: list[int], columns: list[str], wanted: Wanted) -> pa.Table:
        """Return the rows of some row groups that are asked for."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        merged = self.part.study_id != wanted.study_id
        try:
            with pq.ParquetFile(
                self.part.address, metadata=self.metadata, pre_buffer=False
            ) as file:
                there = set(file.schema_arrow.names)
                asked = [name for name in columns if name in there]
                asked += ["study_id"] if merged and "study_id" not in asked else []
                table = file.read_row_groups(groups, columns=asked, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.part, error) from error
        if merged:
            table = table.filter(pc.equal(table["study_id"], wanted.study_id))
        table = _rows(table, wanted.among(table["trial_index"].to_numpy()))
        return _completed(table, columns, schema_of(self.part.table_name))


def _rows(table: pa.Table, places: slice | IntArray) -> pa.Table:
    if isinstance(places, slice):
        return table.slice(places.start, places.stop - places.start)
    return table.take(places)


def _completed(table: pa.Table, columns: list[str], schema: pa.Schema) -> pa.Table:
    """Return the columns as asked for, those that are not there null."""
    import pyarrow as pa

    arrays = [
        table[name]
        if name in table.column_names
        else pa.chunked_array([pa.nulls(len(table), schema.field(name).type)])
        for name in columns
    ]
    return pa.table(arrays, names=columns).cast(
        pa.schema([schema.field(name).with_nullable(True) for name in columns])
    )


def _said(group: pq.RowGroupMetaData, *names: str) -> dict[str, tuple[Any, Any]]:
    """Return the least and the largest value of some columns of a row group, where it says."""
    found = {}
    for place in range(group.num_columns):
        column = group.column(place)
        if column.path_in_schema in names:
            said = column.statistics
            if said is not None and said.has_min_max:
                found[column.path_in_schema] = (said.min, said.max)
            elif said is not None and said.has_null_count and said.null_count == group.num_rows:
                found[column.path_in_schema] = _NOTHING
    return found


def _unreadable(part: LivePart, error: Exception) -> IntegrityError:
    return IntegrityError(f"{part.address} can't be read ({error}); bring it back from a backup")
