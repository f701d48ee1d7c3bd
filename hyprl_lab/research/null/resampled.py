"""Which rows a bootstrapped market takes its moves from: blocks of bars, or of whole sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.research.stats import return_moments
from hyprl_lab.research.stats.bootstrap import optimal_block_length, stationary_indices

if TYPE_CHECKING:
    from hyprl_lab.research.stats.streams import SplitMix64
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["block_length", "resampled_rows", "resampled_sessions"]

_FEWEST: Final = 11
"""Returns below which no block length can be told: the longest lag of the rule has no pair left."""


def block_length(closes: FloatArray) -> float:
    """Return the expected block that keeps the dependence of returns and of their size.

    The larger of the optimal lengths (Politis and White 2004, corrected 2009) for the simple
    returns and for their squares; 1 where neither varies, or they are fewer than 11.

    Parameters
    ----------
    closes
        Prices, one a block unit, above 0.

    Examples
    --------
    >>> block_length(np.array([1.0, 2.0, 4.0]))
    1.0
    """
    returns = closes[1:] / closes[:-1] - 1.0
    series = [
        values
        for values in (returns, returns * returns)
        if len(values) >= _FEWEST and return_moments(values) is not None
    ]
    return max([1.0, *(optimal_block_length(values) for values in series)])


def resampled_rows(stream: SplitMix64, rows: int, length: float) -> IntArray:
    """Return source rows in blocks of expected `length`; see `stationary_indices`."""
    if rows == 0:
        return np.zeros(0, dtype=np.int64)
    return stationary_indices(stream, rows, length)


def resampled_sessions(stream: SplitMix64, slots: IntArray, length: float) -> IntArray:
    """Return source rows of which each has the slot of the row it goes to.

    Sessions are drawn in blocks of expected `length` sessions. A bar that the drawn session does
    not have, as it is shorter, comes from a bar of the same slot drawn at random.

    Parameters
    ----------
    stream
        Where the numbers come from: the sessions first, then one number a row.
    slots
        Place of each row in its session; a session starts where it does not rise.
    length
        In sessions.

    Examples
    --------
    >>> from hyprl_lab.research.stats.streams import SplitMix64
    >>> slots = np.array([1, 2, 0, 1, 2, 0, 1])
    >>> slots[resampled_sessions(SplitMix64(1), slots, 2.0)].tolist()
    [1, 2, 0, 1, 2, 0, 1]
    """
    rows = len(slots)
    if rows == 0:
        return np.zeros(0, dtype=np.int64)
    starts = np.concatenate(([0], np.flatnonzero(slots[1:] <= slots[:-1]) + 1))
    lengths = np.diff(starts, append=rows)
    drawn = np.repeat(stationary_indices(stream, len(starts), length), lengths)
    chance = stream.uniforms(rows)
    source = starts[drawn] + slots - slots[starts[drawn]]
    there = (source >= starts[drawn]) & (source < starts[drawn] + lengths[drawn])
    same = there.copy()
    same[there] = slots[source[there]] == slots[there]
    order = np.argsort(slots, kind="stable")
    first = np.searchsorted(slots[order], slots, side="left")
    count = np.searchsorted(slots[order], slots, side="right") - first
    other = order[first + np.floor(chance * count).astype(np.int64)]
    return np.where(same, source, other).astype(np.int64)
