from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.quality.hours import session_rows
from hyprl_lab.data.timeframe import Timeframe


def stamps(*times: str) -> np.ndarray:
    return np.array(times, dtype="datetime64[us]").astype(np.int64)


def of_day(rows, date):
    place = int(np.searchsorted(rows.days, np.datetime64(date).astype("datetime64[D]").astype(int)))
    return int(rows.starts[place]), int(rows.stops[place])


def test_a_bar_that_holds_the_open_is_inside_and_one_that_ends_at_it_is_not():
    """New York opens at 14:30 UTC in winter and closes at 21:00."""
    ts = stamps(*(f"2024-01-16T{hour:02}:00" for hour in range(12, 23)))
    rows = session_rows(ts, Timeframe(1, "h"), "XNYS")
    start, stop = of_day(rows, "2024-01-16")
    assert ts[start] == stamps("2024-01-16T14:00")[0]  # holds 14:30
    assert ts[stop - 1] == stamps("2024-01-16T20:00")[0]
    half = session_rows(ts, Timeframe(30, "m"), "XNYS")
    assert ts[of_day(half, "2024-01-16")[0]] == stamps("2024-01-16T15:00")[0]


@pytest.mark.parametrize(
    ("monday", "sunday_open", "friday_close"),
    [
        ("2024-01-15", "2024-01-14T22:00", "2024-01-19T22:00"),
        ("2024-03-11", "2024-03-10T21:00", "2024-03-15T21:00"),  # clocks went forward on Sunday
        ("2024-07-15", "2024-07-14T21:00", "2024-07-19T21:00"),
        ("2024-10-28", "2024-10-27T21:00", "2024-11-01T21:00"),  # London changed, New York not yet
        ("2024-11-04", "2024-11-03T22:00", "2024-11-08T22:00"),
    ],
)
def test_the_week_of_currencies_turns_at_five_in_new_york(monday, sunday_open, friday_close):
    first = np.datetime64(monday, "h") - 48
    ts = (first + np.arange(9 * 24)).astype("datetime64[us]").astype(np.int64)
    rows = session_rows(ts, Timeframe(1, "h"), "24/5")
    start, _ = of_day(rows, monday)
    _, stop = of_day(rows, str(np.datetime64(monday) + 4))
    assert ts[start] == stamps(sunday_open)[0]
    assert ts[stop] == stamps(friday_close)[0]


def test_sessions_that_follow_each_other_share_no_row():
    ts = np.arange(200) * 3_600_000_000 + 1_800_000_000  # each bar on the half hour
    rows = session_rows(ts, Timeframe(1, "h"), "24/7")
    assert rows.stops[-1] == 200
    assert (rows.starts[1:] == rows.stops[:-1]).all()
