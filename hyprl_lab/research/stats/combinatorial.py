"""Folds of time, some of which are tested and the others trained on, in every combination.

Source: López de Prado, "Advances in Financial Machine Learning" (2018), chapter 12; folds, purge
and embargo as `skfolio.model_selection.CombinatorialPurgedCV` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.checks import whole

if TYPE_CHECKING:
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["CombinatorialSplits", "combinatorial_splits"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CombinatorialSplits:
    """Every way to test some of the folds.

    Parameters
    ----------
    fold
        Shape (n,): the fold of each row. The last one has what does not divide evenly.
    train
        Shape (splits, n): whether a split trains on a row.
    tested
        Shape (splits, tests): the folds that a split tests.
    paths
        Shape (folds, paths): the split whose test of that fold belongs to that path. A path is
        the whole of time, each fold of it tested by a split that did not train there.
    """

    fold: IntArray
    train: BoolArray
    tested: IntArray
    paths: IntArray


def combinatorial_splits(
    n: int, *, folds: int = 10, tests: int = 2, purge: int = 0, embargo: int = 0
) -> CombinatorialSplits:
    """Return the splits of a combinatorial purged cross-validation.

    Parameters
    ----------
    n
        Rows in the order of time.
    folds
        K, at least 3.
    tests
        Folds that a split tests, from 2 to K - 1; there are C(K, tests) splits and
        C(K - 1, tests - 1) paths.
    purge
        Rows before and after each tested fold that are not trained on.
    embargo
        Further rows after each tested fold that are not trained on.

    Raises
    ------
    InputError
        A number is not whole or out of range, there are fewer rows than folds, or a split would
        train on nothing.

    Examples
    --------
    >>> found = combinatorial_splits(60, folds=6, tests=2, purge=2, embargo=1)
    >>> len(found.train), found.paths.shape[1], np.flatnonzero(found.train[0])[[0, -1]]
    (15, 5, array([23, 59]))
    """
    count, wide = whole("folds", folds, least=3), whole("tests", tests, least=2)
    before, after = whole("purge", purge, least=0), whole("embargo", embargo, least=0)
    rows = whole("n", n, least=1)
    if wide >= count:
        raise InputError(f"tests is {wide} of {count} folds; expected at most {count - 1}")
    if rows < count:
        raise InputError(f"found {rows} rows for {count} folds; expected at least one a fold")
    fold = np.minimum(np.arange(rows) // (rows // count), count - 1)
    tested = np.array(list(combinations(range(count), wide)), dtype=np.int64)
    shut = np.zeros((count, rows), dtype=np.bool_)
    for number in range(count):
        first, last = np.flatnonzero(fold == number)[[0, -1]]
        shut[number, max(0, first - before) : last + 1 + before + after] = True
    train: BoolArray = np.logical_not(np.any(shut[tested], axis=1))
    if not np.any(train, axis=1).all():
        raise InputError(
            f"a purge of {before} and an embargo of {after} rows leave nothing of {rows} rows in "
            f"{count} folds to train on; expected smaller ones, or more rows"
        )
    paths = np.array(
        [np.flatnonzero(np.any(tested == number, axis=1)) for number in range(count)],
        dtype=np.int64,
    )
    return CombinatorialSplits(fold=fold, train=train, tested=tested, paths=paths)
