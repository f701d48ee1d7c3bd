"""Search spaces: what values each parameter takes, and the grid they span."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from hyprl_lab.errors import SpaceError, StrategyError
from hyprl_lab.research.conditions import Condition
from hyprl_lab.strategy.given import checked_strategy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import FloatArray, IntArray, JsonValue

__all__ = ["Batch", "Grid", "SpaceLike", "grid"]

SpaceLike: TypeAlias = "Mapping[str, range | Sequence[float] | FloatArray | IntArray]"

_LARGEST: Final = 100_000_000
_CHUNK: Final = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Neighbouring points of a grid.

    Parameters
    ----------
    first
        The number of the first point among those that `where` keeps.
    values
        float64, shape (points, parameters), columns in the order of `Grid.names`.
    """

    first: int
    values: FloatArray


@dataclass(frozen=True, eq=False)
class Grid:
    """The product of the parameters' values, the first parameter moving slowest.

    Parameters
    ----------
    axes
        The values of each parameter, float64, distinct, in the order given.
    where
        Which points belong to it; all where `None`.
    """

    axes: Mapping[str, FloatArray]
    where: Condition | None = None

    @property
    def names(self) -> list[str]:
        """Parameter names in sorted order: the columns of a batch."""
        return sorted(self.axes)

    @property
    def points(self) -> int:
        """The number of points before `where`."""
        return math.prod(len(values) for values in self.axes.values())

    @property
    def size(self) -> int:
        """The number of points that `where` keeps."""
        return self._extent[0]

    @property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """The least and the largest value of each parameter among the points that are kept."""
        _, low, high = self._extent
        return dict(zip(self.names, zip(low.tolist(), high.tolist(), strict=True), strict=True))

    @cached_property
    def _extent(self) -> tuple[int, FloatArray, FloatArray]:
        if self.where is None:
            values = [self.axes[name] for name in self.names]
            low, high = (np.array([end(axis) for axis in values]) for end in (np.min, np.max))
            return self.points, low, high
        kept, low, high = 0, np.full(len(self.axes), np.inf), np.full(len(self.axes), -np.inf)
        for chunk in self._chunks():
            kept += len(chunk)
            low = np.minimum(low, chunk.min(axis=0, initial=np.inf))
            high = np.maximum(high, chunk.max(axis=0, initial=-np.inf))
        return kept, low, high

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield the grid in order, `size` points at a time, the last batch smaller.

        The cut depends on the grid and `size` alone, so a resumed search sees the same batches.
        """
        first = 0
        waiting = np.empty((0, len(self.axes)))
        for chunk in self._chunks():
            waiting = np.concatenate([waiting, chunk])
            whole = len(waiting) // size * size
            for start in range(0, whole, size):
                yield Batch(first + start, waiting[start : start + size])
            first += whole
            waiting = waiting[whole:]
        if len(waiting):
            yield Batch(first, waiting)

    def to_json(self) -> dict[str, JsonValue]:
        """Return axes and condition; whole-numbered steps are written as a range."""
        return {
            "axes": [[name, _axis_json(values)] for name, values in self.axes.items()],
            "where": None if self.where is None else self.where.text,
        }

    def _chunks(self) -> Iterator[FloatArray]:
        """Yield the kept points, shape (points, parameters), some hundred thousand at a time."""
        order = list(self.axes)
        shape = tuple(len(values) for values in self.axes.values())
        for start in range(0, self.points, _CHUNK):
            places = np.unravel_index(np.arange(start, min(start + _CHUNK, self.points)), shape)
            columns = {name: self.axes[name][places[order.index(name)]] for name in self.names}
            values = np.column_stack(list(columns.values()))
            yield values if self.where is None else values[self.where.holds(columns, len(values))]


def grid(strategy: Strategy, space: SpaceLike | None, where: str | None = None) -> Grid:
    """Check a space against a strategy and return its grid.

    Parameters
    ----------
    strategy
        Whose parameters are searched.
    space
        For each parameter a `range`, a list or an array of numbers. A parameter that is left
        out takes its own whole-numbered range (`hl.param("fast", 5, 50)`).
    where
        A condition over the parameters, such as `"fast < slow"`.

    Raises
    ------
    SpaceError
        A parameter is unknown, unused or has no values; values repeat, are not finite, or not
        whole where a window needs it; nothing is left after `where`; more than 100 million
        points.
    StrategyError
        What is given is no graph; a strategy class can't be searched.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> found = grid(dual_sma(), {"fast": range(2, 5), "slow": [3, 4]}, "fast < slow")
    >>> found.points, found.size, next(found.batches(10)).values.tolist()
    (6, 3, [[2.0, 3.0], [2.0, 4.0], [3.0, 4.0]])
    """
    axes = _axes(checked_strategy(strategy), dict(space or {}))
    points = math.prod(len(values) for values in axes.values())
    if points > _LARGEST:
        raise SpaceError(
            f"the space has {points:,} points, at most {_LARGEST:,} can be searched as a grid; "
            "use coarser steps, fewer parameters"
        )
    found = Grid(axes, None if where is None else Condition(where, sorted(axes)))
    if found.size == 0:
        raise SpaceError(
            f"of {points:,} points none meets where={where!r}; widen the space or the condition"
        )
    for name, ends in found.bounds.items():
        for value in ends:
            try:
                strategy.parameters[name].checked(value, window=False)
            except StrategyError as error:
                raise SpaceError(f"space of {name!r}: {error}") from error
    return found


def _axes(strategy: Strategy, given: dict[str, object]) -> dict[str, FloatArray]:
    known = strategy.parameters
    unknown = [name for name in given if name not in known]
    if unknown:
        raise SpaceError(
            f"space names {unknown}, which {strategy.name!r} does not use; "
            f"its parameters are {list(known)}"
        )
    if not known:
        raise SpaceError(f"{strategy.name!r} has no parameters; run hl.backtest on it instead")
    axes: dict[str, FloatArray] = {}
    for name in [*given, *(name for name in known if name not in given)]:
        parameter = known[name]
        if name in given:
            values: object = given[name]
        elif parameter.integer and parameter.low is not None and parameter.high is not None:
            values = range(int(parameter.low), int(parameter.high) + 1)
        else:
            raise SpaceError(
                f"space says nothing of {name!r}, and it has no whole-numbered range of its own; "
                f"add {name!r}: [values] to the space"
            )
        axes[name] = _axis(name, values)
        windows = name in strategy.graph.windows
        if windows and not (axes[name] == np.floor(axes[name])).all():
            raise SpaceError(f"space of {name!r} is a window; expected whole numbers")
        if windows and axes[name].min() < 1:
            raise SpaceError(f"space of {name!r} is a window; expected whole numbers from 1")
    return axes


def _axis(name: str, values: object) -> FloatArray:
    if isinstance(values, range) and len(values) > _LARGEST:
        raise SpaceError(
            f"space of {name!r} has {len(values):,} values, at most {_LARGEST:,}; use a wider step"
        )
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Sequence | np.ndarray):
        raise SpaceError(
            f"space of {name!r} is {values!r}; expected a range, a list or an array of numbers"
        )
    found = np.asarray(values)
    if found.ndim != 1 or found.size == 0 or found.dtype.kind not in "iuf":
        raise SpaceError(
            f"space of {name!r} is {values!r}; expected one or more numbers in one dimension"
        )
    axis = found.astype(np.float64) + 0.0
    if not np.isfinite(axis).all():
        raise SpaceError(f"space of {name!r} holds NaN or an infinity; expected finite numbers")
    if len(np.unique(axis)) != len(axis):
        raise SpaceError(f"space of {name!r} repeats a value; expected each once")
    return axis


def _axis_json(values: FloatArray) -> JsonValue:
    steps = np.diff(values)
    whole = bool((values == np.floor(values)).all()) and bool((np.abs(values) < 2**53).all())
    if whole and len(values) > 2 and steps[0] != 0 and bool((steps == steps[0]).all()):
        start, step = int(values[0]), int(steps[0])
        return {"start": start, "stop": start + step * len(values), "step": step}
    numbers: list[JsonValue] = values.tolist()
    return numbers
