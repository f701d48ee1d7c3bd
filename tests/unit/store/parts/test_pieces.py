from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from folders import MemoryFolder

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.parts import LivePart
from hyprl_lab.store.parts.pieces import BATCH_ROWS, PartReader, Piece, schema_of, told

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., pa.Table]


@pytest.fixture
def folder() -> MemoryFolder:
    return MemoryFolder()


def stored(folder: MemoryFolder, table: pa.Table, shard: int | None) -> LivePart:
    size, sha256 = folder.put_streamed("a", lambda stream: pq.write_table(table, stream))
    study_id = None if shard is None else "study"
    return LivePart("a", "trials", study_id, shard, len(table), size, sha256, "a", "memory://a")


def test_a_shards_part_is_one_piece(folder: MemoryFolder, make_trials: Make) -> None:
    table = make_trials("study", 0, BATCH_ROWS + 10)
    with PartReader(folder, stored(folder, table, 3)) as reader:
        assert reader.pieces == [Piece("study", 3, len(table))]
        pieces = list(reader.read(len(table)))
    assert [len(piece) for piece in pieces] == [BATCH_ROWS, 10]
    assert pa.concat_tables(pieces).equals(table)
    assert pieces[0].schema == schema_of("trials")


def test_a_merged_part_says_what_it_holds(folder: MemoryFolder, make_trials: Make) -> None:
    table = make_trials("study", 0, 10)
    pieces = [Piece("study", 0, 4), Piece("study", 2, 5), Piece("é", 0, 1)]
    merged = table.replace_schema_metadata(told(pieces))
    with PartReader(folder, stored(folder, merged, None)) as reader:
        assert reader.pieces == pieces
        read = [pa.concat_tables(reader.read(piece.rows)) for piece in pieces]
    assert [part["trial_index"].to_pylist() for part in read] == [
        [0, 1, 2, 3], [4, 5, 6, 7, 8], [9],
    ]  # fmt: skip


def test_a_part_that_says_other_things_than_its_row(
    folder: MemoryFolder, make_trials: Make
) -> None:
    part = stored(folder, make_trials("study", 0, 10), 0)
    for wrong in (replace(part, rows=9), replace(part, shard=None)):
        with pytest.raises(IntegrityError, match=r"holds \d+ rows and has 10; its row .* says"):
            PartReader(folder, wrong)
    folder.store("a", b"no Parquet")
    with pytest.raises(IntegrityError, match=r"memory://a can't be read"):
        PartReader(folder, part)
    folder.remove(["a"])
    with pytest.raises(IntegrityError, match=r"can't be read .*bring it back"):
        PartReader(folder, part)
