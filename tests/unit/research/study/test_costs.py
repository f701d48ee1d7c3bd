"""What the ledger says of other costs, against trials worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.research.study.costs import LEDGER_METRICS, Costs, Ledgered, unbound


def costs(fee: float = 0.0, flat: float = 0.0, slippage: float = 0.0) -> Costs:
    return Costs(fee=np.array([fee]), fee_per_trade=np.array([flat]), slippage=np.array([slippage]))


def trade(old: Costs, *, units: float = 10.0, out: float = 120.0, fall: float = 0.1) -> Ledgered:
    """One long trade at market prices 100 and `out` under some costs, cash 10,000."""
    fee, flat, slip = (float(part[0]) for part in (old.fee, old.fee_per_trade, old.slippage))
    bought, sold = units * 100.0 * (1 + slip), units * out * (1 - slip)
    fees = fee * (bought + sold) + 2 * flat
    final = 10_000.0 + sold - bought - fees
    metrics = dict.fromkeys(LEDGER_METRICS, 1.0) | {
        "final_equity": final,
        "fees_paid": fees,
        "trades": 1.0,
        "open_trades": 0.0,
        "edge_bps": 10_000.0 * (final - 10_000.0) / (bought + sold) if units else np.nan,
        "max_drawdown_intrabar": fall,
    }
    blocks = {name: np.zeros((1, 17)) for name in ("sum1", "sum2", "sum3", "sum4", "turnover")}
    blocks["turnover"][0, [3, 9]] = np.float32(bought), np.float32(sold)  # as it is stored
    gain = final / 10_000.0 - 1.0
    for power in range(1, 5):
        blocks[f"sum{power}"][0, 9] = gain**power
    return Ledgered(
        metrics={name: np.array([value]) for name, value in metrics.items()},
        blocks=blocks,
        costs=old,
        cash=10_000.0,
        years=2.0,
        periods_per_year=252.0,
        returns=504,
    )


PAIRS = [
    (costs(), costs(0.001)),
    (costs(0.001, 2.0), costs(0.0005, 3.0)),
    (costs(), costs(slippage=0.002)),
    (costs(0.001, 1.0, 0.003), costs(0.002, 0.0, 0.0005)),
    (costs(0.001, 1.0, 0.003), costs()),
]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_a_trade_of_fixed_units_is_repriced_exactly(old: Costs, new: Costs) -> None:
    expected = trade(new).metrics
    found = trade(old).repriced(new, fixed=True)
    for name in ("final_equity", "fees_paid", "edge_bps"):
        assert found[name] == pytest.approx(expected[name], rel=1e-12), name
    gain = float(expected["final_equity"][0]) / 10_000.0
    assert found["total_return"] == pytest.approx(gain - 1, rel=1e-10)
    assert found["pnl_per_10k"] == pytest.approx(10_000 * (gain - 1), rel=1e-10)
    assert found["cagr"] == pytest.approx(gain**0.5 - 1, rel=1e-10)


def test_the_bill_by_hand() -> None:
    """1,000 bought and 1,200 sold: 10 bps more is 2.20; 1 more a fill 2; slippage 1 % 22."""
    bill = trade(costs()).bill(costs(0.001, 1.0, 0.01))
    assert bill.fees_per_trade == pytest.approx(2.0)
    assert bill.slippage == pytest.approx(10.0 + 12.0)
    assert bill.notional == pytest.approx(10.0 - 12.0)
    assert bill.fees == pytest.approx(0.001 * (1_010.0 + 1_188.0))
    assert bill.total == pytest.approx(2.0 + 22.0 + 2.198)


def test_all_in_loses_the_same_share_at_each_fill() -> None:
    """All in, 100 units: each fill leaves 1/(1 + f) or (1 - f) of equity, f = 10 bps.

    The sale is in the block in which all is won, whose mean equity √(10,000·12,000) is 4.6 % off
    its own; so is its fee.
    """
    old = trade(costs(), units=100.0)
    found = old.repriced(costs(0.001), fixed=False)
    lost = 12_000.0 - 12_000.0 / 1.001 * 0.999
    assert 12_000.0 - found["final_equity"] == pytest.approx(lost, rel=0.06)
    assert found["fees_paid"] == pytest.approx(10.0 / 1.001 + 12.0 / 1.001, rel=0.01)


@pytest.mark.parametrize("fixed", [True, False])
def test_the_same_costs_change_nothing(fixed: bool) -> None:
    old = trade(costs(0.001, 1.0, 0.003))
    found = old.repriced(old.costs, fixed=fixed)
    for name in ("final_equity", "fees_paid", "edge_bps"):
        assert found[name] == pytest.approx(old.metrics[name], rel=1e-3 if not fixed else 1e-12)


def test_what_loses_everything_is_ruined_and_has_no_ratio() -> None:
    found = trade(costs(), units=100.0).repriced(costs(flat=1e5), fixed=True)
    assert found["final_equity"] == 0.0
    assert found["total_return"] == -1.0
    assert found["cagr"] == -1.0


def test_a_trial_without_fills_has_no_edge() -> None:
    idle = trade(costs(), units=0.0)
    idle.metrics["trades"][:] = 0.0
    for fixed in (True, False):
        found = idle.repriced(costs(0.001), fixed=fixed)
        assert np.isnan(found["edge_bps"]).all()
        assert found["final_equity"] == 10_000.0
        assert found["fees_paid"] == 0.0


def proved(trial: Ledgered, new: Costs, **changed: Any) -> bool:
    given = {"units": 10.0, "leverage": 1.0, "point_value": 1.0} | changed
    arrays = {name: np.array([value]) for name, value in given.items()}
    return bool(unbound(trial, new, highest=130.0, **arrays)[0])


def test_quantities_are_proved_by_the_worst_case() -> None:
    """Equity is at least 9,000 less what is paid more; 10 units cost at most 1,300."""
    trial, more = trade(costs()), costs(0.001)
    assert proved(trial, more)
    assert proved(trial, more, units=69.0)  # 69·130·1.001 = 8,978.97 of 9,000 - 2.2
    assert not proved(trial, more, units=69.2)  # 9,004.996
    assert proved(trial, more, units=69.2, leverage=2.0)
    assert not proved(trial, more, units=10.0, point_value=7.0)
    assert not proved(trial, costs(slippage=0.01), units=69.0)
    assert not proved(trial, costs(flat=200.0), units=69.0)
    assert not proved(trade(costs(), fall=1.0), more)
