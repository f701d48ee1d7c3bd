"""Numbers of a space as they are given and as they are written down."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.points import MOST_POINTS
from hyprl_lab.strategy.parameter import EXACT, json_number
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["listed_array", "listed_numbers", "real", "short_numbers", "whole"]

_GREATEST: Final = 1e300
"""Distances between two such numbers are finite."""


def real(what: str, value: Any) -> float:  # whatever a caller hands in
    """Return a finite number as a float, minus zero as 0.

    Raises
    ------
    SpaceError
        It is none, or is beyond ±1e300; booleans are no numbers here.

    Examples
    --------
    >>> real("floats, low", 1)
    1.0
    """
    if not _is_number(type(value)):
        raise SpaceError(f"{what} is {shown(value)}; expected a number{_mend(value)}")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not -_GREATEST <= found <= _GREATEST:  # NaN, too
        raise SpaceError(
            f"{what} is {shown(value)}; expected a finite number within ±{_GREATEST:g}"
        )
    return found + 0.0


def whole(what: str, value: object) -> int:
    """Return a whole number that a float64 holds; `20.0` counts as whole.

    Raises
    ------
    SpaceError
        It is none, or is beyond ±2⁵³.

    Examples
    --------
    >>> whole("ints, low", 20.0)
    20
    """
    found = real(what, value)
    if not found.is_integer():
        raise SpaceError(f"{what} is {found:g}; expected a whole number, or use hl.floats")
    if abs(found) > EXACT or (isinstance(value, Integral) and int(value) != int(found)):
        raise SpaceError(f"{what} is {shown(value)}; expected a whole number within ±2^53")
    return int(found)


def listed_numbers(what: str, values: object) -> tuple[float, ...]:
    """Return distinct finite numbers, in the order given; see `listed_array`.

    Examples
    --------
    >>> listed_numbers("choice", range(3))
    (0.0, 1.0, 2.0)
    """
    return tuple(listed_array(what, values).tolist())


def listed_array(what: str, values: object) -> FloatArray:
    """Return distinct finite numbers as float64, in the order given.

    Parameters
    ----------
    what
        Whose they are, for messages.
    values
        A range, a list or an array in one dimension.

    Raises
    ------
    SpaceError
        It is something else, is empty, is longer than the longest search, repeats a value, or
        holds what is no finite number.

    Examples
    --------
    >>> listed_array("choice", [3, 1])
    array([3., 1.])
    """
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Sequence | np.ndarray):
        several = isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping)
        raise SpaceError(
            f"{what} is {f'a {type(values).__name__}' if several else shown(values)}; expected a "
            "range, a list or an array of numbers, or hl.floats, hl.ints, hl.choice"
            f"{': write list(...)' if several else ''}"
        )
    size = values.size if isinstance(values, np.ndarray) else len(values)
    if size > MOST_POINTS:
        raise SpaceError(f"{what} has {size:,} values, at most {MOST_POINTS:,}; use a wider step")
    found = _array(what, values)
    if found.size == 0 or found.ndim != 1:
        raise SpaceError(
            f"{what} is {shown(values)}; expected one or more numbers in one dimension"
        )
    numbers = found.astype(np.float64) + 0.0
    if not np.isfinite(numbers).all():
        raise SpaceError(f"{what} holds NaN or an infinity; expected finite numbers")
    _check_distinct(what, numbers)
    return numbers


def _check_distinct(what: str, numbers: FloatArray) -> None:
    if (numbers[1:] > numbers[:-1]).all():  # most lists ascend: nothing to sort
        return
    order = np.sort(numbers)
    twice = order[1:][order[1:] == order[:-1]]
    if len(twice):
        raise SpaceError(f"{what} repeats a value, {twice[0]:g}; expected each once")


def _array(what: str, values: Sequence[object] | np.ndarray) -> np.ndarray:
    """Read a sequence, whose kinds are looked at first: NumPy makes numbers of what is none."""
    if isinstance(values, range) or (isinstance(values, np.ndarray) and values.dtype.kind in "iuf"):
        return np.asarray(values)
    if isinstance(values, np.ndarray) and values.ndim != 1:
        return values
    given = list(values)
    wrong = {kind for kind in set(map(type, given)) if not _is_number(kind)}
    if wrong:
        value = next(value for value in given if type(value) in wrong)
        raise SpaceError(f"{what} holds {shown(value)}; expected numbers alone{_mend(value)}")
    try:
        return np.array(given, dtype=np.float64)
    except OverflowError:
        value = next(value for value in given if _is_too_large(value))
        raise SpaceError(
            f"{what} holds {shown(value)}; expected numbers that a float64 holds"
        ) from None


def _is_number(kind: type) -> bool:
    return issubclass(kind, Real) and not issubclass(kind, bool | np.bool_)


def _is_too_large(value: Any) -> bool:  # some kind of number
    try:
        float(value)
    except OverflowError:
        return True
    return False


def _mend(value: object) -> str:
    """Say how something becomes a number."""
    if isinstance(value, bool | np.bool_):
        return "; write 1 for True and 0 for False"
    if isinstance(value, str):
        return "; write it without quotes"
    return ""


def short_numbers(values: FloatArray) -> JsonValue:
    """Return values for JSON: whole-numbered steps as a range, all else as a list.

    Examples
    --------
    >>> short_numbers(np.array([2.0, 3.0, 4.0])), short_numbers(np.array([0.1, 0.2]))
    ({'start': 2, 'stop': 5, 'step': 1}, [0.1, 0.2])
    """
    steps = np.diff(values)
    whole_ones = bool((values == np.floor(values)).all()) and bool((np.abs(values) < EXACT).all())
    if whole_ones and len(values) > 2 and bool((steps == steps[0]).all()):
        start, step = int(values[0]), int(steps[0])
        return {"start": start, "stop": start + step * len(values), "step": step}
    return [json_number(value) for value in values.tolist()]
