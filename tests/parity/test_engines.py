"""The native engine and the twin agree: exactly on trades, within rounding on numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import AllIn, Execution, FixedFraction, RiskPct, run
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.strategy import (
    Strategy,
    close,
    col,
    high,
    low,
    param,
    stop,
    ta,
    target,
)

if TYPE_CHECKING:
    from hyprl_lab.engine import Result, Risk
    from hyprl_lab.strategy import Expr

TOLERANCE = 1e-10
"""On numbers, relative above 1: the documented bound on rounding between the engines."""

EXACT = ("entry_bar", "exit_bar", "side", "reason")
ROUNDED = ("entry_price", "exit_price", "quantity", "pnl", "trade_return", "stop_price")


def assert_equal(native: Result, twin: Result) -> None:
    a, b = native.simulation, twin.simulation
    for name in EXACT:
        np.testing.assert_array_equal(getattr(a.trades, name), getattr(b.trades, name), name)
    for name in ROUNDED:
        np.testing.assert_allclose(
            getattr(a.trades, name), getattr(b.trades, name), TOLERANCE, TOLERANCE, err_msg=name
        )
    np.testing.assert_allclose(a.equity, b.equity, TOLERANCE, TOLERANCE)
    np.testing.assert_allclose(a.blocks, b.blocks, TOLERANCE, TOLERANCE)
    assert a.behaviour_hash == b.behaviour_hash
    assert a.ruined_bar == b.ruined_bar
    assert a.deficit == pytest.approx(b.deficit, rel=TOLERANCE, abs=TOLERANCE)
    for name in TRIAL_METRICS:
        left, right = a.values[name], b.values[name]
        assert np.isnan(left) == np.isnan(right), name
        if not np.isnan(left):
            assert left == pytest.approx(right, rel=TOLERANCE, abs=TOLERANCE), name


def both(bars: Bars, strategy: Strategy, **options: object) -> tuple[Result, Result]:
    results = [run(bars, strategy, engine=engine, **options) for engine in ("native", "python")]
    return results[0], results[1]


def numbers() -> st.SearchStrategy[Expr]:
    windows = st.integers(1, 12)
    leaves = st.one_of(
        st.sampled_from([close, high, low, col("feature")]),
        st.builds(ta.atr, windows),
    )

    def grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.one_of(
            st.builds(
                lambda f, x, w: f(x, w),
                st.sampled_from([ta.sma, ta.ema, ta.rsi, ta.highest, ta.lowest]),
                inner,
                windows,
            ),
            st.builds(lambda x, n: x.shift(n), inner, st.integers(0, 4)),
            st.builds(
                lambda x, y, op: op(x, y),
                inner,
                inner,
                st.sampled_from(
                    [lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / y]
                ),
            ),
            st.builds(lambda x: -x, inner),
        )

    return st.recursive(leaves, grow, max_leaves=4)


def conditions() -> st.SearchStrategy[Expr]:
    compare = st.sampled_from(
        [
            lambda x, y: x < y,
            lambda x, y: x <= y,
            lambda x, y: x > y,
            lambda x, y: x >= y,
            lambda x, y: x == y,
            lambda x, y: x != y,
            lambda x, y: x.crosses_above(y),
            lambda x, y: x.crosses_below(y),
        ]
    )
    leaves = st.builds(lambda op, x, y: op(x, y), compare, numbers(), numbers())

    def grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.one_of(
            st.builds(lambda x, y: x & y, inner, inner),
            st.builds(lambda x, y: x | y, inner, inner),
            st.builds(lambda x: ~x, inner),
            st.builds(lambda x, n: x.shift(n), inner, st.integers(0, 3)),
        )

    return st.recursive(leaves, grow, max_leaves=3)


@st.composite
def markets(draw: st.DrawFn) -> Bars:
    length = draw(st.integers(2, 80))
    seed = draw(st.integers(0, 2**32 - 1))
    tick = draw(st.sampled_from([0.0, 0.5]))
    step = draw(st.sampled_from([0.05, 0.4]))
    random = np.random.Generator(np.random.PCG64(seed))
    path = 100.0 * np.exp(np.cumsum(random.normal(0.0, step, length)))
    opened = path * np.exp(random.normal(0.0, 0.02, length))
    top = np.maximum(path, opened) * (1.0 + np.abs(random.normal(0.0, 0.02, length)))
    bottom = np.minimum(path, opened) * (
        1.0 - np.abs(random.normal(0.0, 0.02, length)).clip(0, 0.5)
    )
    prices = np.stack([opened, top, bottom, path])
    if tick:  # coarse prices make ties, where rules differ most easily
        prices = np.maximum(np.round(prices / tick) * tick, tick)
    feature = np.where(random.random(length) < 0.1, np.nan, random.normal(0.0, 1.0, length))
    return Bars.from_arrays(
        np.arange(length, dtype=np.int64) * 86_400_000_000,
        dict(zip(("open", "high", "low", "close"), prices, strict=True)) | {"feature": feature},
        symbol="RANDOM",
        timeframe="1d",
        calendar="24/7",
    )


levels = st.one_of(
    st.none(), st.floats(0.005, 0.3), st.tuples(st.integers(1, 8), st.floats(0.2, 3.0))
)


def level(kind: object, side: object) -> object:
    if kind is None:
        return None
    return side.percent(kind) if isinstance(kind, float) else side.atr(*kind)


@st.composite
def settings(draw: st.DrawFn, *, has_stop: bool) -> dict[str, object]:
    risks: list[Risk] = [AllIn(), FixedFraction(draw(st.floats(0.1, 1.0)))]
    if has_stop:
        risks.append(RiskPct(draw(st.floats(0.001, 0.5))))
    return {
        "risk": draw(st.sampled_from(risks)),
        "execution": Execution(
            fee_bps=draw(st.sampled_from([0.0, 10.0, 200.0])),
            fee_per_trade=draw(st.sampled_from([0.0, 1.0, 500.0])),
            slippage_bps=draw(st.sampled_from([0.0, 5.0, 300.0])),
            fill=draw(st.sampled_from(["next_open", "same_close"])),
            whole_units=draw(st.booleans()),
            at_end=draw(st.sampled_from(["close", "mark"])),
        ),
        "cash": draw(st.sampled_from([100.0, 10_000.0])),
    }


def _longest_window(strategy: Strategy) -> float:
    constants = [node.value for node in strategy.graph.nodes if node.op == "constant"]
    return max((value for value in constants if value is not None), default=0.0)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Bars, Strategy, dict[str, object]]:
    """Bars, a strategy whose windows fit them, and settings."""
    bars = draw(markets())
    stop_level = draw(levels)
    exits = {name: draw(st.one_of(st.none(), conditions())) for name in ("long_exit", "short_exit")}
    strategy = Strategy(
        "random",
        long_entry=draw(conditions()),
        short_entry=draw(conditions()),
        **exits,
        stop_loss=level(stop_level, stop),
        take_profit=level(draw(levels), target),
    )
    assume(strategy.warm_up() < len(bars) and _longest_window(strategy) <= len(bars))
    return bars, strategy, draw(settings(has_stop=stop_level is not None))


@given(st.data())
def test_random_graphs_on_random_bars(data: st.DataObject) -> None:
    bars, strategy, options = data.draw(cases())
    start = data.draw(st.one_of(st.none(), st.integers(0, len(bars) - 1)))
    period = None if start is None else (int(bars.ts[start]), None)
    native, twin = both(bars, strategy, period=period, **options)
    for reason in native.trades["reason"].unique():
        event(f"a trade ended by {reason}")
    assert_equal(native, twin)


@given(
    seed=st.integers(0, 2**32 - 1),
    at_end=st.sampled_from(["close", "mark"]),
    fill=st.sampled_from(["next_open", "same_close"]),
    fee_bps=st.sampled_from([0.0, 100.0]),
    length=st.integers(2, 12),
)
def test_shorts_that_are_ruined(
    seed: int, at_end: str, fill: str, fee_bps: float, length: int
) -> None:
    """Prices that may double in a bar, always short: ruin at opens, at marks, on the last bar."""
    random = np.random.Generator(np.random.PCG64(seed))
    edges = 100.0 * np.exp(np.cumsum(random.normal(0.05, 0.5, 2 * length)))
    opened, closed = edges[::2], edges[1::2]
    bars = Bars.from_arrays(
        np.arange(length, dtype=np.int64) * 86_400_000_000,
        {
            "open": opened,
            "high": np.maximum(opened, closed) * 1.01,
            "low": np.minimum(opened, closed) * 0.99,
            "close": closed,
        },
        symbol="WILD",
        timeframe="1d",
        calendar="24/7",
    )
    always = Strategy("always short", short_entry=close > 0)
    native, twin = both(
        bars, always, execution=Execution(fee_bps=fee_bps, fill=fill, at_end=at_end)
    )
    event("ruined" if native.simulation.ruined_bar is not None else "not ruined")
    assert_equal(native, twin)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_ruin_on_the_last_bar_is_one_trade(engine: str) -> None:
    prices = np.array([100.0, 100.0, 250.0])
    bars = Bars.from_arrays(
        np.arange(3, dtype=np.int64) * 86_400_000_000,
        {"open": [100.0, 100.0, 110.0], "high": prices, "low": [100.0] * 3, "close": prices},
        symbol="X",
        timeframe="1d",
        calendar="24/7",
    )
    short = Strategy("short", short_entry=close > 0)
    result = run(bars, short, execution=Execution(at_end="mark"), engine=engine)
    assert result.trades["reason"].tolist() == ["ruined"]
    assert (result.metrics.trades, result.metrics.open_trades) == (1, 0)
    assert result.equity.tolist() == [10_000.0, 10_000.0, 0.0]
    assert result.simulation.deficit == pytest.approx(5_000.0)


@given(st.data())
def test_what_comes_later_changes_nothing_before_it(data: st.DataObject) -> None:
    """No look-ahead: cut the future off, and equity and ended trades are the same to the bit."""
    bars, strategy, options = data.draw(cases())
    rows = data.draw(st.integers(max(2, int(_longest_window(strategy))), len(bars)))
    options["execution"] = replace(options["execution"], at_end="mark")
    for engine in ("native", "python"):
        whole = run(bars, strategy, engine=engine, **options)
        part = run(bars.take(0, rows), strategy, engine=engine, **options)
        np.testing.assert_array_equal(
            part.simulation.equity, whole.simulation.equity[:rows], engine
        )
        ended = part.simulation.trades.closed()
        for name in (*EXACT, *ROUNDED):
            np.testing.assert_array_equal(
                getattr(ended, name), getattr(whole.simulation.trades, name)[: len(ended)], name
            )


@given(st.data(), st.sampled_from([5.0, 50.0]))
def test_fees_never_help(data: st.DataObject, fee_bps: float) -> None:
    """All in, equity is a product of trades' factors, and a fee makes each factor smaller."""
    bars, strategy, options = data.draw(cases())
    free = replace(options["execution"], fee_bps=0.0, fee_per_trade=0.0, whole_units=False)
    costly = replace(free, fee_bps=fee_bps)
    without, with_fee = (
        run(bars, strategy, execution=execution, cash=10_000.0) for execution in (free, costly)
    )
    assume(without.simulation.ruined_bar is None and with_fee.simulation.ruined_bar is None)
    assert with_fee.equity.iloc[-1] <= without.equity.iloc[-1] * (1 + 1e-12)


@pytest.mark.parametrize("fill", ["next_open", "same_close"])
@pytest.mark.parametrize("whole_units", [False, True])
def test_real_bars(fill: str, whole_units: bool) -> None:
    bars = load_bars("sp500")
    fast, slow = ta.ema(close, param("fast", 2, 50)), ta.sma(close, param("slow", 10, 200))
    strategy = Strategy(
        "reversing",
        long_entry=fast.crosses_above(slow) & (ta.rsi(close, 14) > 40),
        short_entry=fast.crosses_below(slow),
        long_exit=ta.lowest(low, 10).shift(1) > close,
        stop_loss=stop.atr(14, param("k", 0.5, 5.0)),
        take_profit=target.percent(0.08),
    )
    native, twin = both(
        bars,
        strategy,
        params={"fast": 8, "slow": 40, "k": 2.5},
        risk=RiskPct(0.02),
        execution=Execution(
            fee_bps=5, slippage_bps=3, fee_per_trade=1, fill=fill, whole_units=whole_units
        ),
        cash=1_000_000.0,
    )
    assert_equal(native, twin)
    assert native.metrics.trades > 100
    assert set(native.trades["reason"]) >= {"signal", "stop_loss", "take_profit"}


def test_the_engine_is_what_was_asked_for(small_bars: Bars) -> None:
    strategy = Strategy("x", long_entry=close > ta.sma(close, 5))
    native, twin = both(small_bars, strategy)
    assert (native.engine, twin.engine) == ("native", "python")
    assert native.run_hash == twin.run_hash
