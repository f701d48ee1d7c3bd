"""A study's ledger as arrays: only the columns that are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.conditions import Objective
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from hyprl_lab.research.study.study import Study
    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = [
    "Columns",
    "block_ranges",
    "checked_count",
    "completed_columns",
    "framed",
    "leading_columns",
    "objective_names",
    "reading",
]

_RANGE: Final = 1 << 16
"""Trials whose blocks are read at a time: some tens of megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """Completed trials of a study.

    Parameters
    ----------
    index
        Their numbers in the study, ascending.
    by_name
        Metrics and parameters, an array each; an undefined metric is NaN.
    """

    index: IntArray
    by_name: Mapping[str, FloatArray]

    def __len__(self) -> int:
        return len(self.index)


def completed_columns(
    study: Study, metrics: Sequence[str] = (), params: Sequence[str] = ()
) -> Columns:
    """Read some metrics and parameters of the trials that ran on all of the searched bars.

    Failed trials have no metrics; those of pruned ones are of a prefix of the bars, and don't
    compare.

    Parameters
    ----------
    study
        The study.
    metrics, params
        What to read.

    Raises
    ------
    InputError
        The study has no such parameter, or there is no such metric.
    """
    store, study_id = study.warehouse, study.study_id
    found = store.trial_columns(study_id, ["trial_index", "completed", *metrics])
    kept: BoolArray = found["completed"]
    values = {name: found[name][kept] for name in metrics}
    if params:
        values |= {
            name: column[kept] for name, column in store.trial_params(study_id, params).items()
        }
    return Columns(index=found["trial_index"][kept], by_name=values)


def leading_columns(study: Study, count: int) -> Columns | None:
    """Read the metrics of completed trials among which the best `count` are, and few others.

    `None` where the ledger does not say where those are: with several objectives, or with one
    that is more than a metric's name.

    Parameters
    ----------
    study
        The study.
    count
        How many, from 1.
    """
    ranking = study.ranking
    metric = ranking.objective.text.strip()
    if len(ranking.objectives) > 1 or metric not in TRIAL_METRICS:
        return None

    def least(found: Mapping[str, Any]) -> float:
        scores = ranking.scores(found, len(found["completed"]), among=found["completed"])
        best = ranking.best_first(scores, count)
        return float(scores[best[-1]]) if len(best) == count else -np.inf

    names = ["trial_index", "completed", *ranking.metrics]
    found = study.warehouse.largest_trials(study.study_id, names, metric, least)
    kept: BoolArray = found["completed"]
    values = {name: found[name][kept] for name in ranking.metrics}
    return Columns(index=found["trial_index"][kept], by_name=values)


def reading(study: Study, metric: str | None) -> Objective:
    """Return what an analysis looks at: an expression over metrics, or the study's objective.

    Raises
    ------
    SpaceError
        The text is no such expression.
    """
    return study.ranking.objective if metric is None else Objective(metric, TRIAL_METRICS)


def checked_count(name: str, value: Any, *, least: int = 0) -> int:  # whatever a caller hands in
    """Return a number of things that was asked for.

    Raises
    ------
    InputError
        It is no whole number from `least`.

    Examples
    --------
    >>> checked_count("top", 20)
    20
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least:
        return int(value)
    raise InputError(f"{name} is {shown(value)}; expected a whole number from {least}")


def objective_names(count: int) -> list[str]:
    """Return the columns that objectives stand in.

    Examples
    --------
    >>> objective_names(1), objective_names(2)
    (['objective'], ['objective', 'objective_2'])
    """
    return ["objective", *(f"objective_{place}" for place in range(2, count + 1))]


def framed(study: Study, index: IntArray, scores: FloatArray) -> pd.DataFrame:
    """Return trials in the order given: objectives, state, parameters, metrics.

    Parameters
    ----------
    study
        The study.
    index
        Numbers of trials.
    scores
        Shape (objectives, trials), in the same order.
    """
    frame = study.warehouse.trials_frame(study.study_id, index.tolist()).reindex(index)
    frame.index.name = "trial"
    for place, name in enumerate(objective_names(len(scores))):
        frame.insert(place, name, scores[place])
    return frame


def block_ranges(
    study: Study, columns: Sequence[str]
) -> Iterator[tuple[slice, dict[str, FloatArray]]]:
    """Yield the block moments of all trials, a range of trials at a time.

    Parameters
    ----------
    study
        The study.
    columns
        Of sum1, sum2, sum3, sum4, trades and turnover.

    Yields
    ------
    tuple
        The range of trial numbers, and by name an array of shape (trials, 17), leading block
        first.

    Raises
    ------
    InputError
        The study was run with `ledger="summary"`, which keeps none.
    """
    if study.ledger != "full":
        raise InputError(
            f"this study was run with ledger={study.ledger!r}, which keeps no block moments; run "
            "the same search with ledger='full'"
        )
    for first in range(0, study.total, _RANGE):
        stop = min(first + _RANGE, study.total)
        found = study.warehouse.study_blocks(study.study_id, columns, first=first, stop=stop)
        yield slice(first, stop), found
