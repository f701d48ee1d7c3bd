"""The points around the one that a search chose: a grid step away, or within a tenth.

A step is that of the parameter's axis: the next value of a range, of `hl.ints`, of `hl.floats`
with `step=` or `count=`, of a list in ascending or descending order. A list in no order, or of 0
and 1 alone, is a choice between kinds: it has no neighbours, and stays as it was chosen. So does
a parameter that does not count at the chosen point.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space import Choice, Floats, Ints, check_settings, is_setting, resolved
from hyprl_lab.research.stats.paths import permutations
from hyprl_lab.research.stats.streams import SplitMix64

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hyprl_lab.research.space import Axis, Space
    from hyprl_lab.types import FloatArray

__all__ = ["DRAWN", "MOST_BY_STEP", "SHARE", "Around", "Way", "around"]

Way: TypeAlias = Literal["steps", "latin_hypercube"]

MOST_BY_STEP: Final = 4
"""Parameters of which all combinations of steps are taken."""

DRAWN: Final = 64
"""Points of the Latin hypercube where there are more."""

SHARE: Final = 0.1
"""How far these are from the chosen values, as a share of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The points around a chosen one that belong to its space.

    Parameters
    ----------
    way
        `"steps"`: all combinations of one step down, none and one up. `"latin_hypercube"`: drawn
        within a tenth of the chosen values, where more than four parameters move or one of them
        has no steps.
    points
        Values by name, the chosen point not among them; each once.
    moved
        The parameters that differ, sorted.
    fixed
        The others.
    edges
        The parameters whose chosen value is the first or last of its axis.
    """

    way: Way
    points: tuple[Mapping[str, float], ...]
    moved: tuple[str, ...]
    fixed: tuple[str, ...]
    edges: tuple[str, ...]


def around(space: Space, chosen: Mapping[str, float], *, seed: int = 0) -> Around:
    """Return the points around a chosen one.

    Parameters
    ----------
    space
        What was searched.
    chosen
        A value for each of its names.
    seed
        Of the Latin hypercube; steps don't need it.

    Examples
    --------
    >>> from hyprl_lab.research.space import read_space
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> space = read_space(dual_sma(), {"fast": range(2, 9), "slow": [20, 50]}, "fast < slow")
    >>> found = around(space, {"fast": 3.0, "slow": 50.0})
    >>> len(found.points), found.edges
    (5, ('slow',))
    """
    held, counts = resolved(
        space.conditional, {name: np.array([chosen[name]]) for name in space.names}, 1
    )
    moved = [
        name
        for name in space.names
        if _has_scale(space.axes[name]) and counts.get(name, np.array([True]))[0]
    ]
    chosen = {name: float(held[name][0]) for name in space.names}
    steps = {name: _beside(space.axes[name], chosen[name]) for name in moved}
    by_step = len(moved) <= MOST_BY_STEP and all(found is not None for found in steps.values())
    if by_step:
        levels = [[chosen[name], *(steps[name] or ())] for name in moved]
        proposed: Iterable[tuple[float, ...]] = product(*levels)
    else:
        proposed = _hypercube(space, chosen, moved, seed)
    return Around(
        way="steps" if by_step else "latin_hypercube",
        points=tuple(_belonging(space, chosen, moved, proposed)) if moved else (),
        moved=tuple(moved),
        fixed=tuple(name for name in space.names if name not in moved),
        edges=tuple(name for name in moved if _on_edge(space.axes[name], chosen[name])),
    )


def _has_scale(axis: Axis) -> bool:
    """Whether values next to each other are alike: numbers of a range, or an ordered list."""
    if not isinstance(axis, Choice):
        return axis.low < axis.high
    change = np.diff(axis.values)
    ordered = bool((change > 0).all() or (change < 0).all())
    return axis.size > 1 and ordered and set(axis.numbers) != {0.0, 1.0}


def _beside(axis: Axis, value: float) -> tuple[float, ...] | None:
    """Return the next values below and above that the axis has; `None` where it has no steps."""
    if isinstance(axis, Floats) and axis.size is None:
        return None
    if isinstance(axis, Ints) and axis.count is None:  # may be too long to list
        low, high = axis.ends
        return tuple(v for v in (value - axis.step, value + axis.step) if low <= v <= high)
    levels = np.sort(axis.values)
    place = int(np.abs(levels - value).argmin())
    return tuple(levels[[p for p in (place - 1, place + 1) if 0 <= p < len(levels)]].tolist())


def _on_edge(axis: Axis, value: float) -> bool:
    low, high = axis.ends
    return value <= low or value >= high


def _within(axis: Axis, value: float) -> bool:
    low, high = axis.ends
    return low <= value <= high


def _hypercube(
    space: Space, chosen: Mapping[str, float], moved: list[str], seed: int
) -> Iterable[tuple[float, ...]]:
    """Draw a Latin hypercube (McKay, Beckman and Conover 1979) around the chosen values."""
    if not moved:
        return []
    strata = permutations(DRAWN, paths=len(moved), seed=seed)
    columns: list[FloatArray] = []
    for number, name in enumerate(moved):
        inside = SplitMix64.of_path(seed, len(moved) + number).uniforms(DRAWN)
        share = (strata[number] + inside) / DRAWN
        columns.append(_spread(space.axes[name], chosen[name], share))
    return zip(*(column.tolist() for column in columns), strict=True)


def _spread(axis: Axis, value: float, share: FloatArray) -> FloatArray:
    """Return values within a tenth of the chosen one, and within the axis.

    Whole numbers move by one at least; from 0 it is a tenth of the axis, as 0 has no tenth.
    """
    low, high = axis.ends
    width = SHARE * (abs(value) or high - low)
    if isinstance(axis, Ints) or (isinstance(axis, Choice) and _all_whole(axis.values)):
        steps = max(1.0, np.floor(width))
        found = value - steps + np.floor(share * (2.0 * steps + 1.0))
    else:
        found = value + width * (2.0 * share - 1.0)
    inside: FloatArray = np.clip(found, low, high)
    return inside


def _all_whole(values: FloatArray) -> bool:
    return bool((values == np.floor(values)).all())


def _belonging(
    space: Space,
    chosen: Mapping[str, float],
    moved: list[str],
    proposed: Iterable[tuple[float, ...]],
) -> Iterable[Mapping[str, float]]:
    """Yield the proposed points that the space has, each once, without the chosen one."""
    known = {tuple(chosen.values())}
    for values in proposed:
        columns = {name: np.array([value]) for name, value in chosen.items()}
        columns |= {name: np.array([value]) for name, value in zip(moved, values, strict=True)}
        columns, counts = resolved(space.conditional, columns, 1)
        point = {name: float(columns[name][0]) for name in chosen}
        key = tuple(point.values())
        if key in known:
            continue
        known.add(key)
        woken = [name for name, counting in counts.items() if counting[0] and name not in moved]
        if not all(_within(space.axes[name], point[name]) for name in woken):
            continue  # its `otherwise` is no value of its own
        if space.where is not None and not space.where.holds(columns, 1)[0]:
            continue
        if _taken(space, point):
            yield point


def _taken(space: Space, point: Mapping[str, float]) -> bool:
    """Whether strategy and settings take a point."""
    settings = {name: value for name, value in point.items() if is_setting(name)}
    try:
        space.check_bounds({name: (value, value) for name, value in point.items()})
        if settings:
            check_settings(settings, space.strategy, space.risk, space.execution)
    except SpaceError:
        return False
    return True
