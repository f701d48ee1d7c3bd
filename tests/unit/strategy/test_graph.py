import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import (
    LogisticModel,
    close,
    column,
    minute_of_day,
    on,
    param,
    probability,
    ta,
    weekday,
)
from hyprl_lab.strategy.graph import MAX_NODES, MAX_TIMEFRAMES, Node, flatten, node_json, reachable


def test_equal_expressions_stand_once_whoever_made_them():
    graph = flatten({"x": ta.sma(column("close"), 5) > ta.sma(column("close"), 5)})
    assert graph.nodes == (
        Node("column", name="close"),
        Node("constant", value=5.0),
        Node("sma", (0, 1)),
        Node("greater", (2, 2)),
    )
    assert graph.roots == {"x": 3}


def test_arguments_come_before_their_users():
    graph = flatten({"b": (close + 1) * (close - 2), "a": close > (close + 1)})
    for index, node in enumerate(graph.nodes):
        assert all(argument < index for argument in node.args)


def test_sharing_costs_nothing():
    node = close
    for _ in range(500):
        node = node + node
    assert len(flatten({"x": node}).nodes) == 501


def test_a_chain_as_deep_as_the_limit_needs_no_stack():
    node = close
    for _ in range(MAX_NODES - 1):
        node = -node
    assert len(flatten({"x": node}).nodes) == MAX_NODES
    with pytest.raises(StrategyError, match="more than 10000 different nodes"):
        flatten({"x": -node})


def test_two_declarations_of_one_name_are_refused():
    with pytest.raises(StrategyError, match="'n' is declared twice"):
        flatten({"x": ta.sma(close, param("n", 1, 5)) > ta.sma(close, param("n", 1, 6))})


def test_parameters_are_sorted_and_windows_known():
    k, n = param("k"), param("n")
    graph = flatten({"x": close * k > ta.sma(close, n)})
    assert list(graph.parameters) == ["k", "n"]
    assert graph.windows == {"n"}
    assert (graph.parameters["k"].integer, graph.parameters["n"].integer) == (False, True)


def test_reachable_drops_what_nothing_uses():
    nodes = [Node("column", name=n) for n in "abc"] + [Node("add", (2, 0))]
    assert reachable(nodes, [3]) == [2, 0, 3]
    assert reachable(nodes, [3, 1, 3]) == [2, 0, 3, 1]


@pytest.mark.parametrize(
    ("value", "written"), [(10.0, 10), (0.5, 0.5), (1e300, 1e300), (2.0**53, 2.0**53)]
)
def test_constants_are_written_as_rfc_8785_would(value, written):
    found = node_json(Node("constant", value=value))["value"]
    assert (found, type(found)) == (written, type(written))


def test_longer_timeframes_and_session_nodes_are_listed():
    graph = flatten(
        {
            "a": on("1w", close) > on("60m", close),
            "b": on("1h", ta.sma(close, 5)) + weekday > minute_of_day,
        }
    )
    assert graph.longer == ("1h", "1w")
    assert graph.clock == ("minute_of_day", "weekday")
    assert flatten({"a": close}).longer == flatten({"a": close}).clock == ()


def test_timeframes_and_models_tell_nodes_apart():
    def made(intercept):
        return probability(LogisticModel((close,), (1,), intercept, trained_until=0))

    same = flatten({"x": on("1h", close) + on("60m", close), "y": made(1) + made(1.0)})
    assert [node.op for node in same.nodes] == ["column", "on", "add", "probability", "add"]
    other = flatten({"x": on("1h", close) + on("2h", close), "y": made(1) + made(2)})
    assert len(other.nodes) == 7


def test_there_are_few_longer_timeframes():
    made = close
    for hours in range(1, MAX_TIMEFRAMES + 1):
        made = made + on(f"{hours}h", close)
    assert len(flatten({"x": made}).longer) == MAX_TIMEFRAMES
    with pytest.raises(StrategyError, match="asks for 17 longer timeframes"):
        flatten({"x": made + on("1w", close)})


def test_a_counted_root_makes_its_parameter_whole():
    graph = flatten({"x": close, "hold": param("n")}, counts={"hold": "time stop"})
    assert graph.windows == {"n"}
    assert graph.parameters["n"].integer
    with pytest.raises(StrategyError, match="'n' is used as a time stop"):
        flatten({"hold": param("n", 0.5, 2.0)}, counts={"hold": "time stop"})
