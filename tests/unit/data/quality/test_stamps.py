"""Times that are not those at which bars open."""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.quality.stamps import close_stamps, off_grid
from hyprl_lab.data.quality.zone import time_zone

SECOND = 1_000_000
MINUTE = 60 * SECOND


@pytest.mark.parametrize(("length", "timeframe"), [(5, "5m"), (30, "30m"), (60, "1h")])
@pytest.mark.parametrize("calendar", ["XNYS", "XLON", "XTKS"])
def test_stamps_of_closes_are_told(
    make_bars, minutes_of, subject_of, length, timeframe, calendar
):  # fmt: skip
    ts = minutes_of("2023-03-01", "2023-03-31", calendar, length)
    right = subject_of(make_bars(ts, timeframe, calendar))
    assert time_zone(right) == []
    moved = ts + length * MINUTE
    (found,) = time_zone(subject_of(make_bars(moved, timeframe, calendar)))
    assert (found.severity, found.rows[0], found.first_ts) == ("warning", 0, moved[0])
    assert 'Read the file again with stamp="close"' in found.detail
    # Times a whole bar late may be in another zone, where zones are so far apart.
    assert ("tz=" in found.detail) is (length >= 30)


def test_a_clock_of_whole_hours_has_closes_too(make_bars, minutes_of, subject_of):
    """Hours from 9:00, which hold the open at 9:30, to 15:00: they end at 10:00 to 16:00."""
    opens = minutes_of("2023-02-01", "2023-02-28", length=390)
    ts = (opens[:, None] - 30 * MINUTE + np.arange(7) * 60 * MINUTE).ravel()
    assert close_stamps(subject_of(make_bars(ts, "1h"))) == []
    (found,) = close_stamps(subject_of(make_bars(ts + 60 * MINUTE, "1h")))
    assert found.detail.startswith("19 of 19 sessions have no bar at the open and one at the close")


def test_a_week_of_currencies_opens_and_closes_once(make_bars, subject_of):
    """Twelve winter weeks from Sunday 22:00 UTC to Friday 22:00."""
    week = np.arange(120) * 60 * MINUTE
    sunday = np.datetime64("2023-11-05T22:00", "us").astype(np.int64)
    ts = (sunday + np.arange(12)[:, None] * 7 * 1_440 * MINUTE + week).ravel()
    assert time_zone(subject_of(make_bars(ts, "1h", "24/5"))) == []
    (found,) = time_zone(subject_of(make_bars(ts + 60 * MINUTE, "1h", "24/5")))
    assert found.detail.startswith("12 of 12 sessions")


def days_of(opens, closing, plain):
    """Bars at 10:00, 10:30 and the close on some days; at 9:30 and 10:00 on those that follow."""
    moved = (opens[:closing, None] + np.array([30, 60, 390]) * MINUTE).ravel()
    right = (opens[closing : closing + plain, None] + np.array([0, 30]) * MINUTE).ravel()
    return np.concatenate([moved, right])


@pytest.mark.parametrize(
    ("closing", "plain", "found"),
    [(12, 8, 1), (11, 9, 0), (6, 4, 1), (10, 0, 1), (9, 0, 0)],  # 6 in 10, of ten or more
)
def test_six_in_ten_of_ten_sessions(make_bars, minutes_of, subject_of, closing, plain, found):
    opens = minutes_of("2023-02-01", "2023-03-10", length=390)
    subject = subject_of(make_bars(days_of(opens, closing, plain)))
    assert len(close_stamps(subject)) == found


def test_one_sign_alone_is_none(make_bars, minutes_of, subject_of):
    """Late opens without a bar at the close, and prints at the close beside a bar at the open."""
    opens = minutes_of("2023-02-01", "2023-03-10", length=390)[:, None]
    for at in ([30, 60, 360], [0, 30, 390], [60, 90, 390], [30, 60, 420]):
        subject = subject_of(make_bars((opens + np.array(at) * MINUTE).ravel()))
        assert close_stamps(subject) == []


@pytest.mark.parametrize(("late", "told"), [(1, "1 s past"), (150, "150 s past")])
@pytest.mark.parametrize("calendar", ["XNYS", "24/5", "24/7"])
def test_bars_off_the_grid_are_information(make_bars, subject_of, late, told, calendar):
    """Five-minute bars of four weekdays from 14:30 UTC, a second late or by half a bar."""
    days = np.arange("2024-01-16T14:30", "2024-01-20T14:30", 1_440, dtype="M8[m]")
    start = days.astype("M8[us]").astype(np.int64)
    ts = (start[:, None] + np.arange(60) * 5 * MINUTE).ravel()
    assert time_zone(subject_of(make_bars(ts, "5m", calendar))) == []
    (found,) = time_zone(subject_of(make_bars(ts + late * SECOND, "5m", calendar)))
    assert (found.severity, found.count, found.rows[0]) == ("info", 240, 0)
    assert told in found.detail


@pytest.mark.parametrize(("off", "found"), [(5, 0), (6, 1)])
def test_one_bar_in_twenty_may_be_off_the_grid(make_bars, subject_of, off, found):
    ts = np.arange(100) * 5 * MINUTE
    ts[:off] += SECOND
    assert len(off_grid(subject_of(make_bars(ts, "5m", "24/7")))) == found


def test_a_grid_counts_from_the_open_or_from_half_hours(make_bars, minutes_of, subject_of):
    """Mumbai opens at 9:15, a quarter past by the hours of UTC as well."""
    ts = minutes_of("2024-01-15", "2024-01-25", "XBOM", 60)
    assert np.all(ts % (30 * MINUTE) == 15 * MINUTE)
    assert off_grid(subject_of(make_bars(ts, "1h", "XBOM"))) == []
    (found,) = off_grid(subject_of(make_bars(ts, "1h", "24/5")))
    assert "900 s past" in found.detail
    half = np.arange(50) * 60 * MINUTE + 30 * MINUTE
    assert off_grid(subject_of(make_bars(half, "1h", "24/7"))) == []


def test_no_session_at_all(make_bars, subject_of):
    """Christmas of 2021: Friday to Sunday, when New York rested."""
    ts = np.array(["2021-12-25T12:00", "2021-12-25T12:30"], "M8[us]").astype(np.int64)
    subject = subject_of(make_bars(ts))
    assert close_stamps(subject) == off_grid(subject) == []


def test_real_sets_begin_when_they_say(shared, subject_of):
    for name, timeframe in (("spy_1h", "1h"), ("eurusd_1h_ask", "1h"), ("nifty50_1m_4days", "1m")):
        subject = subject_of(shared(name, timeframe))
        assert close_stamps(subject) == off_grid(subject) == []
    bars = shared("eurusd_1h_ask", "1h")
    moved = subject_of(bars.__class__("X", "1h", "24/5", bars.ts + 60 * MINUTE, bars.columns))
    assert len(close_stamps(moved)) == 1
