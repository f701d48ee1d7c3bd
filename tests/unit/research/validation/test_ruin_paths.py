from __future__ import annotations

import json

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.research.stats import risk_of_ruin
from hyprl_lab.research.stats.paths import stationary_paths
from hyprl_lab.research.validation.ruin_paths import POINTS, RuinPaths, horizon_of, ruin_paths


def bars(timeframe: str, calendar: str, step_days: float) -> hl.Bars:
    ts = (86_400_000_000 * step_days * np.arange(40)).astype(np.int64) + 1_577_923_200_000_000
    table = {name: np.full(40, 5.0) for name in ("open", "high", "low", "close")}
    return hl.Bars.from_arrays(ts, table, symbol="X", timeframe=timeframe, calendar=calendar)


@pytest.mark.parametrize(
    ("timeframe", "calendar", "step", "rows"),
    [
        ("1d", "24/7", 1, 252),
        ("1h", "24/7", 1 / 24, 252),  # headline returns of intraday bars are those of sessions
        ("2d", "24/7", 2, 126),
        ("1w", "24/7", 7, 36),  # 252·52/365
    ],
)
def test_the_horizon_is_252_days_whatever_the_bars(
    timeframe: str, calendar: str, step: float, rows: int
) -> None:
    assert horizon_of(bars(timeframe, calendar, step)) == rows


def test_weeks_of_an_exchange() -> None:
    assert horizon_of(hl.load_bars("sp500").resample("1w")) == 52


def test_every_path_falls_when_every_return_does() -> None:
    found = ruin_paths(np.linspace(-0.31, -0.6, 10), horizon=5, resamples=99, seed=0)
    assert (found.risk.hits, found.risk.probability) == (99, 1.0)
    assert found.risk.capital_hits == 99
    assert found.fan.steps == (1, 2, 3, 4, 5)
    assert min(row[0] for row in found.fan.quantiles) >= 0.31


def test_the_fan_is_of_the_paths_that_were_counted() -> None:
    returns = np.random.default_rng(5).normal(-0.001, 0.02, 300)
    found = ruin_paths(returns, horizon=100, resamples=200, seed=9)
    assert found.risk == risk_of_ruin(returns, horizon=100, resamples=200, seed=9)
    rows = stationary_paths(
        300, paths=200, length=100, block_length=found.risk.block_length, seed=9
    )
    equity = np.concatenate((np.ones((200, 1)), np.cumprod(1.0 + returns[rows], axis=1)), axis=1)
    falls = 1.0 - equity / np.maximum.accumulate(equity, axis=1)
    deepest = np.maximum.accumulate(falls, axis=1)
    assert len(found.fan.steps) <= POINTS
    assert found.fan.steps[-1] == 100
    expected = np.quantile(deepest[:, found.fan.steps], found.fan.probabilities, axis=0)
    np.testing.assert_allclose(found.fan.quantiles, expected, rtol=1e-12)
    assert found.risk.hits == int((deepest[:, -1] >= 0.3).sum())


def test_it_reads_back_what_it_wrote() -> None:
    returns = np.random.default_rng(5).normal(0, 0.02, 50)
    found = ruin_paths(returns, horizon=20, resamples=30, seed=1)
    assert RuinPaths.from_dict(json.loads(json.dumps(found.to_dict()))) == found
