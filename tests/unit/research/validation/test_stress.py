from __future__ import annotations

import json
import math
import threading

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.engine import run
from hyprl_lab.errors import CancelledError
from hyprl_lab.research.validation.later import one_bar_later
from hyprl_lab.research.validation.stress import stress
from hyprl_lab.strategy.builtin import dual_sma

OPENS = (100, 100, 110, 120, 130, 120, 110, 110)


def opens_alone() -> hl.Bars:
    """Prices that rise and fall; long at bar 0 for two bars, and at bar 3 for two bars."""
    table = {name: np.array(OPENS, float) for name in ("open", "high", "low", "close")}
    table["enter"] = np.array([1, 0, 0, 1, 0, 0, 0, 0], float)
    table["leave"] = np.array([0, 0, 1, 0, 0, 1, 0, 0], float)
    ts = 86_400_000_000 * np.arange(19_000, 19_000 + len(OPENS))
    return hl.Bars.from_arrays(ts, table, symbol="EX", timeframe="1d", calendar="24/7")


RULE = hl.Strategy("rule", long_entry=hl.col("enter") == 1, long_exit=hl.col("leave") == 1)


def test_by_hand() -> None:
    """Ten units: 100 → 120 and 130 → 110 on time; 110 → 130 and 120 → 110 one bar late."""
    judged = run(
        opens_alone(), RULE, risk=hl.FixedUnits(10), execution=hl.Execution(fee_per_trade=5)
    )
    found = stress(judged)
    assert found.base.profit_factor == pytest.approx((200 - 10) / (200 + 10))
    assert found.costs.profit_factor == pytest.approx((200 - 20) / (200 + 20))
    assert found.late.profit_factor == pytest.approx((200 - 10) / (100 + 10))
    assert found.both.profit_factor == pytest.approx((200 - 20) / (100 + 20))
    assert found.both.total_return == pytest.approx((180 - 120) / 10_000)
    assert found.both.changed == {"fee_per_trade": 10.0}
    assert found.late.changed == {}
    assert found.cost_bps == pytest.approx(1e4 * 20 / (10 * (100 + 120 + 130 + 110)))


def test_the_runs_are_what_they_are_said_to_be() -> None:
    bars, params = hl.load_bars("TEST"), {"fast": 5.0, "slow": 20.0}
    settings = hl.Execution(fee_bps=4, slippage_bps=2)
    period, risk = ("2020-04-01", "2021-02-01"), hl.FixedFraction(0.5)
    judged = run(
        bars,
        dual_sma(),
        params=params,
        risk=risk,
        execution=settings,
        cash=5_000,
        period=period,
        periods_per_year=200,
    )
    found = stress(judged)
    twice = hl.Execution(fee_bps=8, slippage_bps=4)
    for one, strategy, execution in (
        (found.costs, dual_sma(), twice),
        (found.late, one_bar_later(dual_sma()), settings),
        (found.both, one_bar_later(dual_sma()), twice),
    ):
        again = run(
            bars,
            strategy,
            params=params,
            risk=risk,
            execution=execution,
            cash=5_000,
            period=period,
            periods_per_year=200,
        ).metrics
        assert one.sharpe == again.sharpe
        assert one.profit_factor == again.profit_factor
        assert one.trades == again.trades
    assert found.fills.sharpe is not None
    assert found.base.sharpe == judged.metrics.sharpe
    assert found.fills.sharpe < found.base.sharpe
    assert float(found.fills.changed["slippage_bps"]) > 2  # type: ignore[arg-type]
    assert json.loads(json.dumps(found.to_dict()))["both"]["changed"] == {
        "fee_bps": 8.0,
        "slippage_bps": 4.0,
    }


def test_a_run_without_costs_is_taken_to_have_some() -> None:
    judged = run(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    found = stress(judged)
    assert (found.cost_bps, found.assumed_bps) == (0.0, 1.0)
    assert found.costs.changed == {"fee_bps": 2.0}
    assert found.costs.sharpe is not None
    assert found.base.sharpe is not None
    assert found.costs.sharpe < found.base.sharpe


def test_what_can_not_be_run_says_why() -> None:
    judged = run(opens_alone(), RULE, execution=hl.Execution(fee_bps=6_000))
    found = stress(judged)
    assert "fee_bps=12000" in found.both.reason("sharpe").replace(",", "")
    assert found.both.sharpe is None
    assert found.late.trades == 2


def test_a_strategy_that_never_trades_has_no_ratios() -> None:
    found = stress(run(opens_alone(), hl.Strategy("never", long_entry=hl.close > 1e6)))
    assert found.both.profit_factor is None
    assert found.both.sharpe is None
    assert found.both.reason("profit_factor") != "it is undefined"
    assert found.both.trades == 0


def test_it_runs_on_the_engine_that_was_judged() -> None:
    both = [
        stress(
            run(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20}, engine=engine)
        ).both.sharpe
        for engine in ("native", "python")
    ]
    assert both[0] is not None
    assert both[1] is not None
    assert math.isclose(both[0], both[1], rel_tol=1e-10)  # what the engines promise


def test_a_token_stops_it() -> None:
    token = threading.Event()
    token.set()
    with pytest.raises(CancelledError):
        stress(run(opens_alone(), RULE), cancel=token)
