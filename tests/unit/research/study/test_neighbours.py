"""The trials around one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.research import supersearch
from hyprl_lab.research.space import floats, ints
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hyprl_lab.data import Bars
    from hyprl_lab.research.study import Study

    Write = Callable[..., Study]

GRID = {"fast": [5, 6, 8, 12], "slow": [20, 30, 50]}


def test_one_step_on_every_axis(written: Write) -> None:
    """Trial 4 is (6, 30): around it are all of (5, 6, 8) over (20, 30, 50) but itself."""
    study = written(GRID, {"sharpe": list(range(12))}, name="steps")
    found = study.neighbours(4)
    assert found.index.tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    assert found["steps"].tolist() == [1.0] * 8
    assert found["change"].tolist() == [-4, -3, -2, -1, 1, 2, 3, 4]
    assert found.loc[7, ["fast", "slow"]].tolist() == [8.0, 30.0]


def test_two_steps_stand_behind_one(written: Write) -> None:
    study = written(GRID, {"sharpe": list(range(12))}, name="two steps")
    found = study.neighbours(0, radius=2)
    assert found.index.tolist() == [1, 3, 4, 2, 5, 6, 7, 8]
    assert found["steps"].tolist() == [1.0] * 3 + [2.0] * 5


def test_values_that_failed_are_steps_all_the_same(written: Write) -> None:
    states = ["completed"] * 3 + ["failed"] * 3 + ["completed"] * 6  # all of fast = 6
    study = written(GRID, {"sharpe": list(range(12))}, name="gap", states=states)
    assert study.neighbours(0).index.tolist() == [1]
    assert study.neighbours(0, radius=2)["steps"].tolist() == [1.0, 2.0, 2.0, 2.0, 2.0]


def test_a_neighbour_that_is_not_ranked_has_no_objective(written: Write) -> None:
    metrics = {"sharpe": list(range(12)), "trades": [0] * 6 + [9] * 6}
    study = written(GRID, metrics, name="unranked", constraints=["trades > 1"])
    found = study.neighbours(7)
    assert found["objective"].isna().tolist() == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
        False,
    ]


def test_in_a_sample_the_nearest_by_scaled_distance(stock: Bars, tmp_path: Path) -> None:
    study = supersearch(
        stock,
        dual_sma(),
        {"fast": ints(2, 50), "slow": ints(3, 200, log=True)},
        sampler="random",
        max_trials=40,
        seed=3,
        warehouse=Warehouse(tmp_path),
    )
    assert study.best is not None
    found = study.neighbours(study.best, radius=2)
    assert len(found) == 2 * 2 * 2
    trials = study.trials()
    own = study.best.params
    across = (trials["fast"] - own["fast"]) / 48
    down = np.log(trials["slow"] / own["slow"]) / np.log(200 / 3)
    distance = np.hypot(across, down).drop(study.best.index).sort_values(kind="stable")
    np.testing.assert_allclose(found["distance"], distance.iloc[:8], rtol=1e-12)
    assert set(found.index) == set(distance.index[:8])
    assert found["change"].max() <= 0


def test_trials_that_are_not_there(study: Study) -> None:
    with pytest.raises(NotFoundError, match="trial 99 is not among the study's 18 completed"):
        study.neighbours(99)
    for radius in (0, 1.5, True):
        with pytest.raises(InputError, match="whole number from 1"):
            study.neighbours(0, radius)  # type: ignore[arg-type]


def test_an_axis_of_one_value_has_no_distance(written: Write) -> None:
    study = written({"fast": [5, 6], "slow": [30]}, {"sharpe": [1, 2]}, name="flat")
    drawn = dataclasses.replace(study, sampler="random", space={"fast": floats(5, 6), "slow": [30]})
    assert drawn.neighbours(0)["distance"].tolist() == [1.0]


def test_a_value_beyond_a_log_axis_counts_as_its_nearer_end(stock: Bars, tmp_path: Path) -> None:
    """Where `when` is false the fee is 0, which has no logarithm."""
    drawn = supersearch(
        stock, dual_sma(),
        {
            "execution.fee_bps": floats(1, 100, log=True, when="slow > 30", otherwise=0),
            "fast": [5], "slow": ints(20, 40),
        },
        sampler="random", max_trials=40, warehouse=Warehouse(tmp_path),
    )  # fmt: skip
    trials = drawn.trials()
    free = trials.index[trials["execution.fee_bps"] == 0]
    found = drawn.neighbours(int(free[0]), radius=100)
    fee = found["execution.fee_bps"].clip(lower=1)
    slow = trials["slow"]
    expected = np.hypot(np.log(fee) / np.log(100), (found["slow"] - slow[free[0]]) / 20)
    np.testing.assert_allclose(found["distance"], expected, rtol=1e-12, atol=1e-12)
    assert len(found) == 39
