"""Signals and levels before anything is traded, by both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.engine.supercalc import build_signal_series, prepare_supercalc_dataset
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from hyprl_lab.engine.supercalc import SignalSeries

BARS = hl.load_bars("TEST")
CLOSE = BARS.close


def series(strategy: hl.Strategy, engine: str, **params: float) -> SignalSeries:
    dataset = replace(prepare_supercalc_dataset(BARS, strategy), engine=engine)  # type: ignore[arg-type]
    return build_signal_series(dataset, params)


def mean(window: int) -> np.ndarray:
    out = np.full(len(CLOSE), np.nan)
    sums = np.cumsum(np.concatenate([[0.0], CLOSE]))
    out[window - 1 :] = (sums[window:] - sums[:-window]) / window
    return out


@pytest.mark.parametrize("engine", ["native", "python"])
def test_conditions_are_those_of_the_definition(engine: str) -> None:
    found = series(dual_sma(), engine, fast=5, slow=20)
    above = mean(5) > mean(20)  # false where missing
    known = ~np.isnan(mean(20))
    crossed = np.zeros(len(CLOSE), dtype=bool)
    crossed[1:] = above[1:] & ~above[:-1] & known[:-1]
    assert found.engine == engine
    assert found.long_entry.dtype == np.bool_
    np.testing.assert_array_equal(np.flatnonzero(found.long_entry), np.flatnonzero(crossed))
    assert found.long_entry.sum() > 5
    assert not found.short_entry.any()  # the strategy has none
    assert found.stop_loss is found.entry_limit is found.time_stop is None


@pytest.mark.parametrize("engine", ["native", "python"])
def test_levels_and_orders_are_given_in_their_units(engine: str) -> None:
    distance, held = hl.param("distance", 0.01, 0.5), hl.param("held", 1, 90)
    strategy = hl.Strategy(
        "levels",
        long_entry=hl.close > hl.ta.sma(hl.close, 20),
        stop_loss=hl.stop.percent(distance),
        take_profit=hl.target.price(hl.close * 2),
        entry_limit=hl.close * 0.99,
        time_stop=held,
    )
    found = series(strategy, engine, distance=0.05, held=7)
    assert found.stop_loss is not None
    assert found.stop_loss.kind == "percent"
    np.testing.assert_array_equal(found.stop_loss.values, np.full(len(CLOSE), 0.05))
    assert found.take_profit is not None
    assert found.take_profit.kind == "price"
    np.testing.assert_array_equal(found.take_profit.values, CLOSE * 2)
    np.testing.assert_array_equal(found.entry_limit, CLOSE * 0.99)
    assert found.time_stop == 7
    assert found.trailing_stop is found.entry_stop is None
    assert not found.long_entry[:19].any()  # a missing average asks for nothing
    assert not found.long_exit.any()


def test_looking_at_signals_counts_nothing() -> None:
    series(dual_sma(), "native", fast=5, slow=20)
    hl.warehouse.default().flush()
    assert hl.warehouse.sql("select count(*) as n from trials")["n"].tolist() == [0]


def test_parameters_are_checked() -> None:
    with pytest.raises(hl.errors.StrategyError, match="missing"):
        series(dual_sma(), "native", fast=5)
    with pytest.raises(hl.errors.StrategyError, match="501"):
        series(dual_sma(), "native", fast=5, slow=501)
