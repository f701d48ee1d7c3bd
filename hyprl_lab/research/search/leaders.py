"""The best trials that a running search has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.types import Leader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hyprl_lab.research.study import Ranking
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import FloatArray

__all__ = ["Leaders"]

_COUNT: Final = 5


class Leaders:
    """Keeps the trials with the largest (first) objective among those that meet the constraints.

    Parameters
    ----------
    ranking
        What makes one trial better than another.
    names
        What the columns of a batch stand for.
    """

    def __init__(self, ranking: Ranking, names: Sequence[str]) -> None:
        self._ranking = ranking
        self._names = tuple(names)
        self._kept: dict[int, tuple[float, FloatArray]] = {}

    def see(
        self,
        first: int,
        values: FloatArray,
        metrics: Mapping[str, FloatArray],
        states: NDArray[np.str_],
    ) -> None:
        """Take note of a shard.

        Parameters
        ----------
        first
            Number of its first trial.
        values
            Its points.
        metrics, states
            What became of them.
        """
        completed = states == "completed"
        scores = self._ranking.scores(metrics, len(values), among=completed)
        order = np.argsort(-scores, kind="stable")[:_COUNT]
        found = {
            first + int(row): (float(scores[row]), values[row])
            for row in order
            if not np.isnan(scores[row])
        }
        self._keep(found)

    def see_ledger(self, store: Warehouse, study_id: str) -> None:
        """Take note of what earlier calls committed."""
        columns = store.trial_columns(
            study_id, ["trial_index", "completed", *self._ranking.metrics]
        )
        places = columns["trial_index"]
        scores = self._ranking.scores(columns, len(places), among=columns["completed"])
        for row in self._ranking.best_first(scores, _COUNT):
            index = int(places[row])
            params = store.trial_params(study_id, self._names, first=index, stop=index + 1)
            values = np.array([params[name][0] for name in self._names])
            self._keep({index: (float(scores[row]), values)})

    def _keep(self, found: Mapping[int, tuple[float, FloatArray]]) -> None:
        every = sorted({**self._kept, **found}.items(), key=_best_first)
        self._kept = dict(every[:_COUNT])

    @property
    def best(self) -> float | None:
        """The largest objective so far, `None` before the first defined one."""
        return next(iter(self._kept.values()))[0] if self._kept else None

    def __call__(self) -> tuple[Leader, ...]:
        """Return them, best first."""
        return tuple(
            Leader(score, dict(zip(self._names, values.tolist(), strict=True)))
            for score, values in self._kept.values()
        )


def _best_first(kept: tuple[int, tuple[float, FloatArray]]) -> tuple[float, int]:
    index, (score, _) = kept
    return -score, index
