from __future__ import annotations

import re

import pyarrow as pa
import pytest

from hyprl_lab.data.importing.digits import letters_of
from hyprl_lab.data.importing.moments import civil_moments, counts_of
from hyprl_lab.data.importing.shapes import shape_of

DAY = 86_400_000_000


def zeros(text):
    return re.sub("[0-9]", "0", text)


def read(text, *, month_first=False):
    letters = letters_of(pa.array([text]))[0][:, : len(text)]
    moments, right, offsets = civil_moments(letters, shape_of(zeros(text)), month_first=month_first)
    return int(moments[0]), bool(right[0]), None if offsets is None else int(offsets[0])


@pytest.mark.parametrize(
    ("text", "moment", "offset"),
    [
        ("02/01/1970", DAY, None),
        ("02.01.1970 00:00:00.000001", DAY + 1, None),
        ("02.01.1970 00:00:00.000001000", DAY + 1, None),
        ("02/01/1970 12:05 AM", DAY + 5 * 60_000_000, None),
        ("02/01/1970 01:30 PM", DAY + 810 * 60_000_000, None),
        ("02/01/1970 05:30+05:30", DAY, 330),
        ("01/01/1970 16:00-08:00", DAY, -480),
    ],
)
def test_moments_by_hand(text, moment, offset):
    assert read(text) == (moment, True, offset)


def test_the_order_exchanges_day_and_month():
    assert read("02/01/1970", month_first=True) == (31 * DAY, True, None)


@pytest.mark.parametrize(
    "text",
    [
        "31/02/1970",
        "01/13/1970",
        "01/01/1699",
        "01/01/2300",
        "01/01/1970 24:00",
        "01/01/1970 09:60",
        "01/01/1970 13:00 PM",
        "01/01/1970 00:00:00.0000001",
        "01/01/1970 00:00+19:00",
        "01/01/1970 00:00+01:75",
    ],
)
def test_what_never_was(text):
    assert not read(text)[1]


@pytest.mark.parametrize(
    ("text", "seconds", "count"),
    [
        ("1704067200", False, 1704067200),
        ("1704067200", True, 1704067200_000_000),
        ("-1.5", True, -1_500_000),
        ("12.0", False, 12),
        ("9223372035999999999", False, 9223372035999999999),
        ("1.5", False, None),
        ("1.0000001", True, None),
        ("1000000000000", True, None),
        ("99999999999999999999", False, None),
    ],
)
def test_counts(text, seconds, count):
    letters = letters_of(pa.array([text]))[0][:, : len(text)]
    counts, right = counts_of(letters, shape_of(zeros(text), epoch=True), seconds=seconds)
    assert bool(right[0]) == (count is not None)
    assert count is None or int(counts[0]) == count
