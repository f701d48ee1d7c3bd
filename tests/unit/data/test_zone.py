from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.zone import utc_of, zone_clock

HOUR = 3_600_000_000
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        (NEW_YORK, "1883-11-10", "1883-11-25"),  # standard time begins
        (NEW_YORK, "1941-12-01", "1946-12-01"),  # war time
        (NEW_YORK, "1998-01-01", "2007-12-31"),  # the rules of 2007
        ("Asia/Kolkata", "1940-01-01", "1947-01-01"),  # half hours, and war time
        ("Europe/London", "1967-01-01", "1973-01-01"),  # standard time in summer, then all year
        ("America/Santiago", "2010-01-01", "2020-01-01"),  # clocks change at midnight
        ("Africa/Casablanca", "2012-01-01", "2026-01-01"),  # and over Ramadan
        ("Australia/Sydney", "2019-01-01", "2022-01-01"),
    ],
)
def test_it_agrees_with_pandas(zone, first, last):
    index = pd.date_range(first, last, freq="30min", tz="UTC", unit="us")
    local = index.tz_convert(zone).tz_localize(None)
    assert np.array_equal(zone_clock(index.asi8, zone), local.asi8)


def test_sparse_stamps_over_centuries_agree_with_pandas():
    index = pd.date_range("1700-01-01", "2261-12-31", freq="37D", tz="UTC", unit="us")
    for zone in (NEW_YORK, "Asia/Tokyo", "Europe/London"):
        local = index.tz_convert(zone).tz_localize(None)
        assert np.array_equal(zone_clock(index.asi8, zone), local.asi8)


def test_the_offset_changes_with_the_very_hour():
    spring = pd.Timestamp("2021-03-14 07:00", tz="UTC").value // 1000
    autumn = pd.Timestamp("2021-11-07 06:00", tz="UTC").value // 1000
    ts = np.array([spring - 1, spring, autumn - 1, autumn])
    assert ((zone_clock(ts, NEW_YORK) - ts) / HOUR).tolist() == [-5.0, -4.0, -4.0, -5.0]


def test_an_offset_that_changes_in_mid_minute_does_so_at_the_second():
    """Santiago, 10 January 1910: 17 minutes and 15 seconds come twice, from 4:42:45 UTC on."""
    moment = pd.Timestamp("1910-01-10 04:42:45", tz="UTC").value // 1000
    ts = np.array([moment - 1, moment])
    offsets = (zone_clock(ts, "America/Santiago") - ts) // 1_000_000
    assert offsets.tolist() == [-(4 * 3_600 + 42 * 60 + 45), -5 * 3_600]


@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Kolkata", "Pacific/Auckland", "America/Santiago"])
def test_there_and_back_again(zone):
    """But for the hour that comes twice, of which one is taken."""
    index = pd.date_range("2018-01-01", "2022-01-01", freq="17min", tz="UTC", unit="us")
    local = zone_clock(index.asi8, zone)
    back = utc_of(local[::-1], zone)[::-1]
    twice = np.isin(np.abs(back - index.asi8), [HOUR])
    assert np.array_equal(back[~twice], index.asi8[~twice])
    assert np.count_nonzero(twice) < 5 * 4
    assert np.array_equal(zone_clock(np.sort(back), zone), np.sort(local))


def test_no_stamps_give_no_times():
    assert zone_clock(np.array([], dtype=np.int64), NEW_YORK).size == 0
    assert utc_of(np.array([], dtype=np.int64), NEW_YORK).size == 0
