"""Shares of variance, against functions whose indices are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import qmc

from hyprl_lab.research.study.importance import first_order_indices

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.research.study import Study

    Write = Callable[..., Study]


def test_a_grid_of_a_sum_and_a_product() -> None:
    """y = 2a + b + ab over a, b in {-1, 0, 1}: variances 4·2/3, 2/3 and (2/3)² of 3 + 7/9."""
    a, b = (axis.ravel() for axis in np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]))
    shares = first_order_indices({"a": a, "b": b}, 2 * a + b + a * b, sampled=False)
    whole = 8 / 3 + 2 / 3 + 4 / 9
    assert shares["a"] == pytest.approx(8 / 3 / whole, rel=1e-12)
    assert shares["b"] == pytest.approx(2 / 3 / whole, rel=1e-12)


def test_the_ishigami_function() -> None:
    """sin x + 7 sin² y + 0.1 z⁴ sin x on [-π, π]³: 0.3139, 0.4424, 0 (Saltelli et al. 2008).

    Tolerance: 25 classes of a sample of 16,384 are off by some thousandths.
    """
    points = np.pi * (2 * qmc.Sobol(3, seed=1).random_base2(14) - 1)
    x, y, z = points.T
    values = np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)
    shares = first_order_indices({"x": x, "y": y, "z": z}, values, sampled=True)
    assert shares["x"] == pytest.approx(0.3139, abs=0.01)
    assert shares["y"] == pytest.approx(0.4424, abs=0.01)
    assert shares["z"] == pytest.approx(0.0, abs=0.005)


def test_a_sampled_parameter_that_does_nothing_has_no_share() -> None:
    """Without the correction the mean share would be (k - 1)/(n - 1) = 5/199 with 6 classes."""
    random = np.random.default_rng(3)
    shares = [
        first_order_indices({"x": random.random(200)}, random.normal(size=200), sampled=True)["x"]
        for _ in range(200)
    ]
    assert np.mean(shares) < 0.6 * 5 / 199  # not 0: a share is not below 0
    assert np.median(shares) < 0.005


def test_equal_values_stay_in_one_class() -> None:
    x = np.r_[np.zeros(500), np.arange(1.0, 501.0)]
    values = np.where(x == 0, 1.0, 0.0)
    share = first_order_indices({"x": x}, values, sampled=True)["x"]
    assert share == pytest.approx(1.0, rel=1e-12)


def test_what_does_not_vary_has_no_shares() -> None:
    a = np.array([1.0, 2.0, 3.0])
    assert np.isnan(first_order_indices({"a": a}, np.full(3, 0.1), sampled=False)["a"])
    assert np.isnan(first_order_indices({"a": a[:1]}, a[:1], sampled=False)["a"])
    assert np.isnan(first_order_indices({"a": a}, a, sampled=True)["a"])  # a class a value


def test_a_study_says_shares_and_the_rest(written: Write) -> None:
    fast, slow = np.meshgrid([5.0, 6.0, 7.0], [20.0, 30.0, 40.0], indexing="ij")
    a, b = (fast - 6).ravel(), ((slow - 30) / 10).ravel()
    metrics = {"sharpe": (2 * a + b + a * b).tolist(), "trades": a.tolist()}
    study = written({"fast": [5, 6, 7], "slow": [20, 30, 40]}, metrics, name="importance")
    shares = study.importance()
    whole = 8 / 3 + 2 / 3 + 4 / 9
    assert shares.index.tolist() == ["fast", "slow", "interactions"]
    np.testing.assert_allclose(shares, [8 / 3 / whole, 2 / 3 / whole, 4 / 9 / whole], rtol=1e-12)
    other = study.importance("trades + 0 * cagr")
    np.testing.assert_allclose(other, [1.0, 0.0, 0.0], atol=1e-12)
    assert study.importance("cagr").isna().all()


def test_undefined_pruned_and_failed_trials_do_not_count(written: Write) -> None:
    study = written(
        {"fast": [5, 6, 7, 8], "slow": [20, 30]},
        {"sharpe": [1, 1, 2, 2, 99, -99, np.nan, np.nan]},
        name="left out",
        states=["completed"] * 4 + ["pruned"] * 2 + ["failed", "completed"],
    )
    np.testing.assert_allclose(study.importance(), [1.0, 0.0, 0.0], atol=1e-12)
