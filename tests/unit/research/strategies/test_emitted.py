import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.emitted import checked_signals

BARS = load_bars("TEST").take(0, 4)
INDEX = BARS.to_pandas().index


@pytest.mark.parametrize(
    "column",
    [
        [True, False, True, False],
        np.array([1, 0, 1, 0], dtype=np.int8),
        np.array([1.0, -0.0, 1.0, 0.0]),
        np.array([True, 0, 1.0, False], dtype=object),
        pd.Series([True, False, True, False]),
        pd.Series([True, False, True, False], dtype="boolean", index=INDEX),
        pd.Series([1, 0, 1, 0], index=INDEX.tz_convert("Asia/Tokyo")),
        pd.Series([1, 0, 1, 0], index=INDEX.tz_localize(None)),
    ],
)
def test_forms_of_the_same_signals(column):
    (values,) = checked_signals({"entry": column}, BARS).values()
    assert values.tolist() == [1.0, 0.0, 1.0, 0.0]
    assert not np.signbit(values).any()


@pytest.mark.parametrize(
    "column",
    [
        [1.0, float("nan"), 0.0, 0.0],
        np.array([True, None, False, False], dtype=object),
        pd.Series([True, None, False, False], dtype="boolean"),
    ],
)
def test_missing_stays_missing(column):
    (values,) = checked_signals({"long_entry": column}, BARS).values()
    np.testing.assert_array_equal(values, [1.0, np.nan, 0.0, 0.0])


def test_a_frame_and_the_order_of_columns():
    frame = pd.DataFrame(
        {"short_entry": [0, 0, 1, 0], "exit": [0, 1, 0, 0], "entry": [1, 0, 0, 0]}, index=INDEX
    )
    assert list(checked_signals(frame, BARS)) == ["long_entry", "long_exit", "short_entry"]


ZEROS = [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, r"returned None \(NoneType\) over 4 bars"),
        ([1, 2], "a list of 2"),
        ({}, "found no column"),
        ({"buy": ZEROS}, "unknown column 'buy'"),
        ({"entry": ZEROS, "long_entry": ZEROS}, "long_entry is said twice"),
        ({"exit": ZEROS}, "long_exit without long_entry"),
        ({"long_entry": ZEROS, "short_exit": ZEROS}, "short_exit without short_entry"),
        ({"entry": [0, 0, 2, 0]}, r"column entry, row 2 \(2020-01-03T00:00:00Z\): found 2"),
        ({"entry": [0.0, 0.5, 0, 0]}, "row 1 .*found 0.5; expected booleans, or 0, 1 and NaN"),
        ({"entry": [0.0, float("inf"), 0, 0]}, "row 1 .*found inf"),
        ({"entry": [0, None, "yes", 0]}, "row 2 .*found 'yes'"),
        ({"entry": ["a", "b", "c", "d"]}, "values of type <U1"),
        ({"entry": [0, 0, 0]}, "found 3 values; expected 4, one a bar"),
        ({"entry": True}, r"shape \(\)"),
        ({"entry": [ZEROS] * 4}, r"shape \(4, 4\)"),
        ({"entry": pd.Series(ZEROS, index=INDEX + pd.Timedelta("1D"))}, "times at row 0"),
        ({"entry": pd.Series(ZEROS[:3], index=INDEX[:3])}, "times at row 3"),
        ({"entry": pd.Series(ZEROS, index=INDEX[[0, 1, 3, 2]])}, "times at row 2"),
    ],
)
def test_anything_else_is_refused_by_column_and_row(found, message):
    with pytest.raises(StrategyError, match=message):
        checked_signals(found, BARS)


def test_a_frame_with_a_column_twice():
    frame = pd.DataFrame(np.zeros((4, 2)), columns=["entry", "entry"])
    with pytest.raises(StrategyError, match="stand twice"):
        checked_signals(frame, BARS)
