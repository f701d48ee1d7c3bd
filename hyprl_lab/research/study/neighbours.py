"""The trials around one trial, and how the objective falls off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.errors import NotFoundError
from hyprl_lab.research.space import Floats, Ints
from hyprl_lab.research.study.frames import checked_count, completed_columns
from hyprl_lab.research.study.trial import trial_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hyprl_lab.research.study.study import Study
    from hyprl_lab.research.study.trial import Trial
    from hyprl_lab.types import BoolArray, FloatArray

__all__ = ["neighbours"]


def neighbours(study: Study, trial: Trial | int | pd.Series[Any], radius: int = 1) -> pd.DataFrame:
    """Return the trials around one; see `Study.neighbours`."""
    import pandas as pd

    radius = checked_count("radius", radius, least=1)
    number = trial_number(trial)
    names = study.points.names
    columns = completed_columns(study, study.ranking.metrics, names)
    place = int(np.searchsorted(columns.index, number))
    if place == len(columns) or columns.index[place] != number:
        raise NotFoundError(
            f"trial {number} is not among the study's {len(columns):,} completed trials; "
            "study.trials() lists all with their state"
        )
    scores = study.ranking.scores(columns.by_name, len(columns))
    values = np.column_stack([columns.by_name[name] for name in names])
    if study.sampler == "grid":
        every = study.warehouse.trial_params(study.study_id, names)
        levels = [np.unique(every[name]) for name in names]
        what, distance, near = "steps", *_steps(values, levels, place, radius)
    else:
        what, distance, near = "distance", *_nearest(study, values, place, radius)
    near[place] = False
    chosen = np.flatnonzero(near)
    chosen = chosen[np.lexsort((columns.index[chosen], distance[chosen]))]
    data: dict[str, object] = {
        what: distance[chosen],
        "objective": scores[chosen],
        "change": scores[chosen] - scores[place],
    }
    data |= {name: values[chosen, at] for at, name in enumerate(names)}
    return pd.DataFrame(data, index=pd.Index(columns.index[chosen], name="trial"))


def _steps(
    values: FloatArray, levels: Sequence[FloatArray], place: int, radius: int
) -> tuple[FloatArray, BoolArray]:
    """Return steps to each trial, the most over all axes, and which are within the radius."""
    most = np.zeros(len(values), dtype=np.int64)
    for column, known in zip(values.T, levels, strict=True):
        at = np.searchsorted(known, column)
        np.maximum(most, np.abs(at - at[place]), out=most)
    return most.astype(np.float64), most <= radius


def _nearest(
    study: Study, values: FloatArray, place: int, radius: int
) -> tuple[FloatArray, BoolArray]:
    """Return scaled distances, and which are the nearest: two a parameter and step of radius."""
    scaled = np.zeros_like(values)
    for at, name in enumerate(study.points.names):
        low, high = study.points.bounds[name]
        column = values[:, at]
        axis = (study.space or {}).get(name)
        if isinstance(axis, Floats | Ints) and axis.log:  # its `otherwise` may be 0, or below
            low, high = np.log(axis.low), np.log(axis.high)
            column = np.log(np.clip(column, axis.low, axis.high))
        if high > low:
            scaled[:, at] = (column - low) / (high - low)
    distance = np.sqrt(np.square(scaled - scaled[place]).sum(axis=1))
    others = np.delete(np.arange(len(values)), place)
    count = min(2 * values.shape[1] * radius, len(others))
    near = np.zeros(len(values), dtype=np.bool_)
    near[others[np.argsort(distance[others], kind="stable")[:count]]] = True
    return distance, near
