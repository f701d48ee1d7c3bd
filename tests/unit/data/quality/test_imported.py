from __future__ import annotations

import pytest

from hyprl_lab.data import Factors, read_bars
from hyprl_lab.data.findings import Finding
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.quality.imported import imported, repaired_rows

REPAIRED = Finding(
    kind="duplicate_time", severity="repaired", count=2, first_ts=7, detail="two", rows=(3, 4)
)


def test_bars_that_were_never_imported():
    told = imported(Lineage().then("load", name="TEST"))
    assert (told.findings, told.rows_in, told.rows_kept) == ([], None, None)


def test_findings_come_back_as_they_were_written():
    lineage = Lineage().then(
        "import", source="a.csv", rows_in=12, rows_kept=10, findings=[REPAIRED.to_json()]
    )
    told = imported(Lineage.from_json(lineage.then("take", start=0, stop=5).to_json()))
    assert told.findings == [REPAIRED]
    assert (told.rows_in, told.rows_kept) == (12, 10)


def test_an_import_that_says_nothing():
    assert imported(Lineage().then("import", source="a.csv")).findings == []


HEAD = "date,open,high,low,close\n"


def mended(tmp_path, lines, **repair):
    file = tmp_path / "a.csv"
    file.write_text(HEAD + "".join(f"2020-01-{line}\n" for line in lines))
    return read_bars(file, symbol="A", timeframe="1d", calendar="24/7", repair=repair)


LINES = [
    "01,1,3,1,2",
    "02,1,3,1,",  # no close: dropped
    "03,1,3,1,2",
    "03,9,9,9,9",  # a second and a third time
    "03,8,8,8,8",
    "04,1,1,1,2",  # a high below the close
    "05,1,3,1,2",
    "06,1,1,1,2",
]


@pytest.mark.parametrize("way", ["first", "last"])
def test_repaired_rows_are_found_among_the_bars(tmp_path, way):
    bars = mended(tmp_path, LINES, missing_value="drop", duplicate_time=way, ohlc_violation="widen")
    assert [str(day)[8:10] for day in bars.ts.astype("M8[us]")] == ["01", "03", "04", "05", "06"]
    report = bars.quality()
    rows = {
        finding.kind: repaired_rows(bars, finding).tolist()
        for finding in report.findings
        if finding.severity == "repaired"
    }
    assert rows == {"missing_value": [], "duplicate_time": [1, 1], "ohlc_violation": [2, 4]}
    adjusted = bars.adjusted(factors=Factors.from_rows([("2020-01-02", 1.0, 0.5)]))
    assert repaired_rows(adjusted, report.by_kind("ohlc_violation")).tolist() == [2, 4]


def test_after_a_cut_or_a_sort_the_first_is_found_by_its_time(tmp_path):
    bars = mended(
        tmp_path, LINES, missing_value="drop", duplicate_time="first", ohlc_violation="widen"
    )
    widened = bars.quality().by_kind("ohlc_violation")
    assert repaired_rows(bars.take(1, 5), widened).tolist() == [1]
    assert repaired_rows(bars.take(3, 5), widened).tolist() == []
    assert repaired_rows(bars.resample("2d"), widened).tolist() == []
    lines = ["01,1,3,1,2", "03,1,1,1,2", "02,1,3,1,2", "04,1,1,1,2"]
    bars = mended(tmp_path, lines, unsorted="sort", ohlc_violation="widen")
    report = bars.quality()
    assert repaired_rows(bars, report.by_kind("unsorted")).tolist() == [1]
    assert repaired_rows(bars, report.by_kind("ohlc_violation")).tolist() == [2]


def test_where_all_rows_of_a_time_went_none_is_left(tmp_path):
    bars = mended(tmp_path, [*LINES[:5], "05,1,3,1,2"], missing_value="drop", duplicate_time="drop")
    assert repaired_rows(bars, bars.quality().by_kind("duplicate_time")).tolist() == []
