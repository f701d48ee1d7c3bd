"""LongerBars bars made of the bars at hand, and what is known of them when."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.data.longer import LongerBars
from hyprl_lab.engine.reference_longer import Buckets
from hyprl_lab.errors import BarsError

NAN = math.nan


def buckets(numbers: list[int], closed: list[bool] | None = None) -> Buckets:
    ends = [False] * len(numbers) if closed is None else closed
    longer = LongerBars(np.array(numbers, np.int64), np.array(ends, np.bool_))
    return Buckets.read("1h", longer, len(numbers))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("open", [3.0, 4.0, NAN]),
        ("high", [5.0, 4.0, NAN]),
        ("low", [1.0, 4.0, NAN]),
        ("close", [1.0, 4.0, NAN]),
        ("volume", [9.0, 4.0, NAN]),
        ("feature", [1.0, NAN, NAN]),
    ],
)
def test_each_column_has_its_own_way(name: str, expected: list[float]) -> None:
    made = buckets([7, 7, 7, 9, 9, 10]).merged(name, [3.0, 5.0, 1.0, 4.0, NAN, NAN])
    np.testing.assert_array_equal(made, expected)


def test_volume_is_summed_in_time_order() -> None:
    values = [0.1, 0.2, 0.3, 1e16, 1.0, -1e16]
    assert buckets([0, 0, 0, 1, 1, 1]).merged("volume", values) == [(0.1 + 0.2) + 0.3, 0.0]


def test_columns_are_those_of_pandas() -> None:
    stream = np.random.default_rng(3)
    stamps = pd.date_range("2024-01-01", periods=500, freq="5min", tz="UTC")
    stamps = stamps[stream.random(500) < 0.8]  # some bars were never traded
    frame = pd.DataFrame({name: stream.normal(size=len(stamps)) for name in "ohlcv"}, index=stamps)
    hours = stamps.floor("h")
    wanted = frame.groupby(hours).agg(
        {"o": "first", "h": "max", "l": "min", "c": "last", "v": "sum"}
    )
    made = buckets((hours.asi8 // 3_600_000_000).tolist())
    names = dict(zip("ohlcv", ("open", "high", "low", "close", "volume"), strict=True))
    for key, name in names.items():
        got = made.merged(name, frame[key].tolist())
        np.testing.assert_allclose(got, wanted[key], rtol=0.0, atol=1e-12, err_msg=name)


def test_a_longer_bar_is_known_where_it_is_complete_and_from_the_next_one_on() -> None:
    # the second is never completed by its own bars, and the third is still growing
    made = buckets([2, 2, 5, 5, 6], [False, True, False, False, False])
    assert made.handed_down(["a", "b", "c"], "missing") == ["missing", "a", "a", "a", "b"]


def test_a_bar_may_be_a_longer_bar_by_itself() -> None:
    made = buckets([0, 1, 2], [True, False, True])
    assert made.handed_down([1, 2, 3], 0) == [1, 1, 3]


def test_no_bars_make_no_longer_bars() -> None:
    assert buckets([]).merged("close", []) == []
    assert buckets([]).handed_down([], NAN) == []


@given(
    sizes=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3), st.booleans()), min_size=1),
    data=st.data(),
)
def test_a_value_is_never_of_a_bar_that_is_not_over(
    sizes: list[tuple[int, int, bool]], data: st.DataObject
) -> None:
    numbers, closed = [], []
    number = 0
    for size, step, complete in sizes:
        numbers += [number] * size
        closed += [False] * (size - 1) + [complete]
        number += step
    made = buckets(numbers, closed)
    last_row = made.merged("close", [float(t) for t in range(len(numbers))])
    known = made.handed_down(last_row, NAN)
    for t, row in enumerate(known):
        assert math.isnan(row) or row <= t
    cut = data.draw(st.integers(1, len(numbers)))
    short = buckets(numbers[:cut], closed[:cut])
    before = short.handed_down(short.merged("close", [float(t) for t in range(cut)]), NAN)
    np.testing.assert_array_equal(before, known[:cut])


def test_a_bar_can_not_be_complete_before_its_last_one() -> None:
    with pytest.raises(BarsError, match=r"row 1 is said to complete its 1h bar, and row 2"):
        buckets([0, 0, 0], [False, True, False])
    with pytest.raises(BarsError, match=r"row 0 .* row 1"):
        buckets([0, 0], [True, True])


def test_longer_bars_ascend_and_are_one_a_bar() -> None:
    with pytest.raises(BarsError, match="row 2 is in 1h bar 3, the row before it in 4"):
        buckets([3, 4, 3])
    longer = LongerBars(np.zeros(3, np.int64), np.zeros(2, np.bool_))
    with pytest.raises(BarsError, match="the 1h bars are given for 3 and 2 rows; there are 3 bars"):
        Buckets.read("1h", longer, 3)
    longer = LongerBars(np.zeros(3, np.int64), np.zeros(3, np.bool_))
    with pytest.raises(BarsError, match="there are 4 bars"):
        Buckets.read("1h", longer, 4)
