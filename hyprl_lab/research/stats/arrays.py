"""What every statistic of arrays refuses: too few numbers, holes, the wrong shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hyprl_lab.types import FloatArray

__all__ = ["panel", "series"]


def series(name: str, values: ArrayLike, *, least: int) -> FloatArray:
    """Return a finite float64 array of one dimension, or raise `InputError` naming the argument.

    Parameters
    ----------
    name
        Of the argument, for the message.
    values
        Shape (n,).
    least
        Smallest n.

    Raises
    ------
    InputError
        Not one-dimensional, shorter than `least`, not numbers, NaN or infinite somewhere.

    Examples
    --------
    >>> series("returns", [0.1, -0.1], least=2)
    array([ 0.1, -0.1])
    """
    array = _numbers(name, values)
    if array.ndim != 1:
        raise InputError(f"{name} has shape {array.shape}; expected one dimension")
    if len(array) < least:
        raise InputError(f"{name} has {len(array)} values; expected at least {least}")
    return _finite(name, array)


def panel(name: str, values: ArrayLike, *, least: int) -> FloatArray:
    """Return a finite float64 array of rows by models, or raise `InputError` naming the argument.

    Parameters
    ----------
    name
        Of the argument, for the message.
    values
        Shape (T, N), N at least 1; shape (T,) is taken as one model.
    least
        Smallest T.

    Raises
    ------
    InputError
        Another shape, fewer rows than `least`, no column, NaN or infinite somewhere.

    Examples
    --------
    >>> panel("returns", [0.1, -0.1], least=2).shape
    (2, 1)
    """
    array = _numbers(name, values)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] == 0:
        raise InputError(
            f"{name} has shape {array.shape}; expected (rows, models) with at least one model"
        )
    if len(array) < least:
        raise InputError(f"{name} has {len(array)} rows; expected at least {least}")
    return _finite(name, array)


def _numbers(name: str, values: ArrayLike) -> FloatArray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is not an array of numbers: {error}") from None


def _finite(name: str, array: FloatArray) -> FloatArray:
    if not np.isfinite(array).all():
        place = tuple(int(axis) for axis in np.argwhere(~np.isfinite(array))[0])
        where = ", ".join(map(str, place))
        raise InputError(
            f"{name}[{where}] is {array[place]}; expected finite numbers: leave the row out, or "
            "mend what made it"
        )
    return array
