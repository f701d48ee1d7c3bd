"""A study's search on other bars: everything else is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hyprl_lab.data import load_bars
from hyprl_lab.engine import Execution, FixedFraction
from hyprl_lab.research.search import Halving, search_again, supersearch
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path


def test_on_the_same_bars_it_is_the_same_study(tmp_path: Path) -> None:
    study = supersearch(
        load_bars("TEST"),
        dual_sma(),
        {"fast": range(3, 30), "slow": range(20, 60)},
        where="fast < slow",
        objective=["sharpe", "-max_drawdown"],
        constraints=["trades >= 2"],
        holdout=0.1,
        risk=FixedFraction(0.5),
        execution=Execution(fee_bps=3),
        cash=5_000.0,
        sampler="random",
        max_trials=50,
        halving=Halving(2, 1),
        seed=7,
        ledger="summary",
        warehouse=Warehouse(tmp_path),
    )
    again = search_again(study, study.bars, holdout=0.1)
    assert again.study_id == study.study_id
    assert again.evaluated == 0
    pd.testing.assert_frame_equal(again.trials(), study.trials())


def test_seed_ledger_and_bars_can_be_others(tmp_path: Path) -> None:
    bars = load_bars("TEST")
    study = supersearch(
        bars, dual_sma(), {"fast": [3, 5], "slow": [20]}, warehouse=Warehouse(tmp_path)
    )
    again = search_again(study, bars.take(0, 300), seed=5, ledger="summary", threads=1)
    assert (again.seed, again.ledger, len(again.search_bars)) == (5, "summary", 300)
    assert again.study_id != study.study_id
    assert again.warehouse is study.warehouse
