"""One backtest from Python: what is checked, what is filled in, what the past may know."""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import AllIn, Execution, RiskPct, run
from hyprl_lab.errors import BarsError, ConfigError, StrategyError, WarehouseError
from hyprl_lab.strategy import Strategy, close, col, param, stop, ta
from hyprl_lab.strategy.builtin import dual_sma

PARAMS = {"fast": 5, "slow": 20}


@pytest.fixture(scope="module")
def bars() -> Bars:
    return load_bars("TEST")


@pytest.mark.parametrize("engine", ["native", "python"])
def test_truncating_the_future_leaves_the_past_unchanged(bars: Bars, engine: str) -> None:
    strategy = Strategy(
        "everything",
        long_entry=ta.ema(close, 5).crosses_above(ta.sma(close, 20)) | (ta.rsi(close, 9) < 25),
        long_exit=ta.highest(close, 10).shift(1) < close,
        stop_loss=stop.atr(10, 2.0),
    )
    execution = Execution(fee_bps=5, at_end="mark")
    whole = run(bars, strategy, execution=execution, engine=engine)
    for rows in (120, 250, 333):
        part = run(bars.take(0, rows), strategy, execution=execution, engine=engine)
        np.testing.assert_array_equal(part.simulation.equity, whole.simulation.equity[:rows])
        ended = part.trades[part.trades["reason"] != "open"]
        assert ended.equals(whole.trades.iloc[: len(ended)])


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_period_trades_its_bars_and_warms_up_on_the_ones_before(bars: Bars, engine: str) -> None:
    start, end = int(bars.ts[200]), int(bars.ts[300])
    result = run(bars, dual_sma(), params=PARAMS, period=(start, end), engine=engine)
    assert len(result.equity) == 100
    assert result.equity.index[0].value == start * 1000
    assert result.trades["entry_ts"].min().value >= start * 1000
    assert result.trades["exit_ts"].max().value < end * 1000
    flags = run(bars, dual_sma(), params=PARAMS, engine=engine).trades["entry_ts"]
    inside = flags[(flags > result.equity.index[0]) & (flags <= result.equity.index[-1])]
    assert result.trades["entry_ts"].tolist() == inside.tolist()  # no second warm-up
    assert result.config["period"] == {
        "start": str(result.equity.index[0].isoformat()),
        "end": np.datetime_as_string(np.datetime64(end, "us"), "s") + "+00:00",
    }


@pytest.mark.parametrize("engine", ["native", "python"])
def test_no_cost_and_no_position_change_nothing(bars: Bars, engine: str) -> None:
    never = Strategy("never", long_entry=close > 1e9)
    result = run(bars, never, cash=1234.5, engine=engine)
    assert (result.equity == 1234.5).all()
    assert result.trades.empty
    assert list(result.trades.columns)[:9] == [
        "side", "entry_ts", "exit_ts", "entry_price", "exit_price", "quantity", "pnl", "return",
        "reason",
    ]  # fmt: skip
    assert (result.metrics.trades, result.metrics.total_return) == (0, 0.0)
    for name in ("sharpe", "win_rate", "profit_factor", "calmar", "sortino", "kelly"):
        assert getattr(result.metrics, name) is None
        assert result.metrics.reasons[name]


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize("side", ["long", "short"])
def test_cash_is_conserved(bars: Bars, engine: str, side: str) -> None:
    """Equity at the end is cash plus the trades' P&L; P&L is price moves less fees."""
    up, down = (
        ta.sma(close, 5).crosses_above(ta.sma(close, 20)),
        ta.sma(close, 5).crosses_below(ta.sma(close, 20)),
    )
    strategy = Strategy("one side", **{f"{side}_entry": up, f"{side}_exit": down})
    result = run(
        bars,
        strategy,
        execution=Execution(fee_bps=30, fee_per_trade=2, slippage_bps=10),
        engine=engine,
    )
    trades, metrics = result.trades, result.metrics
    assert metrics.trades > 5
    assert metrics.final_equity == pytest.approx(10_000 + trades["pnl"].sum(), rel=1e-12)
    sign = 1 if side == "long" else -1
    gross = sign * (trades["exit_price"] - trades["entry_price"]) * trades["quantity"]
    assert gross.sum() - trades["pnl"].sum() == pytest.approx(metrics.fees_paid, rel=1e-9)
    notional = trades["quantity"] * (trades["entry_price"] + trades["exit_price"])
    assert metrics.fees_paid == pytest.approx(notional.sum() * 0.003 + 4 * len(trades), rel=1e-12)


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"params": {"fast": 5}}, StrategyError, "missing"),
        ({"params": {**PARAMS, "x": 1}}, StrategyError, "unknown"),
        ({"params": {"fast": 5.5, "slow": 20}}, StrategyError, "whole"),
        ({"params": {"fast": float("nan"), "slow": 20}}, StrategyError, "fast"),
        ({"params": {"fast": 101, "slow": 200}}, StrategyError, "2 to 100"),
        ({"params": PARAMS, "cash": 0}, ConfigError, "cash"),
        ({"params": PARAMS, "risk": RiskPct(0.01)}, ConfigError, "stop_loss"),
        ({"params": PARAMS, "risk": "all_in"}, ConfigError, "hl.AllIn"),
        ({"params": PARAMS, "execution": {}}, ConfigError, "hl.Execution"),
        ({"params": PARAMS, "periods_per_year": 0}, ConfigError, "periods_per_year"),
        ({"params": PARAMS, "seed": "abc"}, ConfigError, "seed"),
        ({"params": PARAMS, "seed": True}, ConfigError, "seed"),
        ({"params": PARAMS, "seed": 2**60}, ConfigError, "seed"),
        ({"params": PARAMS, "period": ("2030-01-01", None)}, BarsError, "no bar opens"),
    ],
)
def test_bad_input_is_refused_alike(
    bars: Bars, engine: str, options: dict[str, object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        run(bars, dual_sma(), engine=engine, **options)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_window_longer_than_the_bars_names_the_node(bars: Bars, engine: str) -> None:
    with pytest.raises(StrategyError, match=r"node \d+ \(sma\).*30"):
        run(bars.take(0, 25), dual_sma(), params={"fast": 5, "slow": 30}, engine=engine)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_missing_column_is_named_with_what_there_is(bars: Bars, engine: str) -> None:
    strategy = Strategy("x", long_entry=col("sentiment") > 0)
    with pytest.raises((StrategyError, BarsError), match=r"sentiment.*close"):
        run(bars, strategy, engine=engine)


def test_an_unknown_engine_is_refused(bars: Bars) -> None:
    with pytest.raises(ConfigError, match="'native' or 'python'"):
        run(bars, dual_sma(), params=PARAMS, engine="rust")


def test_the_run_hash_knows_what_matters_and_nothing_else(bars: Bars) -> None:
    base = run(bars, dual_sma(), params=PARAMS).run_hash
    fast, slow = ta.sma(close, param("fast", 2, 100)), ta.sma(close, param("slow", 3, 300))
    respelt = Strategy("x", long_entry=slow.crosses_below(fast), long_exit=slow.crosses_above(fast))
    assert run(bars, respelt, params=PARAMS, engine="python").run_hash == base
    assert run(bars, dual_sma(), params={"slow": 20.0, "fast": 5.0}, risk=AllIn()).run_hash == base
    whole = (int(bars.ts[0]) - 5, int(bars.ts[-1]) + 5)
    assert run(bars, dual_sma(), params=PARAMS, period=whole).run_hash == base
    others = [
        run(bars, dual_sma(), params={"fast": 6, "slow": 20}),
        run(bars, dual_sma(), params=PARAMS, cash=9_999),
        run(bars, dual_sma(), params=PARAMS, seed=1),
        run(bars, dual_sma(), params=PARAMS, periods_per_year=365),
        run(bars, dual_sma(), params=PARAMS, execution=Execution(fee_bps=1)),
        run(bars, dual_sma(), params=PARAMS, period=(None, int(bars.ts[-1]))),
        run(bars, dual_sma(), params=PARAMS, period=(int(bars.ts[1]), None)),
        run(bars.take(0, 499), dual_sma(), params=PARAMS),
    ]
    hashes = {result.run_hash for result in others}
    assert len(hashes) == len(others)
    assert base not in hashes


def test_returns_are_what_sharpe_is_made_of(bars: Bars) -> None:
    result = run(bars, dual_sma(), params=PARAMS)
    returns = result.returns
    assert len(returns) == len(bars) - 1
    sharpe = returns.mean() / returns.std(ddof=1) * np.sqrt(result.periods_per_year)
    assert result.metrics.sharpe == pytest.approx(sharpe, rel=1e-12)


def test_a_pure_result_can_not_be_saved(bars: Bars) -> None:
    with pytest.raises(WarehouseError, match=r"hl\.backtest"):
        run(bars, dual_sma(), params=PARAMS).save()


def test_displays_name_what_ran(bars: Bars) -> None:
    result = run(bars, dual_sma(), params=PARAMS)
    for text in (repr(result), result._repr_html_()):
        assert "dual_sma" in text
        assert "TEST" in text
        assert "native" in text


def test_intraday_headline_is_the_last_bar_of_each_session() -> None:
    """Sixty hourly bars around the clock: two whole days and a half; three headline points."""
    prices = np.linspace(100.0, 120.0, 60)
    hourly = Bars.from_arrays(
        np.arange(60, dtype=np.int64) * 3_600_000_000,
        dict.fromkeys(("open", "high", "low", "close"), prices),
        symbol="HOURLY",
        timeframe="1h",
        calendar="24/7",
    )
    always = Strategy("always", long_entry=close > 0)
    for engine in ("native", "python"):
        result = run(hourly, always, execution=Execution(at_end="mark"), engine=engine)
        assert result.window.headline.tolist() == [23, 47, 59]
        assert len(result.returns) == 2
        units = 10_000 / prices[1]
        points = [units * prices[t] for t in (23, 47, 59)]
        expected = [points[1] / points[0] - 1, points[2] / points[1] - 1]
        np.testing.assert_allclose(result.returns, expected, rtol=1e-12)
        assert result.metrics.max_drawdown == 0.0
