from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.clock import CLOCK_NAMES, clock
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.errors import BarsError

HOURLY, DAILY = Timeframe(1, "h"), Timeframe(1, "d")


def stamps(*times: str, tz: str = "UTC") -> np.ndarray:
    return pd.DatetimeIndex(times).tz_localize(tz).tz_convert("UTC").as_unit("us").asi8


def test_minutes_are_new_yorks_on_both_sides_of_a_clock_change():
    ts = stamps("2021-03-12 14:30", "2021-03-15 13:30", "2021-03-15 13:31:59")
    assert clock("minute_of_day", ts, HOURLY, "XNYS").tolist() == [570.0, 570.0, 571.0]
    assert clock("minute_of_day", ts, HOURLY, "24/5").tolist() == [870.0, 810.0, 811.0]


def test_the_weekday_is_that_of_the_session():
    sunday_night_to_tuesday = stamps("2021-03-14 22:00", "2021-03-15 03:00", "2021-03-16 03:00")
    assert clock("weekday", sunday_night_to_tuesday, HOURLY, "24/5").tolist() == [0.0, 0.0, 1.0]
    assert clock("weekday", sunday_night_to_tuesday, HOURLY, "24/7").tolist() == [6.0, 0.0, 1.0]
    assert clock("weekday", sunday_night_to_tuesday, HOURLY, "XNYS").tolist() == [6.0, 6.0, 0.0]


def test_bare_dates_of_new_york_have_their_own_weekday():
    ts = pd.bdate_range("2021-01-04", periods=5, tz="UTC", unit="us").asi8
    assert clock("weekday", ts, DAILY, "XNYS").tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert clock("minute_of_day", ts, DAILY, "XNYS").tolist() == [0.0] * 5
    assert clock("bar_of_session", ts, DAILY, "XNYS").tolist() == [0.0] * 5


def test_bars_are_counted_from_the_first_that_is_there():
    ts = stamps(
        "2021-03-12 10:30", "2021-03-12 11:30", "2021-03-12 15:30", "2021-03-15 09:30",
        tz="America/New_York",
    )  # fmt: skip
    assert clock("bar_of_session", ts, HOURLY, "XNYS").tolist() == [0.0, 1.0, 2.0, 0.0]


def test_an_unknown_node_is_refused():
    with pytest.raises(BarsError, match="session node: found 'hour'; expected one of"):
        clock("hour", np.array([0]), HOURLY, "24/7")


@pytest.mark.parametrize("name", CLOCK_NAMES)
def test_later_bars_change_nothing(name):
    ts = pd.date_range("2021-10-29", periods=24 * 14, freq="h", tz="UTC", unit="us").asi8
    for calendar in ("XNYS", "24/5", "24/7"):
        whole = clock(name, ts, HOURLY, calendar)
        assert whole.dtype == np.float64
        for rows in range(1, ts.size, 13):
            assert np.array_equal(clock(name, ts[:rows], HOURLY, calendar), whole[:rows])


def test_hourly_spy_runs_from_nine_to_fifteen(shared):
    """Its bars are labelled with clock hours: the first one of a session is 09:00."""
    frame = pd.read_parquet(shared / "spy_1h.parquet")
    ts = pd.DatetimeIndex(frame["ts"]).as_unit("us").asi8
    minute = clock("minute_of_day", ts, HOURLY, "XNYS")
    bar = clock("bar_of_session", ts, HOURLY, "XNYS")
    first = minute[bar == 0]
    assert first.size == 5_849
    assert np.count_nonzero(first != 540.0) == 1  # one session begins at 11:00
    assert set(minute) == {60.0 * hour for hour in range(9, 16)}
    assert set(clock("weekday", ts, HOURLY, "XNYS")) == {0.0, 1.0, 2.0, 3.0, 4.0}
    weekday = pd.DatetimeIndex(frame["ts"]).tz_convert("America/New_York").day_of_week
    assert np.array_equal(clock("weekday", ts, HOURLY, "XNYS"), weekday.to_numpy(np.float64))


def test_nifty_counts_its_minutes_in_utc(shared):
    frame = pd.read_parquet(shared / "nifty50_1m_4days.parquet")
    ts = pd.DatetimeIndex(frame["ts"]).as_unit("us").asi8
    minute = clock("minute_of_day", ts, Timeframe(1, "m"), "24/5")
    assert minute[:2].tolist() == [3 * 60 + 37, 3 * 60 + 45]
    bar = clock("bar_of_session", ts, Timeframe(1, "m"), "24/5")
    assert np.count_nonzero(bar == 0) == 4
    assert bar.sum() == sum(
        n * (n - 1) / 2 for n in frame.groupby(pd.DatetimeIndex(frame["ts"]).date).size()
    )
