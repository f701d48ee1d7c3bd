from __future__ import annotations

import math

import numpy as np
import pytest

from hyprl_lab.metrics import (
    Equity,
    Moments,
    Returns,
    annualised_volatility,
    cagr,
    pnl_per_10k,
    sharpe,
    sharpe_per_period,
    sortino,
    total_return,
)

SAMPLE = Returns([0.02, -0.01, 0.03, -0.02, 0.0])


def test_ratios_by_numpy() -> None:
    values = SAMPLE.values
    assert sharpe_per_period(SAMPLE) == pytest.approx(values.mean() / values.std(ddof=1))
    assert sharpe(SAMPLE, periods_per_year=252.0) == pytest.approx(
        values.mean() / values.std(ddof=1) * math.sqrt(252)
    )
    assert annualised_volatility(SAMPLE, periods_per_year=12.0) == pytest.approx(
        values.std(ddof=1) * math.sqrt(12)
    )
    # 0.004 / sqrt((0.01² + 0.02²) / 5)
    assert sortino(SAMPLE, periods_per_year=1.0) == pytest.approx(0.004 / math.sqrt(1e-4))


def test_moments_give_the_same_ratios() -> None:
    moments = Moments.of(SAMPLE)
    assert sharpe(moments, periods_per_year=252.0) == sharpe(SAMPLE, periods_per_year=252.0)


@pytest.mark.parametrize("values", [[], [0.01]])
def test_few_returns_have_no_spread(values: list[float]) -> None:
    returns = Returns(np.array(values))
    assert sharpe(returns, periods_per_year=252.0) is None
    assert annualised_volatility(returns, periods_per_year=252.0) is None


@pytest.mark.parametrize("value", [0.0, 0.01, -0.3])
def test_constant_returns_have_no_sharpe(value: float) -> None:
    returns = Returns(np.full(1000, value))
    assert sharpe_per_period(returns) is None
    assert annualised_volatility(returns, periods_per_year=252.0) == 0.0


def test_sortino_needs_a_loss() -> None:
    assert sortino(Returns([0.01, 0.0]), periods_per_year=252.0) is None
    assert sortino(Returns(np.empty(0)), periods_per_year=252.0) is None


def test_growth() -> None:
    equity = Equity([90.0, 144.0], cash=100.0)
    assert total_return(equity) == pytest.approx(0.44)
    assert pnl_per_10k(equity) == pytest.approx(4_400.0)
    assert cagr(equity, years=2.0) == pytest.approx(0.2)


def test_growth_without_time_or_money() -> None:
    assert cagr(Equity([110.0], cash=100.0), years=0.0) is None
    assert cagr(Equity([110.0], cash=100.0), years=-1.0) is None
    assert cagr(Equity([0.0], cash=100.0), years=2.0) == -1.0
    assert cagr(Equity([200.0], cash=100.0), years=1e-4) is None  # 2^10,000 is beyond float64
    assert cagr(Equity([50.0], cash=100.0), years=1e-4) == -1.0


def test_a_share_too_small_for_a_float_is_a_loss_of_all() -> None:
    assert cagr(Equity([5e-324], cash=1e15), years=2.0) == -1.0
