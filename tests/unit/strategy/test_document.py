import copy
import json

import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import Strategy, close, col, param, stop, ta, target

EXAMPLE = {
    "version": 1,
    "name": "sma_cross",
    "parameters": {
        "fast": {"low": 5, "high": 50, "integer": True},
        "slow": {"low": 20, "high": 200, "integer": True},
    },
    "nodes": [
        {"op": "column", "name": "close"},
        {"op": "parameter", "name": "fast"},
        {"op": "sma", "args": [0, 1]},
        {"op": "parameter", "name": "slow"},
        {"op": "sma", "args": [0, 3]},
        {"op": "crosses_above", "args": [2, 4]},
        {"op": "crosses_below", "args": [2, 4]},
        {"op": "constant", "value": 0.05},
    ],
    "outputs": {"long_entry": 5, "long_exit": 6, "short_entry": None, "short_exit": None},
    "stop_loss": None,
    "take_profit": {"kind": "percent", "node": 7},
}


def test_the_documented_example_is_what_python_writes():
    fast = ta.sma(close, param("fast", 5, 50))
    slow = ta.sma(close, param("slow", 20, 200))
    made = Strategy(
        "sma_cross",
        long_entry=fast.crosses_above(slow),
        long_exit=fast.crosses_below(slow),
        take_profit=target.percent(0.05),
    )
    assert made.to_json() == EXAMPLE
    assert Strategy.from_json(EXAMPLE).to_json() == EXAMPLE
    assert Strategy.from_json(json.loads(json.dumps(EXAMPLE))) == made


def test_every_operation_survives_the_way_there_and_back():
    x, k, free = col("x"), param("k", 0.5, 2.0), param("free")
    number = ((x + 1) * k - close / free).shift(2)
    condition = (number < ta.ema(x, 3)) & (number <= ta.rsi(x, 4)) | ~(
        number > ta.highest(x, 5)
    ) & (number >= ta.lowest(x, 6)) & ((number == -x) | (number != ta.atr(7)))
    made = Strategy(
        "all",
        long_entry=condition,
        short_entry=number.crosses_above(1),
        short_exit=number.crosses_below(ta.sma(x, 2)),
        stop_loss=stop.atr(14, k),
    )
    again = Strategy.from_json(json.loads(json.dumps(made.to_json())))
    assert again.to_json() == made.to_json()
    assert again.hash == made.hash


def test_a_node_nothing_uses_is_dropped():
    document = copy.deepcopy(EXAMPLE)
    document["nodes"].append({"op": "column", "name": "volume"})
    assert Strategy.from_json(document).to_json() == EXAMPLE


def changed(path, value):
    document = copy.deepcopy(EXAMPLE)
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


BAD = [
    ((), [], "the document"),
    (("version",), 2, "version"),
    (("version",), True, "version"),
    (("version",), "1", "version"),
    (("name",), ..., "missing keys"),
    (("name",), 5, "name"),
    (("name",), "", "name"),
    (("name",), "x" * 121, "name"),
    (("name",), "a\x00b", "name"),
    (("extra",), 1, "unknown key 'extra'"),
    (("parameters",), [], "parameters"),
    (("parameters", "fast"), 5, "fast"),
    (("parameters", "fast", "low"), "5", "fast"),
    (("parameters", "fast", "low"), ..., "fast"),
    (("parameters", "fast", "low"), 60, "fast"),
    (("parameters", "fast", "low"), 0, "'fast' is used as a window"),
    (("parameters", "fast", "low"), None, "fast"),
    (("parameters", "fast", "low"), 5.5, "whole bounds"),
    (("parameters", "fast", "high"), 10**400, "fast"),
    (("parameters", "fast", "integer"), 1, "integer"),
    (("parameters", "fast", "integer"), None, "integer"),
    (("parameters", "fast", "integer"), False, "window"),
    (("parameters", "fast", "step"), 1, "unknown key 'step'"),
    (("parameters", "unused"), {"low": 1, "high": 2, "integer": True}, "used by no node"),
    (("parameters", "1bad"), {"low": 1, "high": 2, "integer": True}, "identifier"),
    (("parameters", "fast"), ..., r"node 1 \('parameter'\).*not declared"),
    (("nodes",), {}, "nodes"),
    (("nodes",), [{"op": "column", "name": "close"}] * 10_001, "10001 nodes"),
    (("nodes", 2), 7, "node 2"),
    (("nodes", 2), {}, "node 2"),
    (("nodes", 2, "op"), "eval", r"node 2 \('eval'\).*unknown operation"),
    (("nodes", 2, "op"), ["sma"], r"node 2 \(a list of 1\)"),
    (("nodes", 2, "op"), None, "node 2"),
    (("nodes", 2, "args"), ..., r"node 2 \('sma'\).*missing keys \['args'\]"),
    (("nodes", 2, "args"), [0], r"node 2 \('sma'\)"),
    (("nodes", 2, "args"), [0, 1, 1], r"node 2 \('sma'\)"),
    (("nodes", 2, "args"), "01", r"node 2 \('sma'\)"),
    (("nodes", 2, "args"), [0, 2], r"node 2 \('sma'\): argument 2 is 2"),
    (("nodes", 2, "args"), [0, 5], "argument 2 is 5"),
    (("nodes", 2, "args"), [-1, 1], "argument 1 is -1"),
    (("nodes", 2, "args"), [True, 1], "argument 1 is True"),
    (("nodes", 2, "args"), [0.0, 1], r"argument 1 is 0\.0"),
    (("nodes", 2, "args"), [0, 0], r"node 2 \('sma'\): sma, argument 2: the window is close"),
    (("nodes", 2, "bars"), 1, "unknown key 'bars'"),
    (("nodes", 0, "name"), 5, r"node 0 \('column'\)"),
    (("nodes", 0, "name"), "", r"node 0 \('column'\)"),
    (("nodes", 0, "args"), [], "unknown key 'args'"),
    (("nodes", 7, "value"), float("nan"), r"node 7 \('constant'\)"),
    (("nodes", 7, "value"), float("inf"), r"node 7 \('constant'\)"),
    (("nodes", 7, "value"), True, r"node 7 \('constant'\)"),
    (("nodes", 7, "value"), "0.05", r"node 7 \('constant'\)"),
    (("nodes", 7, "value"), None, r"node 7 \('constant'\)"),
    (("nodes", 7, "value"), -0.05, "above 0"),
    (("nodes", 7), {"op": "shift", "args": [0], "bars": -1}, r"node 7 \('shift'\).*looks ahead"),
    (("nodes", 7), {"op": "shift", "args": [0], "bars": 1.0}, r"node 7 \('shift'\)"),
    (("nodes", 7), {"op": "shift", "args": [0], "bars": True}, r"node 7 \('shift'\)"),
    (("nodes", 7), {"op": "shift", "args": [0], "bars": 10**4000}, r"node 7 \('shift'\)"),
    (("nodes", 7), {"op": "shift", "args": [0]}, r"node 7 \('shift'\)"),
    (("nodes", 7), {"op": "not", "args": [0]}, r"node 7 \('not'\).*expected a boolean"),
    (("nodes", 7), {"op": "add", "args": [0, 5]}, r"node 7 \('add'\).*expected a number"),
    (("outputs",), [], "outputs"),
    (("outputs", "short_exit"), ..., "outputs"),
    (("outputs", "sideways"), 5, "outputs"),
    (("outputs", "long_entry"), 99, r"outputs\.long_entry is 99"),
    (("outputs", "long_entry"), "5", r"outputs\.long_entry"),
    (("outputs", "long_entry"), 2, "long_entry: found sma"),
    (("outputs", "long_entry"), None, "long_exit is given without long_entry"),
    (("take_profit",), 7, "take_profit"),
    (("take_profit", "kind"), "price", "take_profit: kind"),
    (("take_profit", "kind"), {}, "take_profit: kind"),
    (("take_profit", "node"), None, r"take_profit\.node"),
    (("take_profit", "node"), 5, "expected a number"),
    (("stop_loss",), {"kind": "percent", "node": 0, "x": 1}, "stop_loss"),
]


@pytest.mark.parametrize(("path", "value", "message"), BAD)
def test_a_malformed_document_is_refused_by_name(path, value, message):
    document = value if path == () else changed(path, value)
    with pytest.raises(StrategyError, match=message):
        Strategy.from_json(document)


def test_a_hostile_nesting_is_refused_not_followed():
    nested: list = []
    for _ in range(100_000):
        nested = [nested]
    for path in [("name",), ("version",), ("nodes", 2, "args"), ("nodes", 7, "value")]:
        with pytest.raises(StrategyError):
            Strategy.from_json(changed(path, nested))


def test_a_document_at_the_limit_is_read():
    chain = [{"op": "column", "name": "close"}]
    chain += [{"op": "negate", "args": [at]} for at in range(9_998)]
    chain.append({"op": "less", "args": [9_998, 0]})
    document = {
        "version": 1,
        "name": "deep",
        "parameters": {},
        "nodes": chain,
        "outputs": {
            "long_entry": 9_999,
            "long_exit": None,
            "short_entry": None,
            "short_exit": None,
        },
        "stop_loss": None,
        "take_profit": None,
    }
    assert Strategy.from_json(document).to_json() == document
