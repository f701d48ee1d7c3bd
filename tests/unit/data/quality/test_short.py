from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.quality.short import short_data


@pytest.mark.parametrize(
    ("bars", "severity"), [(31, "warning"), (32, "info"), (251, "info"), (252, None)]
)
def test_days(make_bars, weekdays, subject_of, bars, severity):
    found = short_data(subject_of(make_bars(weekdays[:bars], "1d")))
    assert [one.severity for one in found] == ([severity] if severity else [])
    assert [one.count for one in found] == ([bars] if severity else [])


def test_sessions_of_minutes_count(make_bars, minutes_of, subject_of):
    ts = minutes_of("2024-01-02", "2024-01-12")  # nine sessions
    (found,) = short_data(subject_of(make_bars(ts)))
    assert (found.severity, found.count) == ("warning", 9)
    assert "9 sessions" in found.detail


def test_bars_outside_the_sessions_are_not_judged(make_bars, subject_of):
    ts = np.array(["2024-01-06T12:00", "2024-01-06T12:30"], "M8[us]").astype(np.int64)
    assert short_data(subject_of(make_bars(ts))) == []


def test_one_bar_is_told_as_one(make_bars, weekdays, subject_of):
    (found,) = short_data(subject_of(make_bars(weekdays[:1], "1d")))
    assert found.detail.startswith("1 bar, fewer than 32")
