from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.sessions import (
    bars_per_year,
    check_calendar,
    headline_rows,
    infer_calendar,
    periods_per_year,
    session_days,
    session_labels,
    session_minutes,
    session_numbers,
    session_runs,
    wall_clock,
)
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.errors import BarsError

HOURLY, DAILY = Timeframe(1, "h"), Timeframe(1, "d")


def micros(index: pd.DatetimeIndex) -> np.ndarray:
    return index.tz_convert("UTC").as_unit("us").asi8


def days_of(labels: np.ndarray) -> list[str]:
    return [str(day) for day in labels.astype("datetime64[D]")]


@pytest.mark.parametrize(
    ("start", "periods", "freq", "tz", "expected"),
    [
        ("2021-01-04", 20, "D", "UTC", "24/7"),
        ("2021-01-04", 20, "B", "UTC", "XNYS"),
        ("2021-01-03 22:00", 100, "h", "UTC", "24/5"),  # from Sunday night to Thursday
        ("2021-01-04", 48, "h", "UTC", "24/5"),  # weekdays round the clock
        ("2021-01-04 09:30", 7, "h", "America/New_York", "XNYS"),
        ("2021-01-04 04:00", 16, "h", "America/New_York", "XNYS"),
        ("2021-01-04 04:00", 17, "h", "America/New_York", "24/5"),
        ("2021-01-04 09:15", 6, "h", "Asia/Kolkata", "24/5"),
    ],
)
def test_the_calendar_is_read_off_the_stamps(start, periods, freq, tz, expected):
    index = pd.date_range(start, periods=periods, freq=freq, tz=tz)
    timeframe = HOURLY if freq == "h" else DAILY
    assert infer_calendar(micros(index), timeframe) == expected


def test_weekly_and_monthly_bars_show_no_calendar():
    saturdays = micros(pd.date_range("2021-01-02", periods=5, freq="7D", tz="UTC"))
    assert infer_calendar(saturdays, Timeframe(1, "w")) == "XNYS"
    assert infer_calendar(saturdays[:1], Timeframe(1, "mo")) == "XNYS"


def test_new_york_sessions_are_new_york_dates():
    index = pd.date_range("2006-12-01", "2007-12-31", freq="30min", tz="UTC")
    local = index.tz_convert("America/New_York").tz_localize(None).normalize()
    expected = local.to_numpy().astype("datetime64[D]").astype(np.int64)
    assert np.array_equal(session_days(micros(index), "XNYS"), expected)


def test_a_single_stamp_has_a_new_york_date():
    late = micros(pd.DatetimeIndex(["2021-07-02 03:59"], tz="UTC"))
    assert days_of(session_days(late, "XNYS")) == ["2021-07-01"]
    assert days_of(session_days(late + 60_000_000, "XNYS")) == ["2021-07-02"]


def test_weekends_roll_to_monday_on_weekday_markets():
    index = pd.DatetimeIndex(
        ["2021-01-01 21:00", "2021-01-02 10:00", "2021-01-03 22:00", "2021-01-04 00:00"], tz="UTC"
    )
    assert days_of(session_days(micros(index), "24/5")) == ["2021-01-01"] + ["2021-01-04"] * 3
    assert days_of(session_days(micros(index), "24/7")) == [
        "2021-01-01", "2021-01-02", "2021-01-03", "2021-01-04",
    ]  # fmt: skip


def test_headline_rows_end_new_york_sessions_whatever_the_utc_date():
    """Extended hours end at 20:00 in New York: 01:00 UTC of the next day in winter."""
    index = pd.date_range("2021-01-04 16:00", periods=4, freq="h", tz="America/New_York").append(
        pd.date_range("2021-01-05 16:00", periods=4, freq="h", tz="America/New_York")
    )
    assert headline_rows(micros(index), HOURLY, "XNYS").tolist() == [3, 7]
    assert headline_rows(micros(index), HOURLY, "24/7").tolist() == [2, 6, 7]


def test_every_bar_of_a_day_or_longer_is_a_headline():
    rows = headline_rows(np.arange(5) * 86_400_000_000, DAILY, "24/7")
    assert rows.tolist() == [0, 1, 2, 3, 4]
    assert rows.dtype == np.int64


@pytest.mark.parametrize(
    ("timeframe", "calendar", "expected"),
    [
        ("1m", "XNYS", 252.0),
        ("4h", "24/5", 260.0),
        ("1h", "24/7", 365.0),
        ("1d", "XNYS", 252.0),
        ("1d", "24/5", 260.0),
        ("1d", "24/7", 365.0),
        ("5d", "24/5", 52.0),
        ("1w", "24/7", 52.0),
        ("2w", "XNYS", 26.0),
        ("1mo", "XNYS", 12.0),
        ("3mo", "24/7", 4.0),
        ("5m", "XBOM", 246.0),
        ("1d", "CMES", 258.0),
        ("2d", "XTKS", 122.5),
    ],
)
def test_periods_per_year(timeframe, calendar, expected):
    assert periods_per_year(Timeframe.parse(timeframe), calendar) == expected


@pytest.mark.parametrize(
    ("timeframe", "calendar", "given", "expected"),
    [
        ("1m", "XNYS", None, 252.0 * 390),
        ("1h", "XNYS", None, 252.0 * 7),  # six and a half hours
        ("15m", "24/5", None, 260.0 * 96),
        ("4h", "24/7", None, 365.0 * 6),
        ("7h", "24/7", None, 365.0 * 4),
        ("1h", "XNYS", 250.0, 1_750.0),
        ("1h", "XBOM", None, 246.0 * 7),  # six and a quarter
        ("1m", "XTKS", None, 245.0 * 330),  # the break is left out
        ("1d", "XNYS", None, 252.0),
        ("1d", "24/7", 360.0, 360.0),
        ("1mo", "24/5", None, 12.0),
    ],
)
def test_bars_per_year(timeframe, calendar, given, expected):
    assert bars_per_year(Timeframe.parse(timeframe), calendar, given) == expected


def test_a_regular_session_lasts():
    calendars = ("XNYS", "24/5", "24/7", "XBOM", "XTKS", "XLON", "CMES")
    assert [session_minutes(calendar) for calendar in calendars] == [
        390, 1_440, 1_440, 375, 330, 510, 1_440,
    ]  # fmt: skip


def test_sessions_are_numbered_without_gaps():
    index = pd.DatetimeIndex(
        ["2021-01-01 21:00", "2021-01-02 10:00", "2021-01-03 22:00", "2021-01-04", "2021-01-08"],
        tz="UTC",
    )
    assert session_numbers(micros(index), "24/5").tolist() == [0, 1, 1, 1, 2]
    assert session_numbers(micros(index), "24/7").tolist() == [0, 1, 2, 3, 4]
    assert session_numbers(micros(index), "XNYS").tolist() == [0, 1, 2, 2, 3]


def test_numbers_do_not_change_when_bars_are_added():
    index = pd.date_range("2021-03-12", periods=150, freq="h", tz="UTC")
    ts = micros(index)
    for calendar in ("XNYS", "24/5", "24/7"):
        whole = session_numbers(ts, calendar)
        assert whole.dtype == np.int64
        for rows in (1, 2, 30, 77, 149):
            assert np.array_equal(session_numbers(ts[:rows], calendar), whole[:rows])


def test_runs_of_nothing_are_none():
    starts, lengths = session_runs(np.array([], dtype=np.int64))
    assert starts.size == lengths.size == 0
    assert session_numbers(np.array([], dtype=np.int64), "XNYS").size == 0


def test_a_bare_date_stands_for_itself_in_new_york():
    """pandas reads the date 2021-01-05 as midnight UTC, which is 19:00 on the 4th in New York."""
    ts = micros(pd.DatetimeIndex(["2021-01-05 00:00", "2021-01-06 14:30"], tz="UTC"))
    daily = wall_clock(ts, DAILY, "XNYS")
    assert [str(time) for time in daily.astype("datetime64[us]")] == [
        "2021-01-05T00:00:00.000000",
        "2021-01-06T09:30:00.000000",
    ]
    assert days_of(session_labels(daily, "XNYS")) == ["2021-01-05", "2021-01-06"]
    assert days_of(session_labels(wall_clock(ts, HOURLY, "XNYS"), "XNYS")) == [
        "2021-01-04", "2021-01-06",
    ]  # fmt: skip
    assert np.array_equal(wall_clock(ts, DAILY, "24/7"), ts)


def test_an_unknown_calendar_is_refused():
    with pytest.raises(BarsError, match="calendar: found 'XPARIS'; expected 'XNYS', '24/5' "):
        check_calendar("XPARIS")
