import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, column, param, ta
from hyprl_lab.strategy.graph import MAX_NODES, Node, flatten, node_json, reachable


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
