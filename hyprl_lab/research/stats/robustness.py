"""One number for how little a result depends on its parameters, its years and its costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.research.stats.arrays import series
from hyprl_lab.research.stats.checks import finite

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["RobustnessScore", "neighbourhood_part", "ratio_part", "robustness_score", "time_part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustnessScore:
    """The score and what it was made of.

    Parameters
    ----------
    score
        0 to 100.
    neighbourhood, walk_forward, costs, time
        The parts, each clipped to 0 to 1.
    """

    score: float
    neighbourhood: float
    walk_forward: float
    costs: float
    time: float


def robustness_score(
    neighbourhood: float,
    walk_forward: float,
    costs: float,
    time: float,
    *,
    sharpe: float | None = None,
) -> RobustnessScore:
    """Return 100·(S_n·S_w·S_c·S_t)^(1/4): the geometric mean, so that no part makes up for another.

    Parameters
    ----------
    neighbourhood
        S_n, Sharpe ratio of the parameters around over that of the chosen (`neighbourhood_part`).
    walk_forward
        S_w, stitched out-of-sample Sharpe ratio over the mean in sample (`ratio_part`).
    costs
        S_c, Sharpe ratio at twice the costs and one bar later over the base (`ratio_part`).
    time
        S_t, from the share of periods in profit (`time_part`).
    sharpe
        Of the base run, any unit: at 0 or below the score is 0, since ratios to it mean nothing.
        `None` leaves that to the parts.

    Raises
    ------
    InputError
        An argument is NaN or infinite.

    Examples
    --------
    >>> robustness_score(0.5, 0.5, 0.5, 2.0, sharpe=0.1).score > 50.0
    True
    >>> robustness_score(0.9, 0.9, 0.9, 0.9, sharpe=-0.1).score
    0.0
    """
    given = {
        "neighbourhood": neighbourhood,
        "walk_forward": walk_forward,
        "costs": costs,
        "time": time,
    }
    parts = {name: _clipped(finite(name, value)) for name, value in given.items()}
    lost = sharpe is not None and finite("sharpe", sharpe) <= 0.0
    product = 0.0 if lost else float(np.prod(list(parts.values())))
    return RobustnessScore(score=100.0 * product**0.25, **parts)


def neighbourhood_part(neighbours: ArrayLike, selected: float, *, on_edge: bool = False) -> float:
    """Return q25 of the neighbours' Sharpe ratios over the selected one, clipped to 0 to 1.

    Parameters
    ----------
    neighbours
        Shape (k,), Sharpe ratios one grid step away, k at least 1; a neighbour without a Sharpe
        ratio (it never traded) counts as 0, which the caller has to say.
    selected
        Sharpe ratio of the chosen parameters, in the same unit; at 0 or below the part is 0.
    on_edge
        The chosen parameters lie on an edge of the grid: the part is halved, since what lies
        beyond was not tried.

    Raises
    ------
    InputError
        There is no neighbour, or a number is NaN or infinite.

    Examples
    --------
    >>> neighbourhood_part([0.8, 0.9, 1.0, 1.1], 1.0)
    0.875
    """
    around = series("neighbours", neighbours, least=1)
    part = ratio_part(float(np.quantile(around, 0.25)), selected)
    return part / 2.0 if on_edge else part


def ratio_part(sharpe: float, base: float) -> float:
    """Return one Sharpe ratio over another, clipped to 0 to 1; 0 where `base` is not above 0.

    Parameters
    ----------
    sharpe, base
        In the same unit.

    Raises
    ------
    InputError
        A number is NaN or infinite.

    Examples
    --------
    >>> ratio_part(0.5, 2.0), ratio_part(-1.0, -2.0)
    (0.25, 0.0)
    """
    above, below = finite("sharpe", sharpe), finite("base", base)
    return 0.0 if below <= 0.0 else _clipped(above / below)


def time_part(profits: ArrayLike) -> float:
    """Return (share of blocks in profit - 1/2)/(1/2), clipped to 0 to 1.

    Parameters
    ----------
    profits
        Shape (blocks,), at least 2: profit or return of each equal block of time; 0 is none.

    Raises
    ------
    InputError
        Fewer than two blocks, or a number is NaN or infinite.

    Examples
    --------
    >>> time_part([0.1, 0.2, -0.1, 0.3])
    0.5
    """
    share = float((series("profits", profits, least=2) > 0.0).mean())
    return _clipped((share - 0.5) / 0.5)


def _clipped(value: float) -> float:
    return min(1.0, max(0.0, value))
