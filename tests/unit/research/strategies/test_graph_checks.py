from hyprl_lab.research.strategies import graph_checks
from hyprl_lab.research.strategies.graph_checks import graph_report, tenth_into_ranges
from hyprl_lab.strategy import Strategy, bar_of_session, close, col, on, param, stop, ta


def test_one_that_holds_on_several_timeframes():
    strategy = Strategy(
        "x",
        long_entry=(close > on("4h", ta.sma(close, 3))) & (bar_of_session > 2),
        stop_loss=stop.atr(14, param("k", 1.0, 5.0)),
    )
    assert graph_report(strategy).errors == ()  # a clock is read, so the sample has hours


def test_what_can_not_be_evaluated_is_an_error():
    (error,) = graph_report(Strategy("x", long_entry=close > col("nowhere"))).errors
    assert "'nowhere'" in error
    (error,) = graph_report(Strategy("x", long_entry=close > ta.sma(close, 900))).errors
    assert "900" in error
    (error,) = graph_report(Strategy("x", long_entry=close > param("k"))).errors
    assert "missing ['k']" in error


def test_what_is_odd():
    never = graph_report(Strategy("x", long_entry=close < 0, long_exit=close > 0))
    assert never.ok
    assert never.warnings[0].startswith("no trade on the sample of 500 bars")
    held = graph_report(Strategy("x", short_entry=close.crosses_below(100)))
    assert held.warnings[0].startswith("short_entry is never left")
    free = Strategy("x", long_entry=close > param("k"), long_exit=close < 90)
    assert "'k' has no range" in graph_report(free, params={"k": 99}).warnings[0]


def test_engines_that_differ_are_an_error(monkeypatch):
    strategy = Strategy("x", long_entry=close > 100, long_exit=close < 100)
    true = graph_checks.engine_backtest.run

    def other(bars, strategy, *, engine, **settings):
        if engine == "python":
            bars = bars.take(1, len(bars))
        return true(bars, strategy, engine="native", **settings)

    monkeypatch.setattr(graph_checks.engine_backtest, "run", other)
    (error,) = graph_report(strategy).errors
    assert "the engines differ" in error

    def dearer(bars, strategy, *, engine, cash, **settings):
        cash = cash * (1 + 1e-9) if engine == "python" else cash
        return true(bars, strategy, engine="native", cash=cash, **settings)

    monkeypatch.setattr(graph_checks.engine_backtest, "run", dearer)
    (error,) = graph_report(strategy).errors
    assert "differ in equity from bar 0 on" in error


def test_a_tenth_into_ranges():
    strategy = Strategy("x", long_entry=ta.sma(close, param("n", 2, 100)) > param("k", 1.0, 2.0))
    assert tenth_into_ranges(strategy) == {"k": 1.1, "n": 12.0}
