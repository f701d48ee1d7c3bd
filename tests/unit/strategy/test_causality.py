import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import (
    LogisticModel,
    close,
    constant,
    high,
    minimum,
    on,
    param,
    probability,
    ta,
    weekday,
    where,
)
from hyprl_lab.strategy.causality import (
    lags,
    longest,
    spoken,
    warm_up_spans,
    warm_ups,
    window_names,
)
from hyprl_lab.strategy.graph import flatten

N = param("n", 1, 100)
MODEL = LogisticModel((close.shift(1), high.shift(5)), (1, 1), 0, trained_until=0)


@pytest.mark.parametrize(
    ("made", "lag"),
    [
        (close, 0),
        (constant(1), None),
        (N, None),
        (constant(1).shift(3), None),
        (close.shift(2), 2),
        (close.shift(2).shift(3), 5),
        (close.shift(2) + high.shift(5), 2),
        (close.shift(4) > 10, 4),
        (ta.sma(close.shift(1), 5), 1),
        (ta.atr(14), 0),
        (ta.atr(14).shift(1), 1),
        (close.shift(1).crosses_above(high.shift(3)), 1),
        (weekday, 0),
        (weekday.shift(2) + close.shift(3), 2),
        (where(close.shift(2) > 1, high.shift(3), 5), 2),
        ((close.shift(2) > 1).held_for(N), 2),
        ((close.shift(4) > 1).bars_since(), 4),
        (on("1h", close), 0),
        (on("1h", close.shift(2)).shift(3), 5),
        (on("1h", constant(1)), None),
        (probability(MODEL), 1),
        ((close.shift(1) > 1).shift(1) & ~(close.shift(6) > 1), 2),
        (ta.lag(close.shift(1), 4), 5),
        (ta.lag(close, N), 1),
        (ta.mom(close, 4), 0),
        (ta.adx(5), 0),
        (ta.sar().shift(2), 2),
        (ta.macd(close.shift(3)).signal, 3),
        (ta.supertrend().line, 0),
        (ta.obv(), 0),
        (ta.sum_since(close.shift(2) > 1, high.shift(3)), 2),
    ],
)
def test_lag_by_hand(made, lag):
    graph = flatten({"x": made})
    assert lags(graph.nodes)[graph.roots["x"]] == lag


@pytest.mark.parametrize(
    ("made", "bars"),
    [
        (close, 0),
        (constant(3), 0),
        (N, 0),
        (close + 1, 0),
        (close.shift(3), 3),
        (close.shift(3) + high.shift(5), 5),
        (close.crosses_above(30), 1),
        (close.crosses_below(ta.sma(close, 20)), 20),
        (ta.sma(close, 20), 19),
        (ta.sma(close, 1), 0),
        (ta.sma(close, N), 9),
        (ta.sma(ta.sma(close, 5), N), 13),
        (ta.ema(close, 12), 11),
        (ta.rsi(close, 14), 14),
        (ta.rsi(ta.ema(close, 12), 14), 25),
        (ta.atr(14), 14),
        (ta.highest(high, 20).shift(1), 20),
        (ta.lowest(close, N), 9),
        (ta.sum(close, 20), 19),
        (ta.stdev(ta.sma(close, 5), N), 13),
        (minimum(close.shift(3), ta.sma(close, 2)), 3),
        (abs(close.shift(3)), 3),
        (where(close.shift(3) > 1, ta.sma(close, 9), 1), 8),
        ((close.shift(2) > 1).bars_since(), 2),
        ((close.shift(2) > 1).held_for(4), 5),
        (weekday, 0),
        (probability(MODEL), 5),
        (~((close > ta.sma(close, 50)) & (ta.rsi(close, 2) < 10)), 49),
        (ta.adx(14), 27),
        (ta.adx(N), 19),
        (ta.dx(14), 14),
        (ta.sar(), 1),
        (ta.macd(close, 12, 26).line, 25),
        (ta.macd(close, 26, N).line, 25),
        (ta.macd(close, N, 3, 9).histogram, 17),
        (ta.lag(close.shift(1), N), 11),
        (ta.beta(close, high.shift(2), 5), 7),
        (ta.correl(close, high, N), 9),
        (ta.quantile(close, N, param("q")), 9),
        (ta.cumulative_sum(close.shift(1)), 1),
        (ta.obv(), 0),
        (ta.dema(close, N), 18),
        (ta.tema(close, N), 27),
        (ta.t3(close, 5), 24),
        (ta.trix(close, N), 28),
        (ta.ultosc(7, N, 28), 28),
        (ta.stoch(14, 3, 5).d, 19),
        (ta.stochrsi(close, 14, 5, 3).d, 20),
        (ta.mfi(N), 10),
        (ta.aroon(N).up, 10),
        (ta.supertrend(N).direction, 10),
        (ta.keltner(20, N).upper, 19),
        (ta.adosc(3, N), 9),
    ],
)
def test_warm_up_by_hand(made, bars):
    graph = flatten({"x": made})
    assert warm_ups(graph.nodes, {"n": 10.0})[graph.roots["x"]] == bars


@pytest.mark.parametrize(
    ("made", "bars", "told"),
    [
        (on("1h", close), 12, "0 of 1h"),
        (on("1h", ta.sma(close, N)), 120, "9 of 1h"),
        (on("1h", close.shift(3)).shift(2), 50, "3 of 1h + 2"),
        (ta.sma(on("1h", ta.rsi(close, 14)), N), 189, "14 of 1h + 9"),
        (on("1h", close.shift(1)) + on("15m", close.shift(9)), 30, "max(9 of 15m, 1 of 1h)"),
        (on("1h", close) + close.shift(40), 40, "max(40, 0 of 1h)"),
        (close > on("1d", close), 288, "0 of 1d"),
    ],
)
def test_on_counts_longer_bars_or_those_at_hand(made, bars, told):
    graph = flatten({"x": made})
    root = graph.roots["x"]
    assert warm_ups(graph.nodes, {"n": 10.0}, "5m")[root] == bars
    assert spoken(warm_up_spans(graph.nodes, {"n": 10.0})[root]) == told


@pytest.mark.parametrize(
    ("timeframe", "message"),
    [
        (None, r"node 1 \(on '1h'\): .*give the bars' timeframe"),
        ("1h", r"node 1 \(on '1h'\): .*not longer"),
        ("7m", r"node 1 \(on '1h'\): .*multiple"),
        ("soon", r"node 1 \(on '1h'\): .*timeframe is 'soon'"),
    ],
)
def test_without_the_bars_timeframe_on_has_no_warm_up_in_bars(timeframe, message):
    graph = flatten({"x": on("1h", close)})
    with pytest.raises(StrategyError, match=message):
        warm_ups(graph.nodes, {}, timeframe)


def test_spans_without_on_are_the_warm_ups():
    graph = flatten({"x": ta.rsi(ta.ema(close, N), 14).crosses_above(ta.atr(3))})
    exact = warm_ups(graph.nodes, {"n": 12.0})
    assert warm_up_spans(graph.nodes, {"n": 12.0}) == [{"": (bars, 0)} for bars in exact]


def test_the_longest_of_none_is_nothing():
    assert longest([]) == {}


def test_only_windows_decide_on_warm_ups():
    graph = flatten({"x": close * param("k") > ta.sma(close, N), "time_stop": param("bars")})
    assert window_names(graph.nodes) == {"n"}


def test_windows_stand_in_any_place():
    line = ta.macd(close, param("fast", 2, 9), param("slow", 9, 30)).line
    graph = flatten({"x": line > ta.quantile(close, param("n", 1, 9), param("q", 0.0, 1.0))})
    assert window_names(graph.nodes) == {"fast", "slow", "n"} == graph.windows
    assert not graph.parameters["q"].integer


def test_a_lag_that_is_given_is_exact():
    graph = flatten({"x": ta.lag(close, N)})
    assert lags(graph.nodes, {"n": 7.0})[graph.roots["x"]] == 7
