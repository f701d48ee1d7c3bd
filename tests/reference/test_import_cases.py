"""Files that were once misread, each with what it says now."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hyprl_lab.data.importing import import_file
from hyprl_lab.data.importing.source import Source
from hyprl_lab.errors import BarsError, QualityError

H = "date,open,high,low,close\n"
P = ",1,2,1,2\n"
FOUR = {name: [1.0] * 4 for name in ("open", "high", "low", "close")}


@pytest.fixture
def read(tmp_path):
    def read(text: str, **said):
        file = tmp_path / "acme.csv"
        file.write_text(text)
        return import_file(file, **said)

    return read


@pytest.fixture
def typed(tmp_path):
    def typed(said=None, **columns):
        pq.write_table(pa.table({**columns, **FOUR}), tmp_path / "acme.parquet")
        return import_file(tmp_path / "acme.parquet", **(said or {}))

    return typed


def opens(found) -> list[str]:
    return [str(one)[:16] for one in found.bars.ts.view("M8[us]")]


def test_an_order_proved_late_exchanges_what_was_written_not_utc(read, monkeypatch):
    whole = Source.read
    monkeypatch.setattr(Source, "read", lambda source: whole(source, 60))
    rows = [f"01/0{day}/2024 02:00+05:30" for day in range(2, 7)] + ["01/15/2024 02:00+05:30"]
    found = read(H + "".join(row + P for row in rows), timeframe="1d")
    assert opens(found)[0] == "2024-01-01T20:30"
    assert opens(found)[-1] == "2024-01-14T20:30"


def test_a_feature_is_never_the_time(read):
    with pytest.raises(BarsError, match="found '_ts', which is 'ts' in snake case"):
        read("date,open,high,low,close,_ts\n2024-01-02,1,2,1,2,7\n", timeframe="1d")


@pytest.mark.parametrize("spill", [64, 1 << 20])
def test_years_beyond_2299_are_no_times_in_short_and_long_files(typed, spill):
    late = pa.array(np.arange("2500-01-01", "2500-01-05", dtype="M8[D]").astype("M8[us]"))
    with pytest.raises(QualityError, match="4 unreadable_time"):
        typed({"timeframe": "1d", "spill_bytes": spill}, ts=late)


def test_days_that_overflow_are_no_times(typed):
    days = pa.array(np.array([2**31 - 1, 19724, 19725, 19726], np.int32)).cast(pa.date32())
    with pytest.raises(QualityError) as raised:
        typed({"timeframe": "1d"}, date=days)
    assert raised.value.quality.by_kind("unreadable_time").rows == (0,)


def test_values_are_repaired_before_duplicates(read):
    text = H + "2024-01-02" + P + "2024-01-03,.,.,.,.\n2024-01-03,2,2,2,2\n"
    repair = {"duplicate_time": "first", "missing_value": "drop"}
    found = read(text, timeframe="1d", repair=repair)
    assert found.bars.close.tolist() == [2.0, 2.0]
    assert found.quality.by_kind("missing_value").rows == (1,)
    with pytest.raises(QualityError, match="1 duplicate_time") as raised:
        read(text, timeframe="1d")
    assert raised.value.quality.by_kind("duplicate_time").rows == (2,)


def test_the_hash_is_of_the_file_that_was_read(tmp_path, monkeypatch):
    import hashlib

    file, other = tmp_path / "acme.parquet", tmp_path / "other.parquet"
    days = pd.date_range("2024-01-01", periods=4, tz="UTC")
    pd.DataFrame({"ts": days, **FOUR}).to_parquet(file)
    expected = hashlib.sha256(file.read_bytes()).hexdigest()
    pd.DataFrame({"ts": days, **FOUR, "x": 9.0}).to_parquet(other)
    init = Source.__init__

    def swapped(source, *given) -> None:
        init(source, *given)
        other.replace(file)

    monkeypatch.setattr(Source, "__init__", swapped)
    found = import_file(file, timeframe="1d")
    assert found.source["sha256"] == expected
    assert "x" not in found.bars.columns


def test_no_price_is_true(read):
    with pytest.raises(QualityError, match="found 'true'"):
        read(H + "2024-01-02,1,true,1,1\n", timeframe="1d")


@pytest.mark.parametrize("clock", [pa.time32("s"), pa.time64("us"), pa.time64("ns")])
@pytest.mark.parametrize("date", [pa.date32(), pa.timestamp("us")])
def test_a_typed_date_and_a_typed_time_of_day(typed, clock, date):
    times = pa.array([dt.time(9, 30 + minute) for minute in range(4)], clock)
    dates = pa.array([dt.date(2024, 1, 2)] * 4).cast(date)
    assert opens(typed({"tz": "UTC"}, date=dates, time=times))[-1] == "2024-01-02T09:33"


def test_what_parquet_holds_and_no_bars_do(typed):
    with pytest.raises(BarsError, match=r"found time64\[us\], a time of day"):
        typed(time=pa.array([dt.time(9)] * 4, pa.time64("us")))
    with pytest.raises(BarsError):
        typed(ts=pa.array([[1]] * 4))
    fine = pa.array([1704153600000000500] * 4, pa.timestamp("ns", "UTC"))
    with pytest.raises(QualityError, match=r"whole microseconds.*Round the times"):
        typed(ts=fine)


VOLUMES = [
    ("Vol.", "1", ["volume"]),
    ("<TICKVOL>", "1", ["volume"]),
    ("tick_volume,vol", "1,2", ["volume", "tick_volume"]),
    ("Volume BTC,Volume USD", "1,2", ["volume_btc", "volume_usd"]),
    ("tick_volume,real_volume", "1,2", ["real_volume", "tick_volume"]),
    ("5. volume", "1", ["volume"]),
]


@pytest.mark.parametrize(("names", "cells", "kept"), VOLUMES)
def test_volume_is_taken_where_nothing_else_is_meant(read, names, cells, kept):
    found = read(f"{H.strip()},{names}\n2024-01-02,1,2,1,2,{cells}\n", timeframe="1d")
    assert list(found.bars.columns)[4:] == kept
    if "volume" not in kept:
        assert "columns={'volume': '" in found.quality.findings[0].detail


def test_lines_above_the_names_are_pointed_at_and_passed_over(read):
    text = "My export,,,,\nof 2024,,,,\n\n" + H + "2024-01-02" + P
    with pytest.raises(BarsError, match=r"line 4 looks like the names.*Pass skip=3"):
        read(text, timeframe="1d")
    found = read(text, timeframe="1d", skip=3)
    assert (len(found.bars), found.source["skip"]) == (1, 3)
    with pytest.raises(BarsError, match="found no line after line 9"):
        read(text, timeframe="1d", skip=9)


def test_stated_marks_in_numbers(read):
    text = "date;open;high;low;close;volume\n2024-01-02;1.234,5;2.000,0;1.000;2000;1.000.000\n"
    found = read(text, timeframe="1d", decimal=",", thousands=".")
    assert [values[0] for values in found.bars.columns.values()] == [1234.5, 2e3, 1e3, 2e3, 1e6]
    assert found.source["decimal"] == ","


def test_clocks_without_leading_zeros_are_put_right_where_stated(read):
    text = "date,time,open,high,low,close\n"
    text += "".join(f"20240102,{clock}{P}" for clock in (5, 130, 930, 1000))
    with pytest.raises(QualityError, match=r"State it: dates='%Y%m%d %H%M'$"):
        read(text, tz="UTC")
    found = read(text, tz="UTC", dates="%Y%m%d %H%M", timeframe="1m")
    assert [one[11:] for one in opens(found)] == ["00:05", "01:30", "09:30", "10:00"]
    with pytest.raises(BarsError, match="clocks of four digits or of six"):
        read(text + "20240102,103000" + P, tz="UTC")


@pytest.mark.parametrize(
    ("text", "said", "message"),
    [
        ("date,open,high,low,close,close\n2024-01-02,1,2,1,2,2\n", {}, "'close': 4.*'close': 5"),
        (H + "202401160930" + P + "202401160931" + P, {}, "dates='%Y%m%d%H%M'"),
        (H + "01/01/2024" + P + "03/04/2024" + P, {}, "row 1.*day 3 of month 4"),
        (H + ("2024-01-02,1,2,1,2,7\n") * 3, {}, "5 names and 6 fields in 3 of the 3"),
        (H + ("2024-01-02,1,2,1,2,\n") * 3, {}, "The rows end with a comma"),
        (H + "2024-01-02" + P, {"timeframe": 5}, "timeframe: found 5"),
        (H + "2024-01-02" + P, {"columns": 5}, "columns: found 5"),
        (H + "2024-01-02" + P, {"columns": [5] * 5}, "expected names"),
        (H + "2024-01-02" + P, {"dates": "%Y-%m-%d %Z"}, "with %Z"),
        (H + "2024-01-02" + P, {"dates": "%%Y-%m-%d"}, "without a year"),
        (H + "2024-01-02" + P, {"skip": -1}, "skip: found -1"),
        (H + "2024-01-02" + P, {"stamp": "close", "timeframe": "1d"}, "named by their date"),
        (H + "2024-01-02" + P, {"stamp": "late"}, "stamp: found 'late'"),
    ],
)
def test_messages_say_what_to_pass(read, text, said, message):
    with pytest.raises(BarsError, match=message):
        read(text, **said)


def test_another_time_is_not_taken_for_symbols(read):
    rows = "2024-01-02,1,2,1,2,2024-01-04\n2024-01-03,1,2,1,2,2024-01-05\n"
    found = read("date,open,high,low,close,settled\n" + rows, timeframe="1d")
    assert found.quality.findings[0].detail == "column settled: left out, for it is another time"


def test_one_line_repairs_all_that_was_found(read):
    text = H + "2024-01-02" + P * 1 + "2024-01-02" + P + "2024-01-03,1,1,1,2\n"
    with pytest.raises(QualityError) as raised:
        read(text, timeframe="1d")
    line = str(raised.value).splitlines()[-1]
    assert line == "repair={'duplicate_time': 'first', 'ohlc_violation': 'widen'}"


def test_a_stated_order_that_the_file_disproves(read):
    with pytest.raises(QualityError, match=r"no row proves the order.*dates='day_first'$"):
        read(H + "05/01/2024" + P + "13/01/2024" + P, timeframe="1d", dates="month_first")


def test_closes_become_opens(read):
    text = H + "2024-01-02T10:00Z" + P + "2024-01-02T11:00Z" + P
    found = read(text, timeframe="1h", stamp="close")
    assert opens(found) == ["2024-01-02T09:00", "2024-01-02T10:00"]
    assert found.source["stamp"] == "close"


ZONES = ["Nope/Zone", "../../etc/passwd", "+99:99", "\0", "\u00e9", "x" * 5_000]


def days(zone: str | None, counts: list[int | None] | None = None) -> pa.Array:
    counts = counts or [1_704_067_200_000_000 + day * 86_400_000_000 for day in range(4)]
    return pa.array(counts, pa.int64()).cast(pa.timestamp("us", tz=zone))


@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_that_is_none_changes_no_moment_of_a_typed_column(typed, zone):
    found = typed({"timeframe": "1d"}, ts=days(zone))  # Arrow: such counts are UTC, whatever zone
    assert (opens(found)[0], found.source["tz"]) == ("2024-01-01T00:00", "UTC")
    assert typed({"timeframe": "1d"}, ts=days(zone).dictionary_encode()).bars.ts[0] == 1.7040672e15


@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_that_is_none_is_told_as_any_other_fault(typed, zone):
    with pytest.raises(QualityError, match="3 unreadable_time"):
        typed({"timeframe": "1d"}, ts=days(zone, [1_704_067_200_000_000, 2**62, None, -(2**62)]))
    with pytest.raises(BarsError, match="expected a time"):
        typed({"timeframe": "1d"}, date=days(zone), time=["09:30"] * 4)
    with pytest.raises(BarsError, match=r"column opened: found timestamp\[us, tz="):
        typed({"columns": {"signal": "opened"}}, date=days(None), opened=days(zone))


@pytest.mark.parametrize("kept", [b"garbage", b"\xff\xfe", b'{"index_columns": 5}', b"null", b""])
@pytest.mark.parametrize("key", [b"pandas", b"ARROW:schema"])
def test_what_others_left_beside_the_columns_is_passed_over_or_refused(tmp_path, key, kept):
    table = pa.table({"ts": days("UTC"), **FOUR})
    file = tmp_path / "acme.parquet"
    with pq.ParquetWriter(file, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({key: kept})
    if key == b"pandas":
        assert len(import_file(file, timeframe="1d").bars) == 4
    else:
        with pytest.raises(BarsError, match="damaged Parquet file"):
            import_file(file, timeframe="1d")


def test_many_lines_that_are_no_rows_are_counted_and_the_first_kept(read):
    dates = np.arange("2023-01-01", "2024-01-01", dtype="M8[D]").astype(str).tolist()
    good = "".join(date + P for date in dates)
    text = H + good + "x\n" * 200_000 + "=======\n" + "y\n" * 200_000 + "2024-01-01" + P
    ways = {"unreadable_row": "drop", "merge_conflict": "drop"}
    quality = read(text, timeframe="1d", repair=ways).quality
    assert (quality.rows_in, quality.rows_kept) == (400_367, 366)
    [bad], [mark] = ([one for one in quality.findings if one.kind == kind] for kind in ways)
    assert (bad.count, bad.rows) == (400_000, tuple(range(365, 1_365)))
    assert "row 365 (line 367): found 1 field: 'x'" in bad.detail
    assert (mark.count, mark.rows) == (1, (200_365,))
