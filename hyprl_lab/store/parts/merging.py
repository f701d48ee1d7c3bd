"""Several parts of one table become one, streamed, and read back before anybody relies on it."""

from __future__ import annotations

import heapq
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hyprl_lab.store.parts.part_store import writing
from hyprl_lab.store.parts.pieces import BATCH_ROWS, PartReader, Piece, schema_of, told
from hyprl_lab.store.trials.digests import RowsDigest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from hyprl_lab.store.parts.folder import HashedStream, PartsFolder
    from hyprl_lab.store.parts.part_store import LivePart

__all__ = ["Held", "held", "in_order", "merge", "options"]

ROW_GROUP: Final = 16_384
"""Of a merged part: a query that wants twenty rows of a million unpacks few others."""

_PAGE: Final = 16 << 10


class Held(NamedTuple):
    """What a part holds of one shard.

    Parameters
    ----------
    piece
        Whose rows.
    first_index
        The `trial_index` of the first.
    digest
        Of their content.
    """

    piece: Piece
    first_index: int
    digest: str


def held(folder: PartsFolder, part: LivePart) -> list[Held]:
    """Read a part whole and return what it holds, in the order of its rows.

    Raises
    ------
    IntegrityError
        It can't be read, or does not hold what it says.
    """
    with PartReader(folder, part) as reader:
        schema = schema_of(part.table_name)
        return [_digested(reader, piece, schema) for piece in reader.pieces]


def merge(folder: PartsFolder, parts: Sequence[LivePart], stream: HashedStream) -> list[Held]:
    """Write the rows of parts as one, by study and shard; return what was read.

    Parameters
    ----------
    folder
        Where the parts are.
    parts
        Of one table; the pieces of each are in ascending order.
    stream
        Where the new part is written.

    Raises
    ------
    IntegrityError
        A part can't be read, or does not hold what it says.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = schema_of(parts[0].table_name)
    found: list[Held] = []
    waiting: list[pa.Table] = []
    rows = 0

    def write(least: int) -> None:
        """Write row groups while that many rows wait."""
        nonlocal rows
        table = pa.concat_tables(waiting)
        while len(table) >= least:
            writer.write_table(table.slice(0, ROW_GROUP).unify_dictionaries())
            table = table.slice(ROW_GROUP)
        waiting[:] = [table]
        rows = len(table)

    def take(table: pa.Table) -> None:
        nonlocal rows
        waiting.append(table)
        rows += len(table)
        if rows >= ROW_GROUP:
            write(ROW_GROUP)

    with pq.ParquetWriter(stream, schema, **options(schema)) as writer:
        for reader, piece in in_order(folder, parts):
            found.append(_digested(reader, piece, schema, take))
        if rows:
            write(1)
        writer.add_key_value_metadata(told([each.piece for each in found]))
    return found


def options(schema: pa.Schema) -> dict[str, Any]:
    """Return how pyarrow writes a merged part: as any other, in small pages throughout.

    A page of each column is in memory for each part that is open.
    """
    return writing(schema) | {"data_page_size": _PAGE}


def in_order(folder: PartsFolder, parts: Sequence[LivePart]) -> Iterator[tuple[PartReader, Piece]]:
    """Return all pieces in ascending order, each with the reader whose next rows it is.

    The part of one shard is opened when it is its turn. Those that were merged before are all
    open at once, for their shards may alternate; together they have no more rows in memory than
    one that is read alone.
    """
    merged = sum(part.shard is None for part in parts)
    with ExitStack() as stack:
        queues: list[list[tuple[Piece, LivePart, PartReader | None]]] = [[]]
        for part in parts:
            if part.study_id is not None and part.shard is not None:
                piece = Piece(part.study_id, part.shard, part.rows)
                queues[0].append((piece, part, None))
            else:
                share = max(BATCH_ROWS // merged, 1)
                reader = stack.enter_context(PartReader(folder, part, batch_rows=share))
                queues.append([(piece, part, reader) for piece in reader.pieces])
        queues[0].sort(key=lambda entry: entry[0])
        for piece, part, opened in heapq.merge(*queues, key=lambda entry: entry[0]):
            if opened is not None:
                yield opened, piece
            else:
                with PartReader(folder, part) as own:
                    yield own, piece


def _digested(
    reader: PartReader,
    piece: Piece,
    schema: pa.Schema,
    take: Callable[[pa.Table], None] | None = None,
) -> Held:
    """Read the next piece, and hand on what was read."""
    digest = RowsDigest(schema)
    first = 0
    for table in reader.read(piece.rows):
        if not digest.rows:
            first = int(table["trial_index"][0].as_py())
        digest.update(table)
        if take is not None:
            take(table)
    return Held(piece, first, digest.hexdigest())
