"""Money is conserved, and fills lie where the market was, whatever is traded and however."""

from __future__ import annotations

import numpy as np
import pytest
from engine_cases import Case, cases
from hypothesis import assume, given
from hypothesis import strategies as st

from hyprl_lab.engine import native, reference
from hyprl_lab.engine.simulation import KINDS, REASONS, STATUSES, Simulation, SimulationInputs
from hyprl_lab.errors import LabError

ENGINES = {"native": native.simulate, "python": reference.simulate}
ROUNDING = 1e-11
"""Of all the money that changed hands: a sum of some hundred rounded terms."""

any_case = st.booleans().flatmap(lambda intraday: cases(intraday=intraday))


def simulated(engine: str, case: Case) -> tuple[SimulationInputs, Simulation]:
    inputs = case.inputs()
    try:
        return inputs, ENGINES[engine](inputs)
    except LabError:
        assume(False)
        raise


@pytest.mark.parametrize("engine", ENGINES)
@given(case=any_case)
def test_cash_is_conserved(engine: str, case: Case) -> None:
    """Cash, fills, fees and financing make the last equity, to the cent and far below."""
    _inputs, found = simulated(engine, case)
    orders, execution = found.orders, case.execution
    scale = execution.multiplier * execution.option_delta
    filled = orders.status != STATUSES.index("cancelled")
    notional = (orders.quantity * scale * orders.price)[filled]
    side = orders.side[filled].astype(float)
    fees, financing = orders.fee[filled].sum(), found.trades.financing.sum()
    cash = case.cash - (side * notional).sum() - fees - financing
    held = (side * orders.quantity[filled]).sum()
    allowed = ROUNDING * (case.cash + notional.sum() + abs(financing))
    assert found.trades.fees.sum() == pytest.approx(fees, abs=allowed, rel=0)
    assert found.values["fees_paid"] == pytest.approx(fees, abs=allowed, rel=0)
    last = case.market.columns["close"][-1]
    if found.ruined_bar is None:
        if execution.at_end == "close":
            assert abs(held) * last * scale <= allowed
        assert found.equity[-1] == pytest.approx(cash + held * scale * last, abs=allowed, rel=0)
        profit = found.equity[-1] - case.cash
    else:
        bar = found.ruined_bar
        prices = [case.market.columns[name][bar] for name in ("open", "close")]
        owed = [cash + held * scale * price for price in prices]
        assert min(abs(-found.deficit - money) for money in owed) <= allowed
        assert not found.equity[bar - case.start :].any()
        assert not (orders.bar > bar).any()
        profit = -found.deficit - case.cash
    assert found.trades.pnl.sum() == pytest.approx(profit, abs=10 * allowed, rel=0)


@pytest.mark.parametrize("engine", ENGINES)
@given(case=any_case)
def test_no_fill_lies_outside_its_bar_before_slippage(engine: str, case: Case) -> None:
    _, found = simulated(engine, case)
    orders, execution = found.orders, case.execution
    filled = orders.status != STATUSES.index("cancelled")
    slip = execution.slippage_bps / 10_000.0 + execution.spread_pct / 2.0
    worse = np.where(orders.kind == KINDS.index("limit"), 0.0, slip)
    price = (orders.price / (1.0 + orders.side * worse))[filled]
    bar = orders.bar[filled]
    assert (price <= case.market.columns["high"][bar] * (1 + 1e-12)).all()
    assert (price >= case.market.columns["low"][bar] * (1 - 1e-12)).all()
    assert np.isnan(orders.price[~filled]).all()
    assert not orders.quantity[~filled].any()
    assert (orders.quantity[filled] > 0.0).all()
    assert (orders.quantity[filled] <= orders.asked[filled] * (1 + 1e-12)).all()


@pytest.mark.parametrize("engine", ENGINES)
@given(case=any_case)
def test_fills_share_the_volume_of_their_bar(engine: str, case: Case) -> None:
    """Up to the forced exit at the end, which is whole."""
    assume(case.execution.participation_rate is not None)
    _, found = simulated(engine, case)
    orders = found.orders
    limited = (orders.quantity > 0.0) & (orders.reason != REASONS.index("forced"))
    taken = np.bincount(orders.bar[limited], orders.quantity[limited], minlength=len(case.market))
    budget = case.execution.participation_rate * case.market.columns["volume"]
    assert (taken <= budget * (1 + 1e-9)).all()


@pytest.mark.parametrize("engine", ENGINES)
@given(case=any_case)
def test_quantities_are_whole_lots(engine: str, case: Case) -> None:
    lot = case.execution.lot_size or (1.0 if case.execution.whole_units else None)
    assume(lot is not None)
    _, found = simulated(engine, case)
    lots = found.orders.quantity / lot
    np.testing.assert_allclose(lots, np.round(lots), rtol=1e-9, atol=1e-9)
