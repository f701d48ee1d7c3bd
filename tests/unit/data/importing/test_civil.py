from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from hyprl_lab.data.importing.civil import civil_of, days_of, is_civil, swapped

FIRST, LAST = date(1700, 1, 1), date(2299, 12, 31)
EVERY = [FIRST + timedelta(days=day) for day in range((LAST - FIRST).days + 1)]


def test_every_day_of_six_centuries_equals_the_standard_library():
    expected = np.array([day.toordinal() for day in EVERY]) - date(1970, 1, 1).toordinal()
    years, months, days = (
        np.array([getattr(day, part) for day in EVERY]) for part in ("year", "month", "day")
    )
    np.testing.assert_array_equal(days_of(years, months, days), expected)
    for found, part in zip(civil_of(expected), (years, months, days), strict=True):
        np.testing.assert_array_equal(found, part)
    assert is_civil(years, months, days).all()


def test_days_that_do_not_exist():
    years = np.array([2023, 1900, 2000, 2024, 2024, 2024, 2024])
    months = np.array([2, 2, 2, 4, 13, 0, 1])
    days = np.array([29, 29, 29, 31, 1, 1, 0])
    assert is_civil(years, months, days).tolist() == [False, False, True, *[False] * 4]


def test_swapping_twice_changes_nothing():
    early = np.array([day.toordinal() for day in EVERY if day.day <= 12]) - 719_163
    np.testing.assert_array_equal(swapped(swapped(early)), early)
