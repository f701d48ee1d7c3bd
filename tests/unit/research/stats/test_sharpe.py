from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats import (
    deflated_sharpe_ratio,
    expected_max_sharpe,
    probabilistic_sharpe_ratio,
    return_moments,
    sharpe_variance,
)

NAN, INF = float("nan"), float("inf")


def test_psr_of_a_normal_sample_is_phi_of_the_t_like_ratio() -> None:
    # SR 0.1, T 101: z = 0.1·10/√1.005; Φ by the error function, independently of the module
    z = 0.1 * 10.0 / math.sqrt(1.0 + 0.5 * 0.01)
    assert probabilistic_sharpe_ratio(0.1, 101, 0.0, 3.0) == pytest.approx(
        0.5 * (1.0 + math.erf(z / math.sqrt(2.0))), rel=1e-14
    )


def test_psr_at_its_benchmark_is_a_coin() -> None:
    assert probabilistic_sharpe_ratio(0.07, 500, -1.0, 8.0, benchmark=0.07) == 0.5


def test_autocorrelation_zero_is_the_form_of_2025_and_none_that_of_2012() -> None:
    old = probabilistic_sharpe_ratio(0.2, 50, -1.0, 6.0)
    new = probabilistic_sharpe_ratio(0.2, 50, -1.0, 6.0, autocorrelation=0.0)
    assert new == pytest.approx(0.5 * math.erfc(-0.2 * math.sqrt(50) / math.sqrt(2)), rel=1e-14)
    assert old != new


def test_variance_of_an_ar1_series_by_hand() -> None:
    # r = 1/2: B = 1, C = 1/3, a = 3, b = 7/3, c = 5/3
    assert sharpe_variance(0.3, -1.0, 5.0, autocorrelation=0.5) == pytest.approx(
        3.0 + 7.0 / 3.0 * 0.3 + 5.0 / 3.0 * 0.09, rel=1e-14
    )


def test_positive_autocorrelation_makes_one_less_sure() -> None:
    sure = [
        probabilistic_sharpe_ratio(0.1, 250, 0.0, 3.0, autocorrelation=r) for r in (-0.2, 0.0, 0.2)
    ]
    assert sure == sorted(sure, reverse=True)


def test_sharpe_variance_agrees_with_simulation() -> None:
    rng = np.random.default_rng(7)
    samples = rng.gamma(4.0, 1.0, (20_000, 200)) - 3.0  # SR 0.5, skew 1, kurtosis 4.5
    ratios = samples.mean(axis=1) / samples.std(axis=1, ddof=1)
    assert ratios.var() * 200 == pytest.approx(sharpe_variance(0.5, 1.0, 4.5), rel=0.04)


def test_dsr_of_one_trial_is_psr() -> None:
    assert deflated_sharpe_ratio(0.1, 300, -1.0, 6.0, 1, 0.02) == probabilistic_sharpe_ratio(
        0.1, 300, -1.0, 6.0
    )


def test_dsr_floor_replaces_a_collapsed_variance() -> None:
    # 1,000 near-duplicates: V vanishes and plain DSR believes; the floor takes V = 1/(n-1)
    plain = deflated_sharpe_ratio(0.09, 1001, 0.0, 3.0, 1000, 1e-9)
    floored = deflated_sharpe_ratio(0.09, 1001, 0.0, 3.0, 1000, 1e-9, floor=True)
    assert plain > 0.99
    assert floored == deflated_sharpe_ratio(0.09, 1001, 0.0, 3.0, 1000, 1e-3)
    assert floored < 0.5


def test_dsr_floor_leaves_a_larger_variance_alone() -> None:
    arguments = (0.1, 1001, 0.0, 3.0, 50, 0.01)
    assert deflated_sharpe_ratio(*arguments) == deflated_sharpe_ratio(*arguments, floor=True)


@given(st.integers(1, 10**12))
def test_more_trials_expect_a_higher_maximum(trials: int) -> None:
    assert expected_max_sharpe(trials) <= expected_max_sharpe(trials + 1)


def test_one_trial_expects_nothing() -> None:
    assert expected_max_sharpe(1) == 0.0


def test_expected_max_agrees_with_simulation() -> None:
    best = np.random.default_rng(3).normal(size=(20_000, 200)).max(axis=1).mean()
    assert expected_max_sharpe(200) == pytest.approx(best, rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((NAN, 10, 0.0, 3.0), "sharpe"),
        ((0.1, 1, 0.0, 3.0), "n is 1"),
        ((0.1, 10.5, 0.0, 3.0), "n is 10.5"),
        ((0.1, 10, INF, 3.0), "skew"),
        ((0.1, 10, 0.0, 0.5), "kurtosis is 0.5"),
        ((0.1, 10, 0.0, 3.0, NAN), "benchmark"),
        ((0.1, 10, 0.0, 3.0, 0.0, 1.0), "autocorrelation"),
        ((2.0, 10, 1.0, 1.0), "no variance"),
    ],
)
def test_psr_refuses(arguments: tuple[float, ...], named: str) -> None:
    with pytest.raises(InputError, match=named):
        probabilistic_sharpe_ratio(*arguments)


@pytest.mark.parametrize(
    ("trials", "variance", "named"),
    [(0, 0.1, "trials"), (True, 0.1, "trials"), (5, -0.1, "variance"), (5, NAN, "variance")],
)
def test_dsr_refuses(trials: int, variance: float, named: str) -> None:
    with pytest.raises(InputError, match=named):
        deflated_sharpe_ratio(0.1, 100, 0.0, 3.0, trials, variance)


def test_moments_by_definition() -> None:
    returns = np.random.default_rng(5).standard_t(5, 400) * 0.01 + 0.001
    moments = return_moments(returns)
    assert moments is not None
    z = (returns - returns.mean()) / returns.std()
    assert moments.n == 400
    assert moments.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1), rel=1e-12)
    assert moments.skew == pytest.approx((z**3).mean(), rel=1e-9)
    assert moments.kurtosis == pytest.approx((z**4).mean(), rel=1e-9)


@pytest.mark.parametrize("returns", [[], [0.1], [0.0] * 10, [0.01] * 100])
def test_moments_of_returns_that_do_not_vary_are_none(returns: list[float]) -> None:
    assert return_moments(returns) is None


def test_moments_refuse_a_missing_return() -> None:
    with pytest.raises(InputError, match=r"\[1\] is nan"):
        return_moments([0.1, NAN])
