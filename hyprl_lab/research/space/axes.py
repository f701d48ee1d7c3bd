"""Axes as they are written: `floats`, `ints` and `choice`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hyprl_lab.research.space.kinds import Choice, Floats, Ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Axis", "choice", "floats", "ints"]

Axis: TypeAlias = Floats | Ints | Choice


def floats(
    low: float,
    high: float,
    *,
    step: float | None = None,
    count: int | None = None,
    log: bool = False,
    when: str | None = None,
    otherwise: float | None = None,
) -> Floats:
    """Return an axis of numbers from `low` to `high`.

    Parameters
    ----------
    low, high
        The ends, both included, low ≤ high.
    step
        Distance between neighbours, above 0, counted from `low`; `high` belongs to the axis where
        the steps reach it.
    count
        How many values, from 2, both ends among them; in place of a step.
    log
        Whether values are even in their logarithm: with `count` a geometric series, without one a
        log-uniform draw. Needs low > 0.
    when
        A condition over other parameters of the space, as `"use_stop > 0"`. Where it is false the
        parameter takes the value of `otherwise`, and a grid has such a point once.
    otherwise
        That value; `low` where `None`.

    Without step and count there is no end of values: samplers draw from them, a grid refuses.

    Raises
    ------
    SpaceError
        An end is no finite number, low is above high, or step, count and log don't fit together.

    Examples
    --------
    >>> floats(0.1, 0.3, step=0.1).values.tolist()
    [0.1, 0.2, 0.3]
    >>> floats(1, 100, count=3, log=True).values.tolist()
    [1.0, 10.0, 100.0]
    """
    return Floats(
        low=low, high=high, step=step, count=count, log=log, when=when, otherwise=otherwise
    )


def ints(
    low: int,
    high: int,
    *,
    step: int = 1,
    count: int | None = None,
    log: bool = False,
    when: str | None = None,
    otherwise: float | None = None,
) -> Ints:
    """Return an axis of whole numbers from `low` to `high`, both included (a `range` stops short).

    Parameters
    ----------
    low, high
        The ends, low ≤ high, below 2⁵³.
    step
        Distance between neighbours, from 1, counted from `low`.
    count
        At most how many values, from 2, both ends among them, rounded to whole numbers; those
        that round alike are one.
    log
        As for `hl.floats`; needs low ≥ 1.
    when, otherwise
        As for `hl.floats`.

    Raises
    ------
    SpaceError
        An end is no whole number, low is above high, or step, count and log don't fit together.

    Examples
    --------
    >>> ints(5, 20, step=5).values.tolist()
    [5.0, 10.0, 15.0, 20.0]
    >>> ints(2, 200, count=5, log=True).values.tolist()
    [2.0, 6.0, 20.0, 63.0, 200.0]
    """
    return Ints(low=low, high=high, step=step, count=count, log=log, when=when, otherwise=otherwise)


def choice(
    values: range | Sequence[float] | FloatArray | IntArray,
    *,
    when: str | None = None,
    otherwise: float | None = None,
) -> Choice:
    """Return an axis of the numbers given, in their order.

    Parameters
    ----------
    values
        Distinct finite numbers; 1 and 0 for yes and no.
    when, otherwise
        As for `hl.floats`; `otherwise` is the first value where `None`.

    Raises
    ------
    SpaceError
        There are none, one stands twice, or one is no finite number.

    Examples
    --------
    >>> choice([50, 20, 200]).values.tolist()
    [50.0, 20.0, 200.0]
    """
    return Choice(numbers=values, when=when, otherwise=otherwise)  # type: ignore[arg-type]  # read there
