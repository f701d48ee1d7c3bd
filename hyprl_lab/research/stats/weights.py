"""Bootstrap resamples as weights of rows, so that one product gives the means of many models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.research.stats.bootstrap import stationary_indices
from hyprl_lab.research.stats.checks import finite, whole
from hyprl_lab.research.stats.paths import stationary_steps

if TYPE_CHECKING:
    from hyprl_lab.research.stats.streams import SplitMix64
    from hyprl_lab.types import FloatArray

__all__ = ["bootstrap_weights", "sequential_weights"]


def bootstrap_weights(
    n: int, *, resamples: int = 1000, block_length: float = 10.0, seed: int = 0
) -> FloatArray:
    """Return how much each row counts in each stationary bootstrap resample.

    `weights @ returns` are the resampled means. Resample `i` is the path
    `stationary_indices(SplitMix64.of_path(seed, i), n, block_length)` (Politis and Romano 1994).

    Parameters
    ----------
    n
        Rows, at least 1.
    resamples
        At least 1; the result takes 8·n·resamples bytes.
    block_length
        Expected length of a block in rows; below 1 it counts as 1.
    seed
        Of the streams.

    Returns
    -------
    FloatArray
        Shape (resamples, n): times the row was drawn, over n; each row sums to 1.

    Raises
    ------
    InputError
        A count is not whole or out of range, or the block length is not finite.

    Examples
    --------
    >>> bootstrap_weights(4, resamples=2, block_length=2.0).sum(axis=1)
    array([1., 1.])
    """
    rows, paths = whole("n", n, least=1), whole("resamples", resamples, least=1)
    length = finite("block_length", block_length)
    counts = np.zeros((paths, rows))
    every = np.arange(paths)
    for drawn in stationary_steps(rows, paths=paths, length=rows, block_length=length, seed=seed):
        counts[every, drawn] += 1.0
    counts /= rows
    return counts


def sequential_weights(
    n: int, *, resamples: int, block_length: float, stream: SplitMix64
) -> FloatArray:
    """Return weights as `bootstrap_weights` does, every resample read off one stream in turn.

    For values of others that were made so; the k-th resample depends on how many numbers those
    before it have read.

    Parameters
    ----------
    n, resamples, block_length
        As in `bootstrap_weights`.
    stream
        It moves on.

    Raises
    ------
    InputError
        As `bootstrap_weights`.

    Examples
    --------
    >>> from hyprl_lab.research.stats.streams import SplitMix64
    >>> sequential_weights(4, resamples=2, block_length=2.0, stream=SplitMix64(1)).shape
    (2, 4)
    """
    rows, paths = whole("n", n, least=1), whole("resamples", resamples, least=1)
    length = finite("block_length", block_length)
    counts = [
        np.bincount(stationary_indices(stream, rows, length), minlength=rows) for _ in range(paths)
    ]
    return np.asarray(counts, dtype=np.float64) / rows
