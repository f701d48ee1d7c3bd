import math

import pytest

from hyprl_lab.report.numbers import DASH, number_text, value_text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0512, "fraction", "5.12 %"),
        (-0.5, "fraction a year", "-50.00 %"),
        (1234.5, "money", "1,234.50"),
        (-15.069, "basis points", "-15.07"),
        (88, "count", "88"),
        (1.23456, "ratio, annualised", "1.235"),
        (7.8734, "times a year", "7.873"),
        (None, "money", DASH),
        (math.nan, "ratio", DASH),
    ],
)
def test_a_metric_is_shown_by_its_unit(value, unit, text):
    assert value_text(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10000.0, "10,000"),
        (0.1 + 0.2, "0.3"),
        (-3, "-3"),
        (True, "yes"),
        (False, "no"),
        (None, DASH),
        (math.nan, DASH),
        (math.inf, "inf"),
        ("2010-01-01", "2010-01-01"),
    ],
)
def test_plain_values_are_short(value, text):
    assert number_text(value) == text
