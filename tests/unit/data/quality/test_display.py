from __future__ import annotations

import re

from hyprl_lab.data.findings import Finding, Quality
from hyprl_lab.data.quality.display import html


def found(**given):
    values = {"kind": "gap", "severity": "warning", "count": 1, "first_ts": 0, "detail": "one"}
    return Finding(**{**values, **given})


def test_nothing_found():
    report = Quality.of([], rows_in=3, rows_kept=3, title="A & B")
    assert "Quality of A &amp; B" in html(report)
    assert "3 of 3 rows kept; nothing found" in html(report)
    assert "<table" not in html(report)


def test_details_are_text_and_never_markup():
    report = Quality.of([found(detail="<script>x</script>")], rows_in=1, rows_kept=1, title="X")
    assert "&lt;script&gt;" in html(report)
    assert "<script" not in html(report)


def test_a_strip_has_a_mark_for_each_stretch_with_rows():
    spread = (0, 4, 0, 1)
    report = Quality.of(
        [found(spread=spread)], rows_in=9, rows_kept=9, title="X", span=(0, 86_400_000_000)
    )
    shown = html(report)
    marks = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="60" height="([\d.]+)"', shown)
    assert marks == [("60", "0.0", "18.0"), ("180", "9.0", "9.0")]  # by the root of the share
    assert "1970-01-01" in shown
    assert "1970-01-02" in shown


def test_without_bars_there_is_no_strip():
    report = Quality.of([found(rows=(1,))], rows_in=9, rows_kept=0, title="X")
    assert "<svg" not in html(report)
    assert "from 1970-01-01T00:00:00Z" in html(report)


def test_the_summary_counts_by_severity():
    findings = [found(), found(kind="outlier"), found(severity="repaired"), found(severity="info")]
    report = Quality.of(findings, rows_in=9, rows_kept=9, title="X")
    assert "2 warnings, 1 repaired, 1 info" in html(report)


def test_text_takes_the_colour_of_the_page():
    report = Quality.of([found()], rows_in=9, rows_kept=9, title="X")
    assert not re.search(r"[^-]color:#", html(report).replace("background:#", ""))


def test_what_was_repaired_has_no_empty_line():
    report = Quality.of(
        [found(severity="repaired"), found(kind="outlier", spread=(1,))],
        rows_in=9,
        rows_kept=9,
        title="X",
        span=(0, 86_400_000_000),
    )
    table = html(report).split("<table")[1]
    assert table.count("<br>") == table.count("<svg") == 1
    assert '<td style="' in table
    assert not re.search(r"<td[^>]*><br>", table)
