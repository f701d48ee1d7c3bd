"""Outliers before, in and after a holding leave no rounding in its moments, in either engine.

The native engine sums what is held between two fills from tables over all bars, so a bad tick that
was never held may not show in a trial's figures. The Python engine adds bar by bar.
"""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.engine import native, reference
from hyprl_lab.engine.config import AllIn, Execution, FixedFraction, Risk
from hyprl_lab.engine.simulation import Simulation, SimulationInputs
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.strategy import Strategy, col

BARS = 1_500
ENTRY = 100


def inputs(closes: np.ndarray, risk: Risk) -> SimulationInputs:
    """Buy once, hold to the end."""
    opens = np.concatenate([closes[:1], closes[:-1]])
    enters = np.zeros(BARS)
    enters[ENTRY] = 1.0
    return SimulationInputs(
        columns={
            "open": opens,
            "high": np.maximum(opens, closes),
            "low": np.minimum(opens, closes),
            "close": closes,
            "volume": np.ones(BARS),
            "enters": enters,
        },
        graph=Strategy("once", long_entry=col("enters") > 0.5).to_json(),
        params={},
        risk=risk,
        execution=Execution(),
        cash=10_000.0,
        start=0,
        headline=np.arange(BARS),
        periods_per_year=252.0,
        years=BARS / 365.25,
        ts=np.arange(BARS, dtype=np.int64) * 86_400_000_000,
        bars_per_year=252.0,
    )


def agree(one: Simulation, other: Simulation) -> None:
    for name in TRIAL_METRICS:
        a, b = one.values[name], other.values[name]
        assert np.isnan(a) == np.isnan(b), name
        if not np.isnan(a):
            assert abs(a - b) <= 1e-10 * max(1.0, abs(b)), (name, a, b)


def walk(volatility: float) -> np.ndarray:
    steps = np.random.default_rng(7).normal(0.0, volatility, BARS)
    return 100.0 * np.exp(np.cumsum(steps))


@pytest.mark.parametrize("volatility", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("tick", [1e-2, 1e-4, 1e-8, 1e2, 1e4])
def test_ticks_before_the_holding(tick: float, volatility: float) -> None:
    closes = walk(volatility)
    closes[[10, 30, 50]] *= tick
    given = inputs(closes, AllIn())
    agree(native.simulate(given), reference.simulate(given))


@pytest.mark.parametrize("share", [1.0, 1.0 - 5e-14, 1.0 - 1e-9])
@pytest.mark.parametrize("crash", [1e-2, 1e-4, 1e-6, 1e-10])
def test_a_crash_while_it_is_held(crash: float, share: float) -> None:
    closes = walk(1e-2)
    closes[ENTRY + 50 :] *= crash
    given = inputs(closes, FixedFraction(share))
    agree(native.simulate(given), reference.simulate(given))
