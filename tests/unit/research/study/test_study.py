"""What a study and its best trial say of themselves."""

from __future__ import annotations

import dataclasses
import pickle
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.research import backtest, supersearch
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hyprl_lab.data import Bars
    from hyprl_lab.research import Study

    Write = Callable[..., Study]


@pytest.fixture
def small(tmp_path: Path) -> Study:
    space = {"fast": [5, 6], "slow": [20, 30]}
    return supersearch(load_bars("TEST"), dual_sma(), space, warehouse=Warehouse(tmp_path))


def test_the_best_trial_is_the_first_of_the_ranking(small: Study) -> None:
    best = small.best
    assert best is not None
    row = small.trials()["sharpe"].sort_values(ascending=False)
    assert best.index == row.index[0]
    assert best.objective == row.iloc[0]
    assert best.params == small.trials().loc[best.index, ["fast", "slow"]].to_dict()


def test_the_study_shows_parameters_and_the_metrics_that_fit(small: Study) -> None:
    page = small._repr_html_()
    for name in ("trial", "objective", "fast", "slow", "max_drawdown", "trades"):
        assert f"<th>{name}</th>" in page
    assert "behaviour_hash" not in page
    assert "4 trials" in repr(small)


def test_failed_trials_are_said(tmp_path: Path) -> None:
    bars = load_bars("TEST").take(0, 30)
    study = supersearch(
        bars, dual_sma(), {"fast": [5], "slow": [31]}, holdout=0.0, warehouse=Warehouse(tmp_path)
    )
    assert "1 failed: node" in repr(study)
    assert "window is 31" in repr(study)


def test_an_undefined_objective_is_said(tmp_path: Path) -> None:
    bars = load_bars("TEST").take(0, 40)
    study = supersearch(
        bars, dual_sma(), {"fast": [20], "slow": [39]}, holdout=0.0, warehouse=Warehouse(tmp_path)
    )
    assert "sharpe is undefined for every trial" in repr(study)


def test_only_completed_trials_rank(written: Write) -> None:
    study = written(
        {"fast": [5, 6], "slow": [20, 30]},
        {"sharpe": [1.0, 9.0, np.nan, 2.0]},
        name="rank",
        states=["completed", "pruned", "failed", "completed"],
    )
    assert study.top()["objective"].tolist() == [2.0, 1.0]
    assert (study.pruned, study.failed) == (1, 1)
    assert study.trials()["state"].tolist() == ["completed", "pruned", "failed", "completed"]


def test_several_objectives_give_a_front(written: Write) -> None:
    """0 and 3 stand on the front; 1 is dominated by 0 alone, 2 by 0 and 1."""
    study = written(
        {"fast": [5, 6], "slow": [20, 30]},
        {"cagr": [0.3, 0.2, 0.1, 0.05], "max_drawdown": [0.2, 0.2, 0.3, 0.1]},
        name="front",
        objective=["cagr", "-max_drawdown"],
    )
    front = study.pareto()
    assert front.index.tolist() == [0, 3]
    assert front["objective_2"].tolist() == [-0.2, -0.1]
    assert study.top().index.tolist() == [0, 3, 1, 2]
    assert study.best is not None
    assert study.best.index == 0
    assert "best cagr 0.3, -max_drawdown -0.2 at" in repr(study)


def test_one_objective_has_a_front_of_its_best(study: Study) -> None:
    assert study.pareto().index.tolist() == study.top(1).index.tolist()


def test_a_trial_can_be_run_again(written: Write, study: Study) -> None:
    best = study.best
    assert best is not None
    for asked in (best, best.index):
        point = study.inputs(asked)
        assert point.params == dict(best.params)
        assert (point.risk, point.execution) == (study.risk, study.execution)
    result = backtest(study.search_bars, study.strategy, params=point.params, record=False)
    assert result.metrics.sharpe == best.metrics.sharpe
    with pytest.raises(NotFoundError, match="trial 99 is not in the ledger; the study has 18"):
        study.inputs(99)


def test_a_study_goes_to_another_process(study: Study) -> None:
    again = pickle.loads(pickle.dumps(study))
    assert again.warehouse is not study.warehouse
    assert again.warehouse.home == study.warehouse.home
    pd.testing.assert_frame_equal(again.top(3), study.top(3))
    assert repr(again) == repr(study)


def test_a_row_of_a_table_stands_for_its_trial(study: Study) -> None:
    top = study.top(3)
    row = top.iloc[2]
    assert study.inputs(row) == study.inputs(int(top.index[2]))
    assert study.neighbours(row).equals(study.neighbours(int(top.index[2])))
    group = study.clusters().iloc[1]
    assert study.inputs(group) == study.inputs(int(group["representative"]))


@pytest.mark.parametrize("trial", [None, "x", True, 1.0, {"fast": 5}])
def test_what_is_no_trial_is_refused(study: Study, trial: Any) -> None:
    with pytest.raises(InputError, match=r"a trial's number from 0, study\.best, or a row"):
        study.inputs(trial)
    with pytest.raises(InputError, match="expected a trial's number"):
        study.neighbours(trial)


@pytest.mark.parametrize("count", [-1, 1.5, "3", None, True])
def test_a_count_is_a_whole_number(study: Study, count: Any) -> None:
    with pytest.raises(InputError, match=r"count is .*expected a whole number from 0"):
        study.top(count)


def test_a_search_that_was_stopped_says_how_far_it_came(
    stock: Bars, tmp_path: Path, written: Write
) -> None:
    stopped = threading.Event()
    stopped.set()
    nothing = supersearch(
        stock, dual_sma(), {"fast": [5], "slow": [20, 30]},
        warehouse=Warehouse(tmp_path), cancel=stopped,
    )  # fmt: skip
    assert "0 of 2 trials, incomplete, nothing evaluated yet" in repr(nothing)
    half = written({"fast": [5, 6], "slow": [20]}, {"sharpe": [1, 2]}, name="half", complete=False)
    assert dataclasses.replace(half, total=9).committed == 2
    assert "2 of 9 trials, incomplete, best" in repr(dataclasses.replace(half, total=9))


def test_some_that_failed_are_said_beside_the_best(written: Write) -> None:
    study = written(
        {"fast": [5, 6], "slow": [20]}, {"sharpe": [1, 2]}, name="some",
        states=["completed", "failed"],
    )  # fmt: skip
    assert repr(study).endswith("at {'fast': 5.0, 'slow': 20.0}; 1 failed)")
