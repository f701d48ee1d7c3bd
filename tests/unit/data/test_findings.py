from __future__ import annotations

import json
import pickle

import pandas as pd
import pytest

from hyprl_lab.data.findings import KINDS, ROWS_NAMED, SEVERITIES, Finding, Quality
from hyprl_lab.errors import BarsError, QualityError


def found(kind="gap", severity="warning", **given):
    values = {"count": 1, "first_ts": 0, "detail": "one"}
    return Finding(kind=kind, severity=severity, **{**values, **given})


def test_kinds_and_severities_are_closed_lists():
    assert len(KINDS) == len(set(KINDS)) == 20
    assert SEVERITIES == ("error", "warning", "repaired", "info")
    assert ROWS_NAMED == 1_000
    with pytest.raises(BarsError, match="found 'gaps', 'warning'"):
        found(kind="gaps")
    with pytest.raises(BarsError, match="found 'gap', 'bad'"):
        found(severity="bad")


@pytest.mark.parametrize("given", [{}, {"rows": (1, 2)}, {"spread": (0, 3)}, {"first_ts": None}])
def test_findings_survive_json(given):
    finding = found(**given)
    assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding


def test_a_spread_is_written_only_where_there_is_one():
    assert "spread" not in found().to_json()
    assert found(spread=(1,)).to_json()["spread"] == [1]


def test_the_gravest_come_first_then_by_kind():
    report = Quality.of(
        [
            found("gap", "info"),
            found("outlier", "warning"),
            found("duplicate_time", "repaired"),
            found("unsorted", "error"),
            found("gap", "warning"),
        ],
        rows_in=5,
        rows_kept=4,
        title="X",
    )
    order = [(finding.severity, finding.kind) for finding in report.findings]
    assert order == [
        ("error", "unsorted"),
        ("warning", "gap"),
        ("warning", "outlier"),
        ("repaired", "duplicate_time"),
        ("info", "gap"),
    ]
    assert report.by_kind("gap").severity == "warning"
    assert report.by_kind("flat_bar") is None
    with pytest.raises(BarsError, match="kind: found 'gaps'"):
        report.by_kind("gaps")


@pytest.mark.parametrize(
    ("severity", "ok"), [("error", False), ("warning", False), ("repaired", True), ("info", True)]
)
def test_ok_means_neither_errors_nor_warnings(severity, ok):
    assert Quality.of([found(severity=severity)], rows_in=1, rows_kept=1, title="X").ok is ok


def test_a_frame_has_a_row_a_finding():
    report = Quality.of(
        [found(first_ts=86_400_000_000), found("ignored_column", "info", first_ts=None)],
        rows_in=1,
        rows_kept=1,
        title="X",
    )
    frame = report.to_pandas()
    assert list(frame.columns) == ["kind", "severity", "count", "first_ts", "detail"]
    assert frame["first_ts"][0] == pd.Timestamp("1970-01-02", tz="UTC")
    assert frame["first_ts"].isna().tolist() == [False, True]
    empty = Quality.of([], rows_in=1, rows_kept=1, title="X").to_pandas()
    assert len(empty) == 0
    assert str(empty["first_ts"].dt.tz) == "UTC"


def test_text_and_html():
    report = Quality.of([found(count=1_234)], rows_in=12, rows_kept=10, title="X 1d")
    assert repr(report).startswith("Quality X 1d: 10 of 12 rows kept\n  warning")
    assert "1,234  1970-01-01T00:00:00Z  one" in repr(report)
    assert "nothing found" in repr(Quality.of([], rows_in=1, rows_kept=1, title="X"))
    assert "10 of 12 rows kept" in report._repr_html_()


def test_an_error_carries_its_report_through_pickle():
    report = Quality.of([found("unsorted", "error")], rows_in=1, rows_kept=0, title="X")
    error = pickle.loads(pickle.dumps(QualityError("row 3 is early", report)))
    assert str(error) == "row 3 is early"
    assert error.quality == report


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("gaps", "gap"),
        ("duplicate", "duplicate_time"),
        ("unadjusted", "unadjusted_split"),
        ("split", "unadjusted_split"),
        ("x", None),
    ],
)
def test_an_unknown_kind_is_told_the_nearest(kind, meant):
    report = Quality.of([], rows_in=1, rows_kept=1, title="X")
    said = f"found '{kind}'; did you mean '{meant}'?" if meant else f"found '{kind}'; expected one"
    with pytest.raises(BarsError) as refused:
        report.by_kind(kind)
    assert said in str(refused.value)
    assert "expected one of ['unreadable_row'" in str(refused.value)


def test_of_a_refused_file_nothing_was_kept() -> None:
    error = Finding(kind="unsorted", severity="error", count=1, first_ts=None, detail="x")
    report = Quality.of([error], rows_in=505, rows_kept=502, title="acme")
    assert repr(report).splitlines()[0] == (
        "Quality acme: 502 of 505 rows are bars; nothing was imported"
    )
