"""How much an entry may have, worked by hand from rule 9 of docs/execution.md."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hyprl_lab.engine.config import (
    FixedFraction,
    FixedUnits,
    KellyFraction,
    RiskPct,
    VolatilityTarget,
)
from hyprl_lab.engine.reference_graph import evaluate
from hyprl_lab.engine.reference_sizing import (
    Sizer,
    check_risk,
    deviation,
    kelly_root,
    whole_lots,
)
from hyprl_lab.errors import ConfigError


def level(*prices: float) -> list[tuple[float, float, float, float]]:
    return [(price, price, price, price) for price in prices]


BUY: Any = {"long_entry": [0]}


def quantities(play: Any, *args: Any, **kwargs: Any) -> list[float]:
    found: list[float] = play(*args, **kwargs).trades.quantity.tolist()
    return found


def test_fixed_units_and_leverage(play: Any) -> None:
    bars = level(100.0, 100.0)
    assert quantities(play, bars, BUY, risk=FixedUnits(30)) == [30.0]
    assert quantities(play, bars, BUY, risk=FixedUnits(30), cash=1_000.0) == [10.0]
    assert quantities(play, bars, BUY, risk=FixedUnits(30), cash=1_000.0, leverage=2.5) == [25.0]
    # (1,000 · 2 - 10)/(100 · 1.01)
    assert quantities(
        play,
        bars,
        BUY,
        risk=FixedUnits(30),
        cash=1_000.0,
        leverage=2,
        fee_per_trade=10,
        fee_bps=100,
    ) == [1_990.0 / 101.0]


def test_all_in_is_all_equity_and_not_all_leverage(play: Any) -> None:
    assert quantities(play, level(100.0, 100.0), BUY, leverage=3.0) == [100.0]


def test_a_fraction_up_to_the_leverage(play: Any) -> None:
    bars = level(100.0, 100.0)
    assert quantities(play, bars, BUY, risk=FixedFraction(0.5), leverage=0.5) == [50.0]
    with pytest.raises(ConfigError, match="leverage"):
        play(bars, BUY, risk=FixedFraction(0.6), leverage=0.5)


def test_lots(play: Any, orders_of: Any) -> None:
    bars = level(100.0, 100.0)
    assert quantities(play, bars, BUY, lots=2, lot_size=0.5) == [1.0]
    assert quantities(play, bars, BUY, lots=2, whole_units=True) == [2.0]
    assert quantities(play, bars, BUY, lots=2) == [2.0]
    assert quantities(play, bars, BUY, lots=500) == [100.0]  # what there is money for
    assert quantities(play, bars, BUY, lot_size=30.0) == [90.0]
    assert quantities(play, bars, BUY, risk=FixedUnits(0.3), lot_size=0.1) == [
        pytest.approx(0.3, rel=1e-15)  # 0.3/0.1 is 2.9999999999999996, and three lots
    ]
    none = play(bars, BUY, lot_size=150.0)
    assert orders_of(none)[0][7] == "no_quantity"
    # a model that would not trade is not asked
    assert quantities(play, bars, BUY, lots=3, risk=VolatilityTarget(0.2, 5)) == [3.0]


def test_contracts(play: Any) -> None:
    # a unit costs 50 · 100 = 5,000; ten points on two units are 1,000
    result = play(level(100.0, 100.0, 110.0), BUY, multiplier=50.0)
    assert result.trades.quantity.tolist() == [2.0]
    assert result.trades.pnl.tolist() == [1_000.0]
    assert result.trades.trade_return.tolist() == [0.1]
    assert result.equity.tolist() == [10_000.0, 10_000.0, 11_000.0]
    assert result.blocks[:, 5].sum() == 10_000.0 + 11_000.0
    # half of it with a delta of a half; fees on the notional: 20 · 25 · 100 = 50,000 · 1 %
    option = play(
        level(100.0, 100.0, 110.0),
        {"short_entry": [0]},
        multiplier=50.0,
        option_delta=0.5,
        risk=FixedUnits(20),
        leverage=10.0,
        fee_bps=100.0,
    )
    assert option.trades.quantity.tolist() == [20.0]
    assert option.trades.fees.tolist() == pytest.approx([500.0 + 550.0])
    assert option.trades.pnl.tolist() == pytest.approx([-5_000.0 - 1_050.0])
    assert option.equity.tolist() == pytest.approx([10_000.0, 9_500.0, 3_950.0])


def test_risk_pct_takes_the_first_effective_stop(play: Any) -> None:
    bars, risk = level(100.0, 100.0), RiskPct(0.02)
    assert quantities(play, bars, BUY, risk=risk, trail=("distance", 5.0)) == [40.0]
    assert quantities(
        play, bars, BUY, risk=risk, stop=("distance", 10.0), trail=("distance", 5.0)
    ) == [40.0]
    assert quantities(play, bars, BUY, risk=risk, stop=("price", 90.0), multiplier=2.0) == [
        10.0
    ]  # 200/(10 · 2)


def test_risk_pct_needs_a_stop(dictated: Any) -> None:
    inputs = dictated(level(100.0, 100.0), BUY, risk=RiskPct(0.02))
    with pytest.raises(ConfigError, match="trailing_stop"):
        check_risk(inputs, evaluate(inputs))
    with pytest.raises(ConfigError, match="stop"):
        Sizer(inputs).quantity(1_000.0, 100.0, stop=None, signal_bar=0, returns=[])


def test_volatility_target(play: Any, orders_of: Any) -> None:
    # returns +0.1 and -0.1 deviate by √0.02; a year of 252 bars: share 0.2/√5.04
    bars = level(100.0, 110.0, 99.0, 100.0)
    risk = VolatilityTarget(0.2, 2)
    found = quantities(play, bars, {"long_entry": [2]}, risk=risk)
    assert found == pytest.approx([10_000.0 * 0.2 / math.sqrt(5.04) / 100.0], rel=1e-12)
    hourly = quantities(play, bars, {"long_entry": [2]}, risk=risk, bars_per_year=4 * 252.0)
    assert hourly == pytest.approx([found[0] / 2.0])
    early = play(bars, {"long_entry": [1]}, risk=risk)
    assert orders_of(early)[0][7] == "no_quantity"
    warm = quantities(play, bars, {"long_entry": [2]}, risk=risk, start=2)
    assert warm == found  # bars before the start count
    assert quantities(play, level(*[100.0] * 5), {"long_entry": [3]}, risk=risk) == [100.0]
    calm = VolatilityTarget(9.0, 2)
    assert quantities(play, bars, {"long_entry": [2]}, risk=calm) == [100.0]  # leverage binds


def test_deviation_is_that_of_a_sample() -> None:
    close = [100.0, 103.0, 101.0, 99.0, 104.0, 104.0]
    returns = np.diff(close) / close[:-1]
    assert deviation(close, 5, 5) == pytest.approx(returns.std(ddof=1), rel=1e-14)
    assert deviation(close, 4, 3) == pytest.approx(returns[1:4].std(ddof=1), rel=1e-14)
    assert deviation(close, 2, 3) is None


def test_kelly_fraction_over_the_last_trades(play: Any) -> None:
    """A return of +1, then -0.5: K = 0.5, half of it is a quarter of equity."""
    bars = level(100.0, 100.0, 200.0, 200.0, 100.0, 100.0)
    found = play(
        bars,
        {"long_entry": [0, 2, 4], "long_exit": [1, 3]},
        risk=KellyFraction(0.5, window=2, fallback=0.1),
    )
    # 1,000 made on 10,000; then 1,100 at 200 lose 550; then a quarter of 10,450 at 100
    assert found.trades.quantity.tolist() == pytest.approx([10.0, 5.5, 26.125], rel=1e-13)


def test_kelly_without_a_loss_and_without_an_edge(play: Any, orders_of: Any) -> None:
    bars = level(100.0, 100.0, 200.0, 200.0, 100.0, 100.0)
    result = play(
        bars,
        {"long_entry": [0, 2, 4], "long_exit": [1, 3]},
        risk=KellyFraction(0.5, window=1, fallback=0.1),
    )
    # all 11,000 after a gain, nothing after a loss
    assert result.trades.quantity.tolist() == pytest.approx([10.0, 55.0])
    assert orders_of(result)[-1] == (
        5,
        4,
        1,
        "entry",
        "market",
        "signal",
        "cancelled",
        "no_quantity",
    )


def test_the_published_kelly_fraction() -> None:
    """ORACLES: the log-optimal fraction on R/0.01 is 0.0958192960."""
    multiples = [1.2, -1.0, 2.0, -1.0, -1.0, 1.5, -1.0, 3.0, -1.0, -0.8]
    assert kelly_root(multiples) == pytest.approx(0.0958192960, abs=5e-11)
    assert kelly_root([0.01 * value for value in multiples]) == pytest.approx(9.58192960, abs=5e-9)


def test_kelly_roots_by_hand() -> None:
    # p/(1 + K) = (1 - p)/(1 - K) for even odds: K = 2p - 1
    assert kelly_root([1.0, 1.0, 1.0, -1.0]) == pytest.approx(0.5, rel=1e-14)
    assert kelly_root([1.0, -1.0]) == 0.0
    assert kelly_root([0.5, 0.0]) is None
    # below the pole at 1/0.5
    root = kelly_root([10.0, 10.0, -0.5])
    assert root is not None
    assert sum(value / (1.0 + root * value) for value in (10.0, 10.0, -0.5)) == pytest.approx(
        0.0, abs=1e-9
    )


def test_room_beside_what_is_held(dictated: Any) -> None:
    sizer = Sizer(dictated(level(100.0), leverage=2.0, fee_per_trade=100.0, lot_size=7.0))
    # (1,000 · 2 - 100)/100 = 19, less the 3 held: 16, two lots of 7
    assert sizer.room(1_000.0, 100.0, 3.0) == 14.0
    assert sizer.room(1_000.0, 100.0, 30.0) < 0.0


@pytest.mark.parametrize(
    ("quantity", "lot", "expected"),
    [
        (2.99999999999, 1.0, 2.0),
        (2.9999999999999, 1.0, 3.0),  # within 1e-12 of it
        (0.99, 1.0, 0.0),
        (7.4, 2.5, 5.0),
        (7.4, None, 7.4),
        (-0.5, 1.0, -1.0),
    ],
)
def test_whole_lots(quantity: float, lot: float | None, expected: float) -> None:
    assert whole_lots(quantity, lot) == expected
