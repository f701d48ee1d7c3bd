from __future__ import annotations

import pytest

from hyprl_lab.data.importing.shapes import family_of, shape_of


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("2024-01-31", "year_first"),
        ("2024-01-31T09:30", "year_first"),
        ("2024-01-31 09:30:00.123456789+05:30", "year_first"),
        ("2024-01-31T09:30:00Z", "year_first"),
        ("2024/1/3", "year_first"),
        ("20240131", "year_first"),
        ("20240131 093000", "year_first"),
        ("31.01.2024 22:00:00.000", "day_month"),
        ("1/3/2014", "day_month"),
        ("1/3/2014 9:30 PM", "day_month"),
        ("1704067200", "epoch"),
        ("1704067200.5", "epoch"),
        ("-86400", "epoch"),
        ("", None),
        ("yesterday", None),
        ("2024-01/31", None),
        ("1/3/14", None),
        ("2024-01-31Z", None),
        ("9" * 21, None),
        ("x" * 50, None),
        ("2024-01-31T09:30:00+5", None),
    ],
)
def test_families(text, family):
    assert family_of(text) == family


def test_parts_stand_where_they_are():
    shape = shape_of("00/0/0000 00:00:00.000-00:00")
    assert shape is not None
    assert (shape.parts["a"], shape.parts["b"], shape.parts["year"]) == ((0, 2), (3, 4), (5, 9))
    assert (shape.parts["fraction"], shape.zone) == ((19, 22), -1)
    assert (shape.parts["zone_hour"], shape.parts["zone_minute"]) == ((23, 25), (26, 28))


def test_iso_is_dashes_and_two_digits_or_eight_digits():
    told = {text: shape_of(text).is_iso for text in ("0000-00-00", "00000000", "0000/00/00")}
    assert told == {"0000-00-00": True, "00000000": True, "0000/00/00": False}
    assert shape_of("0000-0-0").is_iso is False


def test_halves_of_the_day():
    assert [shape_of(f"0/0/0000 0:00{half}").afternoon for half in (" AM", "pm", "")] == [
        False,
        True,
        None,
    ]
