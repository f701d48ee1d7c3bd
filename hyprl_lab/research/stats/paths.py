"""Resampled paths, all at once: the same numbers as one path after the other, many times faster.

Path `i` reads the stream `SplitMix64.of_path(seed, i)`; what it gives does not depend on the other
paths, on their order or on threads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.research.stats.checks import finite, whole
from hyprl_lab.research.stats.streams import SplitMix64

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hyprl_lab.types import IntArray

__all__ = ["permutations", "stationary_paths", "stationary_steps"]

_GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(11)


def stationary_steps(
    n: int, *, paths: int, length: int, block_length: float, seed: int = 0
) -> Iterator[IntArray]:
    """Yield the rows that stationary bootstrap paths stand on, one step of all paths at a time.

    Path `i` is `stationary_indices(SplitMix64.of_path(seed, i), n, block_length)`, cut short or
    carried on to `length` (Politis and Romano 1994).

    Parameters
    ----------
    n
        Rows of the series, at least 1.
    paths, length
        How many, and of how many rows each, at least 1.
    block_length
        Expected length of a block in rows; below 1 it counts as 1 (independent draws).
    seed
        Of the streams.

    Yields
    ------
    IntArray
        Shape (paths,), rows between 0 and n - 1; valid until the next step.

    Raises
    ------
    InputError
        A count is not whole or out of range, or the block length is not finite.

    Examples
    --------
    >>> [rows.tolist() for rows in stationary_steps(5, paths=2, length=3, block_length=2.0)]
    [[0, 4], [1, 0], [4, 1]]
    """
    rows_of_series = whole("n", n, least=1)
    count, steps = whole("paths", paths, least=1), whole("length", length, least=1)
    share = 1.0 / max(1.0, finite("block_length", block_length))
    below = np.uint64(math.ceil(share * 2.0**53))  # u < share, without leaving the integers
    states = _states(seed, count)
    states += _GAMMA
    rows = _rows(_mixed(states), rows_of_series)
    yield rows
    for _ in range(steps - 1):
        states += _GAMMA
        fresh = np.flatnonzero((_mixed(states) >> _SHIFT) < below)
        rows += 1
        rows[rows == rows_of_series] = 0
        further = states[fresh] + _GAMMA
        states[fresh] = further
        rows[fresh] = _rows(_mixed(further), rows_of_series)
        yield rows


def stationary_paths(
    n: int, *, paths: int, length: int | None = None, block_length: float, seed: int = 0
) -> IntArray:
    """Return the rows of stationary bootstrap paths, a path a row.

    Parameters
    ----------
    n, paths, block_length, seed
        As in `stationary_steps`.
    length
        Rows of a path; by default as many as the series has.

    Returns
    -------
    IntArray
        Shape (paths, length).

    Raises
    ------
    InputError
        As `stationary_steps`.

    Examples
    --------
    >>> stationary_paths(5, paths=2, length=3, block_length=2.0).tolist()
    [[0, 1, 4], [4, 0, 1]]
    """
    steps = n if length is None else length
    found = stationary_steps(n, paths=paths, length=steps, block_length=block_length, seed=seed)
    return np.ascontiguousarray(np.stack([rows.copy() for rows in found]).T)


def permutations(n: int, *, paths: int, seed: int = 0, first: int = 0) -> IntArray:
    """Return permutations of n rows, a permutation a row.

    Each is the stable argsort of the first n numbers of its path's stream.

    Parameters
    ----------
    n
        Rows, at least 1.
    paths
        How many, at least 1.
    seed
        Of the streams.
    first
        Number of the first path: parts of a long run join to the same whole.

    Returns
    -------
    IntArray
        Shape (paths, n).

    Raises
    ------
    InputError
        A count is not whole or out of range.

    Examples
    --------
    >>> permutations(4, paths=2).tolist()
    [[0, 2, 3, 1], [1, 0, 2, 3]]
    """
    rows = whole("n", n, least=1)
    states = _states(seed, whole("paths", paths, least=1), first=whole("first", first, least=0))
    numbers = _mixed(states[:, None] + np.arange(1, rows + 1, dtype=np.uint64) * _GAMMA) >> _SHIFT
    return np.argsort(numbers, axis=1, kind="stable").astype(np.int64)


def _states(seed: int, paths: int, *, first: int = 0) -> NDArray[np.uint64]:
    """Return the states that `SplitMix64.of_path` starts from."""
    head = SplitMix64(seed).integers(1)[0]
    numbers = np.arange(first, first + paths, dtype=np.uint64) * _GAMMA
    return _mixed((head ^ numbers) + _GAMMA)


def _mixed(states: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = states ^ (states >> np.uint64(30))
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def _rows(numbers: NDArray[np.uint64], n: int) -> IntArray:
    uniforms = (numbers >> _SHIFT).astype(np.float64) * 2.0**-53
    return (uniforms * n).astype(np.int64)
