# ruff: noqa: SIM300  # which side a number stands on is what is tested here
import math
import pickle

import numpy as np
import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import Expr, close, column, constant, high, low, param, ta, weekday
from hyprl_lab.strategy.expression import expression
from hyprl_lab.strategy.node_checks import MAX_BARS


@pytest.mark.parametrize(
    ("made", "op"),
    [
        (close + high, "add"),
        (close - high, "subtract"),
        (close * high, "multiply"),
        (close / high, "divide"),
        (close < high, "less"),
        (close <= high, "less_equal"),
        (close > high, "greater"),
        (close >= high, "greater_equal"),
        (close == high, "equal"),
        (close != high, "not_equal"),
        (close.crosses_above(high), "crosses_above"),
        (close.crosses_below(high), "crosses_below"),
    ],
)
def test_an_operator_makes_its_node_with_the_arguments_in_order(made, op):
    assert made.op == op
    assert made.args[0] is close
    assert made.args[1] is high


@pytest.mark.parametrize(
    ("made", "op"),
    [(2 + close, "add"), (2 - close, "subtract"), (2 * close, "multiply"), (2 / close, "divide")],
)
def test_a_number_on_the_left_stays_on_the_left(made, op):
    assert made.op == op
    assert made.args[0].value == 2.0
    assert made.args[1] is close


def test_a_comparison_from_the_left_is_mirrored_by_python():
    made = 30 < close
    assert (made.op, made.args[0], made.args[1].value) == ("greater", close, 30.0)


def test_booleans_join_by_ampersand_bar_and_tilde():
    a, b = close > 1, close < 2
    assert [(a & b).op, (a | b).op, (~a).op, (-close).op] == ["and", "or", "not", "negate"]
    assert (a & b).kind == "boolean"
    assert close.kind == "number"


def test_a_condition_looks_back_and_a_number_loses_its_sign():
    up = close > 5
    assert (up.bars_since().op, up.bars_since().kind) == ("bars_since", "number")
    held = up.held_for(param("n", 2, 5))
    assert (held.op, held.kind, held.args[1].name) == ("held_for", "boolean", "n")
    assert (abs(close).op, abs(close).kind) == ("absolute", "number")


def test_shift_keeps_the_kind():
    assert close.shift(2).kind == "number"
    assert (close > 1).shift(2).kind == "boolean"
    assert close.shift(np.int64(3)).bars == 3


@pytest.mark.parametrize(
    "ask", [bool, lambda e: e and e, lambda e: not e, lambda e: e.args[0] in [1, 2]]
)
def test_the_truth_of_an_expression_is_refused_with_advice(ask):
    with pytest.raises(StrategyError, match=r"& \| ~"):
        ask(close > 5)


def test_a_chained_comparison_is_refused():
    with pytest.raises(StrategyError, match=r"close > 1.*has no single truth value"):
        assert 1 < close < 5


@pytest.mark.parametrize(
    "value", [True, np.True_, math.nan, math.inf, -math.inf, 10**400, 2**53 + 1]
)
def test_constants_are_finite_exact_numbers(value):
    with pytest.raises(StrategyError):
        constant(value)
    with pytest.raises(StrategyError):
        close + value


@pytest.mark.parametrize("value", ["5", None, [1.0], object(), np.array([1.0])])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(StrategyError, match="expected an expression or a finite number"):
        close > value  # noqa: B015


@pytest.mark.parametrize("value", [np.float64(2.5), np.float32(2.5), 2.5])
def test_numpy_scalars_are_numbers_on_either_side(value):
    assert (close * value).args[1].value == 2.5
    assert (value * close).args[0].value == 2.5
    assert isinstance(value < close, Expr)


def test_minus_zero_and_whole_floats_have_one_spelling():
    assert math.copysign(1, constant(-0.0).value) == 1.0
    assert constant(10).value == constant(10.0).value == constant(np.int32(10)).value


@pytest.mark.parametrize("bars", [-1, np.int64(-1)])
def test_a_negative_shift_looks_ahead(bars):
    with pytest.raises(StrategyError, match="looks ahead"):
        close.shift(bars)


@pytest.mark.parametrize("bars", [1.0, True, "1", None, close, MAX_BARS + 1, 10**4000])
def test_a_shift_is_a_whole_number_of_bars(bars):
    with pytest.raises(StrategyError, match="shift: bars is"):
        close.shift(bars)


@pytest.mark.parametrize(
    "make",
    [
        lambda: (close > 1) + 1,
        lambda: -(close > 1),
        lambda: (close > 1) < 2,
        lambda: (close > 1) == (close > 2),
        lambda: (close > 1).crosses_above(2),
        lambda: ta.sma(close > 1, 5),
    ],
)
def test_a_condition_is_no_number(make):
    with pytest.raises(StrategyError, match=r"argument 1: found the boolean \(close > 1\)"):
        make()


@pytest.mark.parametrize(
    "make", [lambda: close & (close > 1), lambda: ~close, lambda: (close > 1) | high]
)
def test_a_number_is_no_condition(make):
    with pytest.raises(StrategyError, match=r"found the number \w+; expected a boolean"):
        make()


@pytest.mark.parametrize("window", [0, -1, 2.5, MAX_BARS + 1])
def test_a_constant_window_is_whole_and_positive(window):
    with pytest.raises(StrategyError, match="sma, argument 2: the window is"):
        ta.sma(close, window)


@pytest.mark.parametrize("window", [close, close + 1, constant(2) + 3, param("n", 2, 9) * 2])
def test_a_window_is_a_constant_or_a_parameter(window):
    with pytest.raises(StrategyError, match="a whole number >= 1 or a parameter"):
        ta.sma(close, window)


@pytest.mark.parametrize(("low_end", "high_end"), [(1.0, 9.0), (0, 9), (-5, 5)])
def test_a_window_parameter_ranges_over_windows(low_end, high_end):
    with pytest.raises(StrategyError, match="'n' is used as a window"):
        ta.sma(close, param("n", low_end, high_end))


def test_expressions_are_frozen_and_hashed_by_identity():
    with pytest.raises(AttributeError):
        close.op = "constant"
    one, two = column("close"), column("close")
    assert len({id(one): one, id(two): two}) == 2
    assert hash(one) == hash(one)
    assert hash(one) != hash(two)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Expr("look_ahead", (close,)),
        lambda: Expr("add", (close,)),
        lambda: Expr("add", (close, 5)),
        lambda: Expr("add", (close, close), bars=2),
        lambda: Expr("shift", (close,)),
        lambda: Expr("parameter", name="x"),
        lambda: Expr("constant", value=math.nan),
    ],
)
def test_a_malformed_node_cannot_be_made(make):
    with pytest.raises(StrategyError):
        make()


def test_the_formula_reads_like_the_source():
    assert repr((close + 1) / -low >= param("k", 1.0, 2.0)) == "(((close + 1) / -low) >= k)"
    assert repr(~(close == 5) | (high != low)) == "(~(close == 5) | (high != low))"


def test_the_formula_of_a_deep_or_shared_graph_stays_short():
    deep = close
    for _ in range(5_000):
        deep = deep + deep
    assert len(repr(deep)) <= 160


def test_expression_leaves_expressions_alone():
    assert expression(close) is close


def test_a_very_deep_expression_can_be_freed():
    deep = close
    for _ in range(200_000):
        deep = -deep
    del deep


def test_a_small_expression_can_be_pickled():
    assert repr(pickle.loads(pickle.dumps(ta.sma(close, 5) > 3))) == "(sma(close, 5) > 3)"


def test_a_node_of_its_own_bars_can_be_pickled():
    again = pickle.loads(pickle.dumps(weekday > 3))
    assert (repr(again), again.own_bars) == ("(weekday > 3)", "weekday")
