from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.quality.zone import time_zone

HOUR = 3_600_000_000


def local_as(ts, zone):
    """Stamps as they come out where local times of a zone are taken for UTC."""
    naive = pd.DatetimeIndex(ts.astype("M8[us]")).tz_localize("UTC").tz_convert(zone)
    return naive.tz_localize(None).as_unit("us").asi8


def test_a_year_in_its_zone_shows_none(make_bars, minutes_of, subject_of):
    for calendar in ("XNYS", "XLON", "XBOM"):
        ts = minutes_of("2023-01-02", "2023-12-29", calendar)
        assert time_zone(subject_of(make_bars(ts, calendar=calendar))) == []


def test_extended_hours_show_none(make_bars, subject_of, minutes_of):
    opens = minutes_of("2023-01-03", "2023-12-29", length=390)[::1]
    ts = (opens[:, None] + np.arange(-11, 21) * HOUR // 2).ravel()  # 04:00 to 20:00
    assert time_zone(subject_of(make_bars(np.unique(ts)))) == []


@pytest.mark.parametrize(("hours", "told"), [(5, "-5:00"), (-3, "+3:00"), (1, "-1:00")])
def test_a_fixed_shift_is_named(make_bars, minutes_of, subject_of, hours, told):
    ts = minutes_of("2023-01-02", "2023-12-29") + hours * HOUR
    (found,) = time_zone(subject_of(make_bars(ts)))
    assert found.severity == "warning"
    assert f"moved by {told} 100.0% would" in found.detail


def test_a_fixed_offset_read_as_new_york_wanders(make_bars, minutes_of, subject_of):
    """A file in EST all year, read as local: summer days begin an hour early."""
    ts = minutes_of("2023-01-02", "2023-12-29")
    fixed = ts - 5 * HOUR
    local = pd.DatetimeIndex(fixed.astype("M8[us]")).tz_localize("America/New_York")
    read = local.tz_convert("UTC").as_unit("us").asi8
    (found,) = time_zone(subject_of(make_bars(read)))
    assert "in winter most days begin at 09:30, under daylight-saving time at 08:30" in found.detail
    assert str(np.datetime64(found.first_ts, "us"))[:10] == "2023-03-13"


def test_local_times_of_new_york_in_a_zone_without_summer_wander(
    make_bars, minutes_of, subject_of
):  # fmt: skip
    """Hours of currencies by New York's clock, taken for UTC less five."""
    hours = np.arange(np.datetime64("2023-01-01T22"), np.datetime64("2023-12-29T22"))
    ts = hours.astype("datetime64[us]").astype(np.int64)
    local = (ts - 5 * HOUR) // HOUR
    weekday, hour = (local // 24 + 3) % 7, local % 24
    week = ~((weekday == 5) | ((weekday == 4) & (hour >= 17)) | ((weekday == 6) & (hour < 17)))
    (found,) = time_zone(subject_of(make_bars(ts[week], "1h", "24/5")))
    assert "most weeks begin at 17:00 by New York's clock" in found.detail
    assert "at 18:00" in found.detail


def test_days_and_round_the_clock_show_nothing(make_bars, weekdays, subject_of):
    assert time_zone(subject_of(make_bars(weekdays, "1d"))) == []
    ts = np.arange(5_000) * HOUR
    assert time_zone(subject_of(make_bars(ts, "1h", "24/7"))) == []


def test_real_sets_are_in_their_zone(shared, subject_of):
    for name in ("spy_1h", "eurusd_1h_ask"):
        assert time_zone(subject_of(shared(name, "1h"))) == []
    assert time_zone(subject_of(shared("nifty50_1m_4days", "1m"), "XBOM")) == []


def test_real_hours_read_as_utc_are_found(shared, subject_of, make_bars):
    bars = shared("spy_1h", "1h")
    wrong = local_as(bars.ts, "America/New_York")
    (found,) = time_zone(subject_of(make_bars(wrong, "1h")))
    assert found.severity == "warning"


def half_hours(opens, at_close, at_night=0):
    """Ten bars of each of 40 sessions, 400, but for some of these at the close or 7 h early."""
    ts = opens[:40, None] + np.arange(2, 12) * HOUR // 2
    ts[:at_close, 9] = opens[:at_close] + 13 * HOUR // 2
    ts[:at_night, 0] = opens[:at_night] - 7 * HOUR
    return ts.ravel()


@pytest.mark.parametrize(
    ("at_close", "at_night", "told"),
    [
        # Fewer than 95 % inside.
        (20, 0, None),
        (21, 0, "94.8% of the bars lie inside the sessions of XNYS; moved by -0:30 100.0% would"),
        # 95 % inside after a move.
        (30, 21, None),
        (30, 20, "87.5% of the bars lie inside the sessions of XNYS; moved by -0:30 95.0% would"),
        # 5 % more than now.
        (19, 8, None),
        (20, 8, "93.0% of the bars lie inside the sessions of XNYS; moved by -0:30 98.0% would"),
    ],
)
def test_how_many_bars_lie_inside(make_bars, minutes_of, subject_of, at_close, at_night, told):
    """Each at the close lies inside if moved by half an hour; those of the night never do."""
    opens = minutes_of("2023-01-03", "2023-03-10", length=390)
    found = time_zone(subject_of(make_bars(half_hours(opens, at_close, at_night))))
    assert [one.detail.split(". ")[0] for one in found] == ([told] if told else [])


def days_apart(opens, winter, summer, *, late=60, others=0):
    """Two bars a day from 10:30 on before 12 March 2023, and `late` minutes later from then on.

    The last `others` days of both halves begin each at another time.
    """
    turn = np.searchsorted(opens, np.datetime64("2023-03-12", "us").astype(np.int64))
    starts = []
    for days, minutes in ((opens[turn - winter : turn], 60), (opens[turn:][:summer], 60 + late)):
        begins = days + minutes * HOUR // 60
        begins[len(begins) - others :] += np.arange(1, others + 1) * 5 * HOUR // 60
        starts.append(begins)
    return (np.concatenate(starts)[:, None] + np.array([0, HOUR // 2])).ravel()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        # Ten days of each; what came before the first of all isn't known, so it counts for none.
        ({"winter": 11, "summer": 10}, 1),
        ({"winter": 10, "summer": 10}, 0),
        ({"winter": 11, "summer": 9}, 0),
        # Six in ten at one time.
        ({"winter": 21, "summer": 20, "others": 8}, 1),
        ({"winter": 21, "summer": 20, "others": 9}, 0),
        # An hour.
        ({"winter": 20, "summer": 20, "late": -60}, 1),
        ({"winter": 20, "summer": 20, "late": 59}, 0),
        ({"winter": 20, "summer": 20, "late": 61}, 0),
    ],
)
def test_days_an_hour_apart(make_bars, minutes_of, subject_of, given, found):
    opens = minutes_of("2023-01-03", "2023-05-31", length=390)
    subject = subject_of(make_bars(days_apart(opens, **given)))
    told = [one for one in time_zone(subject) if one.severity == "warning"]
    assert len(told) == found
    assert all("in winter most days begin at 10:30" in one.detail for one in told)
