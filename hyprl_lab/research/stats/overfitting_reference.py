"""Cross-validation by its definition, half by half: what the kernel must equal, slow and plain."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["reference_overfitting"]

_SPREAD = 1e-10
"""Variance over mean square, at or below which returns do not vary."""


def reference_overfitting(matrix: FloatArray, blocks: int) -> tuple[IntArray, FloatArray]:
    """Return which trial each half chooses, and the logit of its rank in the other half.

    See `probability_of_backtest_overfitting`, which gives the same.

    Parameters
    ----------
    matrix
        Shape (T, N), T at least `blocks`.
    blocks
        An even number.

    Returns
    -------
    tuple
        Trials and logits of the halves in which a trial's returns vary, halves in ascending order
        of Σ 2ᵇ over their blocks b.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0.0, 0.01, (320, 50))
    >>> _, logits = reference_overfitting(noise, 8)
    >>> len(logits)
    70
    """
    rows = matrix[len(matrix) % blocks :].reshape(blocks, -1, matrix.shape[1])
    halves = sorted(
        combinations(range(blocks), blocks // 2), key=lambda half: sum(1 << b for b in half)
    )
    chosen, logits = [], []
    for half in halves:
        others = [block for block in range(blocks) if block not in half]
        inside = _sharpe(np.concatenate(rows[list(half)]))
        outside = _sharpe(np.concatenate(rows[others]))
        if np.isnan(inside).all():
            continue
        best = int(np.nanargmax(inside))
        scored = outside[~np.isnan(outside)]
        if np.isnan(outside[best]):
            rank, ranked = 1.0, len(scored) + 1
        else:
            below, equal = (scored < outside[best]).sum(), (scored == outside[best]).sum()
            rank, ranked = below + (equal + 1) / 2, len(scored)
        relative = rank / (ranked + 1)
        chosen.append(best)
        logits.append(np.log(relative / (1.0 - relative)))
    return np.array(chosen, dtype=np.int64), np.array(logits, dtype=np.float64)


def _sharpe(returns: FloatArray) -> FloatArray:
    """Return the Sharpe ratio (ddof=1) of each column, NaN where it does not vary."""
    varies = returns.var(axis=0) > _SPREAD * np.square(returns).mean(axis=0)
    deviation = np.where(varies, returns.std(axis=0, ddof=1), np.nan)
    sharpe: FloatArray = returns.mean(axis=0) / deviation
    return sharpe
