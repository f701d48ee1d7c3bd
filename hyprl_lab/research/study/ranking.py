"""What makes one trial better than another."""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.metrics import TRIAL_METRICS, UNITS
from hyprl_lab.research.conditions import LONGEST, Condition, Objective, quoted
from hyprl_lab.research.study.pareto import pareto_front, pareto_ranks
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = ["Ranking"]

_MOST: Final = {
    "objective": (16, "weigh some in one sum"),
    "constraints": (100, "join some by `and`"),
}
"""The most expressions of a search, each evaluated for every trial, and how there are fewer."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What makes one trial better than another.

    Parameters
    ----------
    objectives
        Numbers over metrics, each to make as large as possible; one or more.
    constraints
        Conditions over metrics; a trial that fails one is not ranked.

    Examples
    --------
    >>> ranking = Ranking.of("sharpe", ["trades >= 30"])
    >>> metrics = {"sharpe": np.array([1.0, 2.0, 3.0]), "trades": np.array([40.0, 30.0, 5.0])}
    >>> ranking.scores(metrics, 3).tolist()
    [1.0, 2.0, nan]
    """

    objectives: tuple[Objective, ...]
    constraints: tuple[Condition, ...]

    @classmethod
    def of(cls, objective: str | Sequence[str], constraints: Sequence[str] = ()) -> Ranking:
        """Read the expressions over the metrics' names.

        Parameters
        ----------
        objective
            One expression, or a list of at most 16: their best compromises are the Pareto front.
        constraints
            A list of at most 100 conditions.

        Raises
        ------
        SpaceError
            An unknown metric (the message names the closest), text that is no such expression, no
            objective, one that is given twice, too many, or anything but text and lists: a set has
            no order.
        """
        texts = (objective,) if isinstance(objective, str) else _listed("objective", objective)
        if not texts:
            raise SpaceError("objective is empty; expected an expression such as 'sharpe'")
        for place, text in enumerate(texts):
            if text in texts[:place]:
                raise SpaceError(f"objective {quoted(text)} is given twice; give it once")
        if isinstance(constraints, str):
            raise SpaceError(
                f"constraints is the text {quoted(constraints)}; expected a list: "
                f"[{quoted(constraints)}]"
            )
        conditions = _listed("constraints", constraints)
        for text in (*texts, *conditions):
            _check_metrics(text)
        return cls(
            tuple(Objective(text, TRIAL_METRICS) for text in texts),
            tuple(Condition(text, TRIAL_METRICS) for text in conditions),
        )

    @property
    def objective(self) -> Objective:
        """The first objective."""
        return self.objectives[0]

    @property
    def metrics(self) -> list[str]:
        """The metrics that it reads, sorted."""
        numbers = (objective.uses() for objective in self.objectives)
        conditions = (condition.uses() for condition in self.constraints)
        return sorted(set[str]().union(*numbers, *conditions))

    def score_matrix(
        self,
        metrics: Mapping[str, FloatArray],
        length: int,
        *,
        among: BoolArray | None = None,
    ) -> FloatArray:
        """Return every objective of every trial, shape (objectives, trials).

        A trial that is not ranked is NaN in all of them: a constraint fails or reads an undefined
        metric, an objective is undefined, or `among` leaves it out.

        Parameters
        ----------
        metrics
            Arrays of one length by name, those of `Ranking.metrics` at least.
        length
            That length.
        among
            Which trials may be ranked, such as those whose state is `completed`; all where `None`.
        """
        ranked = np.ones(length, dtype=np.bool_) if among is None else among.copy()
        for condition in self.constraints:
            ranked &= condition.holds(metrics, length)
        found = np.stack([objective.values(metrics, length) for objective in self.objectives])
        ranked &= ~np.isnan(found).any(axis=0)
        return np.where(ranked, found, np.nan)

    def scores(
        self,
        metrics: Mapping[str, FloatArray],
        length: int,
        *,
        among: BoolArray | None = None,
    ) -> FloatArray:
        """Return each trial's first objective, NaN where it is not ranked.

        Parameters
        ----------
        metrics, length, among
            As for `score_matrix`.
        """
        found: FloatArray = self.score_matrix(metrics, length, among=among)[0]
        return found

    def best_first(self, scores: FloatArray, count: int) -> IntArray:
        """Return the positions of the best trials, best first, at most `count` of them.

        One objective: the largest first. Several: the trials that nothing dominates first, then
        those that only the first front dominates, and so on; within a front the largest first
        objective. Equal trials stand in the order given.

        Parameters
        ----------
        scores
            What `scores` or `score_matrix` returned; NaN is left out.
        count
            How many at most.
        """
        matrix = np.atleast_2d(scores)
        first = matrix[0]
        if len(matrix) == 1:
            return _largest(first, count)
        ranks = pareto_ranks(matrix, enough=count)
        reached = np.flatnonzero(ranks >= 0)
        order = np.lexsort((-first[reached], ranks[reached]))
        return reached[order[:count]]

    def front(self, scores: FloatArray) -> IntArray:
        """Return the positions of the trials on the front, largest first objective first.

        Parameters
        ----------
        scores
            What `score_matrix` returned.
        """
        places = pareto_front(scores)
        return places[np.argsort(-scores[0, places], kind="stable")]


def _largest(scores: FloatArray, count: int) -> IntArray:
    defined = np.flatnonzero(~np.isnan(scores))
    if 0 < count < len(defined):  # sort the few that can be among them, not a million
        values = scores[defined]
        least = np.partition(values, len(values) - count)[len(values) - count]
        defined = defined[values >= least]
    return defined[np.argsort(-scores[defined], kind="stable")[:count]]


def _listed(name: str, given: Any) -> tuple[Any, ...]:  # whatever a caller hands in
    if isinstance(given, list | tuple):
        most, mend = _MOST[name]
        if len(given) > most:
            raise SpaceError(
                f"{name} has {len(given):,} expressions; expected at most {most}: {mend}"
            )
        return tuple(given)
    mend = (
        "a list, [] for none"
        if name == "constraints"
        else "an expression such as 'sharpe', or a list"
    )
    raise SpaceError(f"{name} is {shown(given)}; expected {mend}")


def _check_metrics(text: object) -> None:
    """Refuse names that are no metrics, with the closest one; other faults are said elsewhere."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in called]
    for node in names:
        if node.id in TRIAL_METRICS:
            continue
        if node.id in UNITS:
            raise SpaceError(
                f"expression {quoted(text)} uses {node.id!r}, which only single backtests have; "
                f"trials have {', '.join(sorted(TRIAL_METRICS))}"
            )
        close = difflib.get_close_matches(node.id, TRIAL_METRICS, n=1)
        meant = f"; did you mean {close[0]!r}?" if close else ";"
        raise SpaceError(
            f"expression {quoted(text)} uses {quoted(node.id)}, which is no metric{meant} "
            f"there are {', '.join(sorted(TRIAL_METRICS))}"
        )
