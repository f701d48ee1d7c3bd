from __future__ import annotations

import json

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.bootstrap import (
    Bootstrap,
    optimal_block_length,
    stationary_bootstrap,
    stationary_indices,
)
from hyprl_lab.research.stats.streams import SplitMix64

MASK = (1 << 64) - 1


class Sequential:
    """SplitMix64 one number at a time, in Python integers."""

    def __init__(self, state: int) -> None:
        self.state = state

    def uniform(self) -> float:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        x = self.state
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
        return ((x ^ (x >> 31)) >> 11) * 2.0**-53


def one_by_one(seed: int, n: int, block: float) -> list[int]:
    stream = Sequential(seed)
    rows = [int(stream.uniform() * n)]
    while len(rows) < n:
        fresh = stream.uniform() < 1.0 / block
        rows.append(int(stream.uniform() * n) if fresh else (rows[-1] + 1) % n)
    return rows


@pytest.mark.parametrize("block", [1.0, 1.3, 2.0, 5.0, 10.0, 400.0])
@pytest.mark.parametrize("n", [1, 2, 3, 17, 250])
def test_indices_equal_the_definition_drawn_one_number_at_a_time(n: int, block: float) -> None:
    for seed in range(25):
        found = stationary_indices(SplitMix64(seed), n, block).tolist()
        assert found == one_by_one(seed, n, block)


def test_the_same_seed_gives_the_same_result() -> None:
    returns = np.random.default_rng(0).normal(0.001, 0.01, 300)
    same = [
        stationary_bootstrap(returns, periods_per_year=252, resamples=50, seed=4) for _ in range(2)
    ]
    assert same[0] == same[1]


def test_the_sharpe_interval_has_the_known_width_for_independent_returns() -> None:
    returns = np.random.default_rng(1).normal(0.0, 0.01, 2000)
    returns = (returns - returns.mean()) / returns.std(ddof=1) * 0.01 + 0.0005  # SR 0.05 exactly
    found = stationary_bootstrap(
        returns, periods_per_year=252, resamples=2000, block_length=1.0, confidence=0.9
    )
    assert found.sharpe is not None
    error = np.sqrt(252 / 2000)  # of an annual Sharpe ratio, Lo (2002), small ratio
    assert found.sharpe.low == pytest.approx(0.05 * np.sqrt(252) - 1.645 * error, abs=0.08)
    assert found.sharpe.high == pytest.approx(0.05 * np.sqrt(252) + 1.645 * error, abs=0.08)
    assert found.p_value == pytest.approx(0.0127, abs=0.008)  # 1 - Φ(0.05·√2000)


def test_p_value_counts_ties_and_the_sample_itself() -> None:
    returns = np.array([0.01, -0.01] * 20)  # mean exactly 0: a centred mean ≥ 0 about half the time
    found = stationary_bootstrap(returns, periods_per_year=252, resamples=199, block_length=1.0)
    assert 0.4 < found.p_value < 0.7
    losing = stationary_bootstrap(
        returns - 0.02, periods_per_year=252, resamples=199, block_length=1.0
    )
    assert losing.p_value == 1.0


def test_drawdown_percentile_against_every_path_by_hand() -> None:
    returns = np.random.default_rng(2).normal(0.0, 0.02, 60)
    falls = []
    for path in range(40):
        equity, peak, worst = 1.0, 1.0, 0.0
        for row in stationary_indices(SplitMix64.of_path(3, path), 60, 4.0):
            equity *= 1.0 + returns[row]
            peak = max(peak, equity)
            worst = max(worst, 1.0 - equity / peak)
        falls.append(worst)
    found = stationary_bootstrap(
        returns, periods_per_year=252, resamples=40, block_length=4.0, seed=3
    )
    assert found.max_drawdown_95 == pytest.approx(np.percentile(falls, 95), rel=1e-12)


def test_json_both_ways() -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.01, 100)
    found = stationary_bootstrap(returns, periods_per_year=252, resamples=20)
    assert Bootstrap.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@pytest.mark.parametrize("returns", [[0.1] * 20, [0.1, 0.2], []])
def test_too_little_or_constant_returns_are_refused(returns: list[float]) -> None:
    with pytest.raises(InputError, match="expected at least 8"):
        stationary_bootstrap(returns, periods_per_year=252)


def test_bad_settings_are_refused() -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.01, 100)
    with pytest.raises(InputError, match="resamples"):
        stationary_bootstrap(returns, periods_per_year=252, resamples=0)
    with pytest.raises(InputError, match="confidence"):
        stationary_bootstrap(returns, periods_per_year=252, confidence=1.5)
    with pytest.raises(InputError, match="block_length"):
        stationary_bootstrap(returns, periods_per_year=252, block_length=float("nan"))
    with pytest.raises(InputError, match="nan"):
        optimal_block_length([0.1, float("nan"), *([0.2] * 10)])
    with pytest.raises(InputError, match="'moving'; expected 'stationary' or 'circular'"):
        optimal_block_length(np.arange(20.0), method="moving")  # type: ignore[arg-type]
