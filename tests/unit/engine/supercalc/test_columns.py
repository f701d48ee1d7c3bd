"""Columns of parameter values become rows, or are refused as a single backtest's are."""

from __future__ import annotations

from typing import Any

import numpy as np
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
        ({"fast": [], "slow": []}, "numbers in one dimension|one length from 1"),
        ({"fast": [[5]], "slow": [20]}, "numbers in one dimension"),
        ({"fast": ["5"], "slow": [20]}, "numbers in one dimension"),
        ({"fast": [5.0, np.nan], "slow": [20, 30]}, "nan at row 1"),
        ({"fast": [5.0, 5.5], "slow": [20, 30]}, "expected a whole number"),
        ({"fast": [0, 5], "slow": [20, 30]}, "'fast' is 0"),
        ([("fast", 5)], "parameter"),
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
