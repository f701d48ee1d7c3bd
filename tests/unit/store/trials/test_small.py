from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import TrialRow, Warehouse, trial_key, trial_key_prefix


def row(sharpe: float | None = 1.5, **change: Any) -> TrialRow:
    metrics: Mapping[str, float | None] = dict.fromkeys(TRIAL_METRICS, 0.1) | {
        "sharpe": sharpe,
        "sharpe_per_period": sharpe,
        "calmar": float("nan"),
    }
    given: dict[str, Any] = {
        "strategy_hash": "h",
        "risk": {"kind": "all_in"},
        "execution": {"fee_bps": 2.5},
        "lineage_root": "r",
        "params": {"slow": 20, "fast": 5.5},
        "metrics": metrics,
        "behaviour_hash": 2**64 - 1,
    }
    return TrialRow(**given | change)


def test_the_key_is_the_one_of_a_search() -> None:
    prefix = trial_key_prefix("h", {"kind": "all_in"}, {"fee_bps": 2.5}, "r")
    assert row().key == trial_key(prefix, {"fast": 5.5, "slow": 20.0})


def test_single_backtests_are_trials_too(warehouse: Warehouse) -> None:
    warehouse.record_trial(row())
    warehouse.record_trial(row(sharpe=None, state="failed", behaviour_hash=0))
    found = warehouse.sql("select * from trials order by trial_index")
    assert found["study_id"].tolist() == ["backtest"] * 2
    assert found["trial_index"].tolist() == [0, 1]
    assert found["state"].tolist() == ["completed", "failed"]
    assert found["trial_key"].iloc[0] == row().key
    assert found["param_values"].iloc[0].tolist() == [5.5, 20.0]
    assert found["behaviour_hash"].tolist() == [2**64 - 1, 0]
    assert found["sharpe"].iloc[0] == 1.5
    assert found["kurtosis"].iloc[0] == 0.1
    assert found["sharpe"].isna().tolist() == [False, True]
    assert found["calmar"].isna().all()
    names = warehouse.sql("select param_names, strategy_hash from backtests")
    assert names["param_names"].iloc[0].tolist() == ["fast", "slow"]


def test_repeats_are_logged_and_counted_once(warehouse: Warehouse) -> None:
    for params in ({"n": 1}, {"n": 2}, {"n": 1}):
        warehouse.record_trial(row(params=params))
    assert warehouse.trial_count("r") == 2
    assert warehouse.status().small_trials == 3
    together, singles = warehouse.trial_sharpes("r")
    assert together.tolist() == singles.tolist() == [1.5, 1.5]
    assert [len(part) for part in warehouse.trial_sharpes("r", fingerprint="bars")] == [0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "running"}, "trial state is 'running'"),
        ({"behaviour_hash": -1}, "behaviour_hash is -1"),
        ({"params": {"n": float("nan")}}, "parameter n is nan"),
        ({"metrics": {"sharpe": 1.0}}, "expected exactly"),
        ({"sharpe": float("inf")}, "metric sharpe_per_period is inf"),
        ({"risk": {"size": object()}}, "must be JSON"),
    ],
)
def test_what_could_not_be_written_is_refused_at_once(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        row(**change)
