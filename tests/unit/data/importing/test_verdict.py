from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.importing.asked import Asked
from hyprl_lab.data.importing.reading import Reading
from hyprl_lab.data.importing.source import Source
from hyprl_lab.data.importing.verdict import verdict
from hyprl_lab.errors import QualityError


@pytest.fixture
def judge(tmp_path):
    def judge(text: str, *, in_order: bool = True, **said):
        file = tmp_path / "acme.csv"
        file.write_text(text)
        with Source(file) as source:
            reading = Reading(source, Asked.checked(**said), spill=None, spill_bytes=1 << 20)
            arrays, meaning = reading.read()
        if not in_order:
            reading.tally.add("unsorted", np.array([1]), found="x", expected="y")
        return verdict(reading, arrays, meaning, title="acme", in_order=in_order)

    return judge


HEADER = "ts,open,high,low,close"


def test_what_was_left_out_unasked_is_worth_a_word(judge):
    quality = judge(f"{HEADER},volume,ticker,,note\n2024-01-02,1,2,1,2,,A,7,\n")
    assert [(one.kind, one.severity) for one in quality.findings] == [
        ("ignored_column", "info")
    ] * 3
    assert [one.detail for one in quality.findings] == [
        "column 7: left out, for it has no name",
        "column ticker: left out, for it holds the text 'A' in every row",
        "column volume: left out, for it holds no value",
    ]
    assert quality.ok


def test_two_offsets_an_hour_apart_are_summer_and_others_a_warning(judge):
    rows = "2024-01-02T00:00+01:00,1,2,1,2\n2024-07-02T00:00+02:00,1,2,1,2\n"
    summer = judge(f"{HEADER}\n{rows}").by_kind("time_zone")
    assert (summer.severity, summer.count) == ("info", 2)
    mixed = judge(f"{HEADER}\n{rows}2024-08-02T00:00-05:30,1,2,1,2\n").by_kind("time_zone")
    assert (mixed.severity, mixed.count) == ("warning", 3)
    assert "-05:30, +01:00, +02:00" in mixed.detail


def test_an_error_that_nobody_repairs_carries_the_whole_report(judge):
    text = f"{HEADER}\n2024-01-02,1,2,1,2\n2024-01-03,x,2,1,2\n2024-01-04,1\n"
    with pytest.raises(QualityError, match="1 unreadable_row, 1 unreadable_value") as raised:
        judge(text)
    quality = raised.value.quality
    assert (quality.rows_in, quality.rows_kept, quality.ok) == (3, 1, False)
    with pytest.raises(QualityError, match="no bars: 1 unreadable_value"):
        judge(text, repair={"unreadable_row": "drop"})


def test_a_sort_that_was_not_done_is_no_repair(judge):
    with pytest.raises(QualityError, match="1 unsorted"):
        judge(f"{HEADER}\n2024-01-02,1,2,1,2\n", in_order=False, repair={"unsorted": "sort"})
