"""Parameters that count only where a condition over others holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.conditions import Condition
from hyprl_lab.research.space.kinds import Choice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hyprl_lab.research.space.axes import Axis
    from hyprl_lab.types import BoolArray, FloatArray

__all__ = ["Conditional", "conditionals", "default_of", "resolved"]


@dataclass(frozen=True, slots=True)
class Conditional:
    """One parameter that counts where a condition holds.

    Parameters
    ----------
    name
        The parameter.
    when
        Over other parameters of the space.
    otherwise
        The value it has where the condition is false.
    """

    name: str
    when: Condition
    otherwise: float


def conditionals(axes: Mapping[str, Axis]) -> tuple[Conditional, ...]:
    """Return the conditional parameters of some axes, each after those its condition reads.

    Raises
    ------
    SpaceError
        A condition does not parse, names what is not there, or the parameters depend on each
        other in a circle.

    Examples
    --------
    >>> from hyprl_lab.research.space.axes import choice, floats
    >>> axes = {"stop": floats(1, 3, step=1, when="use_stop > 0"), "use_stop": choice([0, 1])}
    >>> [(found.name, found.otherwise) for found in conditionals(axes)]
    [('stop', 1.0)]
    """
    waiting = {
        name: _read(name, axis, axis.when, axes)
        for name, axis in axes.items()
        if axis.when is not None
    }
    ordered: list[Conditional] = []
    while waiting:
        ready = [name for name, found in waiting.items() if not found.when.uses() & set(waiting)]
        if not ready:
            raise SpaceError(
                f"the space's conditions go in a circle: {_circle(waiting.values())}; "
                "leave out the when of one of them"
            )
        ordered += [waiting.pop(name) for name in ready]
    return tuple(ordered)


def resolved(
    found: Sequence[Conditional], columns: dict[str, FloatArray], length: int
) -> tuple[dict[str, FloatArray], dict[str, BoolArray]]:
    """Return the columns with the values that hold, and where each conditional parameter counts.

    Parameters
    ----------
    found
        In the order of `conditionals`.
    columns
        Values by name, as proposed.
    length
        Of each column.
    """
    held = dict(columns)
    counts: dict[str, BoolArray] = {}
    for part in found:
        counts[part.name] = part.when.holds(held, length)
        held[part.name] = np.where(counts[part.name], held[part.name], part.otherwise)
    return held, counts


def default_of(axis: Axis) -> float:
    """Return what holds where an axis does not count: `otherwise`, its first value where `None`.

    Examples
    --------
    >>> from hyprl_lab.research.space.axes import choice
    >>> default_of(choice([50, 20])), default_of(choice([50, 20], when="a > 1", otherwise=0))
    (50.0, 0.0)
    """
    if axis.otherwise is not None:
        return axis.otherwise
    return float(axis.numbers[0] if isinstance(axis, Choice) else axis.low)


def _read(name: str, axis: Axis, when: str, axes: Mapping[str, Axis]) -> Conditional:
    others = sorted(other for other in axes if other != name)
    try:
        condition = Condition(when, others)
    except SpaceError as error:
        raise SpaceError(f"space of {name!r}, when: {error}") from error
    return Conditional(name, condition, default_of(axis))


def _circle(waiting: Iterable[Conditional]) -> str:
    return ", ".join(f"{part.name!r} depends on {sorted(part.when.uses())}" for part in waiting)
