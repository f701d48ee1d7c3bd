from __future__ import annotations

from pathlib import Path

import numpy as np

import hyprl_lab as hl
from hyprl_lab.research.validation.checks.bootstrap import TOO_FEW
from hyprl_lab.research.validation.outcomes import Outcomes, outcomes, trade_returns
from hyprl_lab.strategy.builtin import dual_sma

NAMES = (
    "monte_carlo_trades_drawdown_95",
    "monte_carlo_trades_return_5",
    "monte_carlo_returns_drawdown_95",
    "monte_carlo_returns_return_5",
)


def test_its_readings(read) -> None:
    found = outcomes(np.full(10, -0.1), np.zeros(0), vary=False, resamples=50, seed=0)
    rows = read("monte_carlo", found=found)
    assert rows[NAMES[0]].reading == (
        "The same 10 trades, drawn anew, fall by 65.1% or more in one case of 20 (65.1% where only "
        "their order changes)."
    )
    assert rows[NAMES[1]].reading == (
        "The same 10 trades, drawn anew, return -65.1% or less in one case of 20; the record "
        "returned -65.1%."
    )
    assert [rows[name].reason for name in NAMES[2:]] == [TOO_FEW] * 2


def test_of_a_run(tmp_path: Path) -> None:
    run = hl.backtest(
        hl.load_bars("TEST"),
        dual_sma(),
        params={"fast": 3, "slow": 9},
        warehouse=hl.Warehouse(tmp_path),
    )
    found = hl.validate(run, checks=["monte_carlo"], resamples=120, seed=6)
    kept = found.evidence["monte_carlo"]
    assert isinstance(kept, Outcomes)
    expected = outcomes(
        trade_returns(run), run.returns.to_numpy(), vary=True, resamples=120, seed=6
    )
    assert kept == expected
    assert expected.trades is not None
    assert expected.returns is not None
    assert [found.row(name).value for name in NAMES] == [
        expected.trades.drawdown_95,
        expected.trades.return_5,
        expected.returns.drawdown_95,
        expected.returns.return_5,
    ]
    assert hl.validate(run, checks=["monte_carlo"], resamples=120, seed=6).hash == found.hash


def test_without_trades_there_is_none(tmp_path: Path) -> None:
    never = hl.Strategy("never", long_entry=hl.close > 1e9)
    run = hl.backtest(hl.load_bars("TEST"), never, warehouse=hl.Warehouse(tmp_path))
    found = hl.validate(run, checks=["monte_carlo"], resamples=20)
    reasons = [found.row(name).reason for name in NAMES]
    assert reasons == ["fewer than 8 trades"] * 2 + [TOO_FEW] * 2
