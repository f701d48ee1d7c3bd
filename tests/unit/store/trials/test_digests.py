from __future__ import annotations

import hashlib
import io
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.store.trials.digests import RowsDigest, study_digest, table_digest

if TYPE_CHECKING:
    from collections.abc import Callable

EMPTY = hashlib.sha256().digest()


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def written_out(rows: int, *columns: tuple[str, str, bytes]) -> str:
    """The digest as the module's docstring says it, from each column's hashes."""
    whole = struct.pack("<Q", rows)
    for name, kind, hashes in columns:
        for text in (name, kind):
            whole += struct.pack("<I", len(text)) + text.encode()
        whole += hashes
    return sha(whole).hex()


def test_each_kind_of_column_by_hand() -> None:
    table = pa.table(
        {
            "n": pa.array([1, None, 3], pa.int64()),
            "x": pa.array([0.5, -0.0, None], pa.float64()),
            "when": pa.array([5, 6, 7], pa.timestamp("us", tz="UTC")),
            "key": pa.array([b"ab", b"cd", b"ef"], pa.binary(2)),
            "word": pa.array(["é", "", "b"], pa.string()),
            "label": pa.array(["q", "p", "q"], pa.dictionary(pa.int32(), pa.string())),
            "list": pa.array([[1.0], [], [2.0, 3.0]], pa.list_(pa.float64())),
        }
    )
    expected = written_out(
        3,
        ("n", "int64", sha(struct.pack("<3q", 1, 0, 3)) + sha(struct.pack("<q", 1))),
        ("x", "double", sha(struct.pack("<3d", 0.5, -0.0, 0.0)) + sha(struct.pack("<q", 2))),
        ("when", "time us", sha(struct.pack("<3q", 5, 6, 7)) + EMPTY),
        ("key", "bytes 2", sha(b"abcdef") + EMPTY),
        ("word", "text", sha(struct.pack("<3i", 2, 0, 1)) + EMPTY + sha("éb".encode())),
        (
            "label",
            "label",
            sha(struct.pack("<3i", 0, 1, 0)) + EMPTY + sha(b"\1\0\0\0q\1\0\0\0p"),
        ),
        (
            "list",
            "list of double",
            sha(struct.pack("<3i", 1, 0, 2)) + EMPTY + sha(struct.pack("<3d", 1, 2, 3)) + EMPTY,
        ),
    )
    assert table_digest(table) == expected


@pytest.mark.parametrize("kind", ["trials", "blocks"])
def test_how_rows_are_kept_makes_no_difference(
    kind: str, make_trials: Callable[..., pa.Table], make_blocks: Callable[..., pa.Table]
) -> None:
    table = (make_trials if kind == "trials" else make_blocks)("study", 5, 500)
    expected = table_digest(table)
    for rows, compression in ((7, "zstd"), (100, "none"), (1000, "snappy")):
        file = io.BytesIO()
        pq.write_table(
            table, file, row_group_size=rows, compression=compression, use_dictionary=rows == 100
        )
        assert table_digest(pq.read_table(file).cast(table.schema)) == expected
        pieces = RowsDigest(table.schema)
        for start in range(0, 500, rows):
            pieces.update(table.slice(start, rows))
        assert (pieces.hexdigest(), pieces.rows) == (expected, 500)
    two = [table.slice(0, 200), table.slice(200)]
    swapped = [pa.Table.from_pylist(piece.to_pylist(), table.schema) for piece in two]
    assert table_digest(pa.concat_tables(swapped)) == expected


@pytest.mark.parametrize("kind", ["trials", "blocks"])
def test_every_value_counts(
    kind: str, make_trials: Callable[..., pa.Table], make_blocks: Callable[..., pa.Table]
) -> None:
    table = (make_trials if kind == "trials" else make_blocks)("study", 0, 6)
    seen = {table_digest(table)}
    rows = table.to_pylist()
    for name in table.column_names:
        changed: list[dict[str, Any]] = [dict(row) for row in rows]
        changed[3][name] = other(changed[3][name])
        seen.add(table_digest(pa.Table.from_pylist(changed, table.schema)))
    seen.add(table_digest(table.slice(1)))
    seen.add(table_digest(table.take([0, 1, 2, 3, 5, 4])))
    assert len(seen) == len(table.column_names) + 3


def other(value: Any) -> Any:
    """The least change of a value."""
    match value:
        case None:
            return 0.0
        case str():
            return f"{value}."
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:]
        case list():
            return [other(value[0]), *value[1:]]
        case float():
            return np.nextafter(np.float32(value), np.float32(np.inf)).item()
        case _:
            return value - 1


def test_null_is_not_zero_and_rows_do_not_slide() -> None:
    def digest(*lists: list[float | None]) -> str:
        return table_digest(pa.table({"a": pa.array(lists, pa.list_(pa.float64()))}))

    assert len({digest([0.0]), digest([None]), digest([]), digest([0.0, 0.0])}) == 4
    assert digest([1.0], [2.0, 3.0]) != digest([1.0, 2.0], [3.0])
    words = [pa.table({"a": words}) for words in (["ab", "c"], ["a", "bc"])]
    assert table_digest(words[0]) != table_digest(words[1])


def test_a_kind_without_a_form_is_refused() -> None:
    with pytest.raises(InputError, match="column a is struct"):
        RowsDigest(pa.schema([("a", pa.struct([("b", pa.int8())]))]))


def test_a_study_is_a_chain_of_its_shards() -> None:
    first = sha(sha(b"s") + b'[0,0,4,"ab",null]')
    second = sha(first + b'[1,4,2,"cd","ef"]')
    assert study_digest("s", []) == sha(b"s").hex()
    assert study_digest("s", [(0, 0, 4, "ab", None)]) == first.hex()
    both = [(0, 0, 4, "ab", None), (1, 4, 2, "cd", "ef")]
    assert study_digest("s", both) == second.hex()
    assert study_digest("s", both[::-1]) != second.hex()
