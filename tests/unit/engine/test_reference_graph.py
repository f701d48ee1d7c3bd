"""What a graph makes of its outputs and levels, and which frames are refused."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from hyprl_lab.engine.config import AllIn, Execution
from hyprl_lab.engine.reference_graph import Plan, evaluate, evaluate_nodes
from hyprl_lab.engine.simulation import SimulationInputs
from hyprl_lab.errors import BarsError, StrategyError

NAN = math.nan

# node 2 is the condition a > 0, node 3 a parameter, node 4 a constant
NODES: list[dict[str, Any]] = [
    {"op": "column", "name": "a"},
    {"op": "constant", "value": 0.0},
    {"op": "greater", "args": [0, 1]},
    {"op": "parameter", "name": "n"},
    {"op": "constant", "value": 3},
]


def given(a: list[float] | None = None, n: float = 2.0, **changes: Any) -> SimulationInputs:
    values = [1.0, -1.0, NAN] if a is None else a
    graph = {
        "version": 1,
        "name": "test",
        "parameters": {},
        "nodes": NODES,
        "outputs": {"long_entry": 2, "long_exit": None, "short_entry": None, "short_exit": None},
        "stop_loss": None,
        "take_profit": None,
    } | changes
    return SimulationInputs(
        columns={"a": np.array(values)},
        graph=graph,
        params={"n": n},
        risk=AllIn(),
        execution=Execution(),
        cash=1.0,
        start=0,
        headline=np.arange(len(values)),
        periods_per_year=252.0,
        years=1.0,
        ts=np.arange(len(values), dtype=np.int64),
        bars_per_year=252.0,
    )


def planned(a: list[float] | None = None, n: float = 2.0, **changes: Any) -> Plan:
    return evaluate(given(a, n, **changes))


def test_a_missing_signal_is_false_and_what_is_not_set_is_none() -> None:
    plan = planned()
    assert plan.long_entry == [True, False, False]
    assert plan.long_exit == plan.short_entry == plan.short_exit == [False, False, False]
    rest = {item.name: getattr(plan, item.name) for item in fields(Plan)}
    assert [name for name, value in rest.items() if value is None] == [
        "stop_loss",
        "take_profit",
        "trailing_stop",
        "entry_limit",
        "entry_stop",
        "time_stop",
    ]


def test_every_output_is_its_own() -> None:
    nodes = [*NODES, {"op": "not", "args": [2]}, {"op": "and", "args": [2, 5]}]
    nodes.append({"op": "or", "args": [2, 5]})
    outputs = {"long_entry": 2, "long_exit": 5, "short_entry": 6, "short_exit": 7}
    plan = planned(nodes=nodes, outputs=outputs)
    assert plan.long_entry == [True, False, False]
    assert plan.long_exit == [False, True, False]
    assert plan.short_entry == [False, False, False]
    assert plan.short_exit == [True, True, False]


@pytest.mark.parametrize("name", ["stop_loss", "take_profit", "trailing_stop"])
@pytest.mark.parametrize("kind", ["percent", "distance", "price"])
def test_levels_carry_their_kind(name: str, kind: str) -> None:
    plan = planned([1.0, 2.5, 4.0], **{name: {"kind": kind, "node": 0}})
    level = getattr(plan, name)
    assert (level.kind, level.amount) == (kind, [1.0, 2.5, 4.0])
    others = {"stop_loss", "take_profit", "trailing_stop"} - {name}
    assert all(getattr(plan, other) is None for other in others)


def test_orders_have_a_price_a_bar() -> None:
    plan = planned([1.0, 2.5, 4.0], entry_limit=0)
    assert (plan.entry_limit, plan.entry_stop) == ([1.0, 2.5, 4.0], None)
    plan = planned(entry_stop=3)
    assert (plan.entry_limit, plan.entry_stop) == (None, [2.0, 2.0, 2.0])
    missing = planned(entry_limit=0).entry_limit
    np.testing.assert_array_equal(missing, [1.0, -1.0, NAN])


def test_a_time_stop_is_whole_and_may_exceed_the_bars() -> None:
    plan = planned(time_stop=4)
    assert (plan.time_stop, type(plan.time_stop)) == (3, int)
    assert planned(time_stop=3, n=1.0).time_stop == 1
    assert planned(time_stop=3, n=5_000.0).time_stop == 5_000


@pytest.mark.parametrize("n", [0.0, -1.0, 2.5, NAN, math.inf])
def test_a_time_stop_that_is_not_whole_is_refused_by_name(n: float) -> None:
    with pytest.raises(StrategyError, match=r"node 3 \(parameter\)"):
        planned(time_stop=3, n=n)


def test_a_time_stop_is_a_constant_or_a_parameter() -> None:
    with pytest.raises(StrategyError, match=r"time_stop is node 0 \(column\)"):
        planned(time_stop=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "version is 2"),
        ({"outputs": {}}, "no entry"),
        ({"outputs": {"long_exit": 2}}, "no entry"),
        ({"outputs": {"long_entry": 2, "short_exit": 2}}, "short_exit and no short_entry"),
        ({"outputs": {"long_entry": 9}}, "names node 9"),
        ({"outputs": {"long_entry": -1}}, "names node -1"),
        ({"outputs": {"long_entry": True}}, "names node True"),
        ({"outputs": {"long_entry": 0}}, r"output long_entry needs a condition; node 0 is"),
        ({"stop_loss": {"kind": "ratio", "node": 0}}, "stop_loss is .*'ratio'"),
        ({"stop_loss": {"kind": "percent"}}, "stop_loss is"),
        ({"stop_loss": {"kind": "percent", "node": None}}, "stop_loss is"),
        ({"trailing_stop": {"kind": "price", "node": 2.0}}, "trailing_stop names node 2.0"),
        ({"take_profit": {"kind": "percent", "node": 2}}, "take_profit needs a number"),
        ({"entry_limit": 2}, r"entry_limit needs a number; node 2 is node 2 \(greater\)"),
        ({"entry_stop": "0"}, "entry_stop names node '0'"),
        ({"entry_limit": 0, "entry_stop": 0}, "at most one"),
        ({"time_stop": 12}, "names node 12"),
    ],
)
def test_a_malformed_frame_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        planned(**changes)


def test_nodes_that_nothing_uses_are_not_read() -> None:
    nodes = [*NODES, {"op": "column", "name": "vix"}]
    assert planned(nodes=nodes).long_entry == [True, False, False]
    with pytest.raises(BarsError, match=r"node 5 \(column\) reads column 'vix'; .*\['a'\]"):
        planned(nodes=nodes, stop_loss={"kind": "price", "node": 5})


def test_a_column_as_long_as_the_bars_is_expected() -> None:
    with pytest.raises(BarsError, match="column 'a' has 2 values; there are 3 bars"):
        evaluate(
            SimulationInputs(
                columns={"a": np.ones(2)},
                graph={"version": 1, "nodes": list(NODES), "outputs": {"long_entry": 2}},
                params={},
                risk=AllIn(),
                execution=Execution(),
                cash=1.0,
                start=0,
                headline=np.arange(3),
                periods_per_year=252.0,
                years=1.0,
                ts=np.arange(3, dtype=np.int64),
                bars_per_year=252.0,
            )
        )


# Nodes for their own sake

NO_ENTRY = dict.fromkeys(("long_entry", "long_exit", "short_entry", "short_exit"))


def test_nodes_are_read_without_an_entry() -> None:
    condition, column, window = evaluate_nodes(given(outputs=NO_ENTRY), [2, 0, 3])
    np.testing.assert_array_equal(condition, [1.0, 0.0, NAN])
    np.testing.assert_array_equal(column, [1.0, -1.0, NAN])
    assert window == [2.0, 2.0, 2.0]
    assert evaluate_nodes(given(outputs=NO_ENTRY), []) == []
    once, twice = evaluate_nodes(given(outputs=NO_ENTRY), [2, 2])
    np.testing.assert_array_equal(once, twice)


def test_only_the_nodes_asked_for_are_read() -> None:
    nodes = [*NODES, {"op": "column", "name": "absent"}, {"op": "sma", "args": [0, 3]}]
    (averages,) = evaluate_nodes(given(nodes=nodes), [6])
    np.testing.assert_array_equal(averages, [NAN, 0.0, NAN])
    with pytest.raises(BarsError, match=r"node 5 \(column\) reads column 'absent'"):
        evaluate_nodes(given(nodes=nodes), [6, 5])


def test_nodes_that_are_not_there_are_refused() -> None:
    for index in (-1, 5):
        with pytest.raises(StrategyError, match=f"names node {index}; it has nodes 0 to 4"):
            evaluate_nodes(given(), [0, index])
    with pytest.raises(StrategyError, match="graph version is 2; this engine reads 1"):
        evaluate_nodes(given(version=2), [0])
