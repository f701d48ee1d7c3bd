"""What goes over to the compiled engine, and what comes back, on an account worked by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from hyprl_lab import kernels
from hyprl_lab.data.longer import LongerBars
from hyprl_lab.engine import native, reference
from hyprl_lab.engine.config import AllIn, FixedUnits, KellyFraction
from hyprl_lab.engine.simulation import (
    INTENTS,
    KINDS,
    REASONS,
    STATUSES,
    WHYS,
    OrderColumns,
    SimulationInputs,
    TradeColumns,
)
from hyprl_lab.errors import CancelledError, ConfigError

Dictated = Callable[..., SimulationInputs]

# open, high, low, close
BARS = [
    (10.0, 11.0, 9.0, 10.0),
    (10.0, 12.0, 9.0, 11.0),
    (12.0, 13.0, 11.0, 12.0),
    (15.0, 16.0, 14.0, 15.0),
    (20.0, 21.0, 19.0, 20.0),
]


def test_a_trade_by_hand(dictated: Dictated) -> None:
    """1,000 buy 100 units at 10, the open after the signal; sold at 15, the open after the exit."""
    found = native.simulate(
        dictated(BARS, {"long_entry": [0], "long_exit": [2]}, cash=1_000.0, years=2.0)
    )
    assert found.equity.tolist() == [1000.0, 1100.0, 1200.0, 1500.0, 1500.0]
    trades = found.trades
    assert len(trades) == 1
    assert (trades.entry_bar[0], trades.exit_bar[0], trades.side[0]) == (1, 3, 1)
    assert (trades.entry_price[0], trades.exit_price[0], trades.quantity[0]) == (10.0, 15.0, 100.0)
    assert (trades.pnl[0], trades.trade_return[0]) == (500.0, 0.5)
    assert np.isnan(trades.stop_price[0])
    assert REASONS[trades.reason[0]] == "signal"
    assert found.values["total_return"] == 0.5
    assert found.values["cagr"] == pytest.approx(1.5**0.5 - 1.0, rel=1e-12)
    assert found.values["turnover"] == pytest.approx((1000 + 1500) / (6300 / 5) / 2.0, rel=1e-12)
    assert (found.ruined_bar, found.deficit) == (None, 0.0)
    assert found.blocks.shape == (17, 6)
    assert found.blocks[:, 5].sum() == 2500.0


def test_a_short_that_owes_is_ruined(dictated: Dictated) -> None:
    """Short 100 at 10 with 1,000: at 25 the account owes 500."""
    bars = [(10.0, 10.0, 10.0, 10.0), (10.0, 10.0, 10.0, 10.0), (25.0, 25.0, 25.0, 25.0)]
    found = native.simulate(dictated(bars, {"short_entry": [0]}, cash=1_000.0))
    assert found.equity.tolist() == [1000.0, 1000.0, 0.0]
    assert (found.ruined_bar, found.deficit) == (2, 500.0)
    assert found.trades.side.tolist() == [-1]
    assert REASONS[found.trades.reason[0]] == "ruined"


def test_types_are_those_of_the_simulation(dictated: Dictated) -> None:
    found = native.simulate(dictated(BARS, {"long_entry": [0]}))
    trades, orders = found.trades, found.orders
    assert (trades.side.dtype, trades.reason.dtype) == (np.int8, np.int8)
    assert trades.entry_bar.dtype == np.int64
    for kind, columns in ((TradeColumns, trades), (OrderColumns, orders)):
        like = kind.empty()
        for item in fields(kind):
            assert getattr(columns, item.name).dtype == getattr(like, item.name).dtype, item.name


def test_orders_by_hand(dictated: Dictated) -> None:
    """Bought at the open of bar 1 for the signal of bar 0, sold at the open of bar 3."""
    orders = native.simulate(
        dictated(BARS, {"long_entry": [0], "long_exit": [2]}, cash=1_000.0, fee_per_trade=2.0)
    ).orders
    assert orders.bar.tolist() == [1, 3]
    assert orders.signal_bar.tolist() == [0, 2]
    assert orders.side.tolist() == [1, -1]
    assert [INTENTS[code] for code in orders.intent] == ["entry", "exit"]
    assert [KINDS[code] for code in orders.kind] == ["market", "market"]
    assert [STATUSES[code] for code in orders.status] == ["filled", "filled"]
    assert [WHYS[code] for code in orders.why] == ["", ""]
    assert orders.quantity.tolist() == orders.asked.tolist() == [99.8, 99.8]
    assert orders.price.tolist() == [10.0, 15.0]
    assert orders.fee.tolist() == [2.0, 2.0]


def test_costs_and_excursion_of_a_trade(dictated: Dictated) -> None:
    """Held from 10 over a low of 9 and a high of 13; sold at 15, the best price seen."""
    trades = native.simulate(
        dictated(BARS, {"long_entry": [0], "long_exit": [2]}, cash=1_000.0, fee_per_trade=2.0)
    ).trades
    assert trades.fees.tolist() == [4.0]
    assert trades.financing.tolist() == [0.0]
    assert trades.mae[0] == pytest.approx(-0.1, rel=1e-12)
    assert trades.mfe[0] == pytest.approx(0.5, rel=1e-12)


def test_the_portable_path_is_equal_to_the_bit(dictated: Dictated) -> None:
    inputs = dictated(BARS, {"long_entry": [0], "long_exit": [2]}, fee_bps=3.0)
    usual, portable = native.simulate(inputs), native.simulate(inputs, portable=True)
    assert usual.equity.tobytes() == portable.equity.tobytes()
    assert usual.blocks.tobytes() == portable.blocks.tobytes()
    assert usual.behaviour_hash == portable.behaviour_hash


def test_a_watch_is_told_and_can_stop(dictated: Dictated) -> None:
    inputs = dictated(BARS, {"long_entry": [0]})
    told: list[tuple[int, int]] = []
    native.simulate(inputs, watch=lambda done, total: told.append((done, total)) or False)
    assert told
    assert {total for _, total in told} == {len(BARS)}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    with pytest.raises(CancelledError):
        native.simulate(inputs, watch=lambda done, total: True)


def test_what_a_watch_raises_comes_out(dictated: Dictated) -> None:
    def watch(done: int, total: int) -> bool:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        native.simulate(dictated(BARS), watch=watch)


def test_the_three_readings_of_a_bar(dictated: Dictated) -> None:
    """Entered at 100 for 1,000; the bar reaches the stop at 90 and the target at 120."""
    bars = [(100.0, 100.0, 100.0, 100.0), (100.0, 125.0, 85.0, 100.0)]
    found = native.intrabar(
        dictated(
            bars,
            {"long_entry": [0]},
            stop=("percent", 0.1),
            target=("percent", 0.2),
            cash=1_000.0,
            intrabar="target_first",
        )
    )
    ends = {mode: simulation.equity[-1] for mode, simulation in found.items()}
    assert ends == {"stop_first": 900.0, "nearest_first": 900.0, "target_first": 1_200.0}


def test_the_setup_leaves_out_headline_points_before_the_start(dictated: Dictated) -> None:
    inputs = dictated(BARS, start=2, headline=[0, 1, 2, 4], cash=7.0, fee_bps=3.0, years=0.5)
    made = native.setup(inputs)
    assert made.headline.tolist() == [2, 4]
    assert made.headline.dtype == np.int64
    assert made.headline.flags.c_contiguous
    assert (made.cash, made.start, made.years, made.periods_per_year) == (7.0, 2, 0.5, 252.0)
    assert json.loads(made.graph) == inputs.graph
    assert json.loads(made.execution) == inputs.execution.to_json()
    assert json.loads(made.execution)["fee_bps"] == 3.0
    assert json.loads(made.risk)["model"] == "all_in"


def test_the_setup_has_what_clock_and_calendar_say_in_the_engines_types(
    dictated: Dictated,
) -> None:
    plain = dictated(BARS)
    made = native.setup(plain)
    assert made.ts.tolist() == plain.ts.tolist()
    assert made.bars_per_year == plain.bars_per_year
    assert (made.clock, made.longer, made.session, made.square_off) == ([], [], None, None)
    count = len(BARS)
    bucket, closed = np.arange(count, dtype=np.int32), np.ones(count, np.uint8)
    made = native.setup(
        replace(
            plain,
            clock={"weekday": np.arange(count)},
            longer={"2d": LongerBars(bucket, closed)},
            session=np.arange(2 * count)[::2],
            square_off=np.zeros(count, np.bool_),
        )
    )
    assert [(name, values.dtype) for name, values in made.clock] == [("weekday", np.float64)]
    ((timeframe, numbers, ends),) = made.longer
    assert (timeframe, numbers.dtype, ends.dtype) == ("2d", np.int64, np.bool_)
    assert made.session is not None
    assert made.session.flags.c_contiguous
    assert made.session.tolist() == [0, 2, 4, 6, 8]
    assert made.square_off is not None


def test_parameters_go_over_by_name_in_any_order() -> None:
    import hyprl_lab as hl
    from hyprl_lab.strategy.builtin import dual_sma

    bars = hl.load_bars("TEST")
    one, other = (
        hl.backtest(bars, dual_sma(), params=params, record=False)
        for params in ({"fast": 5, "slow": 20}, {"slow": 20, "fast": 5})
    )
    assert one.simulation.behaviour_hash == other.simulation.behaviour_hash


def test_the_version_is_the_kernels() -> None:
    assert native.version() == kernels.VERSION
    assert native.version()[0].isdigit() or native.version().startswith("native")


@pytest.mark.parametrize("cash", [0, -5.0, float("nan"), float("inf"), None, "x", True])
def test_both_engines_refuse_cash_in_the_same_words(dictated: Dictated, cash: object) -> None:
    inputs = replace(dictated(BARS, {"long_entry": [0]}, cash=1_000.0), cash=cash)
    said = []
    for engine in (reference, native):
        with pytest.raises(ConfigError, match="backtest cash=") as refused:
            engine.simulate(inputs)
        said.append(str(refused.value))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "settings",
    [
        {"risk": FixedUnits(0.2)},
        {"risk": FixedUnits(1.0), "multiplier": 1e-9},
        {"risk": FixedUnits(0.001), "slippage_bps": 5000.0},
        {"risk": KellyFraction(0.5, window=2, fallback=0.1)},
        {"risk": AllIn(), "lot_size": 1e-9},
    ],
)
def test_the_smallest_prices_divide_alike(dictated: Dictated, settings: dict[str, object]) -> None:
    """Sizes times such prices are 0 in a float64: IEEE 754 says what 0 ÷ 0 is, in both engines."""
    smallest = 5e-324
    bars = [(smallest * (1 + t % 3),) * 4 for t in range(12)]
    signals = {"long_entry": [0, 4, 8], "long_exit": [2, 6], "short_entry": [7]}
    inputs = dictated(bars, signals, **settings)
    twin, found = reference.simulate(inputs), native.simulate(inputs)
    for name in ("trade_return", "pnl", "mae", "mfe", "quantity"):
        np.testing.assert_array_equal(getattr(found.trades, name), getattr(twin.trades, name))
    np.testing.assert_array_equal(found.equity, twin.equity)
    assert found.values == pytest.approx(twin.values, abs=1e-10, nan_ok=True)
