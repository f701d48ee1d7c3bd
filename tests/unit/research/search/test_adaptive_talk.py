"""What the sampler is told of each trial, and of the points that are not evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from hyprl_lab.errors import InputError
from hyprl_lab.research.search.adaptive_sampler import sampler_plan
from hyprl_lab.research.search.adaptive_talk import Talk, drawn
from hyprl_lab.research.space import read_space
from hyprl_lab.research.study import Ranking
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from hyprl_lab.types import FloatArray

NAN = float("nan")
SPACE: dict[str, Any] = {"fast": range(5, 95), "slow": range(20, 200)}


def talk(
    ranking: Ranking, *, space: dict[str, Any] = SPACE, where: str | None = None, name: str = "tpe"
) -> Talk:
    return Talk(read_space(dual_sma(), space, where), sampler_plan(name), 1, ranking)


def known(found: Talk, state: TrialState) -> list[optuna.trial.FrozenTrial]:
    return found._study.get_trials(states=[state])


def test_what_a_sampler_is_told_of_each_trial() -> None:
    found = talk(Ranking.of(["sharpe", "cagr"], ["trades >= 30", "profit_factor > 1"]))
    found.ask(6)
    metrics = {
        "sharpe": [1.0, 2.0, NAN, NAN, 0.5, 0.7],
        "cagr": [0.1, 0.2, 0.3, NAN, 0.4, 0.6],
        "trades": [30, 24, 40, 0, 60, 31],
        "profit_factor": [2, 2, 2, NAN, 2, NAN],
    }
    states = np.array(["completed", "completed", "completed", "failed", "pruned", "completed"])
    found.tell(
        {name: np.array(values, dtype=np.float64) for name, values in metrics.items()}, states
    )
    trials = known(found, TrialState.COMPLETE)
    assert [(trial.values, sum(trial.constraints.values())) for trial in trials] == [
        ([1.0, 0.1], 0),
        ([2.0, 0.2], pytest.approx(6 / 30)),
        ([0.0, 0.0], 1e6),  # no Sharpe
        ([0.0, 0.0], 1e6 + 1e6 + 1.0),  # no objectives, no profit factor, no trades
        ([0.5, 0.4], 1.0),
        ([0.7, 0.6], 1e6),  # no profit factor
    ]
    assert [trial.number for trial in trials] == list(range(6))
    assert found._study.directions == [optuna.study.StudyDirection.MAXIMIZE] * 2


@pytest.mark.parametrize("name", ["tpe", "nsga2"])
def test_a_point_outside_is_told_with_what_it_lacks(name: str) -> None:
    found = talk(Ranking.of("sharpe"), where="fast * 2 < slow", name=name)
    points = found.ask(40)
    assert (points[:, 0] * 2 < points[:, 1]).all()
    dropped = known(found, TrialState.PRUNED)
    assert dropped
    for trial in dropped:
        fast, slow = trial.params["fast"], trial.params["slow"]
        lacking = max((fast * 2 - slow) / max(fast * 2, slow), 1e-12)
        assert trial.constraints == {"the point belongs to the space": pytest.approx(lacking)}


def scored(points: FloatArray) -> dict[str, FloatArray]:
    return {"sharpe": -points[:, 0]}


def test_a_sampler_that_would_stay_outside_learns_to_come_in() -> None:
    """TPE takes an unknown region for a promising one, so it has to hear of points outside."""
    space = {"fast": range(5, 95), "slow": [20]}
    found = talk(Ranking.of("sharpe"), space=space, where="fast < 50")
    for _ in range(8):
        points = found.ask(5)
        assert (points[:, 0] < 50).all()
        found.tell(scored(points), np.full(5, "completed"))
    assert len(known(found, TrialState.PRUNED)) < 100


def test_points_that_were_asked_for_are_passed_over() -> None:
    found = talk(Ranking.of("sharpe"), space={"fast": range(5, 25), "slow": [30]})
    seen: list[float] = []
    for _ in range(4):
        points = found.ask(5)
        found.tell(scored(points), np.full(5, "completed"))
        seen += points[:, 0].tolist()
    assert sorted(seen) == list(range(5, 25))
    assert known(found, TrialState.FAIL)  # the sampler did ask twice for some


def test_points_are_told_before_others_are_asked_for() -> None:
    found = talk(Ranking.of("sharpe"))
    found.ask(2)
    with pytest.raises(InputError, match="was not learned"):
        found.ask(2)


def test_chance_draws_points_of_the_space() -> None:
    space = read_space(dual_sma(), SPACE, "fast > 90")
    stream = drawn(space, 3)
    values = np.concatenate([next(stream).values for _ in range(50)])
    assert values.shape == (50, 2)
    assert set(values[:, 0]) == {91.0, 92.0, 93.0, 94.0}
