"""Random numbers by counter: a stream a path, so that no result depends on order or threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hyprl_lab.types import FloatArray

__all__ = ["SplitMix64"]

_GAMMA: Final = 0x9E3779B97F4A7C15
_MASK: Final = 0xFFFFFFFFFFFFFFFF


class SplitMix64:
    """A counter-based stream of 64-bit numbers (Steele, Lea and Flood 2014).

    Parameters
    ----------
    seed
        The state before the first number; any whole number, taken modulo 2⁶⁴.

    Examples
    --------
    >>> SplitMix64(42).uniforms(1)
    array([0.74156488])
    """

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    @classmethod
    def of_path(cls, seed: int, path: int) -> SplitMix64:
        """Return the stream of one path: a function of (seed, path) and of nothing else."""
        first = int(cls(seed).integers(1)[0])
        return cls(int(cls(first ^ (path * _GAMMA & _MASK)).integers(1)[0]))

    def integers(self, count: int) -> NDArray[np.uint64]:
        """Return the next `count` numbers, uniform over 0 … 2⁶⁴ - 1."""
        numbers = self._ahead(count)
        self.skip(count)
        return numbers

    def uniforms(self, count: int) -> FloatArray:
        """Return the next `count` numbers, uniform over [0, 1) in steps of 2⁻⁵³."""
        numbers = self.peek(count)
        self.skip(count)
        return numbers

    def peek(self, count: int) -> FloatArray:
        """Return what `uniforms` would, and stay."""
        return (self._ahead(count) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def skip(self, count: int) -> None:
        """Pass over `count` numbers."""
        self._state = (self._state + count * _GAMMA) & _MASK

    def _ahead(self, count: int) -> NDArray[np.uint64]:
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GAMMA)
        x = np.uint64(self._state) + steps
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))
