"""Kelly's fraction of ten trades, as a metric and as what both engines size by.

Origin: the log-optimal fraction solved by scipy.optimize.brentq on the first-order condition, and
the classic W - (1 - W)/b of the same outcomes.
"""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine import Execution, run
from hyprl_lab.engine.config import KellyFraction
from hyprl_lab.metrics import kelly
from hyprl_lab.strategy import Strategy, col

OUTCOMES = np.array([0.012, -0.01, 0.02, -0.01, -0.01, 0.015, -0.01, 0.03, -0.01, -0.008])
LOG_OPTIMAL = 0.0958192960  # on R = outcome / 0.01
CLASSIC = 0.09870129870129873


def test_log_optimal_fraction() -> None:
    assert kelly(OUTCOMES / 0.01) == pytest.approx(LOG_OPTIMAL, abs=5e-11)


def test_the_classic_formula_is_that_of_two_outcomes() -> None:
    """W - (1 - W)/b knows mean gain and mean loss alone; for two outcomes the two agree."""
    multiples = OUTCOMES / 0.01
    gains, losses = multiples[multiples > 0], -multiples[multiples < 0]
    share, odds = len(gains) / len(multiples), gains.mean() / losses.mean()
    assert share - (1.0 - share) / odds == pytest.approx(CLASSIC, rel=1e-13)
    two = np.where(multiples > 0, gains.mean(), -losses.mean())
    assert kelly(two) == pytest.approx(CLASSIC / losses.mean(), rel=1e-12)


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize("share", [1.0, 0.25])
def test_the_next_trade_is_sized_by_it(engine: str, share: float) -> None:
    """Ten trades from 100 to 100·(1 + outcome), open to open; the eleventh takes φ·E/100 units."""
    opens = np.full(23, 100.0)
    opens[2:22:2] = 100.0 * (1.0 + OUTCOMES)
    rows = len(opens)
    buys = np.zeros(rows)
    buys[0:-1:2] = 1.0
    columns = {**dict.fromkeys(("open", "high", "low", "close"), opens), "buy": buys}
    days = np.arange(rows, dtype=np.int64) * 86_400_000_000
    bars = Bars.from_arrays(days, columns, symbol="X", timeframe="1d", calendar="24/7")
    strategy = Strategy("ten", long_entry=col("buy") > 0, long_exit=col("buy") < 1)
    result = run(
        bars,
        strategy,
        risk=KellyFraction(share, window=10, fallback=0.1),
        execution=Execution(leverage=100),
        engine=engine,
    )
    trades = result.trades
    assert len(trades) == 11
    np.testing.assert_allclose(result.simulation.trades.trade_return[:10], OUTCOMES, rtol=1e-12)
    equity = 10_000.0 * np.prod(1.0 + 0.1 * OUTCOMES)
    wanted = share * LOG_OPTIMAL / 0.01 * equity / 100.0
    assert trades["quantity"].iloc[10] == pytest.approx(wanted, rel=1e-9)
