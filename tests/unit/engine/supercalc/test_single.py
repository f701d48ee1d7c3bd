"""One backtest on a prepared dataset is that of `hl.backtest`."""

from __future__ import annotations

import pytest

import hyprl_lab as hl
from hyprl_lab.engine.supercalc import prepare_supercalc_dataset, run_backtest_native
from hyprl_lab.strategy.builtin import dual_sma

BARS = hl.load_bars("TEST")
PARAMS = {"fast": 5, "slow": 20}


@pytest.mark.parametrize("record", [True, False])
def test_the_same_run_as_of_the_library(record: bool) -> None:
    settings = {"risk": hl.FixedFraction(0.5), "execution": hl.Execution(fee_bps=7)}
    dataset = prepare_supercalc_dataset(
        BARS, dual_sma(), cash=5_000.0, periods_per_year=250.0, record=record
    )
    mine = run_backtest_native(dataset, PARAMS, **settings)  # type: ignore[arg-type]
    theirs = hl.backtest(
        BARS,
        dual_sma(),
        params=PARAMS,
        cash=5_000.0,
        periods_per_year=250.0,
        record=False,
        **settings,  # type: ignore[arg-type]
    )
    assert mine.run_hash == theirs.run_hash
    assert mine.simulation.values == pytest.approx(theirs.simulation.values, nan_ok=True, abs=0)
    assert mine.recorded == record


def test_a_recorded_run_is_saved_where_it_was_counted() -> None:
    result = run_backtest_native(prepare_supercalc_dataset(BARS, dual_sma()), PARAMS)
    assert result.save() == result.run_hash
    assert hl.runs.get(result.run_hash).run_hash == result.run_hash


def test_a_set_that_can_not_be_evaluated_was_a_try() -> None:
    dataset = prepare_supercalc_dataset(BARS.take(0, 15), dual_sma())
    with pytest.raises(hl.errors.StrategyError, match="window is 20"):
        run_backtest_native(dataset, PARAMS)
    hl.warehouse.default().flush()
    assert hl.warehouse.sql("select state from trials")["state"].tolist() == ["failed"]
