"""Costs, partial fills, financing and the end, by hand from rules 8, 12 and 13 of execution.md."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.engine.config import AllIn, FixedUnits, KellyFraction, RiskPct, VolatilityTarget
from hyprl_lab.engine.simulation import REASONS, Simulation
from hyprl_lab.errors import BarsError

DAY_US = 86_400_000_000
NAN = float("nan")


def level(*prices: float) -> list[tuple[float, float, float, float]]:
    return [(price, price, price, price) for price in prices]


# Costs


def test_half_the_spread_is_paid_with_the_slippage(play: Any) -> None:
    result = play(
        level(100.0, 100.0, 100.0), {"long_entry": [0]}, slippage_bps=10.0, spread_pct=0.002
    )
    assert result.trades.entry_price[0] == pytest.approx(100.2)
    assert result.trades.exit_price[0] == pytest.approx(99.8)


def test_trades_and_orders_tell_their_fees(play: Any) -> None:
    result = play(
        level(100.0, 100.0, 110.0),
        {"long_entry": [0]},
        risk=FixedUnits(10),
        fee_bps=100.0,
        fee_per_trade=2.0,
    )
    assert result.orders.fee.tolist() == pytest.approx([12.0, 13.0])  # 1 % of 1,000 and of 1,100
    assert result.trades.fees.tolist() == pytest.approx([25.0])
    assert result.trades.pnl.tolist() == pytest.approx([75.0])


# Partial fills


def test_the_rest_of_an_entry_and_of_an_exit_is_carried(play: Any, orders_of: Any) -> None:
    """A tenth of the volume: 30 of 100 units, then the 70; 60 of 100 out, then the 40."""
    result = play(
        level(100.0, 100.0, 90.0, 95.0, 97.0, 97.0),
        {"long_entry": [0], "long_exit": [2]},
        volume=[0.0, 305.0, 1_000.0, 600.0, 400.0, 0.0],
        participation_rate=0.1,
        whole_units=True,
    )
    assert orders_of(result) == [
        (1, 0, 1, "entry", "market", "signal", "partial", ""),
        (2, -1, 1, "entry", "market", "signal", "filled", ""),
        (3, 2, -1, "exit", "market", "signal", "partial", ""),
        (4, -1, -1, "exit", "market", "signal", "filled", ""),
    ]
    assert result.orders.asked.tolist() == [100.0, 70.0, 100.0, 40.0]
    assert result.orders.quantity.tolist() == [30.0, 70.0, 60.0, 40.0]
    trades = result.trades
    assert (trades.entry_bar.tolist(), trades.exit_bar.tolist()) == ([1], [4])
    assert trades.quantity.tolist() == [100.0]
    assert trades.entry_price[0] == pytest.approx(93.0)
    assert trades.exit_price[0] == pytest.approx(95.8)
    assert trades.pnl[0] == pytest.approx(280.0)
    assert result.equity.tolist() == [10_000.0, 10_000.0, 9_700.0, 10_200.0, 10_280.0, 10_280.0]
    assert result.values["exposure"] == pytest.approx(4 / 6)


def test_a_rest_has_the_room_that_leverage_leaves(play: Any) -> None:
    # 30 of 100 at 100; at 110 equity is 10,300: 93 units in all, so 63 of the rest
    result = play(
        level(100.0, 100.0, 110.0, 110.0),
        {"long_entry": [0]},
        volume=[0.0, 300.0, 9_999.0, 9_999.0],
        participation_rate=0.1,
        whole_units=True,
    )
    assert result.orders.quantity.tolist()[:2] == [30.0, 63.0]
    assert result.orders.asked.tolist()[:2] == [100.0, 63.0]


def test_a_rest_is_dropped_with_unfilled_cancel(play: Any, orders_of: Any) -> None:
    result = play(
        level(100.0, 100.0, 90.0, 90.0, 90.0),
        {"long_entry": [0], "long_exit": [2]},
        volume=[0.0, 300.0, 1_000.0, 200.0, 1_000.0],
        participation_rate=0.1,
        unfilled="cancel",
    )
    assert result.orders.quantity.tolist() == pytest.approx([30.0, 20.0, 10.0])
    assert orders_of(result)[1:] == [
        (3, 2, -1, "exit", "market", "signal", "partial", ""),
        (4, -1, -1, "exit", "market", "forced", "filled", ""),  # the exit was not asked again
    ]
    assert REASONS[result.trades.reason[0]] == "forced"


def test_a_rest_is_dropped_as_soon_as_an_exit_is_decided(play: Any, trades_of: Any) -> None:
    result = play(
        level(100.0, 100.0, 100.0, 100.0, 100.0),
        {"long_entry": [0], "long_exit": [1]},
        volume=[0.0, 300.0, 100.0, 1_000.0, 1_000.0],
        participation_rate=0.1,
    )
    # 30 in; at bar 2 it goes out, 10 of them; the 70 are not asked for any more
    assert result.orders.quantity.tolist() == pytest.approx([30.0, 10.0, 20.0])
    assert trades_of(result) == [(1, 3, 1, 100.0, 100.0, "signal")]


@pytest.mark.parametrize("order", ["entry_limit", "entry_stop"])
def test_the_rest_of_an_entry_order_is_never_carried(play: Any, order: str) -> None:
    result = play(
        level(100.0, 100.0, 100.0, 100.0),
        {"long_entry": [0]},
        volume=[0.0, 300.0, 9_999.0, 9_999.0],
        participation_rate=0.1,
        **{order: 100.0},
    )
    assert result.trades.quantity.tolist() == pytest.approx([30.0])


def test_a_stop_that_finds_no_volume_is_carried_to_the_open(
    play: Any, trades_of: Any, orders_of: Any
) -> None:
    bars = [*level(100.0, 100.0), (100.0, 100.0, 90.0, 92.0), *level(97.0, 98.0)]
    result = play(
        bars,
        {"long_entry": [0, 2]},
        stop=("percent", 0.05),
        volume=[0.0, 9_999.0, NAN, 9_999.0, 9_999.0],
        participation_rate=0.1,
    )
    # nothing is sold at 95; all of it at the open of 97, where the next entry follows
    assert trades_of(result) == [
        (1, 3, 1, 100.0, 97.0, "stop_loss"),
        (3, 4, 1, 97.0, 98.0, "forced"),
    ]
    assert orders_of(result)[1] == (3, -1, -1, "exit", "market", "stop_loss", "filled", "")
    assert result.values["max_drawdown_intrabar"] == pytest.approx(0.1)  # it sat through the low
    assert result.trades.mae[0] == pytest.approx(-0.1)


def test_while_an_exit_is_carried_nothing_else_acts(play: Any, orders_of: Any) -> None:
    # out from bar 2 on, one unit a bar; the target, the stop and the short entry are not looked at
    bars = [
        *level(100.0, 100.0, 100.0),
        (100.0, 120.0, 80.0, 100.0),
        *level(100.0, 100.0),
    ]
    result = play(
        bars,
        {"long_entry": [0], "long_exit": [1], "short_entry": [2]},
        risk=FixedUnits(3),
        stop=("percent", 0.1),
        target=("percent", 0.1),
        volume=[0.0, 30.0, 10.0, 10.0, 10.0, 10.0],
        participation_rate=0.1,
    )
    assert [row[:2] + row[3:6] for row in orders_of(result)] == [
        (1, 0, "entry", "market", "signal"),
        (2, 1, "exit", "market", "signal"),
        (3, -1, "exit", "market", "signal"),
        (4, -1, "exit", "market", "signal"),
    ]
    assert len(result.trades) == 1


def test_fills_of_a_bar_share_its_volume(play: Any) -> None:
    # out of 100 and into a short with what is left of 150
    result = play(
        level(100.0, 100.0, 100.0, 100.0),
        {"long_entry": [0], "short_entry": [1]},
        volume=[0.0, 9_999.0, 1_500.0, 0.0],
        participation_rate=0.1,
    )
    assert result.orders.quantity.tolist() == pytest.approx([100.0, 100.0, 50.0, 50.0])
    assert REASONS[result.trades.reason[1]] == "forced"  # the end is not limited by volume


def test_with_cancel_levels_act_again_from_the_next_bar(play: Any, trades_of: Any) -> None:
    # the signal finds no volume at bar 2; its low of 90 is not looked at, that of bar 3 is
    bars = [
        *level(100.0, 100.0),
        (100.0, 100.0, 90.0, 100.0),
        (100.0, 100.0, 94.0, 100.0),
        *level(100.0),
    ]
    result = play(
        bars,
        {"long_entry": [0], "long_exit": [1]},
        stop=("price", 95.0),
        volume=[0.0, 9_999.0, 0.0, 9_999.0, 9_999.0],
        participation_rate=0.1,
        unfilled="cancel",
    )
    assert trades_of(result) == [(1, 3, 1, 100.0, 95.0, "stop_loss")]


def test_a_budget_of_whole_lots(play: Any) -> None:
    result = play(
        level(100.0, 100.0),
        {"long_entry": [0]},
        volume=[0.0, 199.0],
        participation_rate=0.1,
        lot_size=5.0,
    )
    assert result.trades.quantity.tolist() == [15.0]  # of 19.9


def test_a_share_of_volume_needs_a_volume(play: Any) -> None:
    with pytest.raises(BarsError, match="volume"):
        play(level(100.0, 100.0), participation_rate=0.1)


# Financing


def test_borrow_is_paid_by_the_second_over_gaps(play: Any) -> None:
    # 10 short at 100, 3.6 % of 360 days: 0.1 a day; one day, then three
    result = play(
        level(100.0, 100.0, 100.0, 100.0),
        {"short_entry": [0]},
        risk=FixedUnits(10),
        borrow_cost_bps=360.0,
        ts=[0, DAY_US, 2 * DAY_US, 5 * DAY_US],
    )
    assert result.trades.financing.tolist() == pytest.approx([0.4])
    assert result.trades.pnl.tolist() == pytest.approx([-0.4])
    assert result.equity.tolist() == pytest.approx([10_000.0, 10_000.0, 9_999.9, 9_999.6])
    long = play(level(*[100.0] * 4), {"long_entry": [0]}, borrow_cost_bps=360.0)
    assert long.trades.financing.tolist() == [0.0]


@pytest.mark.parametrize(("side", "sign"), [("long_entry", 1.0), ("short_entry", -1.0)])
def test_longs_pay_a_positive_funding_rate(play: Any, side: str, sign: float) -> None:
    # on 1,000 carried from the close before: 10, nothing, then 20 back
    result = play(
        level(100.0, 100.0, 100.0, 100.0, 100.0),
        {side: [0]},
        risk=FixedUnits(10),
        funding_rate=[0.5, 0.5, 0.01, NAN, -0.02],
    )
    assert result.trades.financing.tolist() == pytest.approx([-10.0 * sign])
    assert result.equity.tolist() == pytest.approx(
        [10_000.0, 10_000.0, 10_000.0 - 10 * sign, 10_000.0 - 10 * sign, 10_000.0 + 10 * sign]
    )


def test_financing_is_charged_on_money_a_point(play: Any) -> None:
    result = play(
        level(100.0, 100.0, 100.0),
        {"short_entry": [0]},
        risk=FixedUnits(2),
        multiplier=5.0,
        funding_rate=[0.0, 0.0, 0.01],
    )
    assert result.trades.financing.tolist() == pytest.approx([-10.0])


def test_financing_comes_before_the_test_for_ruin(play: Any, trades_of: Any) -> None:
    result = play(
        level(100.0, 100.0, 100.0, 100.0), {"long_entry": [0]}, funding_rate=[0.0, 0.0, 1.5, 0.0]
    )
    assert trades_of(result) == [(1, 2, 1, 100.0, 100.0, "ruined")]
    assert result.trades.pnl.tolist() == [-15_000.0]
    assert (result.ruined_bar, result.deficit) == (2, 5_000.0)
    assert len(result.orders) == 1  # ruin is no order


# All of it together


def wild(play: Any, seed: int) -> tuple[np.ndarray[Any, Any], Simulation]:
    stream = np.random.default_rng(seed)
    n = 240
    close = 100 * np.exp(np.cumsum(stream.normal(0, 0.02, n)))
    open_ = np.concatenate([[100.0], close[:-1]]) * (1 + stream.normal(0, 0.01, n))
    reach = np.abs(stream.normal(0, 0.01, (2, n)))
    bars = np.column_stack(
        [
            open_,
            np.maximum(open_, close) * (1 + reach[0]),
            np.minimum(open_, close) * (1 - reach[1]),
            close,
        ]
    )
    names = ("long_entry", "long_exit", "short_entry", "short_exit")
    signals = {name: np.flatnonzero(stream.random(n) < 0.15).tolist() for name in names}
    at_close = bool(seed % 5 == 4)
    order = [None, "entry_limit", "entry_stop"][0 if at_close else seed % 3]
    settings: dict[str, Any] = {
        "stop": ("percent", 0.03),
        "target": ("percent", 0.05),
        "trail": ("distance", 4.0),
        "time_stop": 9,
        "risk": [
            AllIn(),
            RiskPct(0.02),
            VolatilityTarget(0.2, 10),
            KellyFraction(0.5, window=5, fallback=0.2),
        ][seed % 4],
        "volume": stream.uniform(0.0, 1_500.0, n),
        "funding_rate": stream.normal(0, 1e-4, n),
        "participation_rate": 0.1,
        "unfilled": "carry" if seed % 2 else "cancel",
        "borrow_cost_bps": 300.0,
        "fee_bps": 5.0,
        "fee_per_trade": 0.5,
        "slippage_bps": 4.0,
        "intrabar": ["stop_first", "target_first", "nearest_first"][seed % 3],
        "reenter_same_bar": bool(seed % 2),
        "multiplier": 2.0,
        "lot_size": [None, 0.1, 1.0][seed % 3],
        "leverage": 1.5,
        "session": np.arange(n) // 6,
        "square_off": [t for t in range(n) if t % 6 == 5],
        "intraday": bool(seed % 2),
        "fill": "same_close" if at_close else "next_open",
        "start": 20,
    }
    if order is not None:
        settings[order] = close * (0.998 if order == "entry_limit" else 1.002)
    return bars, play(bars, signals, **settings)


@pytest.mark.parametrize("seed", range(30))
def test_money_is_conserved(play: Any, seed: int) -> None:
    bars, result = wild(play, seed)
    trades, orders = result.trades, result.orders
    assert len(trades) > 3
    assert result.ruined_bar is None
    assert result.equity[-1] == pytest.approx(10_000.0 + trades.pnl.sum(), rel=1e-12)
    assert result.values["fees_paid"] == pytest.approx(orders.fee.sum(), rel=1e-12)
    assert trades.fees.sum() == pytest.approx(orders.fee.sum(), rel=1e-12)
    filled = orders.status < 2
    assert (orders.side * orders.quantity).sum() == pytest.approx(0.0, abs=1e-9)
    assert trades.quantity.sum() == pytest.approx(
        orders.quantity[orders.intent == 0].sum(), rel=1e-12
    )
    assert result.blocks[:, 5].sum() == pytest.approx(
        np.nansum(orders.quantity * 2.0 * orders.price), rel=1e-12
    )
    # before slippage no fill lies outside its bar
    slipped = np.where(orders.kind == 1, 0.0, 4e-4)
    market = (orders.price / (1 + orders.side * slipped))[filled]
    rows = orders.bar[filled]
    assert (market <= bars[rows, 1] * (1 + 1e-12)).all()
    assert (market >= bars[rows, 2] * (1 - 1e-12)).all()
    assert (np.diff(orders.bar) >= 0).all()
    assert (orders.why[filled] == 0).all()
    assert (orders.why[~filled] > 0).all()
    assert np.isnan(orders.price[~filled]).all()
    assert (trades.mae <= trades.mfe).all()
    assert result.values["max_drawdown_intrabar"] >= result.values["max_drawdown"] - 1e-12


def test_the_wild_accounts_see_every_reason_and_cause(play: Any) -> None:
    results = [wild(play, seed)[1] for seed in range(30)]
    reasons = {REASONS[code] for result in results for code in result.trades.reason}
    assert {"signal", "stop_loss", "take_profit", "trailing_stop", "session"} <= reasons
    whys = {int(code) for result in results for code in result.orders.why}
    assert {0, 3, 4, 5} <= whys
    assert any((result.orders.status == 1).any() for result in results)
