from __future__ import annotations

from pathlib import Path

import hyprl_lab as hl
from hyprl_lab.research.validation.stress import Stress, stress
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.strategy.builtin import dual_sma

PARAMS = {"fast": 5, "slow": 20}
NAMES = (
    "stressed_profit_factor",
    "stressed_sharpe",
    "stress_costs_sharpe",
    "stress_late_sharpe",
    "stress_fills_sharpe",
)


def test_its_readings(read) -> None:
    judged = hl.backtest(
        hl.load_bars("TEST"),
        dual_sma(),
        params=PARAMS,
        execution=hl.Execution(fee_bps=3),
        record=False,
    )
    found = stress(judged)
    rows = read("stress", found=found)
    factor, before = found.both.profit_factor, found.base.profit_factor
    assert factor is not None
    assert rows[NAMES[0]].value == factor
    assert rows[NAMES[0]].reading == (
        f"At twice the costs and one bar later it won {factor:.2f} for each unit of money that it "
        f"lost, {before:.2f} as judged."
    )
    ways = (found.both, found.costs, found.late, found.fills)
    assert [rows[name].value for name in NAMES[1:]] == [way.sharpe for way in ways]
    slip = found.fills.changed["slippage_bps"]
    assert f"With worse fills (slippage of {slip:.3g} bp)" in rows[NAMES[4]].reading
    assert rows[NAMES[3]].reading.startswith("With every decision one bar later")


def test_a_run_without_costs_is_told_what_was_assumed(read) -> None:
    judged = hl.backtest(hl.load_bars("TEST"), dual_sma(), params=PARAMS, record=False)
    rows = read("stress", found=stress(judged))
    assert "a fill of the run costs 0 bp, which was taken as 1 bp" in rows[NAMES[0]].reading


def test_a_study_is_stressed_and_nothing_is_counted(tmp_path: Path) -> None:
    study = hl.supersearch(
        hl.load_bars("TEST"),
        dual_sma(),
        {"fast": [3, 5], "slow": [9, 20]},
        execution=hl.Execution(fee_bps=3),
        warehouse=hl.Warehouse(tmp_path),
        progress=False,
    )
    found = hl.validate(study, checks=["stress"])
    judged = subject_of(study).result
    assert judged is not None
    kept = found.evidence["stress"]
    assert isinstance(kept, Stress)
    assert kept == stress(judged)
    assert kept.base.sharpe == study.best.metrics.sharpe  # type: ignore[union-attr]
    assert found.ledger.trials == 4
    assert len(study.warehouse.sql("SELECT * FROM backtests")) == 0


def test_what_can_not_be_told_says_why(tmp_path: Path) -> None:
    home, bars = hl.Warehouse(tmp_path), hl.load_bars("TEST")
    never = hl.backtest(bars, hl.Strategy("never", long_entry=hl.close > 1e9), warehouse=home)
    rows = hl.validate(never, checks=["stress"]).rows
    assert [row.value for row in rows] == [None] * 5
    assert all(row.reason for row in rows)
    dear = hl.backtest(
        bars, dual_sma(), params=PARAMS, execution=hl.Execution(fee_bps=6_000), warehouse=home
    )
    found = hl.validate(dear, checks=["stress"])
    assert "fee_bps" in str(found.row(NAMES[0]).reason)
