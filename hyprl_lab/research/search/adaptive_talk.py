"""The talk with Optuna: points are asked for, and their scores are told.

What the sampler is told of a trial, all objectives being made as large as possible:

- completed, every objective defined: its objectives, and for each constraint the shortfall, which
  is 0 where the constraint is met (`hyprl_lab.research.study.shortfall`);
- an objective undefined, or the trial failed: infeasible, by more than any shortfall;
- pruned: infeasible, by 1.

An infeasible trial ranks below every feasible one, and among themselves the least sum of
shortfalls is best. A point that `where` drops is not evaluated: the sampler is told its shortfall
at once, and asked again. A point that was asked for before is not evaluated again either; a
sampler that keeps to such points is passed over for one, which is drawn at random, so that trials
are not spent twice.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.search.adaptive_space import AdaptiveSpace
from hyprl_lab.research.space import Sampled
from hyprl_lab.research.space.points import MOST_POINTS
from hyprl_lab.research.study.shortfall import shortfall

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import optuna
    from numpy.typing import NDArray

    from hyprl_lab.research.search.adaptive_sampler import SamplerPlan
    from hyprl_lab.research.space import Batch, Space
    from hyprl_lab.research.study.ranking import Ranking
    from hyprl_lab.types import FloatArray

__all__ = ["Talk", "drawn"]

_TRIES: Final = 100
"""Points that a sampler is asked for, for one that belongs to the space."""

_REPEATS: Final = 2
"""Points that were asked for before, after which one is drawn at random."""

_MOST_REPEATS: Final = 100
"""Draws that were asked for before, after which one is taken all the same."""

_UNDEFINED: Final = 1e6
"""The shortfall of what is undefined, and the most that any other is counted."""

_PRUNED: Final = 1.0


def drawn(space: Space, seed: int) -> Iterator[Batch]:
    """Yield points of a space at random, one at a time."""
    return Sampled(space, "random", MOST_POINTS, seed).batches(1)


class Talk:
    """One study of Optuna's, in memory.

    Parameters
    ----------
    space
        The checked space.
    plan
        The sampler.
    seed
        Of the sampler.
    ranking
        Objectives and constraints.
    """

    def __init__(self, space: Space, plan: SamplerPlan, seed: int, ranking: Ranking) -> None:
        import optuna

        self.waiting: FloatArray | None = None
        self._space = AdaptiveSpace(space)
        self._ranking = ranking
        self._asked: set[bytes] = set()
        self._open: list[optuna.trial.Trial] = []
        self._states = optuna.trial.TrialState
        self._chance = drawn(space, seed)
        with _quiet():
            self._study = optuna.create_study(
                storage=optuna.storages.InMemoryStorage(),
                sampler=plan.make(seed),
                study_name="supersearch",
                directions=["maximize"] * len(ranking.objectives),
            )

    def ask(self, count: int) -> FloatArray:
        """Return new points, shape (count, parameters).

        Raises
        ------
        InputError
            The points before were not told.
        """
        if self.waiting is not None:
            raise InputError(
                "the batch before was not learned; call learn(batch, metrics, states) before the "
                "next is asked for"
            )
        self.waiting = np.stack([self._new_point() for _ in range(count)])
        return self.waiting

    def tell(self, metrics: Mapping[str, FloatArray], states: NDArray[np.str_]) -> None:
        """Tell the scores of the points that were asked for last, in their order."""
        length = len(self._open)
        values = np.stack([one.values(metrics, length) for one in self._ranking.objectives])
        lacking = {
            condition.text: np.minimum(shortfall(condition, metrics, length), _UNDEFINED)
            for condition in self._ranking.constraints
        }
        undefined = np.isnan(values).any(axis=0) | (states == "failed")
        lacking["the objectives are defined"] = np.where(undefined, _UNDEFINED, 0.0)
        lacking["the trial was not pruned"] = np.where(states == "pruned", _PRUNED, 0.0)
        told = np.where(undefined, 0.0, values)  # no value of an infeasible trial is compared
        for place, trial in enumerate(self._open):
            for name, gaps in lacking.items():
                if gaps[place] > 0.0:
                    trial.set_constraint(name, float(gaps[place]))
            self._study.tell(trial, told[:, place].tolist())
        self._open = []
        self.waiting = None

    def _new_point(self) -> FloatArray:
        """Return a point that belongs to the space, and was not asked for before if it can be."""
        repeats = 0
        for _ in range(_TRIES):
            trial = self._study.ask()
            point, lacking = self._space.point(trial)
            if lacking:
                self._outside(trial, lacking)
            elif point.tobytes() not in self._asked:
                return self._take(trial, point)
            else:
                self._study.tell(trial, state=self._states.FAIL)  # no sampler looks at these
                repeats += 1
            if repeats == _REPEATS:
                break
        return self._by_chance()

    def _by_chance(self) -> FloatArray:
        for _ in range(_MOST_REPEATS):
            point = next(self._chance).values[0]
            if point.tobytes() not in self._asked:
                break
        self._study.enqueue_trial(self._space.suggestions(point))
        trial = self._study.ask()
        return self._take(trial, self._space.point(trial)[0])

    def _take(self, trial: optuna.trial.Trial, point: FloatArray) -> FloatArray:
        self._asked.add(point.tobytes())
        self._open.append(trial)
        return point

    def _outside(self, trial: optuna.trial.Trial, lacking: float) -> None:
        """Tell that `where` drops a point; pruned, so that NSGA-II keeps it out of populations."""
        trial.set_constraint("the point belongs to the space", min(lacking, _UNDEFINED))
        self._study.tell(trial, state=self._states.PRUNED)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from writing to stderr that a study was made; its setting is put back."""
    from optuna import logging

    level = logging.get_verbosity()
    logging.set_verbosity(max(level, logging.WARNING))
    try:
        yield
    finally:
        logging.set_verbosity(level)
