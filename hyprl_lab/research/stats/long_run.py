"""The deviation of a mean of dependent returns, as the stationary bootstrap would give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.research.stats.arrays import panel
from hyprl_lab.research.stats.checks import finite

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hyprl_lab.types import FloatArray

__all__ = ["kernel", "long_run_deviation", "long_run_variance"]


def long_run_deviation(returns: ArrayLike, *, block_length: float = 10.0) -> FloatArray:
    """Return ω, the standard deviation of √T times the mean, of each column.

    ω² = c(0) + 2·Σ κ(i)·c(i) over the lags i = 1 … T - 1, c the autocovariances (divided by T),
    κ(i) = (T - i)/T·(1 - q)^i + i/T·(1 - q)^(T - i), q = 1/block_length (Hansen 2005, page 372;
    Politis and Romano 1994): the variance of the stationary bootstrap with no error of sampling.

    Parameters
    ----------
    returns
        Shape (T, N) or (T,), T at least 2, no NaN.
    block_length
        Expected length of a block in rows; below 1 it counts as 1, and ω² is c(0).

    Returns
    -------
    FloatArray
        Shape (N,), at least 0.

    Raises
    ------
    InputError
        The array is empty, or a number is NaN or infinite.

    Examples
    --------
    >>> long_run_deviation([1.0, -1.0, 1.0, -1.0], block_length=1.0)
    array([1.])
    """
    rows = np.ascontiguousarray(panel("returns", returns, least=2).T)
    deviations = rows - rows.mean(axis=1, keepdims=True)
    return np.sqrt(long_run_variance(deviations, kernel(rows.shape[1], block_length)))


def kernel(n: int, block_length: float) -> FloatArray:
    """Return the Fourier transform of κ, which is even and has the period n.

    Parameters
    ----------
    n
        Number of rows.
    block_length
        Expected length of a block in rows; below 1 it counts as 1.

    Returns
    -------
    FloatArray
        Shape (n // 2 + 1,), real and at least 0.
    """
    stay = 1.0 - 1.0 / max(1.0, finite("block_length", block_length))
    lag = np.arange(n, dtype=np.float64)
    kappa = (n - lag) / n * stay**lag + lag / n * stay ** (n - lag)
    return np.maximum(0.0, np.fft.rfft(kappa).real)


def long_run_variance(deviations: FloatArray, transform: FloatArray) -> FloatArray:
    """Return ω² of rows of deviations from the mean, by the circular autocovariances.

    κ(T - i) = κ(i), so that Σ κ(i)·(c(i) + c(T - i)) over a full turn is the sum of the
    definition, and in frequencies Σ |d(f)|²·κ(f)/T².

    Parameters
    ----------
    deviations
        Shape (N, T), a model a row.
    transform
        Of `kernel`, for the same T.
    """
    rows = deviations.shape[1]
    spectrum = np.fft.rfft(deviations, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    twice = np.full(power.shape[1], 2.0)
    twice[0] = 1.0
    if rows % 2 == 0:
        twice[-1] = 1.0
    variance: FloatArray = (power * (twice * transform)).sum(axis=1) / (rows * rows)
    return variance
