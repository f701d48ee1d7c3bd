from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats import combinatorial_splits


def test_the_reference_of_skfolio() -> None:
    # skfolio 1.12.2: CombinatorialPurgedCV(n_folds=6, n_test_folds=2, purged_size=2,
    # embargo_size=1).split(np.zeros((60, 1)))
    found = combinatorial_splits(60, folds=6, tests=2, purge=2, embargo=1)
    assert found.train.shape == (15, 60)
    assert found.paths.shape == (6, 5)
    assert np.flatnonzero(found.train[0]).tolist() == list(range(23, 60))


def test_the_examples_of_skfolio() -> None:
    # The docstring of skfolio 1.12.2: 12 rows, 3 folds, 2 tested.
    purged = combinatorial_splits(12, folds=3, tests=2, purge=1)
    rows = [np.flatnonzero(train).tolist() for train in purged.train]
    assert rows == [[9, 10, 11], [5, 6], [0, 1, 2]]
    embargoed = combinatorial_splits(12, folds=3, tests=2, embargo=1)
    rows = [np.flatnonzero(train).tolist() for train in embargoed.train]
    assert rows == [[9, 10, 11], [5, 6, 7], [0, 1, 2, 3]]


@pytest.mark.parametrize(("folds", "tests"), [(3, 2), (6, 2), (6, 4), (10, 2)])
def test_every_path_covers_time_by_splits_that_tested_there(folds: int, tests: int) -> None:
    found = combinatorial_splits(103, folds=folds, tests=tests, purge=1)
    assert found.tested.tolist() == [list(pair) for pair in combinations(range(folds), tests)]
    used = set()
    for path in range(found.paths.shape[1]):
        for fold, split in enumerate(found.paths[:, path]):
            assert fold in found.tested[split]
            assert not found.train[split, found.fold == fold].any()
            used.add((int(split), fold))
    assert len(used) == len(found.tested) * tests  # each test of each split is used once
    assert np.bincount(found.fold).tolist() == [103 // folds] * (folds - 1) + [
        103 - 103 // folds * (folds - 1)
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"folds": 2}, "folds"),
        ({"tests": 1}, "tests"),
        ({"tests": 10}, "expected at most 9"),
        ({"purge": -1}, "purge"),
        ({"embargo": 0.5}, "embargo"),
        ({"folds": 61}, "found 60 rows for 61 folds"),
        ({"purge": 60}, "leave nothing of 60 rows in 10 folds"),
    ],
)
def test_what_is_refused(given: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        combinatorial_splits(60, **given)
