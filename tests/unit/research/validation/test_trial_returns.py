from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.data import load_bars
from hyprl_lab.errors import CancelledError
from hyprl_lab.research.study import Study
from hyprl_lab.research.validation import trial_returns as module
from hyprl_lab.research.validation.subject import headline_returns, subject_of
from hyprl_lab.research.validation.trial_returns import TrialReturns
from hyprl_lab.strategy.builtin import dual_sma


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return hl.supersearch(
        load_bars("sp500").take(0, 900),
        dual_sma(),
        {"fast": [3, 5, 8], "slow": [20, 30, 40], "execution.fee_bps": [0.0, 10.0]},
        warehouse=hl.Warehouse(tmp_path),
        progress=False,
    )


def test_they_are_the_returns_of_each_run(study: Study) -> None:
    trials = TrialReturns.of(study)
    assert len(trials) == 18
    (returns,) = trials.chunks()
    assert returns.shape == (trials.rows, 18)
    for place, number in enumerate(trials.number.tolist()):
        point = study.inputs(number)
        run = hl.backtest(
            study.search_bars,
            study.strategy,
            params=point.params,
            execution=point.execution,
            record=False,
        )
        assert np.array_equal(returns[:, place], headline_returns(run))
    assert study.best is not None
    judged = subject_of(study).returns
    assert np.array_equal(trials.one(study.best.index), judged)


def test_threads_and_parts_change_nothing_and_nothing_is_recorded(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = study.warehouse.trial_count(study.lineage_root)
    trials = TrialReturns.of(study)
    whole = np.column_stack(list(trials.chunks(threads=1)))
    monkeypatch.setattr(module, "_BYTES", 8 * trials.rows * 5)
    parts = list(trials.chunks(threads=7))
    assert [part.shape[1] for part in parts] == [5, 5, 5, 3]
    assert np.array_equal(np.column_stack(parts), whole)
    assert study.warehouse.trial_count(study.lineage_root) == before


def test_trials_that_traded_alike_are_one(tmp_path: Path) -> None:
    study = hl.supersearch(
        load_bars("sp500").take(0, 300),
        dual_sma(),
        {
            "fast": [3, 5],
            "slow": [20],
            "execution.fee_bps": [0.0],
            "execution.borrow_cost_bps": [0.0, 50.0],
        },
        objective="-max_drawdown",
        warehouse=hl.Warehouse(tmp_path),
        progress=False,
    )
    trials = TrialReturns.of(study)
    assert (len(trials), trials.completed, trials.left_out) == (2, 4, 0)


def test_of_too_many_some_are_left_out_and_never_the_best(study: Study) -> None:
    assert study.best is not None
    trials = TrialReturns.of(study, most=4)
    assert study.best.index in trials.number
    assert 4 <= len(trials) <= 5
    assert trials.left_out == 18 - len(trials)


def test_a_token_stops_it(study: Study) -> None:
    token = threading.Event()
    token.set()
    with pytest.raises(CancelledError, match="after 0 of 18 trials"):
        list(TrialReturns.of(study).chunks(cancel=token))
