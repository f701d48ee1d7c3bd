"""The points of a search, by the sampler's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hyprl_lab.engine.config import DEFAULTS
from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.given import read_space
from hyprl_lab.research.space.grid import grid_of
from hyprl_lab.research.space.sampled import SAMPLERS, checked_max_trials, sampled_of
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.research.space.given import SpaceLike
    from hyprl_lab.research.space.points import Points
    from hyprl_lab.research.space.sampled import SamplerName
    from hyprl_lab.strategy.strategy import Strategy

__all__ = ["points_of"]


def points_of(
    strategy: Strategy,
    space: SpaceLike | None,
    where: str | None = None,
    *,
    sampler: str = "grid",
    max_trials: int | None = None,
    seed: int = DEFAULTS.seed,
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
) -> Points:
    """Check a space, and return the points that a sampler takes from it.

    Parameters
    ----------
    strategy, space, where, risk, execution
        As for `read_space`.
    sampler
        `"grid"` takes every point, in order; `"random"`, `"sobol"` and `"latin_hypercube"` draw
        `max_trials` of them.
    max_trials
        How many points, 1 to 100 million. A grid needs none, and is refused above it.
    seed
        Of the sampler; nothing in a grid is random.

    Raises
    ------
    SpaceError
        The space, a condition, the sampler or `max_trials` is wrong; the message says what was
        found, what was expected, and how to mend it.
    StrategyError
        What is given is no graph.
    ConfigError
        Risk, execution or seed is of the wrong type.

    Examples
    --------
    >>> from hyprl_lab.research.space import floats
    >>> from hyprl_lab.strategy import Strategy, close, param
    >>> rise = Strategy("rise", long_entry=close / close.shift(1) > param("by", 1.0, 1.1))
    >>> found = points_of(rise, {"by": floats(1.0, 1.1)}, sampler="sobol", max_trials=64)
    >>> found.names, found.size
    (['by'], 64)
    """
    if not isinstance(sampler, str) or sampler not in ("grid", *SAMPLERS):
        raise SpaceError(
            f"sampler is {shown(sampler)}; choose 'grid', {', '.join(map(repr, SAMPLERS))}, "
            "'tpe', 'nsga2', or give a sampler of optuna.samplers"
        )
    read = read_space(strategy, space, where, risk=risk, execution=execution)
    if sampler != "grid":
        return sampled_of(
            read, sampler=cast("SamplerName", sampler), max_trials=max_trials, seed=seed
        )
    found = grid_of(read)
    if max_trials is not None and checked_max_trials(max_trials, sampler) < found.size:
        raise SpaceError(
            f"the grid has {found.size:,} points, and max_trials={max_trials:,}; leave max_trials "
            "out to take them all, or give sampler='random' to draw that many"
        )
    return found
