"""How often the best of many trials in one half of time is a poor choice in the other half.

Source: Bailey, Borwein, López de Prado and Zhu, "The probability of backtest overfitting", Journal
of Computational Finance 20 (2017).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.arrays import panel
from hyprl_lab.research.stats.checks import whole
from hyprl_lab.research.stats.halves import checked_blocks, ranked_halves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

    from hyprl_lab.research.stats.halves import Halves, Ranges, Sums
    from hyprl_lab.types import CancelToken, FloatArray, IntArray

__all__ = [
    "BacktestOverfitting",
    "block_sums",
    "overfitting_of_blocks",
    "overfitting_of_ranges",
    "probability_of_backtest_overfitting",
]

_ROUNDED: Final = 1.0 + 1e-6
"""How far rounding may take |Σr| beyond √(n·Σr²)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BacktestOverfitting:
    """What combinatorially symmetric cross-validation found.

    Time is cut into blocks, and every half of them is taken once to choose the trial with the
    largest Sharpe ratio; its rank r among the N trials in the other half becomes
    ω = r/(N + 1), and that the logit ln(ω/(1 - ω)): 0 is the median, below it the choice was worse
    than one at random.

    Parameters
    ----------
    probability
        The share of halves whose logit is 0 or less.
    mean_logit
        The mean of the logits.
    logits
        One a half in which something could be chosen.
    chosen
        The number of the trial that was chosen there.
    in_sample, out_of_sample
        Its Sharpe ratios per period in the half that chose it and in the other one, NaN there
        where its returns do not vary.
    splits
        Halves that there are.
    undecided
        Those without a logit, since no trial's returns vary in them.
    idle
        Those whose choice has no Sharpe ratio in the other half, and so the last rank there.
    trials
        That were compared.
    blocks, length, dropped
        Blocks of time, returns in each of them, and the oldest returns that were left out.
    degradation
        The slope of the least-squares line of `out_of_sample` on `in_sample`; `None` where it has
        none.
    probability_of_loss
        The share of `out_of_sample` below 0; `None` where all are undefined.
    """

    probability: float
    mean_logit: float
    logits: FloatArray = field(repr=False)
    chosen: IntArray = field(repr=False)
    in_sample: FloatArray = field(repr=False)
    out_of_sample: FloatArray = field(repr=False)
    splits: int
    undecided: int
    idle: int
    trials: int
    blocks: int
    length: int
    dropped: int
    degradation: float | None
    probability_of_loss: float | None


def probability_of_backtest_overfitting(
    matrix: ArrayLike, blocks: int = 16, *, threads: int | None = None
) -> BacktestOverfitting:
    """Return the probability that the best trial of a search is below the median on other bars.

    The oldest T mod S rows are left out and the others cut into S equal blocks. For each choice of
    S/2 of them: the trial with the largest Sharpe ratio (ddof=1) over them, the first of equals,
    is ranked by the Sharpe ratio over the other blocks, ties at their mid-rank; ω is its rank over
    N + 1 and λ = ln(ω/(1 - ω)). The probability is the share of λ ≤ 0 (Bailey et al. 2017).

    Returns that do not vary (a standard deviation below 10⁻⁵ of their root mean square) have no
    Sharpe ratio. Such a trial is never chosen and is not ranked, so that adding trials that never
    trade changes nothing; one that is chosen in a half and then idle in the other is ranked last.

    Parameters
    ----------
    matrix
        Shape (T, N): a row a bar, oldest first, a column a trial, at least two; no NaN.
    blocks
        S, an even number from 2 to 24. There are 12,870 choices for 16, and 2.7 million for 24.
    threads
        All cores where `None`; nothing depends on it.

    Raises
    ------
    InputError
        The matrix has too few rows or columns, or NaN, or infinity, or `blocks` is odd or too
        large; the returns of fewer than two trials vary.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0.0, 0.01, (320, 50))
    >>> found = probability_of_backtest_overfitting(noise, blocks=8)
    >>> found.splits, 0.2 < found.probability < 0.8
    (70, True)
    """
    count = checked_blocks(blocks)
    returns = panel("matrix", matrix, least=max(count, 4))
    _several(returns.shape[1])
    sums, squares = block_sums(returns, count)
    if not np.isfinite(squares).all():
        raise InputError(
            f"matrix holds {np.abs(returns).max():g}, whose square is beyond float64; expected "
            "returns as fractions, such as 0.01"
        )
    return overfitting_of_blocks(
        sums,
        squares,
        len(returns) // count,
        dropped=len(returns) % count,
        threads=threads,
    )


def block_sums(returns: FloatArray, blocks: int) -> tuple[FloatArray, FloatArray]:
    """Return Σr and Σr² over equal blocks of rows, shape (trials, blocks).

    Parameters
    ----------
    returns
        Shape (rows, trials), as many rows as blocks at least; the oldest rows that fill no block
        are left out.
    blocks
        How many.

    Examples
    --------
    >>> block_sums(np.array([[9.0], [1.0], [2.0], [3.0], [4.0]]), 2)
    (array([[3., 7.]]), array([[ 5., 25.]]))
    """
    parts = np.split(returns[len(returns) % blocks :], blocks)
    sums = np.stack([part.sum(axis=0) for part in parts], axis=1)
    return sums, np.stack([np.einsum("tn,tn->n", part, part) for part in parts], axis=1)


def overfitting_of_blocks(
    sums: ArrayLike,
    squares: ArrayLike,
    length: int,
    *,
    dropped: int = 0,
    threads: int | None = None,
) -> BacktestOverfitting:
    """Return the same from block sums, as the ledger keeps them of each trial.

    Parameters
    ----------
    sums, squares
        Shape (N, S): Σr and Σr² of each block of time, oldest first; no NaN.
    length
        Returns in each block.
    dropped
        Oldest returns that are in no block; only noted.
    threads
        As for `probability_of_backtest_overfitting`.

    Raises
    ------
    InputError
        Sums that no returns have, or as `probability_of_backtest_overfitting`.

    Examples
    --------
    >>> returns = np.random.default_rng(0).normal(0.0, 0.01, (320, 50))
    >>> sums, squares = block_sums(returns, 8)
    >>> found = overfitting_of_blocks(sums, squares, 40)
    >>> found.probability == probability_of_backtest_overfitting(returns, 8).probability
    True
    """
    rows, others = panel("sums", sums, least=1), panel("squares", squares, least=1)
    _several(len(rows))
    return overfitting_of_ranges(
        lambda: [(rows, others)], length=length, dropped=dropped, threads=threads
    )


def overfitting_of_ranges(
    ranges: Ranges,
    *,
    length: int,
    dropped: int = 0,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> BacktestOverfitting:
    """Return the same of more trials than memory holds.

    Parameters
    ----------
    ranges
        Called twice for an iterator over ranges of trials: Σr and Σr², as for
        `overfitting_of_blocks`.
    length, dropped, threads
        As for `overfitting_of_blocks`.
    cancel
        A token that stops the work.

    Raises
    ------
    InputError
        As `overfitting_of_blocks`.
    CancelledError
        The token was set.

    Examples
    --------
    >>> returns = np.random.default_rng(0).normal(0.0, 0.01, (320, 50))
    >>> halves = [block_sums(part, 8) for part in (returns[:, :20], returns[:, 20:])]
    >>> overfitting_of_ranges(lambda: iter(halves), length=40).trials
    50
    """
    held = _Checked(ranges, whole("length", length, least=1))
    halves = ranked_halves(held, length=held.length, threads=threads, cancel=cancel)
    _several(halves.trials)
    return _measured(halves, held, whole("dropped", dropped, least=0))


class _Checked:
    """Ranges of block sums, looked at as they pass."""

    def __init__(self, ranges: Ranges, length: int) -> None:
        self.ranges, self.length = ranges, length
        self.blocks = 0

    def __call__(self) -> Iterator[Sums]:
        for sums, squares in self.ranges():
            self._check(sums, squares)
            yield sums, squares

    def _check(self, sums: FloatArray, squares: FloatArray) -> None:
        if sums.ndim != 2 or sums.shape != squares.shape:
            raise InputError(
                f"sums have shape {sums.shape} and squares {squares.shape}; expected (trials, "
                "blocks) for both"
            )
        blocks = checked_blocks(sums.shape[1])
        if self.blocks not in {0, blocks}:
            raise InputError(f"a range has {blocks} blocks, those before it {self.blocks}")
        if blocks * self.length < 4:
            raise InputError(
                f"{blocks} blocks of {self.length} return are {blocks * self.length} returns; "
                "expected at least 4, two in each half"
            )
        self.blocks = blocks
        if not (np.isfinite(sums).all() and np.isfinite(squares).all()) or (squares < 0.0).any():
            raise InputError(
                "block sums are not finite, or a sum of squares is below 0; expected Σr and Σr² of "
                "finite returns"
            )
        if (np.abs(sums) > _ROUNDED * np.sqrt(self.length) * np.sqrt(squares)).any():
            raise InputError(
                f"no {self.length} returns have these sums: (Σr)² is above {self.length}·Σr²; "
                "expected Σr, then Σr², and the number of returns in each block"
            )


def _several(trials: int) -> None:
    if trials < 2:
        raise InputError(
            f"there is {trials} trial; expected at least 2: the probability is about a choice"
        )


def _measured(halves: Halves, held: _Checked, dropped: int) -> BacktestOverfitting:
    decided = halves.decided
    rank, ranked = halves.rank[decided], halves.ranked[decided]
    if not len(rank) or ranked.max() < 2:
        raise InputError(
            "the returns of fewer than two trials vary in each half on which a choice is tried; "
            "expected Sharpe ratios to compare"
        )
    logits = np.log(rank / (ranked + 1 - rank))
    before, after = halves.in_sample[decided], halves.out_of_sample[decided]
    known = ~np.isnan(after)
    return BacktestOverfitting(
        probability=float(np.mean(logits <= 0.0)),
        mean_logit=float(np.mean(logits)),
        logits=logits,
        chosen=halves.winner[decided],
        in_sample=before,
        out_of_sample=after,
        splits=len(decided),
        undecided=int((~decided).sum()),
        idle=int((~known).sum()),
        trials=halves.trials,
        blocks=held.blocks,
        length=held.length,
        dropped=dropped,
        degradation=_slope(before[known], after[known]),
        probability_of_loss=float(np.mean(after[known] < 0.0)) if known.any() else None,
    )


def _slope(x: FloatArray, y: FloatArray) -> float | None:
    if len(x) < 2 or x.min() == x.max():
        return None
    spread = x - x.mean()
    return float(spread @ y / (spread @ spread))
