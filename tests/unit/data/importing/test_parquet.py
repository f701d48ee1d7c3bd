from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hyprl_lab.data.importing.parquet import ParquetRows, TypedTimes, kind_of_texts
from hyprl_lab.errors import BarsError


@pytest.fixture
def write(tmp_path):
    def write(columns, **options):
        file = tmp_path / "some.parquet"
        pq.write_table(pa.table(columns), file, **options)
        return file

    return write


def test_columns_have_kinds_and_samples(write):
    rows = ParquetRows(
        write(
            {
                "when": pa.array([0, 1], pa.timestamp("ms", "UTC")),
                "day": pa.array([dt.date(2024, 1, 2)] * 2),
                "count": [1, 2],
                "price": ["1.5", "2"],
                "ticker": pa.array(["A", "B"]).dictionary_encode(),
                "open": [1.0, None],
            }
        )
    )
    assert [column.kind for column in rows.columns()] == [
        *("time", "time", "number", "number", "text", "number"),
    ]
    assert rows.sample[5] == ["1", ""]
    assert rows.rows == 2


def test_blocks_hold_all_rows_in_order_across_row_groups(write):
    count = 150_000
    file = write({"x": np.arange(count), "y": ["a"] * count}, row_group_size=40_000)
    blocks = list(ParquetRows(file).blocks({0, 1}))
    assert [block.lines for block in blocks] == [None] * len(blocks)
    np.testing.assert_array_equal(np.concatenate([one.rows for one in blocks]), np.arange(count))
    values = np.concatenate([one.cells[0].to_numpy() for one in blocks])
    np.testing.assert_array_equal(values, np.arange(count))


def test_nested_columns_are_refused_where_they_are_wanted(write):
    rows = ParquetRows(write({"x": [[1.0], [2.0]], "y": [1, 2]}))
    rows.refuse_nested({1})
    with pytest.raises(BarsError, match=r"column x: found list.*columns=\{'x': None\}"):
        rows.refuse_nested({0, 1})


@pytest.mark.parametrize("cut", [10, 100])
def test_a_damaged_file_is_refused(write, cut):
    file = write({"x": np.arange(1000)})
    file.write_bytes(file.read_bytes()[:-cut])
    with pytest.raises(BarsError, match=r"damaged Parquet file.*Fetch it again"):
        ParquetRows(file)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (pa.array([1, None], pa.timestamp("s")), [1_000_000, None]),
        (pa.array([1, -1], pa.timestamp("ms", "UTC")), [1_000, -1_000]),
        (pa.array([7], pa.timestamp("us")), [7]),
        (pa.array([2_000, 2_001, -3_000], pa.timestamp("ns")), [2, None, -3]),
        (pa.array([dt.date(1970, 1, 2), None]), [86_400_000_000, None]),
        (pa.array([2**60], pa.timestamp("s")), [None]),
    ],
)
def test_typed_times(cells, expected):
    reader = TypedTimes(cells.type)
    times, unreadable = reader.read(cells, np.arange(len(cells)))
    found = [None if bad else int(one) for one, bad in zip(times, unreadable, strict=True)]
    assert found == expected
    assert reader.zoned is (getattr(cells.type, "tz", None) is not None)


def test_text_that_is_mostly_numbers_is_numbers():
    assert kind_of_texts(["1", "2", "x"]) == "number"
    assert kind_of_texts(["x", "y", "2"]) == "text"
    assert kind_of_texts([]) == "number"
