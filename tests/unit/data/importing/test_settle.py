from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.importing import table as module
from hyprl_lab.data.importing.settle import (
    Meaning,
    settle_duplicates,
    settle_order,
    settle_times,
)
from hyprl_lab.data.importing.table import LINE, ROW, Table
from hyprl_lab.data.importing.tally import Tally

HOUR = 3_600_000_000


@pytest.fixture(params=[2, 3, 100])
def piece_rows(request, monkeypatch):
    monkeypatch.setattr(module, "PIECE_ROWS", request.param)
    return request.param


def columns(ts: list[int]):
    table = Table(["ts", ROW, LINE, "close"])
    rows = np.arange(len(ts))
    table.append({"ts": np.array(ts), ROW: rows, LINE: rows + 2, "close": rows.astype(float)})
    return table, table.finish()


@pytest.mark.usefixtures("piece_rows")
@pytest.mark.parametrize(
    ("way", "kept", "named"),
    [
        ("first", [0, 1, 4, 5], (2, 3, 6)),
        ("last", [0, 3, 4, 6], (1, 2, 5)),
        ("drop", [0, 4], (1, 2, 3, 5, 6)),
    ],
)
def test_each_time_stays_once(way, kept, named):
    table, arrays = columns([1, 2, 2, 2, 3, 4, 4])
    tally = Tally()
    arrays = settle_duplicates(table, arrays, tally, way=way)
    assert arrays[ROW].tolist() == kept
    (finding,) = tally.findings({}, lambda row, time: time)
    assert (finding.kind, finding.rows) == ("duplicate_time", named)
    assert finding.detail.startswith(f"row {named[0]} (line {named[0] + 2}, ")


@pytest.mark.usefixtures("piece_rows")
def test_times_that_differ_stay_as_they_are():
    table, arrays = columns([1, 2, 3, 4, 5])
    assert settle_duplicates(table, arrays, Tally(), way="first") is arrays


@pytest.mark.usefixtures("piece_rows")
@pytest.mark.parametrize("may_sort", [True, False])
def test_rows_that_go_back_are_named_and_sorted_where_that_can_be(may_sort):
    _, arrays = columns([5, 6, 1, 2, 6, 3])
    tally = Tally()
    settled, in_order = settle_order(arrays, tally, repair=True, may_sort=may_sort)
    (finding,) = tally.findings({}, lambda row, time: time)
    assert (finding.count, finding.rows, finding.first_ts) == (2, (2, 5), 1)
    assert in_order is may_sort
    expected = [2, 3, 5, 0, 1, 4] if may_sort else [0, 1, 2, 3, 4, 5]
    assert settled[ROW].tolist() == expected
    assert ("too large to be sorted here" in finding.detail) is not may_sort


def test_rows_in_order_stay():
    _, arrays = columns([1, 1, 2])
    tally = Tally()
    assert settle_order(arrays, tally, repair=False, may_sort=True) == (arrays, True)
    assert tally.findings({}, lambda row, time: time) == []


def test_times_that_mean_what_they_are_stay():
    table, arrays = columns([1, 2])
    assert settle_times(table, arrays, Meaning(), Tally()) is arrays
    assert settle_times(table, arrays, Meaning(tz="UTC"), Tally()) is arrays


def test_a_wall_clock_becomes_utc_and_an_hour_that_was_not_is_left_out():
    walls = np.array(["2024-03-10T01:00", "2024-03-10T02:00", "2024-03-10T03:00"], dtype="M8[us]")
    table, arrays = columns(walls.astype(np.int64).tolist())
    tally = Tally()
    arrays = settle_times(table, arrays, Meaning(tz="America/New_York"), tally)
    assert np.diff(arrays["ts"]).tolist() == [HOUR]
    (finding,) = tally.findings({}, lambda row, time: time)
    assert (finding.kind, finding.rows, finding.first_ts) == ("unreadable_time", (1,), None)
    assert "2024-03-10T02:00:00, which America/New_York skips" in finding.detail


def test_days_and_months_are_exchanged_before_a_row():
    third_of_february, second_of_march = 33 * 24 * HOUR, 60 * 24 * HOUR
    meaning = Meaning(exchanged_rows=1)
    ts, unclear = meaning.moments(np.array([third_of_february + HOUR] * 2), np.array([0, 1]))
    assert ts.tolist() == [second_of_march + HOUR, third_of_february + HOUR]
    assert not unclear.any()
    assert meaning.moment(0, third_of_february) == second_of_march
    assert meaning.moment(0, None) is None


def test_counts_are_held_to_what_bars_can_have():
    ts, unclear = Meaning(unit="epoch_ns").moments(np.array([5_000, 5_001]), np.arange(2))
    assert (ts.tolist(), unclear.tolist()) == ([5, 5], [False, True])
    assert Meaning(unit="epoch_s").moments(np.array([10**15]), np.arange(1))[1].tolist() == [True]
    assert "no whole microsecond" in Meaning(unit="epoch_ns").why_unclear(0, 5_001)
