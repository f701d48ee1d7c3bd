from __future__ import annotations

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.engine import run
from hyprl_lab.errors import ConfigError
from hyprl_lab.research.validation.worse import cost_a_side, twice_the_costs, worse_fills

ROWS = [(100, 101, 99, 100), (100, 104, 98, 102), (105, 106, 103, 104), (104, 105, 100, 101)]


def bars_of(rows: list[tuple[float, ...]]) -> hl.Bars:
    table = dict(zip(("open", "high", "low", "close"), np.array(rows, float).T, strict=True))
    table["enter"] = (np.arange(len(rows)) == 0).astype(float)
    ts = 86_400_000_000 * np.arange(19_000, 19_000 + len(rows))
    return hl.Bars.from_arrays(ts, table, symbol="EX", timeframe="1d", calendar="24/7")


def play(**execution: object) -> hl.Result:
    rule = hl.Strategy("rule", long_entry=hl.col("enter") == 1)
    settings = hl.Execution(**execution)  # type: ignore[arg-type]
    return run(bars_of(ROWS), rule, risk=hl.FixedUnits(10), execution=settings)


def test_the_cost_of_a_fill_by_hand() -> None:
    # 10 units bought at 100 and sold at the last close, 101: a notional of 2,010, fees of 2·0.5
    assert cost_a_side(play(fee_per_trade=0.5)) == pytest.approx(1e4 / 2010)
    found = cost_a_side(play(fee_bps=3, slippage_bps=2, spread_pct=0.0004))
    assert found == pytest.approx(3 + 2 + 2)
    assert cost_a_side(play()) == 0.0


def test_a_multiplier_is_no_cost() -> None:
    assert cost_a_side(play(fee_bps=3, multiplier=20, lots=1)) == pytest.approx(3)


def test_without_fills_it_is_the_settings() -> None:
    never = hl.Strategy("never", long_entry=hl.close > 1e6)
    result = run(bars_of(ROWS), never, execution=hl.Execution(fee_bps=4, slippage_bps=1))
    assert cost_a_side(result) == pytest.approx(5)


def test_every_cost_is_doubled_and_nothing_else() -> None:
    before = hl.Execution(
        fee_bps=1,
        fee_per_trade=2,
        slippage_bps=3,
        spread_pct=0.004,
        borrow_cost_bps=50,
        leverage=3,
        tick_size=0.5,
    )
    after = twice_the_costs(before, 30)
    assert after == hl.Execution(
        fee_bps=2,
        fee_per_trade=4,
        slippage_bps=6,
        spread_pct=0.008,
        borrow_cost_bps=100,
        leverage=3,
        tick_size=0.5,
    )


def test_too_small_a_cost_counts_as_one_basis_point() -> None:
    assert twice_the_costs(hl.Execution(), 0.0).fee_bps == 2.0
    assert twice_the_costs(hl.Execution(fee_bps=0.25), 0.25).fee_bps == 0.5 + 1.5
    assert twice_the_costs(hl.Execution(fee_bps=1), 1.0).fee_bps == 2.0


def test_what_can_not_be_doubled_is_refused() -> None:
    with pytest.raises(ConfigError, match="fee_bps"):
        twice_the_costs(hl.Execution(fee_bps=6_000), 6_000)
    with pytest.raises(ConfigError, match="whole price"):
        twice_the_costs(hl.Execution(slippage_bps=3_000, spread_pct=0.4), 5_000)


def test_worse_fills_by_hand() -> None:
    found = worse_fills(play(slippage_bps=1, tick_size=0.01, intrabar="target_first"))
    # true ranges 104-98=6, 106-102=4, 105-100=5 over closes before of 100, 102, 104
    median = float(np.median([6 / 100, 4 / 102, 5 / 104]))
    assert found.slippage_bps == pytest.approx(1 + 1e4 * median / 4)
    assert found.tick_size == pytest.approx(0.01 + (4 + 0.2 * 1) / 4)  # the lowest tenth: 4.2
    assert found.intrabar == "stop_first"
    assert worse_fills(play(fill="same_close")).fill == "next_open"


def test_closes_alone_have_a_range_too() -> None:
    rule = hl.Strategy("rule", long_entry=hl.col("enter") == 1)
    flat = bars_of([(price,) * 4 for price in (100, 102, 102 * 1.01)])
    assert worse_fills(run(flat, rule)).slippage_bps == pytest.approx(1e4 * 0.015 / 4)
