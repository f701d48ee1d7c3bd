from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.schedule import closes, next_sessions, square_off
from hyprl_lab.data.sessions import session_numbers
from hyprl_lab.data.timeframe import DAY_US, Timeframe
from hyprl_lab.errors import BarsError, ConfigError

HOURLY = Timeframe(1, "h")


def days(*dates: str) -> np.ndarray:
    return np.array(dates, dtype="datetime64[D]").astype(np.int64)


def stamps(*times: str, tz: str = "UTC") -> np.ndarray:
    return pd.DatetimeIndex(times).tz_localize(tz).tz_convert("UTC").as_unit("us").asi8


@pytest.mark.parametrize(
    ("date", "hour"),
    [
        ("2020-11-25", 16),
        ("2020-11-26", 16),  # Thanksgiving is no session: the regular hour
        ("2020-11-27", 13),  # and the Friday after it is short
        ("2020-12-24", 13),
        ("2021-12-24", 16),  # Christmas observed: no session
        ("2021-01-02", 16),  # a Saturday
        ("2024-07-03", 13),
        ("1996-07-05", 13),  # the short day after the 4th, as it was then
        ("1850-06-03", 16),  # before the schedule begins
        ("2150-11-27", 16),  # after it ends
    ],
)
def test_when_new_york_closes(date, hour):
    """Holidays and short days as the exchange published them for those years."""
    close = closes(days(date), "XNYS")
    assert close.tolist() == [days(date)[0] * DAY_US + hour * 3_600_000_000]


def test_round_the_clock_markets_close_at_midnight():
    for calendar in ("24/5", "24/7"):
        assert closes(np.array([3, 4]), calendar).tolist() == [4 * DAY_US, 5 * DAY_US]


@pytest.mark.parametrize(
    ("calendar", "date", "expected"),
    [
        ("XNYS", "2021-01-15", "2021-01-19"),  # over a weekend and Martin Luther King's day
        ("XNYS", "2021-01-16", "2021-01-19"),
        ("XNYS", "2021-04-01", "2021-04-05"),  # over Good Friday
        ("XNYS", "2021-04-02", "2021-04-05"),
        ("XNYS", "2001-09-10", "2001-09-17"),
        ("XNYS", "1850-06-03", "1850-06-04"),
        ("XNYS", "1850-06-07", "1850-06-10"),
        ("XNYS", "2150-11-27", "2150-11-30"),
        ("24/5", "2021-04-01", "2021-04-02"),
        ("24/5", "2021-04-02", "2021-04-05"),
        ("24/5", "2021-04-03", "2021-04-05"),
        ("24/5", "2021-04-04", "2021-04-05"),
        ("24/5", "2021-04-05", "2021-04-06"),
        ("24/7", "2021-04-02", "2021-04-03"),
    ],
)
def test_the_next_session(calendar, date, expected):
    assert next_sessions(days(date), calendar).tolist() == days(expected).tolist()


def test_the_ends_of_the_schedule_join_what_lies_outside():
    last = days("2100-12-30", "2100-12-31", "2101-01-01")
    assert next_sessions(last, "XNYS").tolist() == days(
        "2100-12-31", "2101-01-03", "2101-01-03"
    ).tolist()  # fmt: skip
    first = days("1884-12-30", "1884-12-31", "1885-01-01")
    assert next_sessions(first, "XNYS").tolist() == days(
        "1884-12-31", "1885-01-01", "1885-01-02"
    ).tolist()  # fmt: skip


def test_the_last_bar_of_a_short_day_stands_at_the_cutoff():
    ts = stamps(
        "2020-11-25 09:30", "2020-11-25 14:30", "2020-11-25 15:30",
        "2020-11-27 11:30", "2020-11-27 12:30", "2020-11-27 13:30",
        "2020-11-30 12:30", tz="America/New_York",
    )  # fmt: skip
    assert square_off(ts, HOURLY, "XNYS").tolist() == [
        False, False, True, False, True, True, False,
    ]  # fmt: skip


def test_it_is_new_york_time_on_both_sides_of_a_clock_change():
    ts = stamps("2021-03-12 19:00", "2021-03-12 20:00", "2021-03-15 18:00", "2021-03-15 19:00")
    assert square_off(ts, HOURLY, "XNYS").tolist() == [False, True, False, True]
    assert square_off(ts, HOURLY, "XNYS", "14:00").tolist() == [True, True, True, True]
    assert square_off(ts, HOURLY, "XNYS", "14:01").tolist() == [False, True, False, True]


def test_extended_hours_before_the_open_are_before_the_cutoff_and_after_the_close_past_it():
    ts = stamps("2021-03-16 04:00", "2021-03-16 15:59", "2021-03-16 19:59", tz="America/New_York")
    assert square_off(ts, Timeframe(1, "m"), "XNYS").tolist() == [False, True, True]


def test_sunday_evening_is_before_mondays_cutoff():
    ts = stamps("2021-03-14 22:00", "2021-03-15 20:00", "2021-03-15 21:00", "2021-03-15 23:00")
    assert square_off(ts, HOURLY, "24/5", "21:00").tolist() == [False, False, True, True]
    assert square_off(ts, HOURLY, "24/5").tolist() == [False, False, False, True]
    assert square_off(ts, HOURLY, "24/7", "21:00").tolist() == [True, False, True, True]


@pytest.mark.parametrize("cutoff", ["24:00", "9:30", "15:60", "15:45:00", "", "noon", " 15:45"])
def test_a_cutoff_is_a_time_of_day(cutoff):
    with pytest.raises(ConfigError, match=r"session_cutoff: found .* expected a local time of day"):
        square_off(np.array([0]), HOURLY, "24/7", cutoff)


@pytest.mark.parametrize("timeframe", ["1d", "1w", "1mo"])
def test_bars_of_a_day_have_no_cutoff(timeframe):
    with pytest.raises(BarsError, match="expected bars shorter than a day"):
        square_off(np.array([0]), Timeframe.parse(timeframe), "24/7")


def test_later_bars_change_nothing():
    ts = pd.date_range("2020-11-23", periods=24 * 14, freq="h", tz="UTC", unit="us").asi8
    for calendar in ("XNYS", "24/5", "24/7"):
        for cutoff in (None, "15:30"):
            whole = square_off(ts, HOURLY, calendar, cutoff)
            assert whole.dtype == np.bool_
            for rows in range(1, ts.size, 17):
                assert np.array_equal(square_off(ts[:rows], HOURLY, calendar, cutoff), whole[:rows])


def test_once_past_the_cutoff_a_session_stays_so():
    ts = pd.date_range("2020-10-28", periods=2 * 24 * 40, freq="30min", tz="UTC", unit="us").asi8
    for calendar in ("XNYS", "24/5", "24/7"):
        number = session_numbers(ts, calendar)
        past = square_off(ts, Timeframe(30, "m"), calendar)
        assert not np.any(past[:-1] & ~past[1:] & (number[:-1] == number[1:]))


def test_the_schedule_is_only_loaded_for_closes_in_new_york():
    code = """
import sys
import numpy as np
from hyprl_lab.data import Timeframe, longer_bars, square_off
hour, ts = Timeframe(1, "h"), np.arange(100) * 3_600_000_000
square_off(ts, hour, "24/5")
square_off(ts, hour, "XNYS", "16:30")
longer_bars(ts, hour, "XNYS", Timeframe(4, "h"))
longer_bars(ts, hour, "24/7", Timeframe(1, "w"))
print("exchange_calendars" in sys.modules)
square_off(ts, hour, "XNYS")
print("exchange_calendars" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
    assert done.stderr == ""


def test_hourly_spy_squares_off_at_15_or_on_short_days_at_12(shared):
    frame = pd.read_parquet(shared / "spy_1h.parquet")
    times = pd.DatetimeIndex(frame["ts"]).tz_convert("America/New_York")
    past = square_off(times.tz_convert("UTC").as_unit("us").asi8, HOURLY, "XNYS")
    first = pd.Series(times[past].hour, index=times[past].date).groupby(level=0).first()
    assert first.size == len(set(times.date))  # each of its 5,849 sessions has such a bar
    short = {str(date) for date in first.index[first == 12]}
    assert set(first) == {12, 15}
    assert len(short) == 52
    assert {"1999-11-26", "2012-07-03", "2020-11-27", "2020-12-24"} <= short


@pytest.mark.parametrize(
    ("calendar", "date", "close"),
    [
        ("XLON", "2024-12-23", "16:30"),
        ("XLON", "2024-12-24", "12:30"),
        ("XHKG", "2024-12-24", "12:00"),
        ("XBOM", "2024-03-11", "15:30"),
        ("XBOM", "2090-03-13", "15:30"),  # after its schedule ends
        ("XTKS", "2024-11-01", "15:00"),
        ("XTKS", "2024-11-05", "15:30"),  # from this day on
        ("CMES", "2024-01-15", "12:00"),  # Martin Luther King's day
        ("CMES", "2024-01-16", "17:00"),
    ],
)
def test_when_other_exchanges_close(calendar, date, close):
    """Short days as the exchanges published them; the schedule of CMES is exchange_calendars'."""
    hour, minute = (int(part) for part in close.split(":"))
    expected = days(date)[0] * DAY_US + (hour * 60 + minute) * 60_000_000
    assert closes(days(date), calendar).tolist() == [expected]


def test_sunday_evening_is_before_the_cutoff_of_a_session_that_opens_on_the_eve():
    ts = stamps("2024-03-10 17:00", "2024-03-11 14:00", "2024-03-11 15:00", "2024-03-11 16:00",
                "2024-03-11 17:00", tz="America/Chicago")  # fmt: skip
    assert square_off(ts, HOURLY, "CMES").tolist() == [False, False, False, True, False]
    assert square_off(ts, HOURLY, "CMES", "15:00").tolist() == [False, False, True, True, False]
    for cutoff in ("17:00", "20:00"):
        with pytest.raises(ConfigError, match=r"expected a time before 17:00, when .*'CMES' end"):
            square_off(ts, HOURLY, "CMES", cutoff)


def test_a_break_is_no_end():
    ts = stamps("2024-03-11 11:00", "2024-03-11 12:30", "2024-03-11 14:00", tz="Asia/Tokyo")
    assert square_off(ts, HOURLY, "XTKS").tolist() == [False, False, True]


def test_a_short_day_ends_before_a_stated_cutoff():
    ts = np.array(
        ["2020-11-25T20:00", "2020-11-27T17:00", "2020-11-27T18:00"], dtype="datetime64[us]"
    ).astype(np.int64)  # 15:00 on a full day; noon and 13:00 on the day after Thanksgiving
    assert square_off(ts, HOURLY, "XNYS", "15:00").tolist() == [True, True, True]
    assert square_off(ts, HOURLY, "XNYS", "18:00").tolist() == [False, False, False]
