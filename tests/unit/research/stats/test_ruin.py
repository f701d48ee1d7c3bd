from __future__ import annotations

import json
import math

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats import wilson_interval
from hyprl_lab.research.stats.bootstrap import optimal_block_length, stationary_indices
from hyprl_lab.research.stats.ruin import RiskOfRuin, barrier_ruin, gambler_ruin, risk_of_ruin
from hyprl_lab.research.stats.streams import SplitMix64


def test_against_every_path_by_hand() -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.03, 90)
    hits = capital_hits = 0
    for path in range(300):
        equity = peak = 1.0
        fell = lost = False
        for row in stationary_indices(SplitMix64.of_path(8, path), 90, 5.0)[:60]:
            equity *= 1.0 + returns[row]
            peak = max(peak, equity)
            fell = fell or 1.0 - equity / peak >= 0.2
            lost = lost or equity <= 0.75
        hits, capital_hits = hits + fell, capital_hits + lost
    found = risk_of_ruin(
        returns,
        drawdown=0.2,
        horizon=60,
        resamples=300,
        block_length=5.0,
        capital_loss=0.25,
        seed=8,
    )
    assert 0 < capital_hits < hits < 300
    assert (found.hits, found.capital_hits) == (hits, capital_hits)
    assert found.probability == (hits + 1) / 301
    assert found.capital_probability == (capital_hits + 1) / 301
    assert found.interval == wilson_interval(hits, 300)
    assert found.capital_interval == wilson_interval(capital_hits, 300)


def test_independent_returns_against_the_barrier_formula() -> None:
    """A year of small steps is close to the motion that the formula is about."""
    steps = np.random.default_rng(3).normal(0.0, 1.0, 20_000)
    steps = (steps - steps.mean()) / steps.std()
    daily, volatility = 1.0 / 2520, 0.30
    returns = steps * volatility * math.sqrt(daily) + 0.05 * daily
    found = risk_of_ruin(returns, horizon=2520, block_length=1.0, resamples=4000, capital_loss=0.3)
    exact = barrier_ruin(0.05, volatility, 0.3, 1.0)
    assert found.capital_probability == pytest.approx(exact, abs=0.03)
    assert found.probability > found.capital_probability  # a fall from a later peak counts too


def test_the_start_is_the_first_peak_and_reaching_the_threshold_counts() -> None:
    found = risk_of_ruin([-0.3] * 4 + [-0.3] * 4, horizon=1, resamples=10, block_length=1.0)
    assert found.hits == 10
    assert found.capital_hits == 0
    # 1.1·0.7 against a peak of 1.1: 30 % but for the last bit
    returns = [0.1, -0.3, 0.1, -0.3, 0.1, -0.3, 0.1, -0.3]
    found = risk_of_ruin(returns, horizon=3, resamples=50, block_length=1e9)
    assert found.hits == 50


def test_a_return_of_all_or_more_leaves_nothing_for_good() -> None:
    returns = [-1.5] * 4 + [-3.0] * 4  # the product of two would be above 1
    found = risk_of_ruin(returns, horizon=4, resamples=20, block_length=1.0)
    assert found.hits == found.capital_hits == 20
    assert found.probability == 1.0


def test_no_loss_is_no_ruin_but_never_certain() -> None:
    found = risk_of_ruin(np.linspace(0.0, 0.01, 50), resamples=999)
    assert (found.hits, found.probability) == (0, 0.001)
    assert found.interval.low == 0.0
    assert found.interval.high < 0.005


def test_the_optimal_block_is_taken_where_none_is_given() -> None:
    returns = np.sin(np.arange(500) * 0.05) * 0.01
    found = risk_of_ruin(returns, resamples=10)
    assert found.block_length == optimal_block_length(returns)
    same = risk_of_ruin(returns, resamples=10, block_length=found.block_length)
    assert same == found
    assert risk_of_ruin(returns, resamples=10, seed=1).seed == 1


def test_json_both_ways() -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.02, 100)
    found = risk_of_ruin(returns, resamples=50)
    assert RiskOfRuin.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_bad_input_is_refused() -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.02, 100)
    with pytest.raises(InputError, match="expected at least 8"):
        risk_of_ruin([0.1, -0.1])
    with pytest.raises(InputError, match="not all equal"):
        risk_of_ruin([0.01] * 50)
    with pytest.raises(InputError, match=r"returns\[3\] is nan"):
        risk_of_ruin([0.1, 0.2, 0.1, float("nan"), *([0.1] * 10)])
    with pytest.raises(InputError, match="resamples is -1"):
        risk_of_ruin(returns, resamples=-1)
    with pytest.raises(InputError, match="horizon is 0"):
        risk_of_ruin(returns, horizon=0)
    with pytest.raises(InputError, match="drawdown is 30"):
        risk_of_ruin(returns, drawdown=30)
    with pytest.raises(InputError, match="capital_loss is 0"):
        risk_of_ruin(returns, capital_loss=0.0)
    with pytest.raises(InputError, match="confidence is 1"):
        risk_of_ruin(returns, confidence=1.0)
    with pytest.raises(InputError, match="expected fractions"):
        risk_of_ruin(returns * 1e4 + 500.0, block_length=2.0)


def test_barrier_against_simulated_motions() -> None:
    """Looked at in steps a motion misses lows: the barrier is as if .5826 deviations lower.

    Broadie, Glasserman and Kou, "A continuity correction for discrete barrier options" (1997).
    """
    stream = np.random.default_rng(1)
    step = 5.0 / 500
    logs = np.zeros(20_000)
    lowest = np.zeros(20_000)
    for _ in range(500):
        logs += (0.10 - 0.02) * step + 0.2 * math.sqrt(step) * stream.normal(size=20_000)
        np.minimum(lowest, logs, out=lowest)
    lower = 0.7 * math.exp(-0.5826 * 0.2 * math.sqrt(step))
    assert (np.exp(lowest) <= 0.7).mean() == pytest.approx(
        barrier_ruin(0.10, 0.20, 1.0 - lower, 5.0), abs=0.01
    )


def test_barrier_at_its_ends() -> None:
    assert barrier_ruin(-5.0, 0.1, 0.3, 10.0) == pytest.approx(1.0)
    assert barrier_ruin(5.0, 0.1, 0.3, 10.0) < 1e-100
    assert barrier_ruin(-900.0, 0.1, 0.3, 1.0) == pytest.approx(1.0)  # e^(2ma/s²) alone overflows
    # without drift of the logarithm: twice the tail, the reflection principle
    assert barrier_ruin(0.02, 0.2, 0.5, 1.0) == pytest.approx(
        math.erfc(math.log(2.0) / 0.2 / math.sqrt(2.0)), rel=1e-12
    )
    with pytest.raises(InputError, match=r"volatility is 0\.0"):
        barrier_ruin(0.1, 0.0, 0.3, 1.0)
    with pytest.raises(InputError, match=r"years is -1\.0"):
        barrier_ruin(0.1, 0.2, 0.3, -1.0)
    with pytest.raises(InputError, match="loss is 1"):
        barrier_ruin(0.1, 0.2, 1.0, 1.0)


def test_gambler_against_the_equations_of_each_state() -> None:
    """u(k) = p·u(k + 1) + q·u(k - 1), u(0) = 1, u far away 0: solved as a linear system."""
    p, far = 0.56, 400
    matrix = np.eye(far + 1)
    for k in range(1, far):
        matrix[k, k + 1], matrix[k, k - 1] = -p, -(1.0 - p)
    right = np.zeros(far + 1)
    right[0] = 1.0
    solved = np.linalg.solve(matrix, right)
    for units in (1, 2, 10, 40):
        assert gambler_ruin(p, units) == pytest.approx(solved[units], rel=1e-9)


def test_gambler_at_its_ends() -> None:
    assert gambler_ruin(0.5, 3) == gambler_ruin(0.0, 3) == 1.0
    assert gambler_ruin(1.0, 3) == 0.0
    with pytest.raises(InputError, match=r"win_probability is 1\.1"):
        gambler_ruin(1.1, 3)
    with pytest.raises(InputError, match="units is 0"):
        gambler_ruin(0.6, 0)
