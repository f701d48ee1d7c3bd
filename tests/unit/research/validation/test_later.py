from __future__ import annotations

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.engine import run
from hyprl_lab.research.validation.later import one_bar_later
from hyprl_lab.strategy.builtin import dual_sma

ROWS = [
    (100, 101, 99, 100),
    (101, 103, 98, 102),
    (104, 106, 103, 105),
    (107, 108, 96, 97),
    (95, 99, 94, 98),
    (99, 102, 97, 101),
]


def made(**columns: list[float]) -> hl.Bars:
    table = dict(zip(("open", "high", "low", "close"), np.array(ROWS, float).T, strict=True))
    table |= {name: np.array(values, float) for name, values in columns.items()}
    ts = 86_400_000_000 * np.arange(19_000, 19_000 + len(ROWS))
    return hl.Bars.from_arrays(ts, table, symbol="EX", timeframe="1d", calendar="24/7")


def test_a_signal_fills_one_bar_later() -> None:
    bars = made(enter=[1, 0, 0, 0, 0, 0], leave=[0, 0, 1, 0, 0, 0])
    rule = hl.Strategy("rule", long_entry=hl.col("enter") == 1, long_exit=hl.col("leave") == 1)
    known = run(bars, rule).trades.iloc[0]
    late = run(bars, one_bar_later(rule)).trades.iloc[0]
    assert (known.entry_price, known.exit_price) == (101, 107)  # opens of bars 1 and 3
    assert (late.entry_price, late.exit_price) == (104, 95)  # opens of bars 2 and 4


def test_at_the_close_it_is_the_next_close() -> None:
    bars = made(enter=[1, 0, 0, 0, 0, 0], leave=[0, 0, 1, 0, 0, 0])
    rule = hl.Strategy("rule", long_entry=hl.col("enter") == 1, long_exit=hl.col("leave") == 1)
    same_close = hl.Execution(fill="same_close")
    late = run(bars, one_bar_later(rule), execution=same_close).trades.iloc[0]
    assert (late.entry_price, late.exit_price) == (102, 97)


def test_prices_of_orders_are_those_that_were_decided() -> None:
    """The stop stands under the low of bar 0, and the limit at its close, as bar 0 said."""
    bars = made(enter=[1, 0, 0, 0, 0, 0])
    rule = hl.Strategy(
        "rule",
        long_entry=hl.col("enter") == 1,
        stop_loss=hl.stop.price(hl.low - 3),
        entry_limit=hl.close + 4.5,
    )
    known = run(bars, rule).trades.iloc[0]
    late = run(bars, one_bar_later(rule)).trades.iloc[0]
    assert (known.entry_price, known.stop_price) == (101, 96)
    assert (late.entry_price, late.stop_price) == (104, 96)
    assert late.exit_price == 96  # the low of bar 3 is just there


def test_what_reads_no_bar_stays() -> None:
    rule = hl.Strategy(
        "rule",
        long_entry=hl.close > 5,
        stop_loss=hl.stop.percent(hl.param("stop", 0.01, 0.1)),
        take_profit=hl.target.atr(3, 2),
        trailing_stop=hl.trail.percent(0.2),
        time_stop=4,
    )
    late = one_bar_later(rule)
    assert repr(late) == (
        "Strategy('rule', long_entry=shift((close > 5), 1), stop_loss=stop percent stop, "
        "take_profit=target distance shift((atr(3) * 2), 1), trailing_stop=trail percent 0.2, "
        "time_stop=4)"
    )
    assert list(late.parameters) == ["stop"]


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_crossover_trades_the_same_bars_one_later(engine: str) -> None:
    bars, params = hl.load_bars("TEST"), {"fast": 5, "slow": 20}
    known = run(bars, dual_sma(), params=params, engine=engine).simulation.trades
    late = run(bars, one_bar_later(dual_sma()), params=params, engine=engine).simulation.trades
    assert len(known) > 10
    assert (late.entry_bar == known.entry_bar + 1).all()
    assert (late.exit_bar[:-1] == known.exit_bar[:-1] + 1).all()
    assert late.entry_price.tolist() == [bars.columns["open"][row] for row in late.entry_bar]
