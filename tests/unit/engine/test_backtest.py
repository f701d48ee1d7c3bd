"""One backtest from Python: what is checked, what is filled in, what the past may know."""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.data.parts import PART_ROWS
from hyprl_lab.engine import AllIn, Execution, FixedFraction, Money, RiskPct, backtest, run
from hyprl_lab.engine.period import Period
from hyprl_lab.errors import BarsError, CancelledError, ConfigError, StrategyError, WarehouseError
from hyprl_lab.strategy import Strategy, close, col, minute_of_day, on, param, stop, ta
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
        ({"params": PARAMS, "risk": FixedFraction(2)}, ConfigError, "leverage=1"),
        ({"params": PARAMS, "execution": Execution(intraday=True)}, ConfigError, "bars of 1d"),
        ({"params": PARAMS, "periods_per_year": 0}, ConfigError, "periods_per_year"),
        ({"params": PARAMS, "periods_per_year": "252"}, ConfigError, "periods_per_year='252'"),
        ({"params": PARAMS, "periods_per_year": []}, ConfigError, "periods_per_year=a list"),
        ({"params": PARAMS, "periods_per_year": 10**400}, ConfigError, "periods_per_year=an int"),
        ({"params": PARAMS, "periods_per_year": True}, ConfigError, "periods_per_year=True"),
        ({"params": PARAMS, "cash": 1.1e15}, ConfigError, r"cash=1.1e\+15; .*<= 1e\+15"),
        ({"params": PARAMS, "cash": "10"}, ConfigError, "cash='10'"),
        ({"params": PARAMS, "period": "2020"}, ConfigError, r"period is '2020'; .*\(start, end\)"),
        ({"params": PARAMS, "period": (1, 2, 3)}, ConfigError, "period is a tuple of 3"),
        ({"params": PARAMS, "period": {"start": 1, "end": 2}}, ConfigError, "a dict of 2"),
        ({"params": PARAMS, "period": 5}, ConfigError, "period is 5"),
        ({"params": PARAMS, "period": (2**70, None)}, ConfigError, "period: .*within 2"),
        ({"params": PARAMS, "period": Period("2020")}, ConfigError, "period: found '2020'"),
        ({"params": PARAMS, "period": (True, None)}, BarsError, "moment: found bool"),
        ({"params": PARAMS, "cancel": object()}, ConfigError, "is_set"),
        ({"params": PARAMS, "progress": 3}, ConfigError, "progress=3"),
        ({"params": [1]}, StrategyError, "params is a list of 1; .*{'fast': 10, 'slow': 10}"),
        ({"params": "fast"}, StrategyError, "params is 'fast'"),
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


def hourly_bars(count: int = 60) -> Bars:
    prices = np.linspace(100.0, 120.0, count)
    return Bars.from_arrays(
        np.arange(count, dtype=np.int64) * 3_600_000_000,
        dict.fromkeys(("open", "high", "low", "close"), prices),
        symbol="HOURLY",
        timeframe="1h",
        calendar="24/7",
    )


def test_inputs_have_what_the_graph_and_the_rules_ask_for_up_to_the_last_bar() -> None:
    bars = hourly_bars()
    window = Period.of((None, int(bars.ts[50]))).window(bars)
    strategy = Strategy("x", long_entry=(minute_of_day > 60) & (on("4h", close) > 1))
    common = {"risk": AllIn(), "cash": 1.0, "window": window}
    plain = backtest.inputs(bars, strategy, {}, execution=Execution(), **common)
    assert plain.ts.tolist() == bars.ts[:50].tolist()
    assert plain.bars_per_year == 365 * 24
    assert list(plain.clock) == ["minute_of_day"]
    assert len(plain.clock["minute_of_day"]) == 50
    assert list(plain.longer) == ["4h"]
    assert len(plain.longer["4h"].bucket) == 50
    assert (plain.session, plain.square_off) == (None, None)
    rules = Execution(intraday=True, daily_target=Money(5))
    ruled = backtest.inputs(bars, strategy, {}, execution=rules, periods_per_year=100, **common)
    assert ruled.bars_per_year == 2_400
    assert ruled.session is not None
    assert ruled.square_off is not None
    assert len(ruled.session) == len(ruled.square_off) == 50


@pytest.mark.parametrize("engine", ["native", "python"])
def test_progress_ends_with_the_last_bar(bars: Bars, engine: str) -> None:
    told = []
    run(bars, dual_sma(), params=PARAMS, engine=engine, progress=told.append)
    assert told[-1].done == told[-1].total == len(bars)
    assert [step.done for step in told] == sorted(step.done for step in told)


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize("asked", [0, 1, 2])
def test_a_token_stops_before_and_within_the_engine(bars: Bars, engine: str, asked: int) -> None:
    class Token:
        def __init__(self) -> None:
            self.asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return self.asked > asked

    token = Token()
    with pytest.raises(CancelledError):
        run(bars, dual_sma(), params=PARAMS, engine=engine, cancel=token)
    assert token.asked == asked + 1


def test_a_token_stops_while_clock_and_calendar_are_read() -> None:
    class Token:
        asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return self.asked > 3

    rows = 4 * PART_ROWS
    close_at = 100.0 + np.arange(rows) % 7
    bars = Bars.from_arrays(
        np.arange(rows) * 60_000_000,
        dict.fromkeys(("open", "high", "low", "close"), close_at),
        symbol="M",
        timeframe="1m",
        calendar="24/7",
    )
    token = Token()
    strategy = Strategy("x", long_entry=on("1h", close) > 1)
    with pytest.raises(CancelledError, match="before its first bar"):
        run(bars, strategy, cancel=token)
    assert token.asked == 4  # once at the start, then before each part of the hours


def test_a_token_that_is_not_set_changes_nothing(bars: Bars) -> None:
    import threading

    watched = run(bars, dual_sma(), params=PARAMS, cancel=threading.Event())
    alone = run(bars, dual_sma(), params=PARAMS)
    assert watched.run_hash == alone.run_hash
    assert watched.simulation.equity.tobytes() == alone.simulation.equity.tobytes()


@pytest.mark.parametrize("found", [None, close > 5, "dual_sma"])
def test_what_is_no_strategy_is_refused(bars: Bars, found: object) -> None:
    with pytest.raises(StrategyError, match=r"expected an hl\.Strategy"):
        run(bars, found)  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["native", "python"])
def test_what_the_bars_have_not_is_refused_alike(bars: Bars, engine: str) -> None:
    for condition, error, said in [
        (col("Close") > 5, BarsError, r"node 0 \(column\) reads 'Close'.*hl\.col\(.close.\)"),
        (close.shift(10**9) > 5, StrategyError, r"node 1 \(shift\): .* 1,000,000,000 bars"),
        (close > on("1h", close), BarsError, r"node 1 \(on '1h'\)"),
    ]:
        with pytest.raises(error, match=said):
            run(bars, Strategy("x", long_entry=condition), engine=engine)
