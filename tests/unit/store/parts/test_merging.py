from __future__ import annotations

import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from folders import MemoryFolder

from hyprl_lab.store.parts import LivePart, LocalFolder, merging
from hyprl_lab.store.parts.merging import Held, held, merge
from hyprl_lab.store.parts.pieces import Piece, told
from hyprl_lab.store.trials.digests import table_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[..., pa.Table]


@pytest.fixture
def folder() -> MemoryFolder:
    return MemoryFolder()


def shard_part(folder: MemoryFolder, table: pa.Table, study_id: str, shard: int) -> LivePart:
    name = f"{study_id}{shard}"
    size, sha256 = folder.put_streamed(name, lambda stream: pq.write_table(table, stream))
    return LivePart(name, "trials", study_id, shard, len(table), size, sha256, name, name)


def merged(folder: MemoryFolder, name: str, parts: list[LivePart]) -> tuple[LivePart, list[Held]]:
    said: list[Held] = []
    size, sha256 = folder.put_streamed(
        name, lambda stream: said.extend(merge(folder, parts, stream))
    )
    rows = sum(part.rows for part in parts)
    return LivePart(name, "trials", None, None, rows, size, sha256, name, name), said


def test_rows_come_by_study_and_shard(
    folder: MemoryFolder, make_trials: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "ROW_GROUP", 7)
    tables = {(s, i): make_trials(s, 5 * i, 5) for s in ("a", "b") for i in range(4)}
    parts = {key: shard_part(folder, table, *key) for key, table in tables.items()}
    odd, _ = merged(folder, "odd", [parts["b", 1], parts["a", 3], parts["a", 1]])
    even, _ = merged(folder, "even", [parts["a", 0], parts["b", 2]])
    rest = [parts["b", 3], parts["a", 2], odd, parts["b", 0], even]
    whole, said = merged(folder, "whole", rest)
    expected = pa.concat_tables(tables[key] for key in sorted(tables))
    with folder.open("whole") as file:
        read = pq.ParquetFile(file)
        assert read.read().cast(expected.schema).to_pylist() == expected.to_pylist()
        sizes = [read.metadata.row_group(i).num_rows for i in range(read.num_row_groups)]
    assert sizes == [7] * 5 + [5]
    assert said == [
        Held(Piece(study, shard, 5), 5 * shard, table_digest(tables[study, shard]))
        for study, shard in sorted(tables)
    ]
    assert held(folder, whole) == said
    assert held(folder, parts["b", 2]) == [said[6]]


PARTS, PIECES, ROWS = 128, 32, 64
MERGE = """
import pickle, re, sys
from pathlib import Path

import pyarrow.compute
import pyarrow.parquet

from hyprl_lab.store.parts import LocalFolder, merging

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

parts = pickle.loads(Path(sys.argv[1], "listed").read_bytes())
folder = LocalFolder(Path(sys.argv[1]), Path(sys.argv[1]))
folder.put_streamed("one", lambda stream: merging.merge(folder, parts[:1], stream))
before = most()
held = []
folder.put_streamed("all", lambda stream: held.extend(merging.merge(folder, parts, stream)))
print(most() - before, len(held))
"""


def test_memory_stays_small_where_all_shards_alternate(tmp_path: Path, make_blocks: Make) -> None:
    """As many parts as one swap takes, whose pieces come in turns: 262,144 rows of 800 bytes."""
    folder = LocalFolder(tmp_path, tmp_path)
    every = make_blocks("study", 0, PIECES * ROWS)
    parts = []
    for number in range(PARTS):
        pieces = [Piece("study", place * PARTS + number, ROWS) for place in range(PIECES)]
        name = f"part{number}"
        schema = every.schema.with_metadata(told(pieces))
        table, options = every.cast(schema), merging.options(schema)
        written = pa.BufferOutputStream()
        pq.write_table(table, written, **options)
        content = written.getvalue().to_pybytes()
        folder.put([(name, content)])
        size, sha256 = len(content), folder.sha256(name)
        parts.append(
            LivePart(name, "trial_blocks", None, None, len(every), size, sha256, name, name)
        )
    (tmp_path / "listed").write_bytes(pickle.dumps(parts))
    said = subprocess.run(
        [sys.executable, "-c", MERGE, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert int(said[1]) == PARTS * PIECES
    assert float(said[0]) < 180, "MB above what one part takes; all of them have 210"
