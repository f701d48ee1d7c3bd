from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from hyprl_lab.data.importing.frame import read_frame
from hyprl_lab.errors import BarsError


@pytest.fixture
def write(tmp_path):
    def write(text: str):
        file = tmp_path / "panel.csv"
        file.write_text(text)
        return file

    return write


def test_text_stays_text_and_times_become_times(write):
    file = write("Date,symbol,close\n2024-01-02T00:00Z,A,1\n2024-01-03T00:00Z,B,.\n")
    df, source = read_frame(file)
    assert list(df.columns) == ["Date", "symbol", "close"]
    assert df["symbol"].tolist() == ["A", "B"]
    assert str(df["Date"].dt.tz) == "UTC"
    assert df["close"].isna().tolist() == [False, True]
    assert source == f"panel.csv sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


def test_an_order_proved_late_holds_for_all(write):
    lines = "".join(f"0{day}/01/2024,A,1\n" for day in range(1, 10)) * 30_000
    df, _ = read_frame(write("date,symbol,close\n" + lines + "05/31/2024,A,2\n"))
    assert str(df["date"].iloc[1]) == "2024-02-01 00:00:00"
    assert str(df["date"].iloc[-1]) == "2024-05-31 00:00:00"


def test_parquet_keeps_its_types(tmp_path):
    frame = pd.DataFrame({"symbol": ["A"], "close": [1.5]})
    frame.to_parquet(tmp_path / "panel.parquet")
    df, source = read_frame(tmp_path / "panel.parquet")
    pd.testing.assert_frame_equal(df, frame)
    assert source.startswith("panel.parquet sha256:")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("2024-01-02,A\n", r"panel\.csv: row 0 \(line 2\): found 2 fields"),
        ("2024-01-02,A,1\n2024-01-03,B,x\n2024-01-03,B,2\n", "row 1, column close: found 'x'"),
        ("2024-01-02,A,1\nsoon,B,1\n", "row 1, column date: found 'soon'"),
        ("01/02/2024,A,1\n", "leave open the order of day and month"),
        ("1704153600,A,1\n", "leave open what they count"),
    ],
)
def test_what_can_not_be_read_is_refused(write, rows, message):
    with pytest.raises(BarsError, match=message):
        read_frame(write("date,symbol,close\n" + rows))


def test_a_damaged_parquet_file_is_refused(tmp_path):
    file = tmp_path / "panel.parquet"
    file.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(BarsError, match="damaged Parquet file"):
        read_frame(file)
