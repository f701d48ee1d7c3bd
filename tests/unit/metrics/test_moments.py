from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.metrics import Moments, Returns


def test_moments_by_numpy() -> None:
    values = np.random.default_rng(3).standard_t(4, 500) * 0.01
    moments = Moments.of(Returns(values))
    centred = values - values.mean()
    second = (centred**2).mean()
    assert moments.mean == pytest.approx(values.mean())
    assert moments.variance == pytest.approx(values.var(ddof=1))
    assert moments.skewness == pytest.approx((centred**3).mean() / second**1.5)
    assert moments.kurtosis == pytest.approx((centred**4).mean() / second**2)


def test_blocks_are_the_whole() -> None:
    values = np.random.default_rng(4).normal(0, 0.01, 100)
    powers = np.stack([values**power for power in (1, 2, 3, 4)], axis=1)
    blocks = np.stack([powers[:4].sum(axis=0), powers[4:50].sum(axis=0), powers[50:].sum(axis=0)])
    whole, parts = Moments.of(Returns(values)), Moments.of_blocks(blocks, 100)
    assert parts.mean == pytest.approx(whole.mean)
    assert parts.variance == pytest.approx(whole.variance)
    assert parts.kurtosis == pytest.approx(whole.kurtosis)


def test_noise_of_rounding_is_not_variance() -> None:
    steady = Returns(np.full(5_000, 0.1) + np.tile([0.0, 1e-17], 2_500))
    assert Moments.of(steady).variance == 0.0
    assert Moments.of(steady).skewness is None
    assert Moments.of(steady).kurtosis is None


def test_a_small_variance_is_one() -> None:
    assert Moments.of(Returns([0.1, 0.1001])).variance == pytest.approx(5e-9)


def test_nothing_is_known_of_nothing() -> None:
    empty = Moments.of(Returns(np.empty(0)))
    assert empty.mean is None
    assert empty.variance is None
    assert Moments.of(Returns([0.1])).variance is None


def test_powers_that_underflow_are_missing() -> None:
    assert Moments.of(Returns([1e-130, -2e-130, 3e-130])).kurtosis is None
