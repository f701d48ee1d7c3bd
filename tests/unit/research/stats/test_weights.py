from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.bootstrap import stationary_indices
from hyprl_lab.research.stats.streams import SplitMix64
from hyprl_lab.research.stats.weights import bootstrap_weights, sequential_weights


@pytest.mark.parametrize("block", [1.0, 3.5, 10.0])
def test_weighted_sums_are_the_means_of_the_resampled_rows(block: float) -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.01, (60, 4))
    weights = bootstrap_weights(60, resamples=30, block_length=block, seed=5)
    for path in range(30):
        rows = stationary_indices(SplitMix64.of_path(5, path), 60, block)
        np.testing.assert_allclose(weights[path] @ returns, returns[rows].mean(axis=0), rtol=1e-9)


def test_weights_are_counts_over_the_number_of_rows() -> None:
    weights = bootstrap_weights(37, resamples=50, block_length=3.0)
    np.testing.assert_array_equal(weights, np.round(weights * 37) / 37)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)


def test_one_stream_read_in_turn() -> None:
    weights = sequential_weights(20, resamples=3, block_length=4.0, stream=SplitMix64(42))
    stream = SplitMix64(42)
    for resample in weights:
        rows = stationary_indices(stream, 20, 4.0)
        np.testing.assert_array_equal(resample, np.bincount(rows, minlength=20) / 20)


def test_bad_counts_are_refused() -> None:
    with pytest.raises(InputError, match="resamples is -5"):
        bootstrap_weights(20, resamples=-5)
    with pytest.raises(InputError, match="n is 0"):
        bootstrap_weights(0)
    with pytest.raises(InputError, match="block_length is inf"):
        bootstrap_weights(20, block_length=float("inf"))
    with pytest.raises(InputError, match="resamples is 0"):
        sequential_weights(20, resamples=0, block_length=4.0, stream=SplitMix64(1))
