"""The best trial of each half of time, and where it stands in the other half, trial by trial read.

Combinatorially symmetric cross-validation needs Σr and Σr² of each block and nothing else (Bailey,
Borwein, López de Prado and Zhu, "The probability of backtest overfitting", 2017), so that any
number of trials can pass by in two rounds: one finds the winners, one ranks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from hyprl_lab.errors import CancelledError, InputError
from hyprl_lab.research.stats.checks import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hyprl_lab.types import BoolArray, CancelToken, FloatArray, IntArray

    Sums: TypeAlias = "tuple[FloatArray, FloatArray]"
    Ranges: TypeAlias = "Callable[[], Iterable[Sums]]"

__all__ = ["MOST_BLOCKS", "NOBODY", "Halves", "checked_blocks", "ranked_halves"]

MOST_BLOCKS: Final = 24
"""2,704,156 halves."""

NOBODY: Final = -1
"""The winner of a half in which no trial's returns vary."""

_NOBODY_NATIVE: Final = 2**32 - 1
_AT_ONCE: Final = 1 << 27
"""Scores between two looks at the token: some tenths of a second."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Halves:
    """What each half of the blocks chose, and what came of it in the other half.

    Halves are in ascending order of their masks, bit b for block b; the half that is left out of
    number i is number count - 1 - i.

    Parameters
    ----------
    trials
        That were read.
    winner
        The trial with the largest Sharpe ratio in the half, the first of equals; `NOBODY` where no
        trial's returns vary.
    in_sample, out_of_sample
        Its Sharpe ratios per period, in the half and in the other one; NaN where undefined.
    rank
        Its mid-rank in the other half among those with a Sharpe ratio, from 1; 1 where it has none.
    ranked
        How many these are, and itself.
    """

    trials: int
    winner: IntArray
    in_sample: FloatArray
    out_of_sample: FloatArray
    rank: FloatArray
    ranked: IntArray

    @property
    def decided(self) -> BoolArray:
        """Where there is a winner."""
        there: BoolArray = self.winner != NOBODY
        return there


def checked_blocks(blocks: object) -> int:
    """Return a number of blocks that can be halved.

    Raises
    ------
    InputError
        It is no even number from 2 to `MOST_BLOCKS`.

    Examples
    --------
    >>> checked_blocks(16)
    16
    """
    found = whole("blocks", blocks, least=2)
    if found % 2 or found > MOST_BLOCKS:
        raise InputError(
            f"blocks is {found}; expected an even number from 2 to {MOST_BLOCKS}, such as 16"
        )
    return found


def ranked_halves(
    ranges: Ranges,
    *,
    length: int,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> Halves:
    """Return the winner of each half of the blocks, and its rank in the other half.

    Memory does not depend on the number of trials, and nothing on the number of threads.

    Parameters
    ----------
    ranges
        Called twice, for the same ranges of trials: Σr and Σr² of their blocks, shape (trials,
        blocks), oldest block first.
    length
        Returns in each block.
    threads
        All cores where `None`.
    cancel
        Stops between two ranges, or two parts of a long one.

    Raises
    ------
    InputError
        Sums are malformed or not finite, or there is no trial.
    CancelledError
        The token was set.

    Examples
    --------
    >>> sums, squares = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([[9.0, 5.0], [7.0, 6.0]])
    >>> ranked_halves(lambda: [(sums, squares)], length=4).winner
    array([0, 1])
    """
    from hyprl_lab import kernels
    from hyprl_lab.research.search.given import threads_of

    workers = threads_of(threads)
    winners: _Winners | None = None
    read = 0
    for sums, squares in _parts(ranges, cancel):
        found = kernels.best_of_halves(sums, squares, length=length, threads=workers)
        new = _Winners.of(found, read)
        winners = new if winners is None else winners.joined(new)
        read += len(sums)
    if winners is None:
        raise InputError("there are no trials; expected the block sums of two or more")
    counts = np.zeros((3, len(winners.trial)), dtype=np.int64)
    for sums, squares in _parts(ranges, cancel):
        counts += kernels.standing_in_halves(
            sums, squares, winners.other, length=length, threads=workers
        )
    scored, below, equal = counts
    stands = ~np.isnan(winners.other)
    idle = ~stands & (winners.trial != NOBODY)
    rows = length * sums.shape[1] // 2
    return Halves(
        trials=read,
        winner=winners.trial,
        in_sample=_sharpe(np.where(winners.trial == NOBODY, np.nan, winners.score), rows),
        out_of_sample=_sharpe(winners.other, rows),
        rank=np.where(stands, below + (equal + 1) / 2.0, 1.0),
        ranked=scored + idle,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Winners:
    """The winners among the trials that were read so far."""

    trial: IntArray
    score: FloatArray
    other: FloatArray

    @classmethod
    def of(cls, found: tuple[object, object, object], first: int) -> _Winners:
        trial, score, other = (np.asarray(part) for part in found)
        there = trial != _NOBODY_NATIVE
        return cls(np.where(there, trial.astype(np.int64) + first, NOBODY), score, other)

    def joined(self, later: _Winners) -> _Winners:
        """Return the winners of both; the earlier where they are equal."""
        better = later.score > self.score
        return _Winners(
            np.where(better, later.trial, self.trial),
            np.where(better, later.score, self.score),
            np.where(better, later.other, self.other),
        )


def _parts(ranges: Ranges, cancel: CancelToken | None) -> Iterator[Sums]:
    """Yield parts of the ranges that are short enough to be stopped between them."""
    for sums, squares in ranges():
        blocks = sums.shape[1]
        step = max(_AT_ONCE // comb(blocks, blocks // 2), 1)
        for first in range(0, len(sums), step):
            if cancel is not None and cancel.is_set():
                raise CancelledError("the cross-validation was cancelled")
            part = slice(first, first + step)
            yield sums[part], squares[part]


def _sharpe(score: FloatArray, rows: int) -> FloatArray:
    """Return Sharpe ratios (ddof=1) over `rows` returns of scores s·|s|/q."""
    size = np.abs(score)
    sharpe: FloatArray = np.sign(score) * np.sqrt((rows - 1) / rows * size / (rows - size))
    return sharpe
