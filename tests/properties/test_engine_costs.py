"""Costs never help at fixed units, and without them holding is what the market did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine_cases import Case, cases
from hypothesis import assume, given, target
from hypothesis import strategies as st

from hyprl_lab.engine import native, reference
from hyprl_lab.engine.config import AllIn, Execution, FixedUnits
from hyprl_lab.engine.simulation import Simulation, SimulationInputs
from hyprl_lab.errors import LabError

ENGINES = {"native": native.simulate, "python": reference.simulate}
FREE: dict[str, Any] = {
    "fee_bps": 0.0,
    "fee_per_trade": 0.0,
    "slippage_bps": 0.0,
    "spread_pct": 0.0,
    "borrow_cost_bps": 0.0,
}

any_case = st.booleans().flatmap(lambda intraday: cases(intraday=intraday))


def at_fixed_units(case: Case, **costs: float) -> SimulationInputs:
    """The case with so much money that nothing but its signals and levels decides a trade."""
    execution = replace(
        case.execution, leverage=100.0, lots=None, daily_target=None, daily_loss_limit=None, **costs
    )
    return replace(case, risk=FixedUnits(units=15.0), execution=execution, cash=1e12).inputs()


def both(engine: str, free: SimulationInputs, costly: SimulationInputs) -> tuple[Simulation, ...]:
    try:
        return ENGINES[engine](free), ENGINES[engine](costly)
    except LabError:
        assume(False)
        raise


def assert_costs_cost(free: Simulation, costly: Simulation) -> None:
    for name in ("entry_bar", "exit_bar", "side", "reason", "quantity"):
        np.testing.assert_array_equal(getattr(free.trades, name), getattr(costly.trades, name))
    assert free.ruined_bar is costly.ruined_bar is None
    assert (costly.equity <= free.equity + 1e-3).all()  # of 1e12: rounding alone
    target(float(len(free.trades)))


@pytest.mark.parametrize("engine", ENGINES)
@given(case=any_case, fee_bps=st.sampled_from([1.0, 100.0]), per_trade=st.sampled_from([0.0, 5.0]))
def test_fees_never_help(engine: str, case: Case, fee_bps: float, per_trade: float) -> None:
    free = at_fixed_units(case, fee_bps=0.0, fee_per_trade=0.0)
    costly = at_fixed_units(case, fee_bps=fee_bps, fee_per_trade=per_trade)
    without, with_fees = both(engine, free, costly)
    assert_costs_cost(without, with_fees)
    paid = without.equity[-1] - with_fees.equity[-1]
    assert paid == pytest.approx(with_fees.trades.fees.sum(), abs=1e-2)


@pytest.mark.parametrize("engine", ENGINES)
@given(case=any_case, slippage_bps=st.sampled_from([3.0, 200.0]))
def test_a_run_without_costs_is_a_bound(engine: str, case: Case, slippage_bps: float) -> None:
    """Levels that hang on the slipped fill move with it, so here they are prices or none."""
    kept = {
        name: level if level is not None and level["kind"] == "price" else None
        for name, level in case.graph.items()
        if name in {"stop_loss", "take_profit", "trailing_stop"}
    }
    case = replace(case, graph={**case.graph, **kept})
    costs = {"fee_bps": 7.0, "fee_per_trade": 1.0, "borrow_cost_bps": 90.0, "spread_pct": 1e-3}
    free = at_fixed_units(case, **FREE)
    costly = at_fixed_units(case, slippage_bps=slippage_bps, **costs)
    assert_costs_cost(*both(engine, free, costly))


@pytest.mark.parametrize("engine", ENGINES)
@given(case=any_case)
def test_buy_and_hold_is_the_market(engine: str, case: Case) -> None:
    graph: dict[str, Any] = {
        "version": 1,
        "name": "hold",
        "parameters": {},
        "nodes": [
            {"op": "column", "name": "close"},
            {"op": "constant", "value": 0.0},
            {"op": "greater", "args": [0, 1]},
        ],
        "outputs": {"long_entry": 2, "long_exit": None, "short_entry": None, "short_exit": None},
        "stop_loss": None,
        "take_profit": None,
    }
    columns = {k: v for k, v in case.market.columns.items() if k != "funding_rate"}
    found = ENGINES[engine](
        replace(
            case,
            graph=graph,
            params={},
            risk=AllIn(),
            execution=Execution(),
            start=0,
            market=replace(case.market, columns=columns),
        ).inputs()
    )
    market = case.cash * columns["close"] / columns["open"][1]
    market[0] = case.cash
    np.testing.assert_allclose(found.equity, market, rtol=1e-12)
    assert len(found.trades) == 1
