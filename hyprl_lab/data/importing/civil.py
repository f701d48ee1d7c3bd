"""Days of the proleptic Gregorian calendar, many at once.

Algorithms `days_from_civil` and `civil_from_days` of Howard Hinnant, "chrono-Compatible Low-Level
Date Algorithms": years begin in March, so that the leap day is a year's last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["civil_of", "days_of", "is_civil", "swapped"]

_ERA_DAYS = 146_097
_EPOCH_SHIFT = 719_468
_LENGTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)


def is_civil(years: IntArray, months: IntArray, days: IntArray) -> BoolArray:
    """Return which of the dates exist.

    Examples
    --------
    >>> is_civil(np.array([2023, 2024]), np.array([2, 2]), np.array([29, 29])).tolist()
    [False, True]
    """
    right = (months >= 1) & (months <= 12)
    leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    lengths = _LENGTHS[np.where(right, months, 0)] + (leap & (months == 2))
    result: BoolArray = right & (days >= 1) & (days <= lengths)
    return result


def days_of(years: IntArray, months: IntArray, days: IntArray) -> IntArray:
    """Return days since 1 January 1970 of dates that exist.

    Examples
    --------
    >>> days_of(np.array([1970, 2024]), np.array([1, 2]), np.array([2, 29])).tolist()
    [1, 19782]
    """
    year = years - (months <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * ((months + 9) % 12) + 2) // 5 + days - 1
    result: IntArray = (
        era * _ERA_DAYS + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _EPOCH_SHIFT
    )
    return result


def civil_of(days: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return year, month and day of days since 1 January 1970.

    Examples
    --------
    >>> [part.tolist() for part in civil_of(np.array([19_782]))]
    [[2024], [2], [29]]
    """
    shifted = days + _EPOCH_SHIFT
    era = shifted // _ERA_DAYS
    of_era = shifted - era * _ERA_DAYS
    years = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    month = (5 * of_year + 2) // 153
    months = np.where(month < 10, month + 3, month - 9)
    return years + era * 400 + (months <= 2), months, of_year - (153 * month + 2) // 5 + 1


def swapped(days: IntArray) -> IntArray:
    """Return the days with day and month exchanged; each day has to be 12 or less.

    Examples
    --------
    >>> swapped(days_of(np.array([2024]), np.array([3]), np.array([1]))).tolist() == days_of(
    ...     np.array([2024]), np.array([1]), np.array([3])).tolist()
    True
    """
    years, months, of_month = civil_of(days)
    return days_of(years, of_month, months)
