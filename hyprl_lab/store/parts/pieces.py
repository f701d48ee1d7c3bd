"""Which shards a part holds, and the rows of each.

The part of one shard says so in its row of the control database. A part that a compaction merged
says so in its own metadata: a list of [study, shard, rows], in the order of its rows.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.schemas import backtests_schema, trial_blocks_schema, trials_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    import pyarrow as pa
    import pyarrow.parquet as pq

    from hyprl_lab.store.parts.folder import PartsFolder
    from hyprl_lab.store.parts.part_store import LivePart

__all__ = ["PartReader", "Piece", "schema_of", "told"]

_KEY: Final = "hyprl"
BATCH_ROWS: Final = 1 << 14
"""Rows that are in memory at a time, of all the files that are being read."""

_BUFFER: Final = 16 << 10
"""Bytes of each column that are read ahead."""


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """The rows of one shard within a part.

    Parameters
    ----------
    study_id, shard
        Whose rows; of single backtests `backtest` and the index of the first.
    rows
        How many.
    """

    study_id: str
    shard: int
    rows: int


def schema_of(table_name: str) -> pa.Schema:
    """Return the schema of a table that has digests: trials, blocks or backtests.

    Examples
    --------
    >>> schema_of("trial_blocks").names[0]
    'study_id'
    """
    schemas = {
        "trials": trials_schema,
        "trial_blocks": trial_blocks_schema,
        "backtests": backtests_schema,
    }
    return schemas[table_name]()


def told(pieces: Sequence[Piece]) -> dict[str, str]:
    """Return what a merged part says of itself, as Parquet metadata."""
    listed = [[piece.study_id, piece.shard, piece.rows] for piece in pieces]
    return {_KEY: json.dumps({"pieces": listed})}


class PartReader:
    """A part that is read from its first row to its last; a context manager.

    Parameters
    ----------
    folder
        Where its file is.
    part
        What it is.
    batch_rows
        Rows that are in memory at a time.

    Raises
    ------
    IntegrityError
        It can't be read, does not say what it holds, or says other things than its row.
    """

    def __init__(
        self, folder: PartsFolder, part: LivePart, *, batch_rows: int = BATCH_ROWS
    ) -> None:
        import pyarrow.parquet as pq

        self._part = part
        self._schema = schema_of(part.table_name)
        self._rest = self._schema.empty_table()
        with self._reading(), ExitStack() as stack:
            stream = stack.enter_context(folder.open(part.name))
            file = stack.enter_context(pq.ParquetFile(stream, buffer_size=_BUFFER))
            self._batches = file.iter_batches(batch_size=batch_rows, use_threads=False)
            self.pieces = self._pieces(file.metadata)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self._stack.close()

    def read(self, rows: int) -> Iterator[pa.Table]:
        """Return the next rows, in tables of at most `batch_rows`."""
        import pyarrow as pa

        while rows:
            if not len(self._rest):
                with self._reading():
                    table = pa.Table.from_batches([next(self._batches)])
                    self._rest = _completed(table, self._schema)
            table, self._rest = self._rest.slice(0, rows), self._rest.slice(rows)
            rows -= len(table)
            yield table

    def _pieces(self, metadata: pq.FileMetaData) -> list[Piece]:
        part = self._part
        if part.study_id is not None and part.shard is not None:
            pieces = [Piece(part.study_id, part.shard, part.rows)]
        else:
            told = (metadata.metadata or {}).get(_KEY.encode(), b'{"pieces": []}')
            pieces = [Piece(*entry) for entry in json.loads(told)["pieces"]]
        said, held = sum(piece.rows for piece in pieces), metadata.num_rows
        if {said, held} != {part.rows}:
            raise IntegrityError(
                f"{part.address} says that it holds {said} rows and has {held}; its row in the "
                f"control database says {part.rows}: bring both back from one backup"
            )
        return pieces

    @contextmanager
    def _reading(self) -> Iterator[None]:
        import pyarrow as pa

        try:
            yield
        except (pa.ArrowException, OSError) as error:
            raise IntegrityError(
                f"{self._part.address} can't be read ({error}); bring it back from a backup"
            ) from error


def _completed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table in today's columns; those that its file is too old to have are null."""
    import pyarrow as pa

    for field in schema:
        if field.nullable and field.name not in table.column_names:
            table = table.append_column(field.name, pa.nulls(len(table), field.type))
    return table.select(schema.names).cast(schema)
