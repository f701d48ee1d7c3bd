from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.data import parts
from hyprl_lab.data.calendars import calendar_of
from hyprl_lab.data.longer import LongerBars, longer_bars
from hyprl_lab.data.timeframe import DAY_US, MINUTE_US, Timeframe

HOUR_US = 60 * MINUTE_US


def every(start: str, end: str, freq: str, tz: str) -> np.ndarray:
    index = pd.date_range(start, end, freq=freq, tz=tz, unit="us", inclusive="left")
    return index.tz_convert("UTC").asi8


def group(ts: np.ndarray, timeframe: str, calendar: str, longer: str) -> LongerBars:
    return longer_bars(
        ts, Timeframe.parse(timeframe), calendar, Timeframe.parse(longer), anchor="session"
    )


def sizes(found: LongerBars) -> list[int]:
    return np.bincount(found.bucket).tolist()


def test_new_yorks_hours_begin_at_half_past_nine():
    ts = every("2024-03-11 09:30", "2024-03-11 16:00", "15min", "America/New_York")
    hours = group(ts, "15m", "XNYS", "1h")
    assert sizes(hours) == [4, 4, 4, 4, 4, 4, 2]
    assert np.flatnonzero(hours.closed).tolist() == [3, 7, 11, 15, 19, 23, 25]


def test_a_short_day_ends_its_last_hour():
    ts = every("2020-11-27 09:30", "2020-11-27 13:00", "15min", "America/New_York")
    hours = group(ts, "15m", "XNYS", "1h")
    assert sizes(hours) == [4, 4, 4, 2]
    assert hours.closed[-1]


def test_extended_hours_count_back_from_the_open_and_on_from_the_close():
    ts = every("2024-03-11 08:00", "2024-03-11 18:00", "30min", "America/New_York")
    hours = group(ts, "30m", "XNYS", "1h")
    # 8:00 is the end of 7:30 to 8:30; 8:30; then the session; then 16:00 and 17:00
    assert sizes(hours) == [1, 2, 2, 2, 2, 2, 2, 2, 1, 2, 2]
    assert hours.closed.tolist() == [True] + [False, True] * 7 + [True] + [False, True] * 2


def test_tokyos_afternoon_counts_from_the_end_of_the_break():
    morning = every("2024-11-05 09:00", "2024-11-05 11:30", "30min", "Asia/Tokyo")
    afternoon = every("2024-11-05 12:30", "2024-11-05 15:30", "30min", "Asia/Tokyo")
    hours = group(np.concatenate([morning, afternoon]), "30m", "XTKS", "1h")
    assert sizes(hours) == [2, 2, 1, 2, 2, 2]
    assert np.flatnonzero(hours.closed).tolist() == [1, 3, 4, 6, 8, 10]


def test_bombays_hours_begin_at_a_quarter_past_nine():
    ts = every("2024-03-11 09:15", "2024-03-11 15:30", "15min", "Asia/Kolkata")
    assert sizes(group(ts, "15m", "XBOM", "1h")) == [4, 4, 4, 4, 4, 4, 1]
    assert sizes(group(ts, "15m", "XBOM", "75m")) == [5] * 5


def test_chicagos_sessions_count_from_the_evening():
    ts = every("2024-03-10 17:00", "2024-03-12 17:00", "h", "America/Chicago")
    seven = group(ts, "1h", "CMES", "7h")
    assert sizes(seven) == [7, 7, 7, 3] * 2
    assert np.flatnonzero(seven.closed).tolist() == [6, 13, 20, 23, 30, 37, 44, 47]


def test_around_the_clock_it_is_midnight():
    ts = every("2024-03-08", "2024-03-13", "h", "UTC")
    for calendar in ("24/5", "24/7"):
        anchored = group(ts, "1h", calendar, "4h")
        plain = longer_bars(ts, Timeframe(1, "h"), calendar, Timeframe(4, "h"))
        assert np.array_equal(anchored.bucket, plain.bucket)
        assert np.array_equal(anchored.closed, plain.closed)


def test_days_are_sessions_either_way():
    ts = every("2024-03-08", "2024-03-20", "h", "UTC")
    for calendar in ("XNYS", "XTKS", "CMES"):
        anchored = group(ts, "1h", calendar, "1d")
        plain = longer_bars(ts, Timeframe(1, "h"), calendar, Timeframe(1, "d"))
        assert np.array_equal(anchored.bucket, plain.bucket)
        assert np.array_equal(anchored.closed, plain.closed)


def plain(ts: np.ndarray, minutes: int, calendar: str, length: int) -> LongerBars:
    """Follow the definition bar by bar; no clock change lies within."""
    known = calendar_of(calendar)
    eve = -min(known.open_minute, 0) * MINUTE_US
    names: list[tuple[int, int, int]] = []
    closed: list[bool] = []
    for local in known.wall_clock(ts).tolist():
        date = (local + eve) // DAY_US
        hours = known.hours(known.labels(np.array([local])))
        opens, pause, resume, closes = (
            int(bound[0])
            for bound in (hours.opens, hours.break_starts, hours.break_ends, hours.closes)
        )
        if local < opens:
            stretch, begin, end = 0, opens, opens
        elif local < pause:
            stretch, begin, end = 1, opens, pause
        elif local < resume:
            stretch, begin, end = 2, pause, resume
        elif local < closes:
            stretch, begin, end = 3, resume, closes
        else:
            stretch, begin, end = 4, closes, (date + 1) * DAY_US - eve
        place = (local - begin) // (length * MINUTE_US)
        names.append((date, stretch, place))
        finish = min(begin + (place + 1) * length * MINUTE_US, end)
        closed.append(local + minutes * MINUTE_US >= finish)
    bucket = [0]
    for t in range(1, len(names)):
        bucket.append(bucket[-1] + (names[t] != names[t - 1] or closed[t - 1]))
    return LongerBars(np.array(bucket), np.array(closed))


@given(
    pair=st.sampled_from(
        [("5m", "15m"), ("5m", "1h"), ("15m", "45m"), ("30m", "4h"), ("1h", "7h")]
    ),
    calendar=st.sampled_from(["XNYS", "XTKS", "XHKG", "CMES", "XBOM", "24/5", "24/7"]),
    start=st.integers(0, 80 * 96),  # quarters of an hour from 1 December 2024 on
    steps=st.lists(
        st.one_of(st.integers(1, 3), st.integers(1, 40), st.integers(1, 300)),
        min_size=1,
        max_size=60,
    ),
    rows=st.integers(1, 20),
)
def test_every_bar_is_where_a_plain_reading_puts_it(pair, calendar, start, steps, rows):
    timeframe, longer = pair
    minutes = Timeframe.parse(timeframe).shortest_us // MINUTE_US
    first = every("2024-12-01", "2024-12-02", "D", "UTC")[0] + start * 15 * MINUTE_US
    ts = first + np.cumsum(steps) * minutes * MINUTE_US
    ts = ts[ts < every("2025-03-08", "2025-03-09", "D", "UTC")[0]]
    if ts.size == 0:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_ROWS", rows)
        found = group(ts, timeframe, calendar, longer)
    expected = plain(ts, minutes, calendar, Timeframe.parse(longer).shortest_us // MINUTE_US)
    assert found.bucket.tolist() == expected.bucket.tolist()
    assert found.closed.tolist() == expected.closed.tolist()


@given(
    pair=st.sampled_from([("5m", "1h"), ("1h", "5h")]),
    calendar=st.sampled_from(["XNYS", "XTKS", "CMES", "XSGO", "24/5"]),
    start=st.integers(-800_000, 1_700_000),
    steps=st.lists(st.floats(0.05, 40.0), min_size=1, max_size=80),
    cut=st.floats(0.0, 1.0),
)
def test_later_bars_never_change_what_was_said(pair, calendar, start, steps, cut):
    timeframe, longer = pair
    bar = Timeframe.parse(timeframe).shortest_us
    gaps = np.maximum(1, (np.array(steps) * bar).astype(np.int64))
    ts = start * HOUR_US + np.concatenate([[0], np.cumsum(gaps)])
    whole = group(ts, timeframe, calendar, longer)
    steps_taken = np.diff(whole.bucket)
    assert set(steps_taken.tolist()) <= {0, 1}
    assert np.all(steps_taken[whole.closed[:-1]] == 1)
    rows = 1 + int(cut * (ts.size - 1))
    part = group(ts[:rows], timeframe, calendar, longer)
    assert np.array_equal(part.bucket, whole.bucket[:rows])
    assert np.array_equal(part.closed, whole.closed[:rows])
