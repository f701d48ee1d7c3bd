from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.importing.zones import check_zone, to_utc, why_no_moment
from hyprl_lab.errors import BarsError


def wall(*texts: str):
    return np.array(texts, dtype="M8[us]").astype(np.int64)


def test_winter_and_summer_have_their_offsets():
    ts, unclear = to_utc(wall("2024-01-02T09:30", "2024-07-02T09:30"), "America/New_York")
    assert ts.tolist() == wall("2024-01-02T14:30", "2024-07-02T13:30").tolist()
    assert not unclear.any()


def test_the_hour_that_is_skipped_and_the_one_that_comes_twice():
    times = wall("2024-03-10T01:59", "2024-03-10T02:00", "2024-03-10T03:00", "2024-11-03T01:30")
    assert to_utc(times, "America/New_York")[1].tolist() == [False, True, False, True]
    assert "skips when clocks go forward" in why_no_moment(int(times[1]), "America/New_York")
    assert "has twice when clocks go back" in why_no_moment(int(times[3]), "America/New_York")


def test_utc_is_what_it_is():
    times = wall("2024-03-10T02:00")
    assert to_utc(times, "UTC")[0] is times


@pytest.mark.parametrize(
    "tz", ["New York", "", "../etc/passwd", 5, "a\0b", "localtime", "posixrules"]
)
def test_other_zones_are_refused(tz):
    with pytest.raises(BarsError, match="expected an IANA zone"):
        check_zone(tz)


@pytest.mark.parametrize("tz", ["Factory", "right/UTC", "right/America/New_York", "posix/UTC"])
def test_files_beside_the_zones_are_refused(tz):
    with pytest.raises(BarsError, match="expected an IANA zone"):
        check_zone(tz)


def test_no_zone_is_none():
    assert check_zone(None) is None
