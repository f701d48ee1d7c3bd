"""Points drawn from a space: at random, or spread evenly by a quasi-random sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias, get_args

import numpy as np

from hyprl_lab.engine.config import checked_seed
from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.agreed import check_together
from hyprl_lab.research.space.conditional import resolved
from hyprl_lab.research.space.cut import in_batches
from hyprl_lab.research.space.points import MOST_POINTS
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hyprl_lab.research.space.given import Space
    from hyprl_lab.research.space.points import Batch
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["SAMPLERS", "Sampled", "SamplerName", "checked_max_trials", "sampled_of"]

SamplerName: TypeAlias = Literal["random", "sobol", "latin_hypercube"]

SAMPLERS: Final[tuple[str, ...]] = get_args(SamplerName)
"""The samplers that learn nothing."""

_BLOCK: Final = 4096
"""Points drawn at a time: a power of two, in which Sobol' points are balanced."""

_REJECTED: Final = 1_000_000
"""Points that `where` may drop in a row."""

_SOBOL_BITS: Final = 52
"""2^52 points before the sequence ends, and every one of them below 1 in float64."""


@dataclass(frozen=True, eq=False)
class Sampled:
    """Points drawn from a space, in the order they are drawn.

    A point that `where` drops is drawn again. Draws are independent of each other, so a space
    with an end of values may give a point twice.

    Parameters
    ----------
    space
        What is drawn from.
    sampler
        `"random"`: independent and uniform, Philox numbers (Salmon et al. 2011) with a stream a
        block of 4,096 points. `"sobol"`: Sobol' sequence, scrambled (Owen 1998).
        `"latin_hypercube"`: in each block of 4,096 points every axis has one point in each of
        4,096 equal parts (McKay, Beckman and Conover 1979); the one block of a smaller search
        without `where` has as many points, and parts, as the search.
    max_trials
        How many points.
    seed
        Of all three.
    """

    space: Space
    sampler: SamplerName
    max_trials: int
    seed: int
    learns: ClassVar[bool] = False

    @property
    def names(self) -> list[str]:
        """Names in sorted order: the columns of a batch."""
        return self.space.names

    @property
    def size(self) -> int:
        """The number of points."""
        return self.max_trials

    @property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """The least and the largest value that may be drawn, whatever `where` drops."""
        return self.space.ends

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield the points in order, `size` at a time, the last batch smaller.

        Points do not depend on `size`, so a resumed search sees the same ones.

        Raises
        ------
        SpaceError
            `where` drops a million points in a row.
        """
        return in_batches(self._kept(), size, len(self.space.axes))

    def to_json(self) -> dict[str, JsonValue]:
        """Return axes, condition, sampler and number of points; the seed is the study's."""
        return self.space.to_json() | {"sampler": self.sampler, "max_trials": self.max_trials}

    def _kept(self) -> Iterator[FloatArray]:
        """Yield the points that `where` keeps, as many as are wanted, a block at a time."""
        wanted, drawn, kept, rejected = self.max_trials, 0, 0, 0
        for uniforms in self._blocks():
            points = self._points(uniforms)
            drawn += len(uniforms)
            rejected = 0 if len(points) else rejected + len(uniforms)
            if rejected >= _REJECTED:
                raise SpaceError(self._too_few(drawn, kept))
            points = points[: wanted - kept]
            kept += len(points)
            yield points
            if kept == wanted:
                return

    def _points(self, uniforms: FloatArray) -> FloatArray:
        axes = self.space.axes
        columns = {name: axes[name].at(uniforms[:, at]) for at, name in enumerate(self.names)}
        columns, _ = resolved(self.space.conditional, columns, len(uniforms))
        points = np.column_stack(list(columns.values()))
        where = self.space.where
        return points if where is None else points[where.holds(columns, len(points))]

    def _blocks(self) -> Iterator[FloatArray]:
        """Yield numbers 0 ≤ u < 1, shape (points of a block, names), without an end."""
        width = len(self.space.axes)
        draw = {
            "random": self._random,
            "sobol": self._sobol,
            "latin_hypercube": self._latin_hypercube,
        }[self.sampler](width)
        block = 0
        while True:
            yield draw(block)
            block += 1

    def _random(self, width: int) -> Callable[[int], FloatArray]:
        return lambda block: _stream(self.seed, block).random((_BLOCK, width))

    def _sobol(self, width: int) -> Callable[[int], FloatArray]:
        from scipy.stats import qmc

        engine = qmc.Sobol(width, scramble=True, bits=_SOBOL_BITS, rng=_stream(self.seed, 0))
        return lambda _: np.asarray(engine.random(_BLOCK))

    def _latin_hypercube(self, width: int) -> Callable[[int], FloatArray]:
        from scipy.stats import qmc

        rows = min(_BLOCK, self.max_trials) if self.space.where is None else _BLOCK
        return lambda block: np.asarray(
            qmc.LatinHypercube(width, rng=_stream(self.seed, block)).random(rows)
        )

    def _too_few(self, drawn: int, kept: int) -> str:
        text = self.space.where.text if self.space.where is not None else ""
        return (
            f"of {drawn:,} points drawn {kept:,} meet where={text!r} ({kept / drawn:.2g} of them), "
            f"and none of the last {_REJECTED:,}; widen the condition, or narrow the axes to where "
            "it holds"
        )


def sampled_of(space: Space, *, sampler: SamplerName, max_trials: int | None, seed: int) -> Sampled:
    """Return points of a space that was read, after the checks that need them.

    Raises
    ------
    SpaceError
        `max_trials` is missing or out of range, or there are not more points than that; an axis
        leaves what strategy or settings take; a million points in a row don't meet `where`.
    ConfigError
        The seed is none.

    Examples
    --------
    >>> from hyprl_lab.research.space.given import read_space
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> found = sampled_of(read_space(dual_sma(), {}, "fast < slow"), sampler="random",
    ...     max_trials=3, seed=1)
    >>> found.size, [len(batch.values) for batch in found.batches(2)]
    (3, [2, 1])
    """
    count = checked_max_trials(max_trials, sampler)
    if space.points is not None and space.points <= count:
        raise SpaceError(
            f"the space has {space.points:,} points, and sampler={sampler!r} would draw "
            f"max_trials={count:,} of them, some twice; give sampler='grid', which takes each "
            "once, or a smaller max_trials"
        )
    space.check_bounds(space.ends)
    found = Sampled(space, sampler, count, checked_seed(seed))
    next(found.batches(1))  # says at once where nothing meets the condition
    check_together(space, found)
    return found


def checked_max_trials(max_trials: object, sampler: str) -> int:
    """Return how many points a sampler draws.

    Raises
    ------
    SpaceError
        It is missing, or no whole number from 1 to 100 million.

    Examples
    --------
    >>> checked_max_trials(500, "random")
    500
    """
    if max_trials is None:
        raise SpaceError(
            f"sampler={sampler!r} draws points without end, and max_trials is not given; say how "
            "many, as in max_trials=1000"
        )
    wanted = isinstance(max_trials, int) and not isinstance(max_trials, bool)
    if not wanted or not 1 <= max_trials <= MOST_POINTS:  # type: ignore[operator]  # an int
        raise SpaceError(
            f"max_trials is {shown(max_trials)}; expected a whole number from 1 to {MOST_POINTS:,}"
        )
    return int(max_trials)  # type: ignore[call-overload, no-any-return]  # an int


def _stream(seed: int, block: int) -> np.random.Generator:
    """Return the random numbers of one block: of (seed, block), and of nothing else."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(block,))))
