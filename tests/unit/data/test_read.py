from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from hyprl_lab.data import Bars, load_bars, read_bars
from hyprl_lab.errors import BarsError

SHARED = Path(__file__).parents[4] / "shared" / "data"
HEADER = "date,open,high,low,close\n"


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes, name: str = "ACME.csv") -> Path:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return write


def days(count: int) -> str:
    return HEADER + "".join(f"2020-01-{day:02d},1,3,1,2\n" for day in range(1, count + 1))


def test_csv_and_parquet_hold_the_same_bars(tmp_path, make_frame):
    df = make_frame().assign(rsi=[float("nan")] + [0.1 * row for row in range(11)])
    expected = Bars.from_pandas(df, symbol="ACME", timeframe="1d")
    df.to_csv(tmp_path / "ACME.csv")
    df.to_parquet(tmp_path / "ACME.parquet")
    df.reset_index().to_parquet(tmp_path / "flat.parquet")
    assert read_bars(tmp_path / "ACME.csv") == expected
    assert read_bars(str(tmp_path / "ACME.parquet")) == expected
    assert read_bars(tmp_path / "flat.parquet", symbol="ACME") == expected


def test_decimals_come_back_to_the_bit(tmp_path):
    expected = load_bars("TEST")
    expected.to_pandas().to_csv(tmp_path / "TEST.csv")
    assert read_bars(tmp_path / "TEST.csv").fingerprint == expected.fingerprint


def test_content_decides_over_the_ending(tmp_path, make_frame):
    make_frame().to_parquet(tmp_path / "odd.csv")
    assert len(read_bars(tmp_path / "odd.csv")) == 12


def test_symbol_and_timeframe_have_defaults_that_are_read_off(write):
    bars = read_bars(write(days(9), "BTC-USD.csv"))
    assert (bars.symbol, bars.timeframe, bars.calendar) == ("BTC-USD", "1d", "24/7")
    stated = read_bars(write(days(9)), symbol="X", timeframe="1d", calendar="24/5")
    assert (stated.symbol, stated.calendar, stated.calendar_inferred) == ("X", "24/5", False)


def test_byte_order_mark_and_windows_lines_are_read(write):
    content = "\ufeff" + days(9).replace("\n", "\r\n")
    assert read_bars(write(content)).fingerprint == read_bars(write(days(9))).fingerprint


def test_spaces_around_names_are_dropped(write):
    content = days(9).replace(",", " , ", 4)
    assert list(read_bars(write(content)).columns) == ["open", "high", "low", "close"]


def test_naive_intraday_times_need_a_zone(write):
    rows = "".join(f"2020-01-06 {hour:02d}:00,1,3,1,2\n" for hour in range(9, 16))
    with pytest.raises(BarsError, match=r"ACME\.csv: row 0 .*without a zone"):
        read_bars(write(HEADER + rows))
    bars = read_bars(write(HEADER + rows), tz="America/New_York")
    assert (bars.timeframe, bars.calendar) == ("1h", "XNYS")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found an empty file"),
        (b" \n\n", "found an empty file"),
        (gzip.compress(b"x"), "found a gzip archive; expected CSV or Parquet. Unpack it first"),
        (b"PK\x03\x04rest", "found a zip archive or a spreadsheet"),
        ("date,open".encode("utf-16"), "found UTF-16 text.*Save it as UTF-8"),
        (b"date,open\n1,\xe9\n", "line 2: found the byte 0xe9, which is not UTF-8"),
        (b"date,open\n\x00\x01", "found binary content"),
        (b"PAR1 and nothing more", "found a damaged Parquet file"),
        (HEADER, "found no rows"),
        ("date;open;high;low;close\n", "line 1: found 'date;open.*names with commas between"),
        (days(3), "found 3 bars, too few to tell the timeframe from"),
        (days(5) + "<<<<<<< ours\n", "Row #7: Expected 5 columns, got 1: <<<<<<< ours"),
        (days(5) + "2020-01-06,1,3,1\n", "Expected 5 columns, got 4"),
        (days(5) + "06.01.2020,1,3,1,2\n", "row 5, column date: found '06.01.2020'; expected ISO"),
        (
            days(5) + "2020-01-06,.,3,1,2\n",
            r"row 5 \(2020-01-06T.*\), column open: found '\.'",
        ),
        (
            days(5) + "2020-01-06,1,3,1,\n",
            r"row 5 \(2020-01-06T.*\), column close: found nan",
        ),
        (days(5) + "1578268800,1,3,1,2\n", "column date: found '1578268800'; expected ISO 8601"),
    ],
)
def test_what_can_not_be_read_says_why(write, content, message):
    with pytest.raises(BarsError, match=message):
        read_bars(write(content))


def test_no_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(BarsError, match=r"none\.csv: found no such file"):
        read_bars(tmp_path / "none.csv")
    with pytest.raises(BarsError, match="found a folder"):
        read_bars(tmp_path)


needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the larger real sets are not here")


@needs_shared
@pytest.mark.parametrize(
    ("name", "rows", "timeframe", "calendar", "headlines"),
    [
        ("spy_1d", 5849, "1d", "XNYS", 5849),
        ("spy_1h", 40_832, "1h", "XNYS", 5849),
        ("btcusd_1d", 3759, "1d", "24/7", 3759),
        ("nifty50_1m_4days", 1509, "1m", "24/5", 4),
    ],
)
def test_clean_real_sets_are_read(name, rows, timeframe, calendar, headlines):
    bars = read_bars(SHARED / f"{name}.parquet")
    assert (len(bars), bars.timeframe, bars.calendar) == (rows, timeframe, calendar)
    assert bars.headline.size == headlines


@needs_shared
def test_quotes_without_volume_are_read():
    bars = read_bars(SHARED / "eurusd_1h_bid.parquet")
    assert (len(bars), bars.calendar, "volume" in bars.columns) == (74_439, "24/5", False)


@needs_shared
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("vix_1d.parquet", r"row 533 \(1992-02-11T14:30:00Z\), column high.*20 rows are so"),
        ("us_equity_panel_1d.parquet", "column ts: found a time earlier than row 5401"),
        ("raw/btc_1d_merge_conflict.csv", "Row #3: Expected 20 columns, got 1: <<<<<<<"),
        ("raw/FOREX_EURUSD_1H_ASK.csv", "row 0, column Time: found '01.01.2017 22:00:00.000'"),
        ("raw/vix_us_dates_dot_nan.csv", "row 0, column Date: found '1/3/2014'"),
    ],
)
def test_messy_real_sets_are_refused(name, message):
    with pytest.raises(BarsError, match=message):
        read_bars(SHARED / name)


@pytest.mark.parametrize("path", ["x" * 5_000, "~nobody-of-that-name/x.csv", "a\0b"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(BarsError, match="expected"):
        read_bars(path)


def test_a_header_without_an_end_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text('"' + "x" * 200_000 + '",open\n1,2\n')
    with pytest.raises(BarsError, match="expected"):
        read_bars(file)
