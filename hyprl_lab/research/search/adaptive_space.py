"""A space as Optuna asks for it: a suggestion a parameter, conditional ones only where they count.

Numbers in rising or falling order are a scale, on which neighbours are alike; a choice in any
other order is a set of categories. Steps and counts are suggested by place, so that every value
is one that a grid would have.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.research.space import Floats, Ints
from hyprl_lab.research.study.shortfall import shortfall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optuna.trial import Trial

    from hyprl_lab.research.space import Space
    from hyprl_lab.types import FloatArray

__all__ = ["AdaptiveSpace"]


class AdaptiveSpace:
    """Asks trials for points of a space.

    Parameters
    ----------
    space
        The checked space.
    """

    def __init__(self, space: Space) -> None:
        self.space = space

    def point(self, trial: Trial) -> tuple[FloatArray, float]:
        """Return the point that a trial suggests, and what it lacks to belong to the space.

        A conditional parameter is suggested only where its condition holds; elsewhere it has its
        `otherwise`, and the sampler is told nothing of it.

        Parameters
        ----------
        trial
            A new trial of an Optuna study.

        Returns
        -------
        The point, float64 of shape (parameters,) in the sorted order of the names; and the
        shortfall of `where`, 0 where the point belongs to the space.
        """
        space = self.space
        conditional = {part.name for part in space.conditional}
        columns = {
            name: np.array([self._suggested(trial, name)])
            for name in space.names
            if name not in conditional
        }
        for part in space.conditional:
            counts = bool(part.when.holds(columns, 1)[0])
            value = self._suggested(trial, part.name) if counts else part.otherwise
            columns[part.name] = np.array([value])
        point = np.array([columns[name][0] for name in space.names])
        return point, 0.0 if space.where is None else float(shortfall(space.where, columns, 1)[0])

    def suggestions(self, point: FloatArray) -> dict[str, float]:
        """Return what a trial would have to suggest for a point: the inverse of `point`.

        Parameters
        ----------
        point
            As `point` returns it; it belongs to the space.
        """
        columns = {name: point[at : at + 1] for at, name in enumerate(self.space.names)}
        idle = {part.name for part in self.space.conditional if not part.when.holds(columns, 1)[0]}
        return {
            name: self._suggestion(name, float(value[0]))
            for name, value in columns.items()
            if name not in idle
        }

    def _suggestion(self, name: str, value: float) -> float:
        if name in self._listed:
            return int(np.flatnonzero(self._listed[name] == value)[0])
        return int(value) if isinstance(self.space.axes[name], Ints) else value

    def _suggested(self, trial: Trial, name: str) -> float:
        match self.space.axes[name]:
            case Floats(size=None, low=low, high=high, log=log):
                return float(trial.suggest_float(name, low, high, log=log))
            case Ints(count=None, log=True, low=low, high=high):
                return float(trial.suggest_int(name, low, high, log=True))
            case Ints(count=None, low=low, step=step, size=size):
                last = low + step * (size - 1)
                return float(trial.suggest_int(name, low, last, step=step))
        values = self._listed[name]
        if _is_scale(values):
            return float(values[trial.suggest_int(name, 0, len(values) - 1)])
        return float(values[trial.suggest_categorical(name, range(len(values)))])

    @cached_property
    def _listed(self) -> Mapping[str, FloatArray]:
        """The values of the axes that are asked for by place."""
        return {
            name: axis.values
            for name, axis in self.space.axes.items()
            if axis.size is not None and not (isinstance(axis, Ints) and axis.count is None)
        }


def _is_scale(values: FloatArray) -> bool:
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())
