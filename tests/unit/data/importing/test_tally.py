from __future__ import annotations

import numpy as np

from hyprl_lab.data.importing.tally import Tally


def add(tally: Tally, rows: list[int], *, line: int, found: str = "x", time: int | None = None):
    tally.add(
        "missing_value",
        np.array(rows),
        column="open",
        line=line,
        found=found,
        expected="y",
        time=time,
    )


def test_the_words_are_about_the_first_row_whatever_came_first():
    tally = Tally()
    add(tally, [7, 9], line=9, found="seven")
    add(tally, [3], line=5, found="three")
    add(tally, [4], line=6, found="four")
    (finding,) = tally.findings({}, lambda row, time: time)
    assert (finding.count, finding.rows, finding.severity) == (4, (3, 4, 7, 9), "error")
    assert finding.detail.startswith("row 3 (line 5), column open: found three; expected y; 4 rows")
    assert "repair={'missing_value': 'drop'}" in finding.detail


def test_a_thousand_rows_are_named_and_all_counted():
    tally = Tally()
    for start in range(0, 5_000, 500):
        add(tally, list(range(start, start + 500)), line=1)
    (finding,) = tally.findings({"missing_value": "drop"}, lambda row, time: time)
    assert (finding.count, finding.rows) == (5_000, tuple(range(1_000)))
    assert finding.severity == "repaired"
    assert finding.detail.endswith("Repaired: drop")


def test_times_are_settled_at_the_end():
    tally = Tally()
    add(tally, [3], line=5, time=10)
    (finding,) = tally.findings({}, lambda row, time: 1_000_000 * (row + time))
    assert finding.first_ts == 13_000_000
    assert "(line 5, 1970-01-01T00:00:13Z)" in finding.detail


def test_dropped_counts_all_but_some_kinds():
    tally = Tally()
    add(tally, [3, 4], line=5)
    tally.add("unsorted", np.array([8]), found="x", expected="y", ts=5)
    assert tally.dropped(frozenset({"unsorted"})) == 2
    assert tally.findings({}, lambda row, time: None)[1].first_ts == 5
