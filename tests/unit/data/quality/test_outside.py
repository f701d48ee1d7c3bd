from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.quality.outside import outside_rows, outside_session


def days(*dates: str) -> np.ndarray:
    return np.array(dates, dtype="datetime64[us]").astype(np.int64)


def test_the_schedule_is_inside(make_bars, minutes_of, subject_of):
    ts = minutes_of("2020-11-02", "2020-12-31")
    assert outside_session(subject_of(make_bars(ts))) == []


def test_extended_hours_are_information_and_the_night_is_a_warning(
    make_bars, minutes_of, subject_of
):
    ts = minutes_of("2024-01-16", "2024-01-19")
    early = days("2024-01-17T13:30")  # 08:30 in New York
    night = days("2024-01-18T03:00", "2024-01-18T03:30")
    both = np.sort(np.concatenate([ts, early, night]))
    odd, extended = outside_session(subject_of(make_bars(both)))
    assert (odd.severity, odd.count, odd.first_ts) == ("warning", 2, int(night[0]))
    assert "22:00 (1), 22:30 (1)" in odd.detail
    assert (extended.severity, extended.count, extended.first_ts) == ("info", 1, int(early[0]))
    assert outside_rows(subject_of(make_bars(both))).tolist() == [
        *extended.rows,
        *odd.rows,
    ]


def test_hours_after_a_half_day_are_extended_hours(make_bars, minutes_of, subject_of):
    ts = minutes_of("2020-11-25", "2020-11-30")
    late = np.sort(np.append(ts, days("2020-11-27T19:00")))  # 14:00; it closed at 13:00
    (found,) = outside_session(subject_of(make_bars(late)))
    assert (found.severity, found.count) == ("info", 1)


def test_hours_on_a_holiday_are_a_warning(make_bars, minutes_of, subject_of):
    ts = minutes_of("2020-11-25", "2020-11-30")
    holiday = np.sort(np.append(ts, days("2020-11-26T15:00")))
    (found,) = outside_session(subject_of(make_bars(holiday)))
    assert (found.severity, found.count) == ("warning", 1)


def test_daily_bars_on_holidays(make_bars, subject_of):
    ts = days("2020-11-25", "2020-11-26", "2020-11-27")
    (found,) = outside_session(subject_of(make_bars(ts, "1d")))
    assert (found.severity, found.rows) == ("warning", (1,))
    assert "2020-11-26" in found.detail


def test_saturdays_are_outside_the_week_of_currencies(make_bars, subject_of):
    first = np.datetime64("2024-01-15T00", "h")
    ts = (first + np.arange(7 * 24)).astype("datetime64[us]").astype(np.int64)
    (found,) = outside_session(subject_of(make_bars(ts, "1h", "24/5")))
    # Friday 22:00 UTC to Sunday 22:00
    assert found.count == 48
    assert found.first_ts == days("2024-01-19T22:00")[0]
    assert outside_session(subject_of(make_bars(ts, "1h", "24/7"))) == []


def test_longer_bars_are_not_judged(make_bars, subject_of):
    ts = days("2024-01-06", "2024-01-13", "2024-01-20")  # Saturdays
    assert outside_session(subject_of(make_bars(ts, "1w"))) == []


def test_the_pre_open_prints_of_a_real_index(shared, subject_of):
    """One print at 09:07 a day, and prints at the close, by hand from the file."""
    (found,) = outside_session(subject_of(shared("nifty50_1m_4days", "1m"), "XBOM"))
    assert (found.severity, found.count) == ("warning", 9)
    assert found.rows == (0, 376, 377, 378, 754, 755, 1131, 1132, 1508)
    assert "09:07 (4), 15:31 (3), 15:30 (2)" in found.detail


@pytest.mark.parametrize(
    ("minute", "severity"),
    [
        ("08:59", "warning"),  # 03:59 in New York
        ("09:00", "info"),
        ("14:00", "info"),  # ends at the open, 14:30
        ("14:01", None),  # holds it
        ("20:59", None),
        ("21:00", "info"),  # begins at the close
        ("2024-01-18T00:59", "info"),  # 19:59
        ("2024-01-18T01:00", "warning"),
    ],
)
def test_where_sessions_and_extended_hours_end(make_bars, subject_of, minute, severity):
    """One bar of 30 minutes on Wednesday 17 January 2024, beside bars inside on other days."""
    odd = days(minute if "T" in minute else f"2024-01-17T{minute}")
    ts = [days("2024-01-16T15:00", "2024-01-16T15:30"), odd, days("2024-01-19T15:00")]
    found = outside_session(subject_of(make_bars(np.concatenate(ts))))
    assert [(one.severity, one.rows) for one in found] == ([(severity, (2,))] if severity else [])
