"""What goes over to the compiled engine, and what comes back, on an account worked by hand."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from hyprl_lab import kernels
from hyprl_lab.engine import native
from hyprl_lab.engine.simulation import REASONS, SimulationInputs

Dictated = Callable[..., SimulationInputs]

# open, high, low, close
BARS = [
    (10.0, 11.0, 9.0, 10.0),
    (10.0, 12.0, 9.0, 11.0),
    (12.0, 13.0, 11.0, 12.0),
    (15.0, 16.0, 14.0, 15.0),
    (20.0, 21.0, 19.0, 20.0),
]


def test_a_trade_by_hand(dictated: Dictated) -> None:
    """1,000 buy 100 units at 10, the open after the signal; sold at 15, the open after the exit."""
    found = native.simulate(
        dictated(BARS, {"long_entry": [0], "long_exit": [2]}, cash=1_000.0, years=2.0)
    )
    assert found.equity.tolist() == [1000.0, 1100.0, 1200.0, 1500.0, 1500.0]
    trades = found.trades
    assert len(trades) == 1
    assert (trades.entry_bar[0], trades.exit_bar[0], trades.side[0]) == (1, 3, 1)
    assert (trades.entry_price[0], trades.exit_price[0], trades.quantity[0]) == (10.0, 15.0, 100.0)
    assert (trades.pnl[0], trades.trade_return[0]) == (500.0, 0.5)
    assert np.isnan(trades.stop_price[0])
    assert REASONS[trades.reason[0]] == "signal"
    assert found.values["total_return"] == 0.5
    assert found.values["cagr"] == pytest.approx(1.5**0.5 - 1.0, rel=1e-12)
    assert found.values["turnover"] == pytest.approx((1000 + 1500) / (6300 / 5) / 2.0, rel=1e-12)
    assert (found.ruined_bar, found.deficit) == (None, 0.0)
    assert found.blocks.shape == (17, 6)
    assert found.blocks[:, 5].sum() == 2500.0


def test_a_short_that_owes_is_ruined(dictated: Dictated) -> None:
    """Short 100 at 10 with 1,000: at 25 the account owes 500."""
    bars = [(10.0, 10.0, 10.0, 10.0), (10.0, 10.0, 10.0, 10.0), (25.0, 25.0, 25.0, 25.0)]
    found = native.simulate(dictated(bars, {"short_entry": [0]}, cash=1_000.0))
    assert found.equity.tolist() == [1000.0, 1000.0, 0.0]
    assert (found.ruined_bar, found.deficit) == (2, 500.0)
    assert found.trades.side.tolist() == [-1]
    assert REASONS[found.trades.reason[0]] == "ruined"


def test_types_are_those_of_the_simulation(dictated: Dictated) -> None:
    trades = native.simulate(dictated(BARS, {"long_entry": [0]})).trades
    assert (trades.side.dtype, trades.reason.dtype) == (np.int8, np.int8)
    assert trades.entry_bar.dtype == np.int64


def test_the_setup_leaves_out_headline_points_before_the_start(dictated: Dictated) -> None:
    inputs = dictated(BARS, start=2, headline=[0, 1, 2, 4], cash=7.0, fee_bps=3.0, years=0.5)
    made = native.setup(inputs)
    assert made.headline.tolist() == [2, 4]
    assert made.headline.dtype == np.int64
    assert made.headline.flags.c_contiguous
    assert (made.cash, made.start, made.years, made.periods_per_year) == (7.0, 2, 0.5, 252.0)
    assert json.loads(made.graph) == inputs.graph
    assert json.loads(made.execution)["fee_bps"] == 3.0
    assert json.loads(made.risk)["model"] == "all_in"


def test_parameters_go_over_by_name_in_any_order() -> None:
    import hyprl_lab as hl
    from hyprl_lab.strategy.builtin import dual_sma

    bars = hl.load_bars("TEST")
    one, other = (
        hl.backtest(bars, dual_sma(), params=params, record=False)
        for params in ({"fast": 5, "slow": 20}, {"slow": 20, "fast": 5})
    )
    assert one.simulation.behaviour_hash == other.simulation.behaviour_hash


def test_the_version_is_the_kernels() -> None:
    assert native.version() == kernels.VERSION
    assert native.version()[0].isdigit() or native.version().startswith("native")
