"""Numbers of a space: what is read, what is refused, how they are written."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.numbers import (
    listed_array,
    listed_numbers,
    real,
    short_numbers,
    whole,
)


def test_minus_zero_is_zero() -> None:
    assert np.signbit(real("x", -0.0)) == np.False_
    assert not np.signbit(listed_numbers("x", [-0.0, 1.0])[0])


@pytest.mark.parametrize("value", [True, np.bool_(True), "1", None, 1j, [1]])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(SpaceError, match="expected a number"):
        real("x", value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e301, 10**400])
def test_what_is_not_finite(value: float) -> None:
    with pytest.raises(SpaceError, match="expected a finite number within"):
        real("x", value)


def test_whole_numbers_that_a_float_holds() -> None:
    assert whole("x", np.float64(7.0)) == 7
    assert whole("x", -(2**53)) == -(2**53)
    with pytest.raises(SpaceError, match=r"x is 7\.5; expected a whole number, or use hl\.floats"):
        whole("x", 7.5)
    for value in (2**53 + 2, 2**60 + 1, 1e17):
        with pytest.raises(SpaceError, match=r"within ±2\^53"):
            whole("x", value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("123", "expected a range, a list or an array of numbers, or hl.floats"),
        (5, "expected a range"),
        (None, "expected a range"),
        ({1: 2}, "expected a range"),
        ([], "one or more numbers"),
        (range(0), "one or more numbers"),
        (np.ones((2, 2)), "in one dimension"),
        (np.array(5), "in one dimension"),
        ([[1, 2], [3]], "holds a list of 2; expected numbers alone"),
        ([1, "2"], "holds '2'; expected numbers alone; write it without quotes"),
        (np.array(["2"]), "holds np.str_('2'); expected numbers alone; write it without"),
        ([1, None], "holds None; expected numbers alone"),
        ([1, 10**400], "holds an integer of 1329 bits; expected numbers that a float64 holds"),
        ({5, 6}, "is a set; expected a range, .*: write list(...)"),
        ((i for i in (5, 6)), "is a generator; expected a range, .*: write list(...)"),
        ([0, True], "write 1 for True and 0 for False"),
        (np.array([True]), "write 1 for True and 0 for False"),
        ([1.0, float("nan")], "NaN or an infinity"),
        ([1.0, float("inf")], "NaN or an infinity"),
        ([3, 1, 3.0], r"repeats a value, 3; expected each once"),
        ([0.0, -0.0], "repeats a value, 0"),
        (range(10**9), "1,000,000,000 values, at most 100,000,000; use a wider step"),
    ],
)
def test_lists_that_are_refused(values: object, said: str) -> None:
    said = said.replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(SpaceError, match=f"^space of 'a'.*{said}"):
        listed_numbers("space of 'a'", values)


def test_numbers_of_any_kind_are_read() -> None:
    mixed = [5, Fraction(1, 2), np.float32(0.25), np.int64(3)]
    assert listed_numbers("x", mixed) == (5.0, 0.5, 0.25, 3.0)
    assert listed_numbers("x", np.array([5, 0.5], dtype=object)) == (5.0, 0.5)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (True, "holds True; expected numbers alone; write 1 for True and 0 for False"),
        ("7", "holds '7'; expected numbers alone; write it without quotes"),
        (10**400, "holds an integer of 1329 bits; expected numbers that a float64 holds"),
    ],
)
def test_one_value_among_a_million_is_named_at_once(broken: object, said: str) -> None:
    began = time.perf_counter()
    with pytest.raises(SpaceError, match=said):
        listed_array("x", [*range(2, 1_000_000), broken])
    assert listed_array("x", [*range(1_000_000)])[-1] == 999_999
    assert time.perf_counter() - began < 2  # looked at one by one they took 5 s


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([5.0, 7.0, 9.0], {"start": 5, "stop": 11, "step": 2}),
        ([9.0, 7.0, 5.0], {"start": 9, "stop": 3, "step": -2}),
        ([5.0, 7.0], [5, 7]),
        ([5.0, 7.0, 8.0], [5, 7, 8]),
        ([0.5, 1.5, 2.5], [0.5, 1.5, 2.5]),
        ([1e300], [1e300]),
    ],
)
def test_short_forms(values: list[float], written: object) -> None:
    assert short_numbers(np.array(values)) == written
    if isinstance(written, dict):
        assert list(range(*written.values())) == values
