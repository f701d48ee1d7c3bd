"""Every number of every indicator may be a parameter."""

import inspect
from dataclasses import fields

import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import Expr, close, param, ta
from hyprl_lab.strategy.graph import flatten
from hyprl_lab.strategy.lines import Lines
from hyprl_lab.strategy.operations import OPERATIONS

FUNCTIONS = {name: of for name in ta.__all__ if inspect.isfunction(of := getattr(ta, name))}
GIVEN = {"x": close, "a": close, "b": close, "condition": close > 1, "average": "ema"}
ANY_NUMBER = {"vfactor", "multiple", "deviations", "acceleration", "maximum", "q"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_number_may_be_searched(name):
    arguments, searched = {}, set()
    for argument in inspect.signature(FUNCTIONS[name]).parameters:
        if argument in GIVEN:
            arguments[argument] = GIVEN[argument]
            continue
        bounds = (0.1, 0.9) if argument in ANY_NUMBER else (2, 50)
        arguments[argument] = param(argument, *bounds)
        searched.add(argument)
    made = FUNCTIONS[name](**arguments)
    lines = {f.name: getattr(made, f.name) for f in fields(made)} if isinstance(made, Lines) else {}
    graph = flatten(lines or {"x": made})
    assert set(graph.parameters) == searched
    assert graph.windows == searched - ANY_NUMBER


def test_there_are_at_least_fifty():
    assert len({id(function) for function in FUNCTIONS.values()}) >= 50


@pytest.mark.parametrize("name", FUNCTIONS)
def test_defaults_make_an_indicator(name):
    wanted = {
        argument.name: GIVEN.get(argument.name, 0.5 if argument.name == "q" else 5)
        for argument in inspect.signature(FUNCTIONS[name]).parameters.values()
        if argument.default is inspect.Parameter.empty
    }
    assert isinstance(FUNCTIONS[name](**wanted), Expr | Lines)


OF_A_SERIES = [n for n in FUNCTIONS if n in OPERATIONS and n not in {"macd", "cci"}]


@pytest.mark.parametrize(
    "name", [n for n in OF_A_SERIES if OPERATIONS[n].slots == ("number", "window")]
)
def test_an_operation_over_a_series_is_one_node_and_checked(name):
    indicator = FUNCTIONS[name]
    node = indicator(close, 14)
    assert (node.op, node.kind) == (name, "number")
    assert node.args[0] is close
    assert node.args[1].value == 14.0
    assert indicator(close, param("n", 2, 9)).args[1].name == "n"
    with pytest.raises(StrategyError, match=f"{name}, argument 2"):
        indicator(close, 0)
    with pytest.raises(StrategyError, match=f"{name}, argument 1"):
        indicator(close > 1, 5)


@pytest.mark.parametrize("name", [n for n in OF_A_SERIES if OPERATIONS[n].slots == ("window",)])
def test_an_operation_over_bars_takes_a_window_alone(name):
    node = FUNCTIONS[name](14)
    assert (node.op, node.kind, len(node.args)) == (name, "number", 1)
    assert FUNCTIONS[name](param("n", 2, 9)).args[0].name == "n"
    with pytest.raises(StrategyError, match=f"{name}, argument 1"):
        FUNCTIONS[name](1.5)
