from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.data.importing import import_file
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.spill import is_spilled
from hyprl_lab.errors import BarsError, QualityError

HEADER = "date,open,high,low,close\n"
FLAT = dict.fromkeys(("open", "high", "low", "close"), "vix")


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes, name: str = "ACME.csv") -> Path:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return write


def days(count: int, first: int = 1) -> str:
    return "".join(f"2020-01-{day:02d},1,3,1,2\n" for day in range(first, first + count))


def refused(file: Path, **said):
    with pytest.raises(QualityError) as raised:
        import_file(file, **said)
    return raised.value.quality


# What the issue names as bad input, each to an error or a finding that names row and column.


def test_an_empty_file(write):
    with pytest.raises(BarsError, match="found an empty file"):
        import_file(write(b""))


def test_names_without_rows(write):
    with pytest.raises(BarsError, match=r"ACME\.csv: found no rows"):
        import_file(write(HEADER))


def test_a_truncated_gzip_and_a_whole_one(write):
    packed = gzip.compress((HEADER + days(20)).encode())
    whole = import_file(write(packed, "ACME.csv.gz"))
    assert (len(whole.bars), whole.bars.symbol, whole.source["format"]) == (20, "ACME", "csv.gz")
    with pytest.raises(BarsError, match="gzip archive that is cut off"):
        import_file(write(packed[:-10]))


def test_an_archive(write, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.csv", "w") as archive:
        archive.writestr("ACME.csv", HEADER + days(5))
    with pytest.raises(BarsError, match="found a zip archive"):
        import_file(tmp_path / "a.csv")


def test_conflict_markers_and_duplicated_dates(write):
    text = HEADER + "<<<<<<< ours\n" + days(5) + "=======\n" + days(5) + ">>>>>>> theirs\n"
    quality = refused(write(text))
    told = {one.kind: (one.count, one.rows) for one in quality.findings}
    assert told == {
        "merge_conflict": (3, (0, 6, 12)),
        "duplicate_time": (5, (7, 8, 9, 10, 11)),
        "unsorted": (1, (7,)),
    }
    assert "row 7 (line 9, 2020-01-01T00:00:00Z), column ts" in quality.by_kind("unsorted").detail
    repair = {"merge_conflict": "drop", "duplicate_time": "last", "unsorted": "sort"}
    found = import_file(write(text), repair=repair)
    assert len(found.bars) == 5
    assert [one.severity for one in found.quality.findings] == ["repaired"] * 3
    assert found.quality.by_kind("duplicate_time").rows == (1, 2, 3, 4, 5)


def test_days_first_months_first_and_neither(write):
    rows = "".join(f"{day:02d}/01/2020,1,3,1,2\n" for day in range(1, 15))
    days_first = import_file(write(HEADER + rows))
    assert days_first.source["dates"] == "day_first"
    months = HEADER + "".join(f"01/{day:02d}/2020,1,3,1,2\n" for day in range(1, 15))
    assert import_file(write(months)).bars.fingerprint == days_first.bars.fingerprint
    with pytest.raises(
        BarsError, match=r"row 0, column date: .*day 1 of month 2 or day 2 of month 1"
    ):
        import_file(write(HEADER + "01/02/2020,1,3,1,2\n"))
    with pytest.raises(
        BarsError, match="row 14, column date: found '01/31/2020', which contradicts"
    ):
        import_file(write(HEADER + rows + "01/31/2020,1,3,1,2\n"))


def test_a_dot_is_a_missing_value(write):
    quality = refused(write(HEADER + days(5) + "2020-01-06,.,3,1,2\n"))
    (finding,) = quality.findings
    assert (finding.kind, finding.rows) == ("missing_value", (5,))
    assert "row 5 (line 7, 2020-01-06T00:00:00Z), column open: found no number" in finding.detail


def test_columns_in_another_order(write):
    text = "CLOSE,low,High,open,DATE\n" + "".join(
        f"2,1,3,1,2020-01-0{day}\n" for day in range(1, 6)
    )
    bars = import_file(write(text)).bars
    assert bars.fingerprint == import_file(write(HEADER + days(5))).bars.fingerprint


def test_no_header(write):
    with pytest.raises(BarsError, match=r"line 1: found data and no names.*columns=\['date'"):
        import_file(write(days(5)))
    found = import_file(write(days(5)), columns=["date", "open", "high", "low", "close"])
    assert found.bars.fingerprint == import_file(write(HEADER + days(5))).bars.fingerprint
    by_place = {"ts": 0, "open": 1, "high": 2, "low": 3, "close": 4}
    assert import_file(write(days(5)), columns=by_place).bars == found.bars


def test_mixed_time_zones(write):
    text = HEADER + "2020-01-01T00:00Z,1,3,1,2\n2020-01-02T00:00,1,3,1,2\n"
    with pytest.raises(BarsError, match=r"row 1, column date: .*without an offset, unlike row 0"):
        import_file(write(text))


def test_a_gap_of_summer_time(write):
    hours = "".join(f"2024-03-10 0{hour}:00,1,3,1,2\n" for hour in range(6))
    file = write(HEADER + hours)
    quality = refused(file, tz="America/New_York", timeframe="1h")
    (finding,) = quality.findings
    assert (finding.kind, finding.rows) == ("unreadable_time", (2,))
    assert "row 2 (line 4), column ts: found 2024-03-10T02:00:00" in finding.detail
    bars = import_file(
        file, tz="America/New_York", timeframe="1h", repair={"unreadable_time": "drop"}
    ).bars
    assert np.diff(bars.ts).tolist() == [3_600_000_000] * 4


@pytest.mark.parametrize("number", ["1e400", "-1e400", "inf"])
def test_a_number_too_large_for_a_float(write, number):
    (finding,) = refused(write(HEADER + days(5) + f"2020-01-06,1,{number},1,2\n")).findings
    assert (finding.kind, finding.rows) == ("infinite_value", (5,))
    assert "column high" in finding.detail


def test_a_line_of_ten_megabytes(write):
    with pytest.raises(BarsError, match="line 7: found a line longer than 1 MiB"):
        import_file(write(HEADER + days(5) + "2020-01-06,1,3,1," + "2" * 10_000_000 + "\n"))


@pytest.mark.parametrize(
    ("line", "kind", "found"),
    [
        (b"2020-01-06,1,3,1\n", "unreadable_row", "found 4 fields"),
        (b"2020-01-06,1,3,1,2,9\n", "unreadable_row", "found 6 fields"),
        (b"2020-01-06,1,3", "unreadable_row", "found 3 fields: '2020-01-06,1,3'"),
        (b"2020-01-06,1,3,1,\x00\n", "unreadable_row", "found a NUL byte"),
        (b"2020-01-06,1,3,1,\xe9\n", "unreadable_row", "found the byte 0xe9, which is not UTF-8"),
        (b"2020-01-06,1,3,\r1,2\n", "unreadable_row", "a line break inside the line"),
        (b'2020-01-06,1,3,1,"2\n', "unreadable_row", "a quote that is not closed"),
        (b"Date,Open,High,Low,Close\n", "unreadable_time", "found 'Date'"),
        (b"date,open,high,low,close\n", "unreadable_row", "the names of the columns again"),
        (b"06.01.2020,1,3,1,2\n", "unreadable_time", "column ts: found '06.01.2020'"),
        (b'2020-01-06,1,"1,234.5",1,2\n', "unreadable_value", "expected a number without marks"),
        (b'2020-01-06,1,"3,5",1,2\n', "unreadable_value", "expected a decimal point: '3.5'"),
        (b"2020-01-06,1,3,1,-2\n", "not_positive", "column close: found -2.0"),
        (b"2020-01-06,4,3,1,2\n", "ohlc_violation", "found open 4.0, high 3.0, low 1.0"),
    ],
)
def test_a_row_that_is_none_is_named_with_its_line(write, line, kind, found):
    file = write((HEADER + days(5)).encode() + line)
    (finding,) = refused(file).findings
    assert (finding.kind, finding.rows, finding.severity) == (kind, (5,), "error")
    assert found in finding.detail
    assert "row 5 (line 7" in finding.detail
    kept = import_file(file, repair={kind: "drop"})
    assert (len(kept.bars), kept.quality.rows_in, kept.quality.rows_kept) == (5, 6, 5)


def test_quotes_with_line_breaks_are_two_rows_that_are_named(write):
    quality = refused(write(HEADER + days(5) + '"2020-01-\n06",1,3,1,2\n'))
    assert quality.by_kind("unreadable_row").rows == (5, 6)


def test_windows_old_macintosh_and_byte_order_marks(write):
    expected = import_file(write(HEADER + days(9))).bars.fingerprint
    for ending in ("\r\n", "\r"):
        text = "\ufeff" + (HEADER + days(9)).replace("\n", ending)
        assert import_file(write(text)).bars.fingerprint == expected


def test_utf16_binary_and_two_delimiters(write):
    with pytest.raises(BarsError, match="found UTF-16 text"):
        import_file(write((HEADER + days(5)).encode("utf-16")))
    with pytest.raises(BarsError, match="found binary content"):
        import_file(write((HEADER + days(5)).encode("utf-16-le")))
    with pytest.raises(BarsError, match="fit alike"):
        import_file(write("2020-01-01;1,5;3,5;1,0;2,0\n" * 5), columns=["ts"])


# What bars carry with them.


def test_lineage_says_what_was_read_and_repaired_and_names_no_folder(write, tmp_path):
    text = HEADER + days(5) + "2020-01-06,4,3,1,2\n2020-01-05,1,3,1,2\n"
    repair = {"ohlc_violation": "widen", "unsorted": "sort", "duplicate_time": "first"}
    found = import_file(write(text), repair=repair)
    first, *rest = found.bars.lineage
    assert first.operation == "import"
    assert (first.detail["name"], first.detail["rows_in"], first.detail["rows_kept"]) == (
        *("ACME.csv", 7, 6),
    )
    assert first.detail["findings"] == [one.to_json() for one in found.quality.findings]
    assert [(step.operation, step.detail["kind"], step.detail["way"]) for step in rest] == [
        ("repair", "duplicate_time", "first"),
        ("repair", "unsorted", "sort"),
        ("repair", "ohlc_violation", "widen"),
    ]
    assert rest[2].detail["rows"] == [5]
    told = json.dumps(found.bars.lineage.to_json())
    assert str(tmp_path) not in told
    assert Lineage.from_json(json.loads(told)).to_json() == found.bars.lineage.to_json()
    assert found.bars.high[5] == 4.0


def test_a_repair_that_nothing_needed_leaves_no_trace(write):
    found = import_file(write(HEADER + days(5)), repair={"ohlc_violation": "widen"})
    assert len(found.bars.lineage) == 1
    assert found.quality.findings == ()


def test_progress_ends_where_the_file_does(write):
    steps = []
    file = write(HEADER + days(9))
    import_file(file, progress=steps.append)
    assert (steps[-1].done, steps[-1].total) == (file.stat().st_size, file.stat().st_size)


def test_epochs_are_proved(write):
    for per_second in (1, 10**3, 10**6, 10**9):
        rows = "".join(f"{(1_577_836_800 + 3600 * n) * per_second},1,3,1,2\n" for n in range(9))
        bars = import_file(write(HEADER + rows)).bars
        assert (bars.timeframe, str(bars.ts[0].astype("M8[us]"))[:10]) == ("1h", "2020-01-01")


def test_bare_dates_are_days(write):
    with pytest.raises(BarsError, match="a date without a clock and without a zone for bars of 1h"):
        import_file(write(HEADER + days(5)), timeframe="1h")
    local = import_file(write(HEADER + days(5)), tz="America/New_York").bars
    assert str(local.ts[0].astype("M8[us]")) == "2020-01-01T05:00:00.000000"


def test_parquet_holds_the_same_bars_with_times_of_any_type(tmp_path, make_frame):
    df = make_frame().assign(rsi=[float("nan")] + [0.1 * row for row in range(11)])
    expected = Bars.from_pandas(df, symbol="ACME", timeframe="1d")
    flat = df.reset_index()
    seconds = flat["ts"].astype("int64") // {"ns": 10**9, "us": 10**6}[flat["ts"].dt.unit]
    for name, frame in {
        "indexed": df,
        "flat": flat,
        "text": flat.assign(ts=flat["ts"].astype(str)),
        "date": flat.assign(ts=flat["ts"].dt.date),
        "count": flat.assign(ts=seconds),
        "nameless": df.rename_axis(None),
        "float": flat.assign(ts=seconds.astype(float)),
    }.items():
        frame.to_parquet(tmp_path / f"{name}.parquet")
        found = import_file(tmp_path / f"{name}.parquet", symbol="ACME")
        assert found.bars == expected, name


# Long files.


def minutes(count: int, first: int = 0) -> str:
    start = np.datetime64("2020-01-01T00:00", "m")
    times = np.datetime_as_string(start + np.arange(first, first + count))
    return "".join(
        f"{time}Z,{1 + n % 7},{9 + n % 3}.5,0.5,{2 + n % 5},{n}\n" for n, time in enumerate(times)
    )


LONG = "ts,open,high,low,close,volume\n"


def test_spilled_bars_are_the_same_bars(write, tmp_path):
    file = write(LONG + minutes(400_000))
    plain = import_file(file).bars
    spilled = import_file(file, spill=tmp_path, spill_bytes=1 << 20).bars
    assert (is_spilled(plain.ts), is_spilled(spilled.ts), is_spilled(spilled.close)) == (
        *(False, True, True),
    )
    assert spilled == plain
    assert (spilled.timeframe, spilled.calendar) == ("1m", "24/7")
    assert not spilled.close.flags.writeable
    assert [path.name for path in tmp_path.iterdir()] == ["ACME.csv"]


def test_spilled_bars_are_repaired_and_refused_alike(write, tmp_path):
    text = LONG + minutes(300_000) + minutes(1, 299_999) + minutes(5, 300_000) + "2030,1\n"
    file = write(text)
    repair = {"duplicate_time": "last", "unreadable_row": "drop"}
    said = {"repair": repair, "spill": tmp_path, "spill_bytes": 1 << 20}
    found = import_file(file, **said)
    assert found.quality.by_kind("duplicate_time").rows == (299_999,)
    assert found.bars == import_file(file, repair=repair).bars
    unsorted = write(LONG + minutes(300_000) + minutes(1))
    quality = refused(unsorted, repair={"unsorted": "sort"}, spill=tmp_path, spill_bytes=1 << 20)
    assert "too large to be sorted here" in quality.by_kind("unsorted").detail


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(write, tmp_path):
    part = minutes(100_000)
    file = tmp_path / "long.csv"
    with file.open("w") as stream:
        stream.write(LONG)
        for step in range(60):
            stream.write(minutes(100_000, step * 100_000) if step else part)
    assert file.stat().st_size > 200 << 20
    code = (
        "import resource, sys, pyarrow.csv, pyarrow.compute, pyarrow.parquet, hyprl_lab.data\n"
        "from hyprl_lab.data.importing import import_file\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "bars = import_file(sys.argv[1], spill=sys.argv[2]).bars\n"
        "bars.fingerprint\n"
        "print(len(bars), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file), str(tmp_path)], capture_output=True, check=True
    )
    rows, kib = map(int, done.stdout.split())
    assert rows == 6_000_000
    assert kib < 250 << 10  # the columns alone are 366 MiB; what was measured is about 140 MiB


# Real files.


def test_forex_days_first_without_a_zone(shared):
    file = shared / "raw" / "FOREX_EURUSD_1H_ASK.csv"
    with pytest.raises(BarsError, match=r"row 0 \(2017-01-01T22:00:00\), column Time: .*Pass tz="):
        import_file(file)
    found = import_file(file, tz="UTC")
    assert (len(found.bars), found.bars.timeframe, found.bars.calendar) == (6_225, "1h", "24/5")
    assert found.source["dates"] == "day_first"
    assert str(found.bars.ts[-1].astype("M8[us]")) == "2017-12-29T21:00:00.000000"
    assert (found.bars.close[-1], found.bars.volume[0]) == (1.20075, 143_539_993.3)


def test_a_merge_conflict_with_two_copies_of_all_dates(shared):
    file = shared / "raw" / "btc_1d_merge_conflict.csv"
    quality = refused(file)
    assert {one.kind: one.count for one in quality.findings} == {
        "merge_conflict": 3,
        "duplicate_time": 5_618,
        "unsorted": 1,
        "ohlc_violation": 32,
        "ignored_column": 1,
    }
    assert "line 3" in quality.by_kind("merge_conflict").detail
    assert quality.by_kind("merge_conflict").rows == (1, 5_629, 11_248)
    assert quality.rows_in == 11_249
    repair = {"merge_conflict": "drop", "unsorted": "sort", "ohlc_violation": "drop"}
    for way, kept in (("first", 5_596), ("last", 5_596)):
        found = import_file(file, symbol="BTC", repair={**repair, "duplicate_time": way})
        assert (len(found.bars), found.bars.calendar) == (kept, "24/7")
        assert "ma10" in found.bars.columns


def test_vix_with_dots_for_missing_closes(shared):
    file = shared / "raw" / "vix_us_dates_dot_nan.csv"
    with pytest.raises(BarsError, match=r"without.*If there is only a close: columns="):
        import_file(file)
    quality = refused(file, columns=FLAT)
    assert {one.kind: one.count for one in quality.findings} == {"missing_value": 46}
    found = import_file(file, columns=FLAT, repair={"missing_value": "drop"})
    assert (len(found.bars), found.source["dates"]) == (1_259, "month_first")
    assert str(found.bars.ts[0].astype("M8[us]"))[:10] == "2014-01-03"
    assert (found.bars.open == found.bars.close).all()


def test_a_factor_file_is_no_bars(shared):
    with pytest.raises(BarsError, match=r"factor file.*bars\.adjusted\(factors="):
        import_file(shared / "raw" / "spy_factor_file.csv")


def test_vix_has_47_bars_out_of_order(shared):
    quality = refused(shared / "vix_1d.parquet")
    finding = quality.by_kind("ohlc_violation")
    assert (finding.count, finding.rows[0], len(finding.rows)) == (47, 533, 47)
    widened = import_file(shared / "vix_1d.parquet", repair={"ohlc_violation": "widen"}).bars
    assert len(widened) == 9_235
    assert (widened.high >= np.maximum(widened.open, widened.close)).all()


def test_a_panel_is_several_symbols(shared):
    with pytest.raises(BarsError, match=r"30 texts.*hl\.Panel\.read\(path, by='symbol'\)"):
        import_file(shared / "us_equity_panel_1d.parquet")


@pytest.mark.parametrize(
    ("name", "rows", "timeframe", "calendar"),
    [
        ("spy_1d", 5_849, "1d", "XNYS"),
        ("spy_1h", 40_832, "1h", "XNYS"),
        ("btcusd_1d", 3_759, "1d", "24/7"),
        ("ethusd_1d", 2_610, "1d", "24/7"),
        ("solusd_1d", 1_727, "1d", "24/7"),
        ("eurusd_1h_ask", 74_439, "1h", "24/5"),
        ("eurusd_1h_bid", 74_439, "1h", "24/5"),
        ("nifty50_1m_4days", 1_509, "1m", "24/5"),
    ],
)
def test_clean_sets_are_imported_whole(shared, name, rows, timeframe, calendar):
    found = import_file(shared / f"{name}.parquet")
    assert (len(found.bars), found.bars.timeframe, found.bars.calendar) == (
        rows,
        timeframe,
        calendar,
    )
    assert found.quality.ok
    assert found.quality.rows_in == found.quality.rows_kept == rows
