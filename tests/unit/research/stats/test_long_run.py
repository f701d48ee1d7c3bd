from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.long_run import kernel, long_run_deviation
from hyprl_lab.research.stats.weights import bootstrap_weights


def by_definition(x: np.ndarray, block: float) -> float:
    """Hansen (2005), lag by lag."""
    rows, q = len(x), 1.0 / block
    d = x - x.mean()
    total = float(d @ d) / rows
    for lag in range(1, rows):
        weight = (rows - lag) / rows * (1 - q) ** lag + lag / rows * (1 - q) ** (rows - lag)
        total += 2.0 * weight * float(d[: rows - lag] @ d[lag:]) / rows
    return float(np.sqrt(total))


@given(
    rows=st.integers(2, 60),
    block=st.sampled_from([1.0, 1.5, 4.0, 10.0, 30.0]),
    seed=st.integers(0, 1000),
)
def test_frequencies_against_lags(rows: int, block: float, seed: int) -> None:
    x = np.random.default_rng(seed).normal(0.1, 1.0, (rows, 3)).cumsum(axis=0)
    found = long_run_deviation(x, block_length=block)
    wanted = [by_definition(x[:, j], block) for j in range(3)]
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def test_it_is_the_bootstrap_variance_without_sampling_error() -> None:
    x = np.random.default_rng(2).normal(0.0, 1.0, 300).cumsum() * 0.01
    weights = bootstrap_weights(300, resamples=20_000, block_length=10.0)
    drawn = np.sqrt(300) * (weights @ x).std()
    assert long_run_deviation(x)[0] == pytest.approx(drawn, rel=0.02)


def test_independent_draws_have_the_plain_deviation() -> None:
    x = np.random.default_rng(3).normal(0.0, 1.0, 101).cumsum()
    for block in (0.1, 1.0):
        assert long_run_deviation(x, block_length=block)[0] == pytest.approx(x.std(), rel=1e-12)


def test_a_column_does_not_depend_on_those_beside_it() -> None:
    x = np.random.default_rng(4).normal(0.0, 1.0, (97, 20))
    together = long_run_deviation(x)
    assert together.tolist() == [long_run_deviation(x[:, j])[0] for j in range(20)]
    assert long_run_deviation(np.asfortranarray(x)).tolist() == together.tolist()


def test_the_kernel_is_a_spectrum_and_constants_have_none() -> None:
    for rows in (8, 9, 500):
        assert (kernel(rows, 7.0) >= 0.0).all()
    assert long_run_deviation([0.5] * 20).tolist() == [0.0]


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match="has 1 rows"):
        long_run_deviation([1.0])
    with pytest.raises(InputError, match=r"returns\[1, 0\] is nan"):
        long_run_deviation([1.0, float("nan")])
    with pytest.raises(InputError, match="block_length is nan"):
        long_run_deviation([1.0, 2.0], block_length=float("nan"))
