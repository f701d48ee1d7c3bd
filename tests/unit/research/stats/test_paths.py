from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.bootstrap import stationary_indices
from hyprl_lab.research.stats.paths import permutations, stationary_paths, stationary_steps
from hyprl_lab.research.stats.streams import SplitMix64


@given(
    n=st.integers(1, 120),
    paths=st.integers(1, 12),
    block=st.sampled_from([0.2, 1.0, 1.01, 1.5, 2.0, 3.7, 10.0, 250.0, 1e12]),
    seed=st.integers(-(2**70), 2**70),
)
def test_all_paths_at_once_equal_one_path_after_the_other(
    n: int, paths: int, block: float, seed: int
) -> None:
    found = stationary_paths(n, paths=paths, block_length=block, seed=seed)
    for path in range(paths):
        alone = stationary_indices(SplitMix64.of_path(seed, path), n, block)
        np.testing.assert_array_equal(found[path], alone)


def test_they_are_equal_over_many_long_paths() -> None:
    found = stationary_paths(2088, paths=400, block_length=10.0, seed=42)
    for path in range(400):
        alone = stationary_indices(SplitMix64.of_path(42, path), 2088, 10.0)
        np.testing.assert_array_equal(found[path], alone)


def test_a_path_cut_short_or_carried_on_is_the_same_path() -> None:
    whole = stationary_paths(50, paths=20, block_length=4.0, seed=1)
    short = stationary_paths(50, paths=20, length=13, block_length=4.0, seed=1)
    long = stationary_paths(50, paths=20, length=300, block_length=4.0, seed=1)
    np.testing.assert_array_equal(short, whole[:, :13])
    np.testing.assert_array_equal(long[:, :50], whole)
    assert long.min() == 0
    assert long.max() == 49


def test_a_path_does_not_depend_on_how_many_there_are() -> None:
    few = stationary_paths(30, paths=3, block_length=5.0, seed=9)
    many = stationary_paths(30, paths=300, block_length=5.0, seed=9)
    np.testing.assert_array_equal(few, many[:3])


def test_blocks_are_as_long_as_asked() -> None:
    paths = stationary_paths(5000, paths=200, block_length=8.0)
    broken = (np.diff(paths, axis=1) != 1) & (np.diff(paths, axis=1) != -4999)
    assert broken.mean() == pytest.approx(1 / 8, rel=0.01)
    assert np.bincount(paths.ravel(), minlength=5000).std() / 200 < 0.3  # every row alike


def test_permutations_are_argsorts_of_the_paths_streams() -> None:
    found = permutations(40, paths=25, seed=7)
    for path in range(25):
        numbers = SplitMix64.of_path(7, path).uniforms(40)
        np.testing.assert_array_equal(found[path], np.argsort(numbers, kind="stable"))
    np.testing.assert_array_equal(permutations(40, paths=5, seed=7, first=20), found[20:])


def test_every_order_of_three_is_as_likely() -> None:
    orders = permutations(3, paths=6000, seed=2) @ np.array([9, 3, 1])
    _, counts = np.unique(orders, return_counts=True)
    assert len(counts) == 6
    assert ((counts - 1000) ** 2 / 1000).sum() < 15.1  # chi-square, 5 degrees, 1 %


def test_bad_counts_are_refused() -> None:
    with pytest.raises(InputError, match="n is 0"):
        stationary_paths(0, paths=1, block_length=2.0)
    with pytest.raises(InputError, match="paths is -1"):
        stationary_paths(5, paths=-1, block_length=2.0)
    with pytest.raises(InputError, match="length is 0"):
        next(stationary_steps(5, paths=1, length=0, block_length=2.0))
    with pytest.raises(InputError, match="block_length is nan"):
        stationary_paths(5, paths=1, block_length=float("nan"))
    with pytest.raises(InputError, match="paths is 0"):
        permutations(5, paths=0)
    with pytest.raises(InputError, match="first is -2"):
        permutations(5, paths=1, first=-2)
