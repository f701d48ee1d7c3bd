"""Many parameter sets in one call are as many single backtests."""

from __future__ import annotations

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.engine.supercalc import prepare_supercalc_dataset, run_native_search_batch
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.strategy.builtin import dual_sma

BARS = hl.load_bars("TEST").take(0, 250)
COLUMNS = {"slow": [20, 30, 300, 25], "fast": [5, 6, 7, 5]}


def test_each_set_is_the_single_backtest_to_the_bit() -> None:
    dataset = prepare_supercalc_dataset(BARS, dual_sma(), cash=3_000.0, record=False)
    risk, execution = hl.FixedFraction(0.7), hl.Execution(fee_bps=3, slippage_bps=2)
    batch = run_native_search_batch(dataset, COLUMNS, risk, execution)
    assert list(batch.metrics) == list(TRIAL_METRICS)
    assert batch.failed.tolist() == [False, False, True, False]
    assert batch.first_error is not None
    assert "300" in batch.first_error
    for row in (0, 1, 3):
        params = {name: values[row] for name, values in COLUMNS.items()}
        single = hl.backtest(
            BARS,
            dual_sma(),
            params=params,
            risk=risk,
            execution=execution,
            cash=3_000.0,
            record=False,
        )
        mine = [values[row] for values in batch.metrics.values()]
        np.testing.assert_array_equal(mine, list(single.simulation.values.values()))
        assert int(batch.behaviour_hash[row]) == single.simulation.behaviour_hash


def test_the_frame_has_a_row_a_set() -> None:
    dataset = prepare_supercalc_dataset(BARS, dual_sma())
    batch = run_native_search_batch(dataset, COLUMNS)
    frame = batch.frame()
    assert frame["fast"].tolist() == [5.0, 6.0, 7.0, 5.0]
    assert frame["failed"].tolist() == [False, False, True, False]
    assert frame["sharpe"].isna().tolist()[2]
    assert repr(batch) == "SearchBatch(4 sets, 1 failed, engine 'native')"
    assert batch.engine_version == dataset.engine_version


@pytest.mark.parametrize("threads", [0, -1, 1.5, True])
def test_threads_are_whole(threads: object) -> None:
    dataset = prepare_supercalc_dataset(BARS, dual_sma(), record=False)
    with pytest.raises(hl.errors.ConfigError, match="threads is"):
        run_native_search_batch(dataset, COLUMNS, threads=threads)  # type: ignore[arg-type]


def test_settings_have_to_agree() -> None:
    dataset = prepare_supercalc_dataset(BARS, dual_sma())
    with pytest.raises(hl.errors.ConfigError, match="RiskPct sizes by the distance to the stop"):
        run_native_search_batch(dataset, COLUMNS, hl.RiskPct(0.01))
    assert hl.warehouse.sql("select count(*) as n from studies")["n"].tolist() == [0]
