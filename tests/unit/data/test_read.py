from __future__ import annotations

from pathlib import Path

import pytest

from hyprl_lab.data import Bars, inspect_bars, load_bars, read_bars
from hyprl_lab.errors import BarsError, QualityError

HEADER = "date,open,high,low,close\n"


@pytest.fixture
def write(tmp_path):
    def write(content: str, name: str = "ACME.csv") -> Path:
        file = tmp_path / name
        file.write_text(content)
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
    with pytest.raises(BarsError, match="found 3 bars, too few to tell the timeframe from"):
        read_bars(write(days(3)))


def test_what_is_said_is_handed_on(write):
    text = "when;last\n03.01.2020 09:30;2\n04.01.2020 09:30;x\n05.01.2020 09:30;4\n"
    columns = {"ts": "when", **dict.fromkeys(("open", "high", "low", "close"), "last")}
    bars = read_bars(
        write(text),
        timeframe="1d",
        tz="Europe/Berlin",
        columns=columns,
        dates="day_first",
        repair={"unreadable_value": "drop"},
    )
    assert bars.ts.astype("M8[us]").astype(str).tolist() == [
        "2020-01-03T08:30:00.000000",
        "2020-01-05T08:30:00.000000",
    ]
    assert [step.operation for step in bars.lineage] == ["import", "repair"]


def test_errors_name_the_file(write, tmp_path):
    with pytest.raises(QualityError, match=r"ACME\.csv: found rows that are no bars: 1 unread"):
        read_bars(write(days(5) + "2020-01-06,1,3\n"))
    with pytest.raises(BarsError, match=r"none\.csv: found no such file"):
        read_bars(tmp_path / "none.csv")


def test_a_header_without_an_end_is_refused(write):
    with pytest.raises(BarsError, match="expected"):
        read_bars(write('"' + "x" * 200_000 + '",open\n1,2\n'))


def test_a_file_is_inspected_without_raising(write):
    file = write(days(9) + "2020-01-10,1,3,1,2\n2020-01-10,1,3,1,2\n")
    with pytest.raises(QualityError) as refused:
        read_bars(file, calendar="24/7")
    found = inspect_bars(file, calendar="24/7")
    assert found == refused.value.quality
    assert found.by_kind("duplicate_time").severity == "error"
    repair = {"duplicate_time": "first"}
    mended = inspect_bars(file, calendar="24/7", repair=repair)
    assert mended == read_bars(file, calendar="24/7", repair=repair).quality()
    assert mended.by_kind("duplicate_time").severity == "repaired"
    assert mended.by_kind("short_data").count == 10


def test_what_is_said_about_a_file_is_handed_on_to_its_inspection(write):
    text = "when;last\n03.01.2020 09:30;2\n04.01.2020 09:30;3\n06.01.2020 09:30;4\n"
    found = inspect_bars(
        write(text),
        symbol="X",
        timeframe="1d",
        calendar="24/7",
        tz="Europe/Berlin",
        columns={"ts": "when", **dict.fromkeys(("open", "high", "low", "close"), "last")},
        dates="day_first",
    )
    assert found.title == "X 1d, calendar 24/7"
    assert found.by_kind("gap").count == 1


def test_a_file_that_tells_no_rows_is_refused_by_the_inspection_too(write, tmp_path):
    with pytest.raises(BarsError, match=r"none\.csv: found no such file"):
        inspect_bars(tmp_path / "none.csv")
    with pytest.raises(BarsError, match="too few to tell the timeframe"):
        inspect_bars(write(days(3)))
