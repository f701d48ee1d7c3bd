"""Sums of powers of returns, and what follows from them.

Sums add up over blocks of time, so a study can store them and leave the returns behind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hyprl_lab.metrics.series import Returns
    from hyprl_lab.types import FloatArray

__all__ = ["Moments"]

NOISE: Final = 1e-12
"""A fall of equity by no more than this fraction is rounding."""

ZERO_VARIANCE: Final = 1e-12
"""A variance at most this share of the mean square is rounding noise, and counts as zero."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Σr, Σr², Σr³, Σr⁴ of n returns.

    Parameters
    ----------
    count
        n, the number of returns.
    sum1, sum2, sum3, sum4
        Sums of the first four powers of simple returns.

    Notes
    -----
    Skewness and kurtosis are biased moments, kurtosis raw (normal = 3), as the Sharpe ratio's
    sampling distribution takes them: Bailey and López de Prado (2012), "The Sharpe Ratio
    Efficient Frontier", Journal of Risk 15(2).

    Examples
    --------
    >>> from hyprl_lab.metrics.series import Returns
    >>> moments = Moments.of(Returns([0.01, -0.01, 0.02, -0.02]))
    >>> moments.mean, round(moments.kurtosis, 3)
    (0.0, 1.36)
    """

    count: int
    sum1: float
    sum2: float
    sum3: float
    sum4: float

    @classmethod
    def of(cls, returns: Returns) -> Moments:
        """Sum the powers of returns in time order."""
        sum1 = sum2 = sum3 = sum4 = 0.0
        for value in returns.values.tolist():
            square = value * value
            sum1 += value
            sum2 += square
            sum3 += square * value
            sum4 += square * square
        return cls(len(returns), sum1, sum2, sum3, sum4)

    @classmethod
    def of_blocks(cls, blocks: FloatArray, count: int) -> Moments:
        """Add up rows of (Σr, Σr², Σr³, Σr⁴, …), oldest first.

        Parameters
        ----------
        blocks
            Shape (blocks, ≥ 4).
        count
            Returns in all blocks together.
        """
        totals = [0.0, 0.0, 0.0, 0.0]
        for row in blocks.tolist():
            for power in range(4):
                totals[power] += row[power]
        return cls(count, *totals)

    @property
    def mean(self) -> float | None:
        """Σr/n; `None` without returns."""
        return self.sum1 / self.count if self.count else None

    @property
    def variance(self) -> float | None:
        """(Σr² - Σr·Σr/n)/(n-1), 0 where that is rounding noise; `None` if n < 2."""
        if self.count < 2:
            return None
        variance = (self.sum2 - self.sum1 * self.sum1 / self.count) / (self.count - 1)
        noise = ZERO_VARIANCE * self.sum2 / (self.count - 1)
        return variance if variance > noise else 0.0

    @property
    def skewness(self) -> float | None:
        """m3/m2^1.5; `None` if n < 2 or returns do not vary."""
        if not self.variance:
            return None
        mean, square, cube, _ = self._raw()
        second = square - mean * mean
        third = cube - 3.0 * mean * square + 2.0 * mean * mean * mean
        return _ratio(third, second * math.sqrt(max(second, 0.0)))

    @property
    def kurtosis(self) -> float | None:
        """m4/m2², 3 for a normal distribution; `None` if n < 2 or returns do not vary."""
        if not self.variance:
            return None
        mean, square, cube, fourth = self._raw()
        second = square - mean * mean
        central = (
            fourth
            - 4.0 * mean * cube
            + 6.0 * mean * mean * square
            - 3.0 * mean * mean * mean * mean
        )
        return _ratio(central, second * second)

    def _raw(self) -> tuple[float, float, float, float]:
        """Means of the powers; what is made of them cancels, so its order is fixed."""
        n = self.count
        return self.sum1 / n, self.sum2 / n, self.sum3 / n, self.sum4 / n


def _ratio(above: float, below: float) -> float | None:
    if below <= 0.0:  # powers of very small returns can underflow
        return None
    ratio = above / below
    return ratio if math.isfinite(ratio) else None
