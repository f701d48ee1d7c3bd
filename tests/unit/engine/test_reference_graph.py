"""Node by node; indicators against TA-Lib 0.8.2 (`import talib`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import talib

from hyprl_lab.engine.reference_graph import Plan, evaluate
from hyprl_lab.engine.reference_indicators import (
    average_true_range,
    exponential_average,
    relative_strength,
    rolling_extreme,
    simple_average,
)
from hyprl_lab.errors import BarsError, StrategyError

NAN = float("nan")
TOLERANCE = 1e-9  # relative; running sums of both drift alike, in the last digits


def graph(*nodes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A graph whose last node is the long entry."""
    return {
        "version": 1,
        "name": "test",
        "parameters": {},
        "nodes": list(nodes),
        "outputs": {"long_entry": len(nodes) - 1},
        "stop_loss": None,
        "take_profit": None,
    } | changes


def column(name: str) -> dict[str, Any]:
    return {"op": "column", "name": name}


def constant(value: float) -> dict[str, Any]:
    return {"op": "constant", "value": value}


def op(name: str, *arguments: int, **more: Any) -> dict[str, Any]:
    return {"op": name, "args": list(arguments), **more}


def numbers(nodes: list[dict[str, Any]], columns: dict[str, Any], **params: float) -> list[float]:
    """Read a number node by making it the distance of a stop."""
    arrays = {name: np.array(values, np.float64) for name, values in columns.items()}
    extra = [column(next(iter(columns))), constant(0.0)]
    at = len(nodes)
    whole = graph(
        *nodes,
        *extra,
        op("greater", at, at + 1),
        stop_loss={"kind": "distance", "node": at - 1},
    )
    level = evaluate(whole, arrays, params).stop_loss
    assert level is not None
    return level.amount


def truths(*nodes: dict[str, Any], **columns: list[float]) -> list[bool]:
    arrays = {name: np.array(values) for name, values in columns.items()}
    plan: Plan = evaluate(graph(*nodes), arrays, {})
    return plan.long_entry


def test_arithmetic_is_ieee_and_division_by_zero_is_missing() -> None:
    columns = {"a": [6.0, 1.0, NAN, 1e308], "b": [3.0, 0.0, 2.0, 1e-308]}
    for name, expected in {
        "add": [9.0, 1.0, NAN, 1e308],
        "subtract": [3.0, 1.0, NAN, 1e308],
        "multiply": [18.0, 0.0, NAN, 1.0],
        "divide": [2.0, NAN, NAN, NAN],
    }.items():
        got = numbers([column("a"), column("b"), op(name, 0, 1)], columns)
        np.testing.assert_allclose(got, expected, rtol=1e-15)
    assert numbers([column("a"), op("negate", 0)], {"a": [1.0, -2.0]}) == [-1.0, 2.0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("less", [True, False, False]),
        ("less_equal", [True, True, False]),
        ("greater", [False, False, True]),
        ("greater_equal", [False, True, True]),
        ("equal", [False, True, False]),
        ("not_equal", [True, False, True]),
    ],
)
def test_comparisons(name: str, expected: list[bool]) -> None:
    a, b = [1.0, 2.0, 3.0, NAN], [2.0, 2.0, 2.0, 2.0]
    assert truths(column("a"), column("b"), op(name, 0, 1), a=a, b=b) == [*expected, False]
    # a missing comparison is missing, not false: its negation does not hold either
    negated = truths(column("a"), column("b"), op(name, 0, 1), op("not", 2), a=a, b=b)
    assert negated == [*(not value for value in expected), False]


def test_kleene_logic() -> None:
    # a, b run over true (1), false (0), missing
    states = [1.0, 0.0, NAN]
    a = [x for x in states for _ in states]
    b = states * 3
    base = [column("a"), column("b"), constant(0.5), op("greater", 0, 2), op("greater", 1, 2)]
    both = truths(*base, op("and", 3, 4), a=a, b=b)
    assert both == [True, False, False] + [False] * 6
    either = truths(*base, op("or", 3, 4), a=a, b=b)
    assert either == [True, True, True, True, False, False, True, False, False]
    not_both = truths(*base, op("and", 3, 4), op("not", 5), a=a, b=b)
    assert not_both == [False, True, False, True, True, True, False, True, False]
    neither = truths(*base, op("or", 3, 4), op("not", 5), a=a, b=b)
    assert neither == [False, False, False, False, True, False, False, False, False]


def test_crosses_count_from_on_the_line_and_need_both_bars() -> None:
    a = [1.0, 2.0, 3.0, 2.0, 1.0, NAN, 3.0, 1.0, 3.0]
    b = [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    above = truths(column("a"), column("b"), op("crosses_above", 0, 1), a=a, b=b)
    assert np.flatnonzero(above).tolist() == [2, 8]
    below = truths(column("a"), column("b"), op("crosses_below", 0, 1), a=a, b=b)
    assert np.flatnonzero(below).tolist() == [4, 7]


def test_shift_moves_numbers_and_conditions() -> None:
    got = numbers([column("a"), op("shift", 0, bars=2)], {"a": [1.0, 2.0, 3.0]})
    np.testing.assert_array_equal(got, [NAN, NAN, 1.0])
    far = numbers([column("a"), op("shift", 0, bars=9)], {"a": [1.0, 2.0, 3.0]})
    assert np.isnan(far).all()
    same = numbers([column("a"), op("shift", 0, bars=0)], {"a": [1.0, 2.0, 3.0]})
    assert same == [1.0, 2.0, 3.0]
    nodes = [column("a"), constant(1.5), op("less", 0, 1), op("shift", 2, bars=1)]
    assert truths(*nodes, a=[1.0, 2.0, 1.0]) == [False, True, False]
    assert truths(*nodes, op("not", 3), a=[1.0, 2.0, 1.0]) == [False, False, True]


def test_parameters_bind_and_windows_take_them() -> None:
    nodes = [column("a"), {"op": "parameter", "name": "n"}, op("sma", 0, 1)]
    got = numbers(nodes, {"a": [1.0, 2.0, 3.0, 4.0]}, n=2)
    np.testing.assert_array_equal(got, [NAN, 1.5, 2.5, 3.5])


# Indicators


@pytest.fixture(scope="module", params=["random", "sp500"])
def prices(request: pytest.FixtureRequest) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    if request.param == "sp500":
        import arch.data.sp500

        frame = arch.data.sp500.load()
        return {name.lower(): frame[name].to_numpy(np.float64) for name in ("High", "Low", "Close")}
    stream = np.random.default_rng(5)
    close = 100 * np.exp(np.cumsum(stream.normal(0, 0.03, 3_000)))
    reach = np.abs(stream.normal(0, 1, (2, 3_000)))
    return {"high": close + reach[0], "low": np.maximum(close - reach[1], 0.01), "close": close}


@pytest.mark.parametrize("window", [2, 3, 14, 200])
def test_indicators_are_those_of_talib(prices: Any, window: int) -> None:
    close = prices["close"]
    values = close.tolist()
    pairs = [
        (simple_average(values, window), talib.SMA(close, window)),
        (exponential_average(values, window), talib.EMA(close, window)),
        (relative_strength(values, window), talib.RSI(close, window)),
        (rolling_extreme(values, window, max), talib.MAX(close, window)),
        (rolling_extreme(values, window, min), talib.MIN(close, window)),
        (
            average_true_range(prices["high"].tolist(), prices["low"].tolist(), values, window),
            talib.ATR(prices["high"], prices["low"], close, window),
        ),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, equal_nan=True)


def test_sma_adds_then_subtracts_then_divides(prices: Any) -> None:
    close = prices["close"]
    total, expected = 0.0, []
    for t, value in enumerate(close.tolist()):
        total = total + value if t < 10 else (total + value) - float(close[t - 10])
        expected.append(total / 10 if t >= 9 else math.nan)
    np.testing.assert_array_equal(simple_average(close.tolist(), 10), expected)


def test_sma_of_one_is_the_value_to_the_bit(prices: Any) -> None:
    assert simple_average(prices["close"].tolist(), 1) == prices["close"].tolist()


def test_windows_of_one() -> None:
    values = [3.0, 1.0, 2.0, 2.0]
    assert simple_average(values, 1) == values
    assert exponential_average(values, 1) == values
    np.testing.assert_array_equal(relative_strength(values, 1), [NAN, 0.0, 100.0, 0.0])
    ranges = average_true_range([4.0, 5.0], [1.0, 4.5], [2.0, 5.0], 1)
    np.testing.assert_array_equal(ranges, [NAN, 3.0])


def test_a_missing_value_restarts_what_runs() -> None:
    values = [NAN, 1.0, 2.0, 3.0, NAN, 5.0, 7.0, 8.0]
    np.testing.assert_array_equal(
        simple_average(values, 2), [NAN, NAN, 1.5, 2.5, NAN, NAN, 6.0, 7.5]
    )
    np.testing.assert_allclose(
        exponential_average(values, 2), [NAN, NAN, 1.5, 2.5, NAN, NAN, 6.0, 22 / 3]
    )
    np.testing.assert_array_equal(
        rolling_extreme(values, 2, max), [NAN, NAN, 2.0, 3.0, NAN, NAN, 7.0, 8.0]
    )
    np.testing.assert_array_equal(
        relative_strength(values, 2), [NAN, NAN, NAN, 100.0, NAN, NAN, NAN, 100.0]
    )
    high = [2.0, 2.0, 2.0, NAN, 2.0, 2.0]
    np.testing.assert_array_equal(
        average_true_range(high, [1.0] * 6, [1.5] * 6, 2), [NAN, NAN, 1.0, NAN, NAN, 1.0]
    )


def test_nested_warm_up_adds(prices: Any) -> None:
    close = prices["close"][:300]
    nodes = [column("close"), constant(20), op("sma", 0, 1), constant(5), op("ema", 2, 3)]
    got = numbers(nodes, {"close": close})
    assert np.flatnonzero(np.isfinite(got))[0] == 19 + 4
    np.testing.assert_allclose(
        got[19:], talib.EMA(talib.SMA(close, 20)[19:], 5), rtol=TOLERANCE, equal_nan=True
    )


# Levels


def test_levels_carry_their_kind() -> None:
    nodes = [column("a"), constant(0.0), op("greater", 0, 1)]
    plan = evaluate(
        graph(
            *nodes,
            stop_loss={"kind": "percent", "node": 0},
            take_profit={"kind": "distance", "node": 0},
        ),
        {"a": np.array([1.0, 2.0])},
        {},
    )
    assert plan.stop_loss is not None
    assert plan.take_profit is not None
    assert (plan.stop_loss.kind, plan.stop_loss.amount) == ("percent", [1.0, 2.0])
    assert plan.take_profit.kind == "distance"
    assert plan.short_entry == [False, False]


# What is refused


COLUMNS = {"a": np.array([1.0, 2.0, 3.0])}
TAIL = [constant(0.0), op("greater", 0, 1)]


@pytest.mark.parametrize("window", [0, -1, 2.5, 4, NAN])
def test_a_window_is_a_whole_number_of_the_bars(window: float) -> None:
    nodes = [column("a"), {"op": "parameter", "name": "n"}, op("sma", 0, 1), op("less", 0, 2)]
    with pytest.raises(StrategyError, match=r"node \d \((sma|parameter)\)"):
        evaluate(graph(*nodes), COLUMNS, {"n": window})


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([column("a"), column("a"), op("sma", 0, 1), op("less", 0, 2)], "its window is node 1"),
        ([{"op": "parameter", "name": "n"}, *TAIL], r"node 0 \(parameter\): parameter 'n'"),
        ([{"op": "peek", "args": []}, *TAIL], "node 0 has the unknown op 'peek'"),
        ([column("a"), op("shift", 0, bars=-1), constant(0.0), op("less", 1, 2)], "node 1"),
        ([column("a"), op("shift", 0, bars=1.0), constant(0.0), op("less", 1, 2)], "node 1"),
        ([column("a"), op("less", 0)], "takes 2"),
        ([column("a"), op("less", 0, 1)], "must come before"),
        ([column("a"), op("less", 0, 7)], "must come before"),
        ([column("a"), op("not", 0)], "needs a condition"),
        ([column("a"), op("less", 0, 0), op("add", 0, 1), op("less", 2, 0)], "needs a number"),
        ([column("a")], "output long_entry needs a condition"),
    ],
)
def test_a_malformed_graph_names_its_node(nodes: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        evaluate(graph(*nodes), COLUMNS, {})


def test_a_missing_column_is_named() -> None:
    with pytest.raises(BarsError, match=r"node 0 \(column\) reads column 'vix'; .*\['a'\]"):
        evaluate(graph(column("vix"), *TAIL), COLUMNS, {})


def test_nodes_that_nothing_uses_are_not_read() -> None:
    nodes = [column("a"), *TAIL, column("vix")]
    plan = evaluate(graph(*nodes, outputs={"long_entry": 2}), COLUMNS, {})
    assert plan.long_entry == [True, True, True]


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"outputs": {"long_exit": 2}},
        {"outputs": {"long_entry": 9}},
        {"stop_loss": {"kind": "ratio", "node": 0}},
        {"stop_loss": {"kind": "percent"}},
        {"take_profit": {"kind": "percent", "node": 2}},
    ],
)
def test_a_malformed_frame_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(StrategyError):
        evaluate(graph(column("a"), *TAIL, **changes), COLUMNS, {})
