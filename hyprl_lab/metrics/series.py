"""Returns and equity are different types, so no metric has to guess which it was given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.types import FloatArray

__all__ = ["Equity", "Returns"]


@dataclass(frozen=True, slots=True, eq=False)
class Returns:
    """Simple returns of one series, in time order.

    Parameters
    ----------
    values
        Fractions (0.01 = 1 %), one a period; NaN and infinity are refused.

    Raises
    ------
    InputError
        Not one-dimensional, or a value is not finite; the message names its position.

    Examples
    --------
    >>> Returns([0.1, -0.1]).values.tolist()
    [0.1, -0.1]
    """

    values: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _series("returns", self.values))

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Equity:
    """Money in an account at each close.

    Parameters
    ----------
    values
        Money, one a bar; it may be 0 or below after ruin; NaN and infinity are refused.
    cash
        Money before the first bar, above 0; the peak of a drawdown starts here.

    Raises
    ------
    InputError
        Not one-dimensional, empty, not finite, or `cash` is not above 0.

    Examples
    --------
    >>> Equity([110.0, 99.0], cash=100.0).returns().values.round(3).tolist()
    [-0.1]
    """

    values: FloatArray
    cash: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _series("equity", self.values))
        if not len(self.values):
            raise InputError("equity is empty; expected one value a bar")
        if not (np.isfinite(self.cash) and self.cash > 0.0):
            raise InputError(f"cash is {self.cash}; expected money above 0")

    def __len__(self) -> int:
        return len(self.values)

    @property
    def final(self) -> float:
        """Money at the last close."""
        return float(self.values[-1])

    def returns(self) -> Returns:
        """Return E_i / E_{i-1} - 1, and 0 where E_{i-1} ≤ 0; the first point has none."""
        before, after = self.values[:-1], self.values[1:]
        alive = before > 0.0
        growth = np.divide(after, before, out=np.ones_like(after), where=alive)
        return Returns(growth - 1.0)


def _series(name: str, values: FloatArray | Sequence[float]) -> FloatArray:
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1:
        raise InputError(f"{name} has {array.ndim} dimensions; expected one")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise InputError(
            f"{name}[{bad[0]}] is {array[bad[0]]}; expected finite numbers: drop or repair it first"
        )
    array.flags.writeable = False
    return array
