"""The leaders of a search: the best, each once, in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.data import load_bars
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.search.leaders import Leaders
from hyprl_lab.research.search.supersearch import supersearch
from hyprl_lab.research.study import Ranking
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path


def metrics(sharpe: list[float], trades: list[float]) -> dict[str, np.ndarray]:
    found = {name: np.zeros(len(sharpe)) for name in TRIAL_METRICS}
    return found | {"sharpe": np.array(sharpe), "trades": np.array(trades)}


def test_the_best_that_meet_the_constraints_lead() -> None:
    leaders = Leaders(Ranking.of("sharpe", ["trades >= 2"]), ["n"])
    assert leaders.best is None
    completed = np.array(["completed"] * 4)
    values = np.arange(4.0)[:, None]
    leaders.see(4, values, metrics([1.0, 9.0, np.nan, 3.0], [5, 1, 5, 5]), completed)
    assert leaders.best == 3.0
    states = np.array(["completed", "pruned", "failed", "completed"])
    leaders.see(0, 10 + values, metrics([3.0, 99.0, 98.0, 2.0], [5, 5, 5, 5]), states)
    assert [(found.score, dict(found.params)) for found in leaders()] == [
        (3.0, {"n": 10.0}),  # trial 0 comes before trial 7
        (3.0, {"n": 3.0}),
        (2.0, {"n": 13.0}),
        (1.0, {"n": 0.0}),
    ]


def test_a_shard_that_is_seen_twice_counts_once_and_five_are_kept() -> None:
    leaders = Leaders(Ranking.of("sharpe", []), ["n"])
    states = np.array(["completed"] * 8)
    for _ in range(2):
        scores = metrics(list(range(8)), [1] * 8)
        leaders.see(0, np.arange(8.0)[:, None], scores, states)
    assert [found.score for found in leaders()] == [7.0, 6.0, 5.0, 4.0, 3.0]


def test_those_of_the_ledger_are_the_studys_best(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    study = supersearch(
        load_bars("TEST"), dual_sma(), {"fast": range(3, 9), "slow": [20, 30]}, warehouse=warehouse
    )
    leaders = Leaders(study.ranking, study.points.names)
    leaders.see_ledger(warehouse, study.study_id)
    top = study.top(5)
    assert [found.score for found in leaders()] == top["objective"].tolist()
    assert [found.params["fast"] for found in leaders()] == top["fast"].tolist()
