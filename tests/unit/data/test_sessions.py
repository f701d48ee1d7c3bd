from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.sessions import (
    check_calendar,
    headline_rows,
    infer_calendar,
    periods_per_year,
    session_days,
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


def test_new_york_dates_agree_with_pandas_over_years_of_clock_changes():
    index = pd.date_range("1998-01-01", "2007-12-31", freq="30min", tz="UTC")
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
    ],
)
def test_periods_per_year(timeframe, calendar, expected):
    assert periods_per_year(Timeframe.parse(timeframe), calendar) == expected


def test_an_unknown_calendar_is_refused():
    with pytest.raises(BarsError, match=r"expected one of \['XNYS', '24/5', '24/7'\]"):
        check_calendar("XPAR")
