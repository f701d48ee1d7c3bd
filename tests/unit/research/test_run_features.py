"""What a strategy read and said, as a table."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

import hyprl_lab as hl
from hyprl_lab.research.run_features import run_features
from hyprl_lab.strategy.builtin import dual_sma


def test_conditions_and_what_they_compare() -> None:
    bars = hl.load_bars("TEST")
    result = hl.backtest(bars, dual_sma(), params={"fast": 5, "slow": 20}, record=False)
    table = run_features(result)
    assert table.column_names == ["ts", "long_entry", "long_exit", "sma_1", "sma_2"]
    means = [np.convolve(bars.close, np.ones(n) / n, "valid") for n in (5, 20)]
    for name, mean in zip(("sma_1", "sma_2"), means, strict=True):
        known = table[name].drop_null().to_numpy()
        assert np.allclose(known, mean, rtol=1e-12)
    entered = set(result.orders.query("intent == 'entry'")["signal_ts"])
    said = table.filter(pc.fill_null(table["long_entry"], False))["ts"].to_pandas()
    assert entered <= set(said)


def test_a_number_that_stands_twice_is_one_column() -> None:
    mean = hl.ta.sma(hl.close, 10)
    twin = hl.ta.sma(hl.close, 10)
    strategy = hl.Strategy(
        "twice", long_entry=(mean > hl.open) & (twin < 1e9), long_exit=mean < hl.open
    )
    result = hl.backtest(hl.load_bars("TEST"), strategy, record=False)
    assert run_features(result).column_names == ["ts", "long_entry", "long_exit", "sma_1"]


def test_parameters_of_a_level_are_left_alone() -> None:
    strategy = hl.Strategy(
        "stopped", long_entry=hl.close > 0, stop_loss=hl.stop.atr(14, hl.param("k", 1.0, 5.0))
    )
    result = hl.backtest(hl.load_bars("TEST"), strategy, params={"k": 2.0}, record=False)
    assert run_features(result).column_names == ["ts", "long_entry"]
