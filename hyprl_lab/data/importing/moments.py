"""Digits of a known shape into moments of a wall clock, or into counts since 1970."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.importing.civil import days_of, is_civil
from hyprl_lab.data.importing.digits import whole_number
from hyprl_lab.data.timeframe import DAY_US

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hyprl_lab.data.importing.shapes import Shape
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["YEARS", "civil_moments", "counts_of"]

YEARS: Final = (1700, 2299)
"""The first and the last year that a bar may open in."""

_SECOND_US: Final = 1_000_000
_MOST_SECONDS: Final = 10**12


def civil_moments(
    letters: NDArray[np.uint8], shape: Shape, *, month_first: bool
) -> tuple[IntArray, BoolArray, IntArray | None]:
    """Return moments of the wall clock in microseconds, which are right, and their offsets.

    Parameters
    ----------
    letters
        A row of bytes for each text, all of one shape.
    shape
        Where the year, the two parts of the date, the clock and the zone stand.
    month_first
        Whether the first part of the date is the month.

    Returns
    -------
    moments, right, offsets
        Offsets in minutes, taken off the moments; `None` where the shape has no zone. Moments
        that are not right mean nothing: no such day or clock, a year outside `YEARS`, or digits
        finer than a microsecond.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from hyprl_lab.data.importing.digits import letters_of
    >>> from hyprl_lab.data.importing.shapes import shape_of
    >>> text = "1970-01-02T00:00:01.5Z"
    >>> letters = letters_of(pa.array([text]))[0][:, : len(text)]
    >>> shape = shape_of("0000-00-00T00:00:00.0Z")
    >>> moments, right, _ = civil_moments(letters, shape, month_first=True)
    >>> moments.tolist(), right.tolist()
    ([86401500000], [True])
    """
    part = {name: whole_number(letters, *span) for name, span in shape.parts.items()}
    none = np.zeros(len(letters), dtype=np.int64)
    first, second = part["a"], part["b"]
    months, days = (first, second) if month_first else (second, first)
    hours = part.get("hour", none)
    right = is_civil(part["year"], months, days) & (hours <= 23)
    right &= (part["year"] >= YEARS[0]) & (part["year"] <= YEARS[1])
    if shape.afternoon is not None:
        right &= (hours >= 1) & (hours <= 12)
        hours = hours % 12 + 12 * shape.afternoon
    minutes, seconds = part.get("minute", none), part.get("second", none)
    right &= (minutes <= 59) & (seconds <= 59)
    micros, whole = _micros(letters, shape)
    right &= whole
    dates = days_of(part["year"], np.where(right, months, 1), np.where(right, days, 1))
    moments = dates * DAY_US + ((hours * 60 + minutes) * 60 + seconds) * _SECOND_US + micros
    if shape.zone is None:
        return moments, right, None
    beyond = part.get("zone_minute", none)
    offset = shape.zone * (part.get("zone_hour", none) * 60 + beyond)
    right &= (beyond <= 59) & (np.abs(offset) <= 18 * 60)
    return moments - offset * 60 * _SECOND_US, right, offset


def counts_of(
    letters: NDArray[np.uint8], shape: Shape, *, seconds: bool
) -> tuple[IntArray, BoolArray]:
    """Return counts since 1970 and which are right; of seconds, where said, in microseconds.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from hyprl_lab.data.importing.digits import letters_of
    >>> from hyprl_lab.data.importing.shapes import shape_of
    >>> letters = letters_of(pa.array(["-12"]))[0][:, :3]
    >>> counts_of(letters, shape_of("-00", epoch=True), seconds=False)[0].tolist()
    [-12]
    """
    start, stop = shape.parts["whole"]
    high = whole_number(letters, start, max(start, stop - 9))
    low = whole_number(letters, max(start, stop - 9), stop)
    right = np.full(len(letters), stop - start <= 19) & (high < 9_223_372_036)
    counts = np.where(right, high, 0) * 1_000_000_000 + low
    micros, whole = _micros(letters, shape)
    if seconds:
        right &= whole & (counts < _MOST_SECONDS)
        counts = np.where(right, counts, 0) * _SECOND_US + micros
    elif "fraction" in shape.parts:
        right &= whole_number(letters, *shape.parts["fraction"]) == 0
    return np.where(letters[:, 0] == ord("-"), -counts, counts), right


def _micros(letters: NDArray[np.uint8], shape: Shape) -> tuple[IntArray, BoolArray]:
    """Return the fraction of a second in microseconds, and where nothing finer is left over."""
    if "fraction" not in shape.parts:
        return np.zeros(len(letters), dtype=np.int64), np.ones(len(letters), dtype=np.bool_)
    begin, end = shape.parts["fraction"]
    fraction, digits = whole_number(letters, begin, end), end - begin
    scale = 10 ** abs(6 - digits)
    if digits <= 6:
        return fraction * scale, np.ones(len(letters), dtype=np.bool_)
    return fraction // scale, fraction % scale == 0
