from __future__ import annotations

import math
import struct

import pyarrow as pa
import pytest

from hyprl_lab.data.importing.numbers import MISSING, is_number, numbers_of, why_no_number


@pytest.mark.parametrize("word", [*MISSING, " NaN ", "nUlL"])
def test_what_is_missing_is_nan(word):
    values, unreadable = numbers_of(pa.array([word, "x"]))
    assert math.isnan(values[0])
    assert unreadable.tolist() == [False, True]


@pytest.mark.parametrize(
    "text", ["0.1", "1e-5", ".5", "5.", "-0.0", "123456789012345678", "1e22", "9007199254740993"]
)
@pytest.mark.parametrize("others", [[], ["x"]])
def test_decimals_are_read_to_the_nearest(text, others):
    values, _ = numbers_of(pa.array([text, *others]))
    assert struct.pack("<d", values[0]) == struct.pack("<d", float(text))


@pytest.mark.parametrize("text", ["1e400", "-1e400", "inf", "Infinity", "-INF"])
@pytest.mark.parametrize("others", [[], ["x"]])
def test_what_is_too_large_is_infinite(text, others):
    values, unreadable = numbers_of(pa.array([text, *others]))
    assert math.isinf(values[0])
    assert not unreadable[0]


@pytest.mark.parametrize(
    "text", ["\u0131nf", "1,234.5", "1,5", "1_000", "0x10", "1.2.3", "5%", "$5", "٣", "1d5"]
)
def test_what_is_no_number_is_told(text):
    _, unreadable = numbers_of(pa.array([text, "1"]))
    assert unreadable.tolist() == [True, False]
    assert not is_number(text)


@pytest.mark.parametrize("text", ["-nan", "+nan", "nan(1)", "-NaN(ind)"])
@pytest.mark.parametrize("other", ["1", "x"])
def test_only_what_is_documented_is_missing_whatever_is_beside_it(text, other):
    values, unreadable = numbers_of(pa.array([text, other, "nan", "nAn"]))
    assert unreadable.tolist() == [True, other == "x", False, False]
    assert math.isnan(values[2])


def test_truth_is_one_and_zero():
    assert numbers_of(pa.array(["true", "False"]))[0].tolist() == [1.0, 0.0]
    assert numbers_of(pa.array([True, None]))[0].tolist()[0] == 1.0


def test_no_price_is_true():
    for cells in (pa.array(["true", "1"]), pa.array([True, None])):
        assert numbers_of(cells, truth=False)[1].tolist() == [True, False]


def test_typed_columns_are_taken_as_they_are():
    assert numbers_of(pa.array([1, 2**53 + 1]))[0].tolist() == [1.0, float(2**53)]
    assert numbers_of(pa.array([0.5], pa.float32()))[0].tolist() == [0.5]
    decimals = pa.array(["0.1"]).cast(pa.decimal128(20, 10))
    assert numbers_of(decimals)[0].tolist() == [0.1]
    assert math.isnan(numbers_of(pa.array([None], pa.float64()))[0][0])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,234,567.5", "without marks between thousands: '1234567.5'"),
        ("1,5", "a decimal point: '1.5'. State a decimal comma: decimal=','"),
        ("1,234", "'1234' or '1.234'. State it: thousands=',' or decimal=','"),
        ("1.234,5", "decimal=',', thousands='.'"),
        ("1 234,5", "decimal=',', thousands=' '"),
        ("true", "read in features alone"),
        ("abc", "a number"),
    ],
)
def test_the_hint_says_how_to_write_it(text, why):
    assert why in why_no_number(text)
