from __future__ import annotations

import pickle
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.calendars import (
    calendar_of,
    session_breaks,
    session_hours,
    sessions_between,
)
from hyprl_lab.errors import BarsError


def days(*dates: str) -> np.ndarray:
    return np.array(dates, dtype="datetime64[D]").astype(np.int64)


def stamps(*times: str, tz: str = "UTC") -> np.ndarray:
    return pd.DatetimeIndex(times).tz_localize(tz).tz_convert("UTC").as_unit("us").asi8


def times(moments: np.ndarray) -> list[str]:
    return [str(moment)[:16].replace("T", " ") for moment in moments.astype("datetime64[us]")]


def sessions_of(calendar: str, *moments: str, tz: str = "UTC") -> list[str]:
    known = calendar_of(calendar)
    labels = known.labels(known.wall_clock(stamps(*moments, tz=tz)))
    return [str(day) for day in labels.astype("datetime64[D]")]


# Weeks in which clocks change: Friday before, Monday or the next session after


@pytest.mark.parametrize(
    ("calendar", "date", "opens", "closes"),
    [
        # New York: 10 March and 3 November 2024
        ("XNYS", "2024-03-08", "2024-03-08 14:30", "2024-03-08 21:00"),
        ("XNYS", "2024-03-11", "2024-03-11 13:30", "2024-03-11 20:00"),
        ("XNYS", "2024-11-01", "2024-11-01 13:30", "2024-11-01 20:00"),
        ("XNYS", "2024-11-04", "2024-11-04 14:30", "2024-11-04 21:00"),
        # Europe: 31 March and 27 October 2024; Easter lies between
        ("XLON", "2024-03-28", "2024-03-28 08:00", "2024-03-28 16:30"),
        ("XLON", "2024-04-02", "2024-04-02 07:00", "2024-04-02 15:30"),
        ("XLON", "2024-10-25", "2024-10-25 07:00", "2024-10-25 15:30"),
        ("XLON", "2024-10-28", "2024-10-28 08:00", "2024-10-28 16:30"),
        ("XETR", "2024-10-25", "2024-10-25 07:00", "2024-10-25 15:30"),
        ("XETR", "2024-10-28", "2024-10-28 08:00", "2024-10-28 16:30"),
        # India and Japan have one time all year
        ("XBOM", "2024-03-11", "2024-03-11 03:45", "2024-03-11 10:00"),
        ("XBOM", "2024-11-04", "2024-11-04 03:45", "2024-11-04 10:00"),
        ("XNSE", "2024-11-04", "2024-11-04 03:45", "2024-11-04 10:00"),
        ("XTKS", "2024-03-11", "2024-03-11 00:00", "2024-03-11 06:00"),
        # Sydney is ahead: 7 April and 6 October 2024; its sessions open on the day before in UTC
        ("XASX", "2024-04-05", "2024-04-04 23:00", "2024-04-05 05:00"),
        ("XASX", "2024-04-08", "2024-04-08 00:00", "2024-04-08 06:00"),
        # Chicago opens at 17:00 on the evening before: Monday's session on Sunday
        ("CMES", "2024-03-08", "2024-03-07 23:00", "2024-03-08 23:00"),
        ("CMES", "2024-03-11", "2024-03-10 22:00", "2024-03-11 22:00"),
        ("CMES", "2024-11-01", "2024-10-31 22:00", "2024-11-01 22:00"),
        ("CMES", "2024-11-04", "2024-11-03 23:00", "2024-11-04 23:00"),
        # short days
        ("XNYS", "2020-11-27", "2020-11-27 14:30", "2020-11-27 18:00"),
        ("XLON", "2024-12-24", "2024-12-24 08:00", "2024-12-24 12:30"),
        ("CMES", "2024-01-15", "2024-01-14 23:00", "2024-01-15 18:00"),
        # no session: the regular hours
        ("XNYS", "2020-11-26", "2020-11-26 14:30", "2020-11-26 21:00"),
        # around the clock
        ("24/5", "2024-03-11", "2024-03-11 00:00", "2024-03-12 00:00"),
        ("24/7", "2024-03-10", "2024-03-10 00:00", "2024-03-11 00:00"),
    ],
)
def test_hours_by_hand(calendar, date, opens, closes):
    found = session_hours(days(date), calendar)
    assert times(np.concatenate(found)) == [opens, closes]


def test_breaks_by_hand():
    begins, ends = session_breaks(days("2024-03-11"), "XTKS")
    assert times(np.append(begins, ends)) == ["2024-03-11 02:30", "2024-03-11 03:30"]
    begins, ends = session_breaks(days("2024-12-23", "2024-12-24"), "XHKG")
    assert times(begins) == ["2024-12-23 04:00", "2024-12-24 04:00"]
    assert times(ends) == ["2024-12-23 05:00", "2024-12-24 04:00"]  # half a day has no afternoon
    begins, ends = session_breaks(days("2024-03-11"), "XNYS")
    assert times(np.append(begins, ends)) == ["2024-03-11 20:00"] * 2


def test_no_sessions_have_no_hours():
    for calendar in ("XNYS", "24/5", "XTKS"):
        for array in (*session_hours(days(), calendar), *session_breaks(days(), calendar)):
            assert array.size == 0


# Which session


def test_an_evening_open_belongs_to_the_next_session():
    assert sessions_of(
        "CMES", "2024-03-08 16:59", "2024-03-08 17:00", "2024-03-09 12:00", "2024-03-10 16:59",
        "2024-03-10 17:00", "2024-03-11 16:59", "2024-03-11 17:00", tz="America/Chicago",
    ) == [
        "2024-03-08", "2024-03-11", "2024-03-11", "2024-03-11",
        "2024-03-11", "2024-03-11", "2024-03-12",
    ]  # fmt: skip


def test_a_session_is_a_date_where_the_exchange_is():
    assert sessions_of("XTKS", "2024-03-10 14:59", "2024-03-10 15:00") == [
        "2024-03-10", "2024-03-11",
    ]  # fmt: skip
    assert sessions_of("XBOM", "2024-03-11 18:29", "2024-03-11 18:30") == [
        "2024-03-11", "2024-03-12",
    ]  # fmt: skip
    assert sessions_of("XASX", "2024-04-04 23:00") == ["2024-04-05"]
    assert sessions_of("XLON", "2024-03-09 12:00") == ["2024-03-09"]  # a Saturday keeps its date


def test_sessions_between_leave_out_what_is_none():
    def between(first: str, last: str, calendar: str) -> list[str]:
        found = sessions_between(*days(first, last).tolist(), calendar)
        assert found.dtype == np.int64
        return [str(day)[5:] for day in found.astype("datetime64[D]")]

    assert between("2024-03-28", "2024-04-02", "XLON") == ["03-28", "04-02"]
    assert between("2024-03-28", "2024-04-02", "XBOM") == ["03-28", "04-01", "04-02"]
    assert between("2024-03-28", "2024-04-02", "24/5") == ["03-28", "03-29", "04-01", "04-02"]
    assert between("2024-03-30", "2024-03-31", "24/7") == ["03-30", "03-31"]
    assert between("2024-03-30", "2024-03-31", "XNYS") == []
    assert between("2024-04-04", "2024-04-06", "XSAU") == ["04-04"]  # Friday and Saturday are off
    assert between("2091-04-07", "2091-04-09", "XBOM") == ["04-09"]  # weekdays: beyond its schedule


def test_the_next_session_by_hand():
    for calendar, date, expected in (
        ("XLON", "2024-03-28", "2024-04-02"),  # Easter
        ("XTKS", "2024-12-30", "2025-01-06"),
        ("XSAU", "2024-05-30", "2024-06-02"),
        ("CMES", "2024-03-28", "2024-04-01"),
    ):
        assert calendar_of(calendar).next_sessions(days(date)).tolist() == days(expected).tolist()


def test_weekdays_are_numbered_like_numpys_business_days():
    dates = np.arange(days("1969-12-29")[0], days("1972-01-01")[0])
    for calendar, mask in (("XNYS", "1111100"), ("24/7", "1111111")):
        counted = np.busday_count("1969-12-29", dates.astype("datetime64[D]"), weekmask=mask)
        off = ~np.is_busday(dates.astype("datetime64[D]"), weekmask=mask)
        assert calendar_of(calendar).day_numbers(dates).tolist() == (counted - off).tolist()


# Names


def test_the_hours_of_mumbai_have_two_names():
    bombay, national = calendar_of("XBOM"), calendar_of("XNSE")
    assert (bombay.name, national.name) == ("XBOM", "XNSE")
    assert national.schedule is bombay.schedule


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NYSE", "'NYSE' is called 'XNYS' here"),
        ("nse", "'nse' is called 'XNSE' here"),
        ("XLOM", "Did you mean 'XLON'"),
        ("24/6", "Did you mean '24/"),
        ("", "get_calendar_names"),
        ("Z" * 500, "get_calendar_names"),
    ],
)
def test_a_name_that_is_none_is_refused_and_says_how_to_name_one(name, said):
    with pytest.raises(BarsError) as caught:
        calendar_of(name)
    message = str(caught.value)
    assert said in message
    assert "'XNYS', '24/5' (weekdays around the clock), '24/7'" in message
    assert len(message) < 1_000


@pytest.mark.parametrize("name", [None, 24, ["XNYS"], b"XNYS"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(BarsError, match="calendar: found"):
        calendar_of(name)


def test_bars_of_any_exchange_go_to_other_processes():
    prices = np.array([10.0, 11.0])
    columns = dict.fromkeys(("open", "high", "low", "close"), prices)
    bars = Bars("7203", "1h", "XTKS", stamps("2024-03-11 09:00", "2024-03-11 10:00"), columns)
    again = pickle.loads(pickle.dumps(bars))
    assert (again.calendar, again.periods_per_year) == ("XTKS", 245.0)


def test_bars_of_the_three_by_heart_import_neither_pandas_nor_exchange_calendars():
    code = """
import sys
import numpy as np
from hyprl_lab.data import Bars, Timeframe, clock, longer_bars, square_off
hour, ts = Timeframe(1, "h"), np.arange(100) * 3_600_000_000
columns = dict.fromkeys(("open", "high", "low", "close", "volume"), np.full(100, 2.0))
for calendar in ("XNYS", "24/5", "24/7"):
    bars = Bars("A", "1h", calendar, ts, columns)
    bars.headline, bars.periods_per_year
    clock("bar_of_session", ts, hour, calendar)
    square_off(ts, hour, calendar, "16:30")
    longer_bars(ts, hour, calendar, Timeframe(4, "h"))
    bars.resample("4h")
bars.resample("1d")
print(sorted({"exchange_calendars", "pandas"} & set(sys.modules)))
Bars("A", "1h", "XBOM", ts, columns)
print(sorted({"exchange_calendars", "pandas"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['exchange_calendars', 'pandas']"]
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["XNY", "24-5"])
def test_a_suggestion_names_nothing_twice(name):
    with pytest.raises(BarsError) as raised:
        calendar_of(name)
    meant = re.findall("'[^']+'", str(raised.value).split("Did you mean ")[1])
    assert len(meant) == len(set(meant))
