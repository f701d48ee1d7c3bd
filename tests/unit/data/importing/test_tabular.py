from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hyprl_lab.data.importing.source import Source
from hyprl_lab.data.importing.tabular import CsvTable, opened
from hyprl_lab.errors import BarsError

HEADER = "date,open,high,low,close\n"


@pytest.fixture
def source(tmp_path):
    def source(text: str) -> Source:
        file = tmp_path / "acme.csv"
        file.write_text(text)
        return Source(file)

    return source


def test_rows_are_counted_without_the_names(source):
    with source(HEADER + "2024-01-02,1,2,1,2\n2024-01-03,1,2,1,2\n") as file:
        table, plan = opened(file, None)
        (block,) = table.blocks(plan.numbers, set(plan.time))
    assert block.rows.tolist() == [0, 1]
    assert block.lines.tolist() == [2, 3]
    assert table.described() == {"delimiter": "comma", "header": True}


def test_rows_are_counted_across_blocks(source, monkeypatch):
    with source(HEADER + "2024-01-02,1,2,1,2\n" * 10) as file:
        whole = file.read
        monkeypatch.setattr(file, "read", lambda: whole(40))
        table, plan = opened(file, None)
        blocks = list(table.blocks(plan.numbers, set(plan.time)))
    assert len(blocks) > 3
    assert [int(row) for block in blocks for row in block.rows] == list(range(10))
    assert [int(line) for block in blocks for line in block.lines] == list(range(2, 12))


def test_data_without_names_is_refused_and_read_under_stated_ones(source):
    with source("2024-01-02,1,2,1,2\n") as file, pytest.raises(BarsError, match="5 columns by pos"):
        opened(file, None)
    with source("2024-01-02,1,2,1,2\n") as file:
        table, plan = opened(file, ["date", "open", "high", "low", "close"])
        (block,) = table.blocks(plan.numbers, set(plan.time))
    assert block.rows.tolist() == [0]
    assert table.described()["header"] is False


def test_a_factor_file_is_called_one(source):
    with (
        source("19980102,0.65,1,1\n19980319,0.66,1,109.34\n") as file,
        pytest.raises(BarsError, match=r"factor file.*no prices.*bars\.adjusted\(factors=path"),
    ):
        opened(file, None)


def test_columns_are_no_text(source):
    with source(HEADER) as file, pytest.raises(BarsError, match="columns: found 'close'"):
        opened(file, "close")


def test_names_alone_have_no_rows(source):
    with source(HEADER) as file:
        table = CsvTable(file, None)
        assert list(table.blocks({1}, {0})) == []


def test_typed_times_want_no_dates(tmp_path):
    columns = {name: [1.0] for name in ("open", "high", "low", "close")}
    file = tmp_path / "some.parquet"
    pq.write_table(pa.table({"ts": pa.array([0], pa.timestamp("us")), **columns}), file)
    with Source(file) as source:
        table, plan = opened(source, None)
        assert table.reader(plan.time[0], "ts", None, []).written == "typed"
        with pytest.raises(BarsError, match="dates: found 'iso' for times of type timestamp"):
            table.reader(plan.time[0], "ts", "iso", [])
