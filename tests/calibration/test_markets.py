"""The made-up markets are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest
from calibration import drifting_bars, hidden_drift
from calibration.markets import DAYS_A_YEAR, VOLATILITY

from hyprl_lab.data import Bars


def moves(bars: Bars) -> np.ndarray:
    return np.diff(np.log(bars.columns["close"])) / VOLATILITY


def test_a_market_is_a_function_of_its_seed() -> None:
    first, again = (drifting_bars((1, 2), years=2, drift=0.1, length=30) for _ in range(2))
    other = drifting_bars((1, 3), years=2, drift=0.1, length=30)
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert len(first) == 2 * DAYS_A_YEAR
    assert first.periods_per_year == DAYS_A_YEAR


def test_noise_has_the_stated_deviation_and_no_memory() -> None:
    noise = moves(drifting_bars((5,), years=200, drift=0.0, length=30))
    error = 1.0 / np.sqrt(len(noise))
    assert noise.mean() == pytest.approx(0.0, abs=4 * error)
    assert noise.std() == pytest.approx(1.0, abs=4 * error / np.sqrt(2))
    for lag in (1, 2, 5, 20):
        assert np.corrcoef(noise[:-lag], noise[lag:])[0, 1] == pytest.approx(0.0, abs=4 * error)


def test_a_hidden_drift_is_remembered_for_as_long_as_stated() -> None:
    # Sides keep with probability 1 - 1/n, so they correlate as (1 - 2/n)^lag; the drift's variance
    # is drift² beside the 1 of the noise.
    drift, length, lag = 0.5, 20.0, 5
    found = moves(drifting_bars((6,), years=300, drift=drift, length=length))
    expected = drift**2 * (1.0 - 2.0 / length) ** lag / (1.0 + drift**2)
    measured = np.corrcoef(found[:-lag], found[lag:])[0, 1]
    assert measured == pytest.approx(expected, abs=0.02)
    assert expected > 0.1


def test_stretches_have_the_stated_mean_and_no_favourite_side() -> None:
    side = hidden_drift(200_000, length=25.0, draws=np.random.default_rng(0))
    turns = np.count_nonzero(np.diff(side))
    assert len(side) / turns == pytest.approx(25.0, rel=0.05)
    assert side.mean() == pytest.approx(0.0, abs=0.05)
    assert set(np.unique(side)) == {-1.0, 1.0}
    firsts = [hidden_drift(1, length=25.0, draws=np.random.default_rng(n))[0] for n in range(400)]
    assert np.mean(firsts) == pytest.approx(0.0, abs=0.2)


def test_a_day_moves_within_its_range() -> None:
    columns = drifting_bars((7,), years=50, drift=0.3, length=30).columns
    ranges = np.log(columns["high"] / columns["low"]) / VOLATILITY
    body = np.abs(np.log(columns["close"] / columns["open"])) / VOLATILITY
    assert np.all(ranges >= body * (1 - 1e-9))
    assert ranges.mean() > 1.3 * body.mean()
    gaps = np.log(columns["open"][1:] / columns["close"][:-1]) / VOLATILITY
    assert gaps.std() == pytest.approx(np.sqrt(0.1), rel=0.05)
