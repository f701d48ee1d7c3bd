"""What every statistic refuses: numbers that are not finite, counts and shares out of range."""

from __future__ import annotations

import math
from numbers import Integral, Real

from hyprl_lab.errors import InputError

__all__ = ["finite", "open_share", "whole"]


def finite(name: str, value: object) -> float:
    """Return a finite float, or raise `InputError` naming the argument."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise InputError(f"{name} is {value!r}; expected a finite number")
    return float(value)


def whole(name: str, value: object, *, least: int) -> int:
    """Return a whole number of at least `least`, or raise `InputError` naming the argument."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise InputError(f"{name} is {value!r}; expected a whole number of at least {least}")
    return int(value)


def open_share(name: str, value: object) -> float:
    """Return a number strictly between 0 and 1, or raise `InputError` naming the argument."""
    number = finite(name, value)
    if not 0.0 < number < 1.0:
        raise InputError(f"{name} is {number}; expected a number between 0 and 1")
    return number
