from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.quality.gaps import gaps


def days(*dates: str) -> np.ndarray:
    return np.array(dates, dtype="datetime64[us]").astype(np.int64)


def without(ts, *rows):
    return np.delete(ts, rows)


def test_a_full_schedule_with_its_half_days_has_none(make_bars, minutes_of, subject_of):
    """Thanksgiving is closed and the Friday after it ends at 13:00, in November 2020."""
    for length in (5, 30, 60):
        ts = minutes_of("2020-11-02", "2020-12-31", length=length)
        assert gaps(subject_of(make_bars(ts, f"{length}m"))) == []


def test_bars_missing_inside_a_session_are_counted_before_the_row_that_follows(
    make_bars, minutes_of, subject_of
):
    ts = without(minutes_of("2024-01-02", "2024-06-28"), 5, 6, 7, 100)
    (found,) = gaps(subject_of(make_bars(ts)))
    assert (found.severity, found.count, found.rows) == ("info", 4, (5, 97))
    assert found.first_ts == ts[5]
    assert (
        "before 2 rows; the longest gap, 3 bars, ends at row 5 (2024-01-02T18:30:00Z)"
        in found.detail
    )


def test_what_is_missing_at_the_open_and_at_the_close_counts(make_bars, minutes_of, subject_of):
    """13 bars of 30 minutes a session: the close of the first, the open of the third."""
    ts = without(minutes_of("2024-01-02", "2024-06-28"), 11, 12, 26)
    (found,) = gaps(subject_of(make_bars(ts)))
    assert (found.count, found.rows) == (3, (11, 24))


def test_many_missing_bars_are_a_warning(make_bars, minutes_of, subject_of):
    ts = minutes_of("2024-01-02", "2024-01-31")
    (found,) = gaps(subject_of(make_bars(without(ts, *range(3, 9)))))
    assert (found.severity, found.count) == ("warning", 6)


def test_a_missing_session_is_named(make_bars, minutes_of, subject_of):
    ts = minutes_of("2024-01-02", "2024-06-28")
    gone = without(ts, *range(13 * 4, 13 * 6))
    (found,) = gaps(subject_of(make_bars(gone)))
    assert (found.severity, found.count, found.rows) == ("warning", 26, (52,))
    assert "whole sessions: 2024-01-08, 2024-01-09" in found.detail


def test_the_ends_of_the_data_are_no_gaps(make_bars, minutes_of, subject_of):
    ts = minutes_of("2024-01-02", "2024-01-12")[4:-5]
    assert gaps(subject_of(make_bars(ts))) == []


def test_stamps_a_few_seconds_late_are_no_gaps(make_bars, minutes_of, subject_of):
    ts = minutes_of("2024-01-02", "2024-01-31")
    late = ts + np.random.default_rng(1).integers(0, 400_000_000, ts.size)
    assert gaps(subject_of(make_bars(late))) == []


def test_a_lunch_break_is_no_gap(make_bars, minutes_of, subject_of):
    """Tokyo rests from 11:30 to 12:30."""
    ts = minutes_of("2024-01-15", "2024-02-15", "XTKS")
    local = (ts // 60_000_000 + 540) % 1_440
    ts = ts[(local < 690) | (local >= 750)]
    assert gaps(subject_of(make_bars(ts, calendar="XTKS"))) == []
    (found,) = gaps(subject_of(make_bars(without(ts, 4, 5), calendar="XTKS")))
    assert found.count == 2  # 11:00 and 12:30, on both sides of the break


def test_daily_sessions_missing(make_bars, subject_of):
    """Good Friday of 2021 is no session, 6 and 7 April are."""
    ts = days("2021-03-31", "2021-04-01", "2021-04-05", "2021-04-08", "2021-04-09")
    (found,) = gaps(subject_of(make_bars(ts, "1d")))
    assert (found.severity, found.count, found.rows) == ("warning", 2, (3,))
    assert "2021-04-06, 2021-04-07" in found.detail


def test_an_unannounced_closure_is_no_gap(make_bars, subject_of):
    ts = days("2001-09-07", "2001-09-10", "2001-09-17", "2001-09-18")
    assert gaps(subject_of(make_bars(ts, "1d"))) == []


def test_christmas_of_round_the_clock_markets_is_information(make_bars, subject_of):
    weekdays = np.arange(np.datetime64("2019-12-16"), np.datetime64("2020-01-20"))
    weekdays = weekdays[np.is_busday(weekdays)]
    there = ~np.isin(weekdays, np.array(["2019-12-25", "2020-01-01", "2020-01-08"], "M8[D]"))
    ts = weekdays[there].astype("datetime64[us]").astype(np.int64)
    odd, closed = gaps(subject_of(make_bars(ts, "1d", "24/5")))
    assert (odd.severity, odd.count) == ("warning", 1)
    assert "2020-01-08" in odd.detail
    assert (closed.severity, closed.count) == ("info", 2)


@pytest.mark.parametrize(
    ("timeframe", "dates", "missing"),
    [
        ("1w", ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-29", "2024-02-05"], 1),
        ("1mo", ["2023-11-01", "2023-12-01", "2024-01-02", "2024-04-01", "2024-05-01"], 2),
    ],
)
def test_weeks_and_months(make_bars, subject_of, timeframe, dates, missing):
    (found,) = gaps(subject_of(make_bars(days(*dates), timeframe)))
    assert (found.severity, found.count, found.rows) == ("warning", missing, (3,))


def test_bars_of_several_days_are_not_judged(make_bars, subject_of):
    ts = days("2024-01-02", "2024-01-04", "2024-01-10")
    assert gaps(subject_of(make_bars(ts, "2d"))) == []


def test_no_bar_inside_any_session_has_no_gap(make_bars, subject_of):
    ts = days("2024-01-06T12:00", "2024-01-06T12:30", "2024-01-06T13:00")  # a Saturday
    assert gaps(subject_of(make_bars(ts))) == []


def test_real_euro_hours_have_eight_odd_gaps(shared, subject_of):
    """Counted by hand from the steps longer than an hour that are neither weekend nor year's end.

    22 bars, 9, 103 (from Sunday 22:00 to Friday 05:00), 3 before the close of a Friday, three times
    17 before it, and 3 after the open of a Sunday.
    """
    subject = subject_of(shared("eurusd_1h_ask", "1h"))
    odd, closed = gaps(subject)
    assert (odd.severity, odd.count) == ("warning", 22 + 9 + 103 + 3 + 3 * 17 + 3)
    assert "2016-12-12, 2016-12-13, 2016-12-14, 2016-12-15" in odd.detail
    dates = subject.ts[list(odd.rows)].astype("M8[us]").astype("M8[D]").astype(str).tolist()
    assert dates == [
        "2007-01-09",
        "2015-08-21",
        "2016-12-16",
        "2017-01-02",
        "2017-04-02",
        "2017-10-08",
        "2018-06-10",
        "2018-10-29",
    ]
    assert closed.severity == "info"


def test_real_daily_bars_have_none(shared, subject_of):
    assert gaps(subject_of(shared("spy_1d", "1d"))) == []
    assert gaps(subject_of(shared("btcusd_1d", "1d"))) == []


def test_real_hours_of_half_days_are_right(shared, subject_of):
    """Two hours are missing in 23 years: New York opened late on 11 September 2002."""
    (found,) = gaps(subject_of(shared("spy_1h", "1h")))
    assert (found.severity, found.count) == ("info", 2)
    assert str(np.datetime64(found.first_ts, "us"))[:13] == "2002-09-11T15"


def test_one_missing_bar_is_told_as_one(make_bars, minutes_of, subject_of):
    ts = minutes_of("2024-01-02", "2024-06-28")
    (found,) = gaps(subject_of(make_bars(without(ts, 5))))
    assert found.detail.startswith(
        "1 of 1,612 expected bars is missing, before row 5 (2024-01-02T17:30:00Z). Get"
    )
    (found,) = gaps(subject_of(make_bars(days("2021-03-31", "2021-04-01", "2021-04-06"), "1d")))
    assert found.detail.startswith(
        "1 of 4 expected bars is missing, before row 2 (2021-04-06T00:00:00Z); "
        "whole session: 2021-04-05. Get"
    )


@pytest.mark.parametrize(("missing", "severity"), [(13, "info"), (14, "warning")])
def test_one_bar_in_a_hundred_may_be_missing(
    make_bars, minutes_of, subject_of, missing, severity
):  # fmt: skip
    """A hundred sessions of 13 half hours are 1,300 bars; a bar is taken from each of some."""
    ts = minutes_of("2024-01-02", "2024-06-28")[:1_300]
    (found,) = gaps(subject_of(make_bars(without(ts, *(13 * np.arange(missing) + 5)))))
    assert (found.severity, found.count) == (severity, missing)
    assert "of 1,300 expected bars" in found.detail


@pytest.mark.parametrize(
    ("minutes", "missing"), [(29, 0), (30, 1), (89, 1), (90, 2)]
)  # fmt: skip
def test_half_a_bar_counts_as_one(make_bars, subject_of, minutes, missing):
    """Hours from 14:30 UTC in New York's session, of which one begins so much later."""
    starts = np.array([0, 60, 120, 180 + minutes, 240 + minutes]) * 60_000_000
    found = gaps(subject_of(make_bars(days("2024-01-16T14:30")[0] + starts, "1h")))
    assert sum(one.count for one in found) == missing


@pytest.mark.parametrize(
    ("day", "severity"),
    [
        ("2019-12-23", "warning"),
        ("2019-12-24", "info"),
        ("2019-12-25", "info"),
        ("2019-12-26", "info"),
        ("2019-12-27", "warning"),
        ("2019-12-30", "warning"),
        ("2019-12-31", "info"),
        ("2020-01-01", "info"),
        ("2020-01-02", "info"),
        ("2020-01-03", "warning"),
    ],
)
def test_the_days_of_the_turn_of_the_year(make_bars, subject_of, day, severity):
    weekdays = np.arange(np.datetime64("2019-12-16"), np.datetime64("2020-01-20"))
    weekdays = weekdays[np.is_busday(weekdays) & (weekdays != np.datetime64(day))]
    ts = weekdays.astype("datetime64[us]").astype(np.int64)
    (found,) = gaps(subject_of(make_bars(ts, "1d", "24/5")))
    assert (found.severity, found.count) == (severity, 1)
