"""Columns of parameter values become rows, or are refused as a single backtest's are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

import hyprl_lab as hl
from hyprl_lab.engine.supercalc.columns import rows_of
from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.builtin import dual_sma

BANDS = hl.Strategy(
    "bands",
    long_entry=hl.close < hl.ta.bbands(hl.close, 20, hl.param("width")).lower,
    stop_loss=hl.stop.percent(hl.param("stop", 0.01, 0.5)),
)


def test_rows_are_in_the_sorted_order_of_names() -> None:
    names, values = rows_of(dual_sma(), {"slow": np.array([20, 30]), "fast": (5, 6)})
    assert names == ["fast", "slow"]
    np.testing.assert_array_equal(values, [[5.0, 20.0], [6.0, 30.0]])
    assert values.flags.c_contiguous
    assert values.dtype == np.float64


def test_whatever_holds_numbers_is_a_column() -> None:
    wanted = rows_of(dual_sma(), {"fast": [5, 6], "slow": [20, 30]})[1]
    for fast in (range(5, 7), pd.Series([5, 6]), np.array([5, 6], object), [Fraction(5), 6.0]):
        np.testing.assert_array_equal(
            rows_of(dual_sma(), {"fast": fast, "slow": [20, 30]})[1], wanted
        )


def test_a_negative_zero_is_zero() -> None:
    free = hl.Strategy("free", long_entry=hl.close > hl.param("level"))
    _, values = rows_of(free, {"level": [-0.0]})
    assert not np.signbit(values).any()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"fast": [5]}, r"missing \['slow'\]"),
        ({"fast": [5], "slow": [20], "more": [1]}, r"unknown \['more'\]"),
        ({"fast": [5, 6], "slow": [20]}, "one length from 1"),
        ({"fast": [], "slow": []}, "one length from 1"),
        ({"fast": [[5]], "slow": [20]}, "holds a list of 1 at row 0"),
        ({"fast": [[5], [6, 7]], "slow": [20, 30]}, "holds a list of 1 at row 0"),
        ({"fast": np.array([[5.0]]), "slow": [20]}, "has 2 dimensions; expected numbers in one"),
        ({"fast": ["5"], "slow": [20]}, "holds '5' at row 0; .*without quotes"),
        ({"fast": [5, True], "slow": [20, 30]}, "holds True at row 1; .*write 1 for True"),
        ({"fast": np.array([True]), "slow": [20]}, "write 1 for True"),
        ({"fast": [5, None], "slow": [20, 30]}, "holds None at row 1, which is a NoneType"),
        ({"fast": [5j], "slow": [20]}, "which is a complex"),
        ({"fast": [10**400], "slow": [20]}, "numbers that a float64 holds"),
        ({"fast": np.array([5], "M8[s]"), "slow": [20]}, "which is a datetime64"),
        ({"fast": {5}, "slow": [20]}, r"is a set; expected a list: write list\(...\)"),
        ({"fast": (x for x in [5]), "slow": [20]}, r"is a generator; .*write list\(...\)"),
        ({"fast": 5, "slow": [20]}, "is 5; expected a list of numbers"),
        ({"fast": "5", "slow": [20]}, "is '5'; expected a list of numbers"),
        ({"fast": [5.0, np.nan], "slow": [20, 30]}, "nan at row 1"),
        ({"fast": [5.0, 5.5], "slow": [20, 30]}, "expected a whole number"),
        ({"fast": [0, 5], "slow": [20, 30]}, "'fast' is 0"),
        ([("fast", 5)], r"param_columns is a list of 1; .*\{'fast': \[10, 20\], ...\}"),
        (None, "param_columns is None"),
    ],
)
def test_what_a_single_backtest_refuses(columns: Any, message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        rows_of(dual_sma(), columns)


def test_ranges_and_domains_are_those_of_the_graph() -> None:
    good = {"width": [1.0, 2.0], "stop": [0.01, 0.5]}
    assert len(rows_of(BANDS, good)[1]) == 2
    with pytest.raises(StrategyError, match=r"'stop' is 0\.6"):
        rows_of(BANDS, {**good, "stop": [0.1, 0.6]})


def test_a_strategy_without_parameters_has_no_batch() -> None:
    fixed = hl.Strategy("fixed", long_entry=hl.close > 100)
    with pytest.raises(StrategyError, match="call run_backtest_native"):
        rows_of(fixed, {})
