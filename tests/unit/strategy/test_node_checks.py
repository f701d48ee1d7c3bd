import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import Expr, Strategy, close, constant, param, ta, weekday
from hyprl_lab.strategy.node_checks import MAX_BARS, check_count, own_bars_only


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Expr(5), "unknown operation 5"),
        (lambda: Expr(["add"]), "unknown operation a list of 1"),
        (lambda: Expr("add", [close, close]), "expected a tuple"),
        (lambda: Expr("on", (close,)), "on: timeframe is missing"),
        (lambda: Expr("on", (close,), timeframe="x"), "timeframe is 'x'"),
        (lambda: Expr("negate", (close,), timeframe="1h"), "timeframe is out of place"),
        (lambda: Expr("probability", (close,)), "model is missing"),
        (lambda: Expr("probability", (close,), model={}), "expected LogisticWeights"),
        (lambda: Expr("probability", (), model=object()), "expected LogisticWeights"),
        (lambda: Expr("weekday", (close,)), "found 1 arguments, expected 0"),
        (lambda: Expr("where", (close > 1, close)), "found 2 arguments, expected 3"),
        (lambda: (close > 1).held_for(0), "held_for, argument 2: the window is 0"),
        (lambda: (close > 1).held_for(close), "held_for, argument 2: the window is close"),
        (lambda: close.held_for(3), "held_for, argument 1: found the number close"),
        (close.bars_since, "bars_since, argument 1: found the number close"),
        (lambda: abs(close > 1), "absolute, argument 1: found the boolean"),
        (lambda: ta.macd(close, 0, 26), "macd, argument 2: the window is 0"),
        (lambda: ta.macd(close, 12, 2.5), "macd, argument 3: the window is 2.5"),
        (lambda: ta.macd(close, 12, param("slow", 0, 9)), "'slow' is used as a window"),
        (lambda: ta.adx(close), "adx, argument 1: the window is close"),
        (lambda: ta.correl(close, close > 1, 3), "correl, argument 2: found the boolean"),
        (lambda: ta.sum_since(close, close), "sum_since, argument 1: found the number"),
        (lambda: ta.quantile(close, 9, 1.5), "quantile, argument 3: found 1.5; .* from 0 to 1"),
        (lambda: ta.quantile(close, 9, -0.1), "found -0.1; expected a number from 0 to 1"),
        (lambda: ta.quantile(close, 9, close), "argument 3: found close; expected a number from 0"),
        (
            lambda: ta.quantile(close, 9, param("q", 0, 2)),
            "'q' ranges over 0 to 2, whole; expected",
        ),
        (lambda: ta.sar(0, 0.2), "sar, argument 1: found 0; expected a number above 0"),
        (lambda: ta.sar(0.02, -1), "sar, argument 2: found -1; expected a number above 0"),
        (
            lambda: ta.sar(param("a", 0.0, 0.1)),
            "'a' ranges over 0 to 0.1; expected numbers above 0",
        ),
        (lambda: ta.sar(param("a", 0.1, 0.2) / 2), "sar, argument 1: found .a / 2.; expected"),
    ],
)
def test_a_malformed_node_names_itself(make, message):
    with pytest.raises(StrategyError, match=message):
        make()


def test_a_count_is_a_whole_constant_or_parameter():
    check_count("x", constant(MAX_BARS))
    check_count("x", param("n", 1, 5))
    check_count("x", param("n"))
    for wrong in (constant(0), constant(1.5), constant(MAX_BARS + 1), close, param("n", 0, 5)):
        with pytest.raises(StrategyError, match="time stop"):
            check_count("x", wrong, "time stop")


def test_what_needs_the_bars_at_hand_is_passed_up():
    assert own_bars_only(close) is None
    assert own_bars_only(weekday) == "weekday"
    assert own_bars_only((close > 1) & (close > weekday + 1)) == "weekday"


def test_the_longest_window_is_named():
    with pytest.raises(StrategyError, match=r"window is 1099511627776; .* <= 2,147,483,647"):
        ta.sma(close, 2**40)
    with pytest.raises(StrategyError, match=r"time stop is 1099511627776; .* <= 2,147,483,647"):
        Strategy("x", long_entry=close > 1, time_stop=2**40)
