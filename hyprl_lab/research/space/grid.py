"""The grid: every point that the axes of a space span, in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from hyprl_lab.engine.config import DEFAULTS
from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.agreed import check_corners, check_together
from hyprl_lab.research.space.conditional import resolved
from hyprl_lab.research.space.cut import in_batches
from hyprl_lab.research.space.given import Space, read_space
from hyprl_lab.research.space.kinds import Choice
from hyprl_lab.research.space.points import MOST_POINTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.research.space.axes import Axis
    from hyprl_lab.research.space.given import SpaceLike
    from hyprl_lab.research.space.points import Batch
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["Grid", "grid", "grid_of"]

_CHUNK: Final = 1 << 18


@dataclass(frozen=True, eq=False)
class Grid:
    """The product of the axes' values, the first axis given moving slowest.

    A parameter that counts under a condition stands once where the condition is false, with the
    value of `otherwise`. `grid` makes one.

    Parameters
    ----------
    space
        Axes that have an end of values, and conditions.
    """

    space: Space
    learns: ClassVar[bool] = False

    @property
    def axes(self) -> Mapping[str, Axis]:
        """The axes in the order given."""
        return self.space.axes

    @property
    def names(self) -> list[str]:
        """Names in sorted order: the columns of a batch."""
        return self.space.names

    @property
    def points(self) -> int:
        """The number of points before `where` and `when`."""
        return self.space.points or 0

    @property
    def size(self) -> int:
        """The number of points that are kept."""
        return self._extent[0]

    @property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """The least and the largest value of each name among the points that are kept."""
        _, low, high = self._extent
        return dict(zip(self.names, zip(low.tolist(), high.tolist(), strict=True), strict=True))

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield the grid in order, `size` points at a time, the last batch smaller.

        The cut depends on the grid and `size` alone, so a resumed search sees the same batches.
        """
        return in_batches(self._chunks(), size, len(self.axes))

    def to_json(self) -> dict[str, JsonValue]:
        """Return axes and condition; whole-numbered steps are written as a range."""
        return self.space.to_json()

    def takes(self, values: Mapping[str, float]) -> bool:
        """Whether a point that is kept has some values; only points that may are looked at.

        Parameters
        ----------
        values
            By name: an end of the axis, or what holds where it does not count.
        """
        axes = dict(self.axes)
        for name, value in values.items():
            ends = axes[name].ends
            axes[name] = Choice(numbers=(value if value in ends else ends[0],))
        places = [self.names.index(name) for name in values]
        wanted = np.array(list(values.values()))
        narrowed = Grid(replace(self.space, axes=axes))
        return any((chunk[:, places] == wanted).all(axis=1).any() for chunk in narrowed._chunks())

    @cached_property
    def _extent(self) -> tuple[int, FloatArray, FloatArray]:
        if self.space.where is None and not self.space.conditional:
            ends = np.array([self.space.ends[name] for name in self.names])
            return self.points, ends[:, 0], ends[:, 1]
        kept, low, high = 0, np.full(len(self.axes), np.inf), np.full(len(self.axes), -np.inf)
        for chunk in self._chunks():
            kept += len(chunk)
            low = np.minimum(low, chunk.min(axis=0, initial=np.inf))
            high = np.maximum(high, chunk.max(axis=0, initial=-np.inf))
        return kept, low, high

    def _chunks(self) -> Iterator[FloatArray]:
        """Yield the kept points, shape (points, names), some hundred thousand at a time."""
        values = {name: axis.values for name, axis in self.axes.items()}
        shape = tuple(len(column) for column in values.values())
        conditional, where = self.space.conditional, self.space.where
        for start in range(0, self.points, _CHUNK):
            at = np.arange(start, min(start + _CHUNK, self.points))
            places = dict(zip(values, np.unravel_index(at, shape), strict=True))
            columns = {name: values[name][places[name]] for name in self.names}
            columns, counts = resolved(conditional, columns, len(at))
            kept = np.ones(len(at), dtype=np.bool_)
            for name, counting in counts.items():
                kept &= counting | (places[name] == 0)
            if where is not None:
                kept &= where.holds(columns, len(at))
            points = np.column_stack(list(columns.values()))
            yield points if kept.all() else points[kept]


def grid(
    strategy: Strategy,
    space: SpaceLike | None,
    where: str | None = None,
    *,
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
) -> Grid:
    """Check a space against a strategy and return its grid.

    Parameters
    ----------
    strategy
        Whose parameters are searched.
    space, where
        As `hl.supersearch` takes them; a parameter that is left out takes its own whole-numbered
        range (`hl.param("fast", 5, 50)`).
    risk, execution
        The settings, of which a space may vary numbers as `risk.fraction`.

    Raises
    ------
    SpaceError
        A name is unknown, unused or has no values; values repeat, are not finite, or not whole
        where a window needs it; there is no end of values; nothing is left after `where`; more
        than 100 million points.
    StrategyError
        What is given is no graph; a strategy class can't be searched.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> found = grid(dual_sma(), {"fast": range(2, 5), "slow": [3, 4]}, "fast < slow")
    >>> found.points, found.size, next(found.batches(10)).values.tolist()
    (6, 3, [[2.0, 3.0], [2.0, 4.0], [3.0, 4.0]])
    """
    return grid_of(read_space(strategy, space, where, risk=risk, execution=execution))


def grid_of(space: Space) -> Grid:
    """Return the grid of a space that was read, after the checks that need its points.

    Raises
    ------
    SpaceError
        There is no end of points, or more than 100 million; nothing is left after `where`; a
        point is outside what strategy or settings take.
    """
    endless = [name for name, axis in space.axes.items() if axis.size is None]
    if endless:
        raise SpaceError(
            f"space of {endless[0]!r} is {space.axes[endless[0]]}, which has no end of values; a "
            "grid needs step= or count=; or give sampler='random' or 'sobol' and max_trials=10_000"
        )
    found = Grid(space)
    if found.points > MOST_POINTS:
        raise SpaceError(
            f"the space has {found.points:,} points, at most {MOST_POINTS:,} can be searched as a "
            "grid; give sampler='random' or 'sobol' and max_trials=10_000, or use coarser steps, "
            "fewer parameters"
        )
    _check_ends(found)
    check_corners(space, found.takes)
    if found.size == 0:
        text = space.where.text if space.where is not None else ""
        raise SpaceError(
            f"of {found.points:,} points none meets where={text!r}; widen the space or the "
            "condition"
        )
    space.check_bounds(found.bounds)
    check_together(space, found)
    return found


def _check_ends(found: Grid) -> None:
    """Refuse ends of axes that the strategy does not take, before the whole grid is walked.

    Ends that `where` drops are left out: what it keeps is known after the walk.
    """
    for name, ends in found.space.ends.items():
        for value in ends:
            try:
                found.space.check_bounds({name: (value, value)})
            except SpaceError:
                if found.takes({name: value}):
                    raise
