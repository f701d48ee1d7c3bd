"""One search on other columns, in no ledger: the same points, rungs, ranking and constraints."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from hyprl_lab.errors import CancelledError
from hyprl_lab.research.search.job import Stage
from hyprl_lab.research.search.plan import plan
from hyprl_lab.research.study.pareto import pareto_front

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.research.search.evaluated import Evaluated
    from hyprl_lab.research.search.job import Job
    from hyprl_lab.research.search.loop import Learner
    from hyprl_lab.research.search.plan import Asked, Plan
    from hyprl_lab.research.space import Batch
    from hyprl_lab.research.study import Ranking
    from hyprl_lab.types import FloatArray

    Watch = Callable[[int, int], bool]

__all__ = ["Best", "Search"]

_HELD: Final = 1 << 20
"""Numbers of a space that are kept rather than made again for each market."""


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The best trial of a search.

    Parameters
    ----------
    score
        Its (first) objective.
    params
        Its point, by name.
    """

    score: float
    params: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """A planned search, ready to be done on any market of the same bars.

    Parameters
    ----------
    plan
        Points, ranking and job.
    batches
        The points where they are few and don't depend on scores, else `None`.
    """

    plan: Plan
    batches: tuple[Batch, ...] | None

    @classmethod
    def of(cls, bars: Bars, asked: Asked) -> Self:
        """Check and prepare a search.

        Raises
        ------
        SpaceError, ConfigError, BarsError, StrategyError
            As `supersearch`.
        """
        planned = plan(bars, asked)
        points = planned.points
        few = not points.learns and points.size * len(points.names) <= _HELD
        return cls(plan=planned, batches=tuple(points.batches(planned.shard_size)) if few else None)

    @property
    def learns(self) -> bool:
        """Whether points depend on the scores before them."""
        return self.plan.points.learns

    def best(
        self, columns: Mapping[str, FloatArray], *, threads: int, watch: Watch | None = None
    ) -> Best | None:
        """Search a market.

        Parameters
        ----------
        columns
            As long as the planned bars.
        threads
            Of the kernel; the result does not depend on it.
        watch
            Called with trials done and their number; true stops the work.

        Returns
        -------
        Best or None
            The trial that `Study.best` would be; `None` where nothing is ranked.

        Raises
        ------
        CancelledError
            `watch` said stop.
        """
        job = _on(self.plan.job, columns)
        points = copy.copy(self.plan.points)  # those that learn keep what they learned
        made: Iterable[Batch] = self.batches or points.batches(self.plan.shard_size)
        kept = _Kept(self.plan.ranking)
        for batch in made:
            if watch is not None and watch(batch.first, points.size):
                raise CancelledError(
                    f"the search was cancelled after {batch.first:,} of {points.size:,} trials"
                )
            found = job.evaluate(batch, threads=threads, watch=watch)
            if self.learns:
                cast("Learner", points).learn(batch, found.metrics, found.states)
            kept.see(batch, found)
        return kept.best(points.names)


class _Kept:
    """The trials of the largest first objective that no other of them dominates."""

    def __init__(self, ranking: Ranking) -> None:
        self._ranking = ranking
        self._scores = np.empty((len(ranking.objectives), 0))
        self._values: list[FloatArray] = []

    def see(self, batch: Batch, found: Evaluated) -> None:
        """Take note of a batch; batches come in order, so the first of equal trials stays first."""
        scores = self._ranking.score_matrix(
            found.metrics, len(batch.values), among=found.states == "completed"
        )
        rows = _leading(scores)
        both = np.concatenate((self._scores, scores[:, rows]), axis=1)
        values = [*self._values, *batch.values[rows]]
        stay = _leading(both)
        self._scores, self._values = both[:, stay], [values[place] for place in stay]

    def best(self, names: list[str]) -> Best | None:
        if not self._values:
            return None
        params = dict(zip(names, self._values[0].tolist(), strict=True))
        return Best(float(self._scores[0, 0]), params)


def _leading(scores: FloatArray) -> list[int]:
    """Return the columns of the largest first objective that none of these dominates."""
    first = scores[0]
    if np.isnan(first).all():
        return []
    if len(scores) == 1:
        return [int(np.nanargmax(first))]
    tied = np.flatnonzero(first == np.nanmax(first))
    found: list[int] = tied[pareto_front(scores[:, tied])].tolist()
    return found


def _on(job: Job, columns: Mapping[str, FloatArray]) -> Job:
    """Return a job on other columns; each rung is their beginning, as long as it was."""
    return replace(
        job,
        stages=tuple(
            Stage(
                columns={name: columns[name][: len(stage.setup.ts)] for name in stage.columns},
                setup=stage.setup,
            )
            for stage in job.stages
        ),
    )
