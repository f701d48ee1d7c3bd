"""Axes as they are written: their values on a grid, what is refused and how it is mended."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space import Axis, choice, floats, ints


@pytest.mark.parametrize(
    ("axis", "values"),
    [
        (floats(0.1, 0.5, step=0.1), [0.1, 0.2, 0.3, 0.4, 0.5]),
        (floats(0, 1, step=0.3), [0.0, 0.3, 0.6, 0.9]),  # the steps don't reach 1
        (floats(-0.3, 0.3, step=0.1), [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]),
        (ints(-1, 1, count=7), [-1, 0, 1]),
        (floats(-1, 1, count=5), [-1.0, -0.5, 0.0, 0.5, 1.0]),
        (floats(0.1, 0.7, count=4), [0.1, 0.3, 0.5, 0.7]),
        (floats(2, 2), [2.0]),
        (floats(2, 2, step=1), [2.0]),
        (floats(1e-6, 3e-6, step=1e-6), [1e-6, 2e-6, 3e-6]),
        (floats(1e200, 3e200, count=3), [1e200, 2e200, 3e200]),
        (floats(1e15, 1e15 + 2, step=1), [1e15, 1e15 + 1, 1e15 + 2]),
        (ints(2, 5), [2, 3, 4, 5]),
        (ints(2, 9, step=3), [2, 5, 8]),
        (ints(1, 10, count=4), [1, 4, 7, 10]),
        (ints(1, 3, count=9), [1, 2, 3]),  # values that round alike are one
        (ints(1, 1000, count=4, log=True), [1, 10, 100, 1000]),
        (ints(1, 4, log=True), [1, 2, 3, 4]),
        (ints(10.0, 12.0), [10, 11, 12]),  # type: ignore[arg-type]
        (choice([50, 20, 200]), [50, 20, 200]),
        (choice(range(9, 0, -4)), [9, 5, 1]),
    ],
)
def test_values(axis: Axis, values: list[float]) -> None:
    assert axis.values.tolist() == values
    assert axis.values.dtype == float
    assert axis.size == len(values)
    assert axis.low == min(values)
    assert axis.values.max() <= axis.high
    assert axis.ends == (min(values), max(values))
    assert not np.signbit(axis.values[axis.values == 0.0]).any()


def test_ends_of_what_has_no_end_of_values() -> None:
    assert floats(0.1, 0.5).ends == (0.1, 0.5)
    assert ints(1, 10**15, step=4).ends == (1.0, 10**15 - 3)


def test_a_geometric_series_has_one_ratio() -> None:
    values = floats(0.001, 10, count=5, log=True).values
    assert values[0] == 0.001
    assert values[-1] == 10
    assert (values[1:] / values[:-1]).tolist() == pytest.approx([10.0] * 4, rel=1e-12)


def test_an_axis_without_an_end_says_what_a_grid_needs() -> None:
    axis = floats(0.1, 0.5)
    assert axis.size is None
    with pytest.raises(SpaceError, match=r"hl\.floats\(0\.1, 0\.5\) has no end.*step= or count="):
        _ = axis.values


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: floats(2, 1), "floats: low 2 is above high 1; swap them"),
        (lambda: floats("1", 2), "floats, low is '1'; expected a number"),
        (lambda: floats(1, float("inf")), "floats, high is inf; expected a finite number"),
        (lambda: floats(float("nan"), 1), "floats, low is nan"),
        (lambda: floats(True, 1), "floats, low is True; expected a number"),
        (lambda: floats(0, 1, step=0), "step is 0; expected a number above 0"),
        (lambda: floats(0, 1, step=-0.1), "step is -0.1"),
        (lambda: floats(0, 1, step=0.1, count=3), "step=0.1 and count=3; give one of the two"),
        (lambda: floats(1, 2, step=0.1, log=True), "give count= in place of step="),
        (lambda: floats(0, 1, log=True), "a logarithm needs low > 0"),
        (lambda: floats(-1, 1, count=3, log=True), "log=True with low=-1"),
        (lambda: floats(0, 1, log=1), "log is 1; expected True or False"),
        (lambda: floats(0, 1, count=1), "count is 1; expected a whole number from 2"),
        (lambda: floats(0, 1, count=2.0), "count is 2.0; expected a whole number"),
        (lambda: floats(0, 1, count=True), "count is True"),
        (lambda: floats(0, 1, count=10**9), "from 2 to 100,000,000"),
        (lambda: floats(0, 1, step=1e-12), "1,000,000,000,001 values, at most 100,000,000"),
        (lambda: ints(1, 2.5), "ints, high is 2.5; expected a whole number, or use hl.floats"),
        (lambda: ints(5, 2), "ints: low 5 is above high 2"),
        (lambda: ints(1, 9, step=0), "step is 0"),
        (lambda: ints(1, 9, step=0.5), "ints, step is 0.5"),
        (lambda: ints(1, 9, step=2, count=3), "give one of the two"),
        (lambda: ints(0, 9, log=True), "log=True with low=0; a logarithm needs low >= 1"),
        (lambda: choice([]), "choice is a list of 0; expected one or more numbers"),
        (lambda: choice([1, 1]), "choice repeats a value, 1"),
        (
            lambda: choice(["a"]),
            "choice holds 'a'; expected numbers alone; write it without quotes",
        ),
        (lambda: choice([True, False]), "write 1 for True and 0 for False"),
        (lambda: floats(0, 1e300, step=1e-300), "float64 needs 5.95e+284 to tell them; take a"),
        (lambda: floats(1e17, 1e17 + 100, step=1), "would be 1 apart, and float64 needs 64"),
        (lambda: floats(1, 1 + 1e-15, count=10), "take a larger step or a smaller count"),
        (lambda: floats(1, 1 + 1e-9, count=9999, log=True), "would be 1e-13 apart"),
        (lambda: floats(0, 1, step=2), "step=2 is wider than 0 to 1; take a smaller step, or the"),
        (lambda: ints(5, 9, step=5), "step=5 is wider than 5 to 9"),
        (lambda: ints(5, 9, when=" "), "ints: when is ' '; expected a condition such as"),
        (lambda: floats(0, 1, when=5), "floats: when is 5; expected a condition such as"),
        (lambda: floats(0, 1, otherwise=1), "otherwise=1 without when; say when"),
        (lambda: choice([1], when="a > 0", otherwise="x"), "choice, otherwise is 'x'"),
    ],
)
def test_refused(make: object, said: str) -> None:
    with pytest.raises(SpaceError) as caught:
        make()  # type: ignore[operator]
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "axis",
    [
        floats(1, 2, count=3, log=True, when="a > 0", otherwise=0),
        ints(1, 9, step=2),
        choice([1, 5], when="b < 2"),
    ],
)
def test_axes_are_values(axis: Axis) -> None:
    again = pickle.loads(pickle.dumps(axis))
    assert again == axis
    assert hash(again) == hash(axis)
    with pytest.raises(AttributeError):
        axis.when = "x > 0"  # type: ignore[misc]
