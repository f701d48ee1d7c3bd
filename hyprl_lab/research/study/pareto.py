"""The trials that no other trial beats on every objective at once.

A point dominates another when it is at least as large in every objective and larger in one. The
front is found by divide and conquer (Kung, Luccio and Preparata 1975, "On finding the maxima of a
set of vectors", Journal of the ACM 22): sorted by the first objective, the better half is never
dominated by the worse one, so what survives of the worse half is compared with the survivors of
the better half in one objective less. That takes O(n log n) for two and three objectives and
O(n (log n)^(k-2)) for k, however many points the front has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import InputError

if TYPE_CHECKING:
    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = ["pareto_front", "pareto_ranks"]

_FEW: Final = 128
"""Points that are compared each with each."""

_PAIRS: Final = 1 << 16
"""Comparisons of two sets that are made in one go."""


def pareto_front(scores: FloatArray) -> IntArray:
    """Return the positions of the points that no other point dominates.

    Parameters
    ----------
    scores
        Shape (objectives, points), larger is better. A point with a NaN is never on the front and
        dominates nothing.

    Returns
    -------
    int64, ascending. Points equal in every objective are on the front together.

    Raises
    ------
    InputError
        `scores` has not two dimensions, or no objective.

    Examples
    --------
    >>> pareto_front(np.array([[1.0, 2.0, 3.0, 1.0], [3.0, 2.0, 1.0, 1.0]])).tolist()
    [0, 1, 2]
    """
    return np.flatnonzero(pareto_ranks(scores, enough=1) == 0)


def pareto_ranks(scores: FloatArray, *, enough: int | None = None) -> IntArray:
    """Return which front each point is on once the fronts before it are taken away.

    Parameters
    ----------
    scores
        As for `pareto_front`.
    enough
        Stop after the front with which so many points have a rank; all fronts where `None`. Each
        front costs a pass over the points that are left.

    Returns
    -------
    int64, one a point: 0 on the front, -1 for a point with a NaN and for those not reached.

    Raises
    ------
    InputError
        As for `pareto_front`.

    Examples
    --------
    >>> pareto_ranks(np.array([[1.0, 2.0, 0.0, np.nan], [2.0, 1.0, 0.0, 9.0]])).tolist()
    [0, 0, 1, -1]
    """
    if scores.ndim != 2 or not len(scores):
        raise InputError(
            f"scores have shape {scores.shape}, expected (objectives, points) with an objective"
        )
    defined = np.flatnonzero(~np.isnan(scores).any(axis=0))
    ranks = np.full(scores.shape[1], -1, dtype=np.int64)
    if not len(defined):
        return ranks
    rows, group = _descending(scores[:, defined])
    sizes = np.bincount(group)
    of_row = np.full(len(rows), -1, dtype=np.int64)
    left = np.arange(len(rows))
    found = rank = 0
    while len(left) and (enough is None or found < enough):
        kept = _front(rows[left])
        of_row[left[kept]] = rank
        found += int(sizes[left[kept]].sum())
        left = left[~kept]
        rank += 1
    ranks[defined] = of_row[group]
    return ranks


def _descending(scores: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the distinct points, largest first objective first, and which one each point is."""
    order = np.lexsort(-scores[::-1])
    ordered = scores.T[order]
    new = np.ones(len(ordered), dtype=np.bool_)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    return ordered[new], group


def _front(rows: FloatArray) -> BoolArray:
    """Say which of some distinct, descending points are on their front."""
    width = rows.shape[1]
    if width == 1:
        return np.asarray(np.arange(len(rows)) == 0)
    if width == 2:
        before = np.maximum.accumulate(np.append(-np.inf, rows[:-1, 1]))
        return np.asarray((rows[:, 1] > before) | (np.arange(len(rows)) == 0))
    if len(rows) <= _FEW:
        covered = _pairs(rows[:, 1:], rows[:, 1:])
        return np.asarray(~np.triu(covered, 1).any(axis=0))
    middle = len(rows) // 2
    better, worse = _front(rows[:middle]), _front(rows[middle:])
    survivors = np.flatnonzero(worse) + middle
    beaten = _covered(rows[:middle][better][:, 1:], rows[survivors][:, 1:])
    kept = np.concatenate([better, np.zeros(len(rows) - middle, dtype=np.bool_)])
    kept[survivors[~beaten]] = True
    return kept


def _covered(strong: FloatArray, weak: FloatArray) -> BoolArray:
    """Say which weak points a strong one equals or exceeds in every column."""
    if not len(strong) or not len(weak):
        return np.zeros(len(weak), dtype=np.bool_)
    width = strong.shape[1]
    if width == 1:
        return np.asarray(weak[:, 0] <= strong[:, 0].max())
    if width == 2:
        return _covered_in_two(strong, weak)
    if len(strong) * len(weak) <= _PAIRS:
        return np.asarray(_pairs(strong, weak).any(axis=0))
    last = np.concatenate([strong[:, -1], weak[:, -1]])
    cut = np.partition(last, len(last) // 2)[len(last) // 2]
    if cut == last.min():
        above = last[last > cut]
        if not len(above):
            return _covered(strong[:, :-1], weak[:, :-1])
        cut = above.min()
    high, top = strong[:, -1] >= cut, weak[:, -1] >= cut
    found = np.empty(len(weak), dtype=np.bool_)
    found[top] = _covered(strong[high], weak[top])
    low = np.flatnonzero(~top)
    found[low] = _covered(strong[high][:, :-1], weak[low][:, :-1])
    open_still = low[~found[low]]
    found[open_still] = _covered(strong[~high], weak[open_still])
    return found


def _pairs(strong: FloatArray, weak: FloatArray) -> BoolArray:
    """Say for each strong and each weak point whether the first covers the second."""
    found = strong[:, None, 0] >= weak[None, :, 0]
    for column in range(1, strong.shape[1]):
        found &= strong[:, None, column] >= weak[None, :, column]
    return found


def _covered_in_two(strong: FloatArray, weak: FloatArray) -> BoolArray:
    order = np.argsort(-strong[:, 0], kind="stable")
    reach = np.maximum.accumulate(strong[order, 1])
    count = np.searchsorted(-strong[order, 0], -weak[:, 0], side="right")
    return np.asarray((count > 0) & (reach[np.maximum(count, 1) - 1] >= weak[:, 1]))
