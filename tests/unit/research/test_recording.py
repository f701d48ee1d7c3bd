"""`hl.backtest` counts; `save` stores once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import hyprl_lab as hl
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path


def test_a_look_is_a_trial_and_a_repeat_is_counted_once(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    bars = hl.load_bars("TEST")
    for fast in (5, 6, 5):
        hl.backtest(bars, dual_sma(), params={"fast": fast, "slow": 20}, warehouse=warehouse)
    assert len(warehouse.sql("SELECT * FROM trials")) == 2
    looks = warehouse.sql("SELECT looks FROM backtests ORDER BY trial_index")
    assert looks["looks"].tolist() == [2, 1]
    assert warehouse.trial_count(warehouse.lineage_root(bars)) == 2


def test_a_search_and_a_single_run_of_one_trial_have_one_key(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    bars = hl.load_bars("TEST")
    study = hl.supersearch(bars, dual_sma(), {"fast": [5], "slow": [20, 30]}, warehouse=warehouse)
    hl.backtest(bars, dual_sma(), params={"fast": 5, "slow": 20}, warehouse=warehouse)
    assert warehouse.trial_count(study.lineage_root) == 2


def test_a_set_that_can_not_be_evaluated_was_a_try_and_a_typing_error_was_not(
    tmp_path: Path,
) -> None:
    warehouse = hl.Warehouse(tmp_path)
    bars = hl.load_bars("TEST").take(0, 25)
    with pytest.raises(hl.errors.StrategyError, match="window is 30"):
        hl.backtest(bars, dual_sma(), params={"fast": 5, "slow": 30}, warehouse=warehouse)
    with pytest.raises(hl.errors.StrategyError, match="missing"):
        hl.backtest(bars, dual_sma(), params={"fast": 5}, warehouse=warehouse)
    assert warehouse.sql("SELECT state FROM trials")["state"].tolist() == ["failed"]


def test_unrecorded_says_so_and_leaves_no_trace(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    result = hl.backtest(
        hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20}, record=False,
        warehouse=warehouse,
    )  # fmt: skip
    assert not result.recorded
    assert len(warehouse.sql("SELECT * FROM trials")) == 0


@pytest.mark.parametrize("engine", ["native", "python"])
def test_saving_twice_makes_one_run_that_reads_back(tmp_path: Path, engine: str) -> None:
    warehouse = hl.Warehouse(tmp_path)
    result = hl.backtest(
        hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20}, engine=engine,
        warehouse=warehouse,
    )  # fmt: skip
    assert result.save() == result.save() == result.run_hash
    stored = warehouse.get_run(result.run_hash)
    assert stored.engine == engine
    assert stored.config["params"] == {"fast": 5.0, "slow": 20.0}
    assert stored.metrics["sharpe"] == result.metrics.sharpe
    assert stored.equity().tolist() == result.equity.tolist()
    assert stored.trades()["pnl"].tolist() == result.trades["pnl"].tolist()
    warehouse.verify_run(result.run_hash)
    assert len(warehouse.list_runs()) == 1
