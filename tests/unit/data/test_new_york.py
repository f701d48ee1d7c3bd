from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.new_york import new_york_clock

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("first", "last"),
    [("1883-11-10", "1883-11-25"), ("1941-12-01", "1946-12-01"), ("1998-01-01", "2007-12-31")],
    ids=["standard time begins", "war time", "the rules of 2007"],
)
def test_it_agrees_with_pandas(first, last):
    index = pd.date_range(first, last, freq="30min", tz="UTC", unit="us")
    local = index.tz_convert("America/New_York").tz_localize(None)
    assert np.array_equal(new_york_clock(index.asi8), local.asi8)


def test_sparse_stamps_over_centuries_agree_with_pandas():
    index = pd.date_range("1700-01-01", "2261-12-31", freq="37D", tz="UTC", unit="us")
    local = index.tz_convert("America/New_York").tz_localize(None)
    assert np.array_equal(new_york_clock(index.asi8), local.asi8)


def test_the_offset_changes_with_the_very_hour():
    spring = pd.Timestamp("2021-03-14 07:00", tz="UTC").value // 1000
    autumn = pd.Timestamp("2021-11-07 06:00", tz="UTC").value // 1000
    ts = np.array([spring - 1, spring, autumn - 1, autumn])
    assert ((new_york_clock(ts) - ts) / HOUR).tolist() == [-5.0, -4.0, -4.0, -5.0]


def test_no_stamps_give_no_times():
    assert new_york_clock(np.array([], dtype=np.int64)).size == 0
