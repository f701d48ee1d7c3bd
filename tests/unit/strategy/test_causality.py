import pytest

from hyprl_lab.strategy import close, constant, high, param, ta
from hyprl_lab.strategy.causality import lags, warm_ups
from hyprl_lab.strategy.graph import flatten

N = param("n", 1, 100)


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
        ((close.shift(1) > 1).shift(1) & ~(close.shift(6) > 1), 2),
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
        (~((close > ta.sma(close, 50)) & (ta.rsi(close, 2) < 10)), 49),
    ],
)
def test_warm_up_by_hand(made, bars):
    graph = flatten({"x": made})
    assert warm_ups(graph.nodes, {"n": 10.0})[graph.roots["x"]] == bars
