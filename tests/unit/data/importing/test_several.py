from __future__ import annotations

import pandas as pd
import pytest

from hyprl_lab.data.importing.several import import_several
from hyprl_lab.errors import BarsError, QualityError

HEADER = "date,symbol,open,high,low,close,name\n"
FAULTS = (
    "2024-01-02,A,1,2,1,2,x\n2024-01-02,A,1,2,1,2,y\n2024-01-02,,1,2,1,2,z\n"
    "2024-01-03,B,x,2,1,2,z\nsoon,B,1,2,1,2,q\n2024-01-05,B,1,2,1\n2024-01-06,B,1,1,1,2,q\n"
)
REPAIR = {
    "duplicate_time": "first",
    "missing_value": "drop",
    "unreadable_value": "drop",
    "unreadable_time": "drop",
    "unreadable_row": "drop",
    "ohlc_violation": "widen",
}


@pytest.fixture
def write(tmp_path):
    def write(text: str):
        file = tmp_path / "panel.csv"
        file.write_text(text)
        return file

    return write


def test_symbols_are_text_as_it_is_written(write):
    rows = "".join(f"2024-01-02,{s},1,2,1,2,x\n" for s in ("000001", "5", " 0005 ", "NA", "true"))
    bars, quality = import_several(write(HEADER + rows), by="symbol", timeframe="1d")
    assert [one.symbol for one in bars] == ["000001", "0005", "5", "NA", "true"]
    assert quality.rows_in == quality.rows_kept == 5
    assert [one.detail for one in quality.findings] == [
        "column name: left out, for it holds the text 'x' in every row"
    ]


def test_every_row_is_kept_or_named_with_its_symbol(write):
    file = write(HEADER + FAULTS)
    with pytest.raises(QualityError) as raised:
        import_several(file, by="symbol", timeframe="1d")
    quality = raised.value.quality
    assert {one.kind: (one.rows, one.detail[:8]) for one in quality.findings[:-1]} == {
        "unreadable_row": ((5,), "row 5 (l"),
        "unreadable_value": ((3,), "symbol B"),
        "unreadable_time": ((4,), "symbol B"),
        "duplicate_time": ((1,), "symbol A"),
        "missing_value": ((2,), "row 2 (l"),
        "ohlc_violation": ((6,), "symbol B"),
    }
    assert (quality.rows_in, quality.rows_kept) == (7, 1)
    bars, mended = import_several(file, by="symbol", timeframe="1d", repair=REPAIR)
    assert [(one.symbol, len(one)) for one in bars] == [("A", 1), ("B", 1)]
    assert (mended.rows_in, mended.rows_kept) == (7, 2)
    step = bars[1].lineage[0].detail
    assert (step["by"], step["rows_in"], step["rows_kept"]) == ("symbol", 3, 1)
    assert step["file"]["rows_in"] == 7


def test_what_is_proved_is_proved_by_all_symbols(write):
    text = HEADER + "05/01/2024,A,1,2,1,2,x\n14/01/2024,B,1,2,1,2,y\n"
    bars, _ = import_several(write(text), by="symbol", timeframe="1d")
    assert str(bars[0].ts[0].astype("M8[us]"))[:10] == "2024-01-05"


def test_parquet_with_symbols_in_the_index(tmp_path):
    prices = {name: [1.0, 2.0, 3.0] for name in ("open", "high", "low", "close")}
    days = pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-02"], utc=True)
    frame = pd.DataFrame({"symbol": [5, 5, 7], "ts": days, **prices})
    frame.set_index(["symbol", "ts"]).to_parquet(tmp_path / "long.parquet")
    bars, _ = import_several(tmp_path / "long.parquet", by="symbol", timeframe="1d")
    assert [(one.symbol, one.close.tolist()) for one in bars] == [("5", [1.0, 2.0]), ("7", [3.0])]


def test_a_wide_file_is_told(tmp_path):
    file = tmp_path / "wide.csv"
    file.write_text("date,\"('A', 'open')\",\"('A', 'close')\"\n2024-01-02,1,2\n")
    with pytest.raises(BarsError, match=r"without 'symbol'.*It looks wide"):
        import_several(file, by="symbol", timeframe="1d")


def test_two_columns_of_symbols_are_refused(write):
    text = "date,symbol,symbol,open,high,low,close\n2024-01-02,A,B,1,2,1,2\n"
    with pytest.raises(BarsError, match="found 2 columns named 'symbol'"):
        import_several(write(text), by="symbol", timeframe="1d")
