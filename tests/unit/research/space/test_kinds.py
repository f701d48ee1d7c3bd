"""Kinds of axes: what is drawn from them, and how they are written in JSON."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hyprl_lab.research.space import Axis, Choice, Floats, Ints, choice, floats, ints

U = (np.arange(100_000) + 0.5) / 100_000
ENDS = np.array([0.0, np.nextafter(1.0, 0.0)])


def shares(axis: Axis) -> dict[float, float]:
    values, counts = np.unique(axis.at(U), return_counts=True)
    return dict(zip(values.tolist(), (counts / len(U)).tolist(), strict=True))


@pytest.mark.parametrize(
    "axis",
    [
        floats(0, 1, step=0.25),
        floats(0.01, 100, count=5, log=True),
        ints(-3, 3),
        ints(0, 100, step=10),
        ints(1, 1000, count=6, log=True),
        choice([9, 1, 5]),
    ],
)
def test_each_value_is_as_likely_as_the_others(axis: Axis) -> None:
    found = shares(axis)
    assert sorted(found) == sorted(axis.values.tolist())
    assert list(found.values()) == pytest.approx([1 / len(found)] * len(found), abs=1e-4)


def test_floats_are_uniform_and_log_floats_in_their_logarithm() -> None:
    np.testing.assert_allclose(floats(2, 6).at(U), 2 + 4 * U, rtol=1e-15)
    np.testing.assert_allclose(
        np.log10(floats(0.01, 100, log=True).at(U)), -2 + 4 * U, rtol=0, atol=1e-12
    )


def test_log_whole_numbers_have_the_weights_of_first_digits() -> None:
    found = shares(ints(1, 9, log=True))
    for digit in range(1, 10):  # Benford: log10(1 + 1/d), which add up to 1 over 1 to 9
        assert found[digit] == pytest.approx(math.log10(1 + 1 / digit), abs=2e-5)


@pytest.mark.parametrize(
    "axis",
    [
        floats(0.1, 0.7),
        floats(0.1, 0.7, log=True),
        floats(5, 5),
        ints(1, 7, log=True),
        ints(1, 10**15),
        ints(2, 2),
        choice([3.5]),
    ],
)
def test_the_ends_of_u_stay_inside(axis: Axis) -> None:
    low, high = axis.at(ENDS).tolist()
    assert low == pytest.approx(axis.low, rel=1e-12)
    assert axis.low <= low <= high <= axis.high


def test_a_trillion_values_are_drawn_from_without_being_made() -> None:
    axis = ints(1, 10**12)
    assert axis.size == 10**12
    assert axis.at(np.array([0.5])).tolist() == [500_000_000_001.0]


@pytest.mark.parametrize(
    ("axis", "written"),
    [
        (Ints(low=2, high=9, step=3), {"start": 2, "stop": 11, "step": 3}),
        (ints(2, 9, log=True), {"kind": "ints", "low": 2, "high": 9, "log": True}),
        (ints(2, 9, count=3), {"kind": "ints", "low": 2, "high": 9, "count": 3}),
        (
            ints(2, 9, step=7, when="a > 1"),
            {"kind": "ints", "low": 2, "high": 9, "step": 7, "when": "a > 1"},
        ),
        (Floats(low=1, high=2), {"kind": "floats", "low": 1.0, "high": 2.0}),
        (
            floats(1, 2, step=0.5, when="a > 1", otherwise=0),
            {
                "kind": "floats",
                "low": 1.0,
                "high": 2.0,
                "step": 0.5,
                "when": "a > 1",
                "otherwise": 0.0,
            },
        ),
        (Choice(numbers=(1.0, 0.5)), [1, 0.5]),
        (
            choice([1, 2, 3]),
            {"kind": "choice", "values": {"start": 1, "stop": 4, "step": 1}},
        ),
        (choice([1, 2], when="a > 1"), {"kind": "choice", "values": [1, 2], "when": "a > 1"}),
    ],
)
def test_json(axis: Axis, written: object) -> None:
    assert axis.to_json() == written


def test_how_an_axis_is_named() -> None:
    assert str(floats(0.5, 2, log=True)) == "hl.floats(0.5, 2, log=True)"
    assert str(ints(1, 9)) == "hl.ints(1, 9)"
    assert str(choice([1, 4])) == "hl.choice of 2 values"
