"""Returns of models over a benchmark: what the tests of predictive ability are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.arrays import panel, series
from hyprl_lab.research.stats.checks import finite
from hyprl_lab.research.stats.long_run import long_run_variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hyprl_lab.types import BoolArray, FloatArray

__all__ = [
    "LEAST_ROWS",
    "Differentials",
    "checked_benchmark",
    "checked_block",
    "checked_panel",
    "checked_weights",
]

LEAST_ROWS: Final = 8
"""Below it no resampling of blocks says anything."""

CONSTANT: Final = 1e-14
"""Returns that differ by no more than this are one return and the rounding of equity."""


@dataclass(frozen=True, slots=True)
class Differentials:
    """Some models' returns over the benchmark, a model a row, and their moments.

    Parameters
    ----------
    rows
        Shape (k, T).
    means
        Shape (k,).
    deviations
        Shape (k,): ω of each, 0 where constant.
    constant
        Shape (k,): the model never differs from the benchmark, or by the same amount always.
    """

    rows: FloatArray
    means: FloatArray
    deviations: FloatArray
    constant: BoolArray

    @classmethod
    def of(
        cls, returns: FloatArray, benchmark: FloatArray, transform: FloatArray, *, first: int
    ) -> Differentials:
        """Subtract the benchmark, and measure.

        Parameters
        ----------
        returns
            Shape (T, k), finite.
        benchmark
            Shape (T,) or (1,).
        transform
            Of the kernel of ω.
        first
            Number of the first model, for the message.

        Raises
        ------
        InputError
            A model earns the same amount above 0 in every row.
        """
        rows = np.ascontiguousarray(returns.T)
        rows = rows - benchmark
        means = rows.mean(axis=1)
        constant = rows.max(axis=1) - rows.min(axis=1) <= CONSTANT
        sure = np.flatnonzero(constant & (means > CONSTANT))
        if len(sure):
            raise InputError(
                f"model {first + sure[0]} beats the benchmark by {means[sure[0]]} in every row; "
                "expected returns that vary: leave it out, or give returns and not prices or rates"
            )
        deviations = np.sqrt(long_run_variance(rows - means[:, None], transform))
        deviations[constant] = 0.0
        return cls(rows, means, deviations, constant)

    @property
    def statistics(self) -> FloatArray:
        """√T times the mean over ω; 0 where constant."""
        found = np.zeros_like(self.means)
        root = math.sqrt(self.rows.shape[1])
        np.divide(root * self.means, self.deviations, out=found, where=~self.constant)
        return found


def checked_panel(returns: ArrayLike, n: int | None = None) -> FloatArray:
    """Return returns of shape (T, N), refused with fewer than eight rows or other than n.

    Raises
    ------
    InputError
        As said, or no column, or a number is NaN or infinite.
    """
    array = panel("returns", returns, least=LEAST_ROWS)
    if n is not None and len(array) != n:
        raise InputError(f"returns have {len(array)} rows; the weights are for {n}")
    return array


def checked_benchmark(benchmark: ArrayLike, n: int) -> FloatArray:
    """Return one return for all rows, shape (1,), or one a row, shape (n,).

    Raises
    ------
    InputError
        Another shape, or a number is NaN or infinite.
    """
    array = series("benchmark", np.atleast_1d(np.asarray(benchmark, dtype=np.float64)), least=1)
    if len(array) not in {1, n}:
        raise InputError(f"benchmark has {len(array)} values; expected one, or one a row ({n})")
    return array


def checked_block(block_length: float, n: int) -> float:
    """Return an expected block length of at least 1 and at most half the rows.

    Longer blocks turn the sample round instead of resampling it, and everything looks sure.

    Raises
    ------
    InputError
        It is longer, or not finite.
    """
    length = max(1.0, finite("block_length", block_length))
    if length > n / 2.0:
        raise InputError(
            f"block_length is {length:g} for {n} rows; expected at most half the rows: give a "
            "shorter block_length, or more rows"
        )
    return length


def checked_weights(weights: ArrayLike) -> FloatArray:
    """Return resamples as weights of rows, shape (B, T).

    Raises
    ------
    InputError
        Another shape, fewer than eight rows, or a resample whose weights don't sum to 1.
    """
    array = panel("weights", weights, least=1)
    if array.shape[1] < LEAST_ROWS:
        raise InputError(
            f"weights are for {array.shape[1]} rows; expected (resamples, rows) with at least "
            f"{LEAST_ROWS} rows"
        )
    sums = array.sum(axis=1)
    wrong = np.flatnonzero(np.abs(sums - 1.0) > 1e-9)
    if len(wrong):
        raise InputError(
            f"the weights of resample {wrong[0]} sum to {sums[wrong[0]]}; expected 1: counts of "
            "rows over their number, as bootstrap_weights gives"
        )
    return np.ascontiguousarray(array)
