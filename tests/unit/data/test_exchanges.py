from __future__ import annotations

import exchange_calendars
import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.calendars import calendar_of, session_breaks, session_hours
from hyprl_lab.data.exchanges import exchange_names, read_exchange, read_schedule
from hyprl_lab.errors import BarsError


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of exchange_calendars under pandas 3.1
@pytest.mark.parametrize(
    "name", ["XNYS", "XLON", "XTKS", "XHKG", "XBOM", "CMES", "XASX", "XSAU", "XSGO", "IEPA"]
)
def test_hours_are_those_of_exchange_calendars_in_utc(name):
    """Theirs are in UTC; ours go over the wall clock and back."""
    theirs = exchange_calendars.get_calendar(name, start="2022-01-03", end="2026-06-30").schedule
    sessions = theirs.index.to_numpy().astype("datetime64[D]").astype(np.int64)
    opens, closes = session_hours(sessions, name)
    begins, ends = session_breaks(sessions, name)
    for found, column in (
        (opens, theirs["open"]), (closes, theirs["close"]),
        (begins, theirs["break_start"].fillna(theirs["close"])),
        (ends, theirs["break_end"].fillna(theirs["close"])),
    ):  # fmt: skip
        assert np.array_equal(found, pd.DatetimeIndex(column).as_unit("us").asi8)


def test_regular_hours_are_those_of_most_sessions():
    tokyo = read_exchange("XTKS")
    assert (tokyo.zone, tokyo.open_minute, tokyo.close_minute) == ("Asia/Tokyo", 540, 930)
    assert (tokyo.break_start_minute, tokyo.break_end_minute) == (690, 750)
    riyadh = read_exchange("XSAU")
    assert riyadh.weekdays == (True, True, True, True, False, False, True)  # Sunday to Thursday
    chicago = read_exchange("CMES")
    assert (chicago.open_minute, chicago.close_minute) == (-7 * 60, 17 * 60)


@pytest.mark.parametrize(
    ("name", "sessions"),
    [
        ("XNYS", 252.0),
        ("XLON", 253.0),
        ("XTKS", 245.0),
        ("XBOM", 246.0),
        ("CMES", 258.0),
        ("XSAU", 249.0),  # its schedule begins in 2021
    ],
)
def test_sessions_a_year_are_counted(name, sessions):
    assert read_exchange(name).sessions_per_year == sessions


def test_what_new_york_knows_by_heart_is_what_its_schedule_says():
    known, read = calendar_of("XNYS"), read_exchange("XNYS")
    for field in read.__slots__:
        assert getattr(known, field) == getattr(read, field), field


def test_schedules_reach_as_far_as_they_are_known():
    new_york = read_schedule("XNYS").days.astype("datetime64[D]")
    assert (str(new_york[0])[:4], str(new_york[-1])[:4]) == ("1885", "2100")
    mumbai = read_schedule("XBOM").days.astype("datetime64[D]")
    assert str(mumbai[0]) >= "1997-01-01"
    with pytest.raises(ValueError, match="read-only"):
        read_schedule("XBOM").closes[0] = 0


def test_names_and_other_names():
    names, others = exchange_names()
    assert {"XNYS", "XLON", "CMES"} <= names
    assert others["NYSE"] == "XNYS"
    assert not names & set(others)


def test_a_calendar_that_is_known_and_cannot_be_built_is_refused(monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ValueError("Special dates are not sessions")

    monkeypatch.setattr(exchange_calendars, "get_calendar", broken)
    with pytest.raises(BarsError, match=r"found 'XMAD', which .* can't build here \(Special dates"):
        read_exchange("XMAD")
