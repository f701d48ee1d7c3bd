import copy
import json
import math

import numpy as np
import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import (
    LogisticModel,
    Strategy,
    bar_of_session,
    close,
    col,
    constant,
    low,
    maximum,
    minimum,
    minute_of_day,
    on,
    param,
    probability,
    stop,
    ta,
    target,
    trail,
    weekday,
    where,
)
from hyprl_lab.strategy.operations import OPERATIONS

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
    "trailing_stop": None,
    "time_stop": None,
    "entry_limit": None,
    "entry_stop": None,
}
OPTIONAL = ("trailing_stop", "time_stop", "entry_limit", "entry_stop")
MODEL = {
    "kind": "logistic",
    "intercept": 0.5,
    "coefficients": [1.5],
    "means": [50],
    "scales": [10],
    "trained_until_us": 1_500_000_000_000_000,
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
    model = LogisticModel((x, abs(x)), (1, -2.5), 0.25, trained_until="2015-12-31")
    new = (where(x > 1, minimum(x, 2), ta.sum(x, 3)) < ta.stdev(x, 4)).held_for(2) & (
        on("1w", (x < 2).bars_since()) + weekday + minute_of_day * bar_of_session
        > probability(model)
    )
    indicators = sum(
        [
            *(of(x, 3) for of in (ta.wma, ta.trima, ta.kama, ta.lag, ta.cmo, ta.variance, ta.rank)),
            *(of(x, 3) for of in (ta.linearreg, ta.linearreg_slope)),
            *(of(param("m", 2, 9)) for of in (ta.plus_di, ta.minus_di, ta.dx, ta.adx, ta.cci)),
            ta.macd(x, 3, param("m", 2, 9)).line,
            ta.quantile(x, 3, param("q", 0.1, 0.9)),
            ta.sar(param("a", 0.01, 0.1), 0.2),
            ta.aroon(3).oscillator,
            ta.supertrend().line + ta.supertrend().direction,
            ta.correl(x, close, 4) + ta.beta(x, close, 4),
            ta.obv() + ta.adosc() + ta.session_vwap(),
        ],
        start=constant(0),
    )
    made = Strategy(
        "all",
        long_entry=condition,
        short_entry=number.crosses_above(1),
        short_exit=number.crosses_below(ta.sma(x, 2)),
        long_exit=new,
        stop_loss=stop.atr(14, k),
        take_profit=target.price(x),
        trailing_stop=trail.atr(5, 2),
        time_stop=8,
        entry_stop=maximum(x, close) + indicators,
    )
    assert {node.op for node in made.graph.nodes} == set(OPERATIONS)
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
    (("take_profit", "kind"), "level", "take_profit: kind"),
    (("take_profit", "kind"), {}, "take_profit: kind"),
    (("take_profit", "node"), None, r"take_profit\.node"),
    (("take_profit", "node"), 5, "expected a number"),
    (("stop_loss",), {"kind": "percent", "node": 0, "x": 1}, "stop_loss"),
    (("trailing_stop",), 7, "trailing_stop is 7"),
    (("trailing_stop",), {"kind": "percent", "node": 99}, r"trailing_stop\.node is 99"),
    (("trailing_stop",), {"kind": "steps", "node": 7}, "trailing_stop: kind"),
    (("trailing_stop",), {"kind": "percent", "node": 5}, "expected a number"),
    (("time_stop",), 99, "time_stop is 99"),
    (("time_stop",), True, "time_stop is True"),
    (("time_stop",), {"node": 1}, "time_stop is a dict"),
    (("time_stop",), 0, "time_stop: the time stop is close"),
    (("time_stop",), 7, r"time_stop: the time stop is 0\.05"),
    (("time_stop",), 5, "time_stop: the time stop is crosses"),
    (("entry_limit",), "0", "entry_limit is '0'"),
    (("entry_limit",), -1, "entry_limit is -1"),
    (("entry_limit",), 5, "entry_limit: found crosses_above"),
    (("entry_stop",), 6, "entry_stop: found crosses_below"),
    (("nodes", 7), {"op": "on", "args": [0]}, r"node 7 \('on'\).*missing keys \['timeframe'\]"),
    (("nodes", 7), {"op": "on", "args": [0], "timeframe": 60}, r"node 7 \('on'\): timeframe is 60"),
    (("nodes", 7), {"op": "on", "args": [0], "timeframe": None}, "timeframe is None"),
    (("nodes", 7), {"op": "on", "args": [0], "timeframe": "1x"}, "timeframe is '1x'"),
    (("nodes", 7), {"op": "on", "args": [0, 0], "timeframe": "1h"}, "expected 1 indices"),
    (("nodes", 7), {"op": "sma", "args": [0, 1], "timeframe": "1h"}, "unknown key 'timeframe'"),
    (("nodes", 7), {"op": "weekday", "args": []}, "unknown key 'args'"),
    (("nodes", 7), {"op": "where", "args": [0, 0, 0]}, "argument 1: found the number close"),
    (("nodes", 7), {"op": "held_for", "args": [5, 0]}, "argument 2: the window is close"),
    (("nodes", 7), {"op": "probability", "args": [], "model": MODEL}, "expected 1 indices or more"),
    (("nodes", 7), {"op": "probability", "args": [0, 0], "model": MODEL}, "found 2 features"),
    (("nodes", 7), {"op": "probability", "args": [5], "model": MODEL}, "expected a number"),
    (("nodes", 7), {"op": "probability", "args": [0]}, r"missing keys \['model'\]"),
    (("nodes", 7), {"op": "probability", "args": [0], "model": None}, "model is None"),
]
BAD_MODELS = [
    ("kind", "forest", "kind is 'forest'"),
    ("kind", ["logistic"], "kind is a list"),
    ("intercept", "0", "intercept"),
    ("intercept", True, "intercept"),
    ("intercept", float("nan"), "intercept"),
    ("coefficients", 1.5, r"coefficients is 1\.5"),
    ("coefficients", "1", "coefficients is '1'"),
    ("coefficients", [], "one number for each"),
    ("coefficients", [float("inf")], "coefficients, number 0"),
    ("coefficients", [[1]], "coefficients, number 0"),
    ("coefficients", [10**400], "too large"),
    ("means", [1, 2], "one number for each"),
    ("means", [None], "means, number 0"),
    ("scales", [0], "scale 0 is 0"),
    ("scales", [-0.0], "scale 0 is 0"),
    ("trained_until_us", 1.5, "trained_until_us"),
    ("trained_until_us", True, "trained_until_us"),
    ("trained_until_us", "2015-12-31", "trained_until_us"),
    ("trained_until_us", 2**53, "trained_until_us"),
    ("trained_until_us", -(10**4000), "trained_until_us"),
    ("weights", [], "expected an object with"),
]


@pytest.mark.parametrize(("key", "value", "message"), BAD_MODELS)
def test_a_malformed_model_is_refused_by_name(key, value, message):
    node = {"op": "probability", "args": [0], "model": {**MODEL, key: value}}
    with pytest.raises(StrategyError, match=rf"node 7 \('probability'\): model.*{message}"):
        Strategy.from_json(changed(("nodes", 7), node))


def test_the_keys_that_came_later_may_be_absent():
    document = {key: EXAMPLE[key] for key in EXAMPLE if key not in OPTIONAL}
    assert Strategy.from_json(document).to_json() == EXAMPLE
    assert Strategy.from_json(document).hash == Strategy.from_json(EXAMPLE).hash


def test_one_entry_order_at_most():
    document = {**copy.deepcopy(EXAMPLE), "entry_limit": 0, "entry_stop": 0}
    with pytest.raises(StrategyError, match="entry_limit and entry_stop are both given"):
        Strategy.from_json(document)


def test_nothing_of_its_own_bars_stands_under_on():
    for inner in (
        {"op": "weekday"},
        {"op": "on", "args": [0], "timeframe": "1d"},
        {"op": "probability", "args": [0], "model": MODEL},
    ):
        document = copy.deepcopy(EXAMPLE)
        document["nodes"] += [inner, {"op": "on", "args": [8], "timeframe": "1h"}]
        with pytest.raises(StrategyError, match=rf"node 9 \('on'\): on\('1h'.*{inner['op']}"):
            Strategy.from_json(document)


def test_orders_levels_and_new_nodes_are_written_where_they_stand():
    made = Strategy(
        "x",
        long_entry=on("60m", close > 5) & (weekday == 1),
        stop_loss=stop.price(low),
        trailing_stop=trail.percent(0.1),
        time_stop=param("n"),
        entry_limit=close * 0.5,
    )
    written = made.to_json()
    assert written["parameters"] == {"n": {"low": None, "high": None, "integer": True}}
    assert {"op": "weekday"} in written["nodes"]
    assert {"op": "on", "args": [2], "timeframe": "1h"} in written["nodes"]
    nodes = written["nodes"]
    assert written["stop_loss"]["kind"] == "price"
    assert nodes[written["stop_loss"]["node"]] == {"op": "column", "name": "low"}
    assert nodes[written["trailing_stop"]["node"]] == {"op": "constant", "value": 0.1}
    assert nodes[written["time_stop"]] == {"op": "parameter", "name": "n"}
    assert nodes[written["entry_limit"]]["op"] == "multiply"
    assert written["entry_stop"] is None
    assert Strategy.from_json(json.loads(json.dumps(written))) == made


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
        **dict.fromkeys(OPTIONAL),
    }
    assert Strategy.from_json(document).to_json() == document


@pytest.mark.parametrize("version", [2, 0, True, "1", None, [1], [], math.nan])
def test_another_version_is_refused(version):
    with pytest.raises(StrategyError, match="this lab reads version 1"):
        Strategy.from_json({**EXAMPLE, "version": version})


def test_arrays_are_refused_like_anything_else():
    array = np.array([1, 2])
    with pytest.raises(StrategyError, match="version is array"):
        Strategy.from_json({**EXAMPLE, "version": array})
    model = LogisticModel((close,), (1.0,), 0.0, trained_until="2015-12-31")
    document = Strategy("x", long_entry=probability(model) > 0.5).to_json()
    node = next(node for node in document["nodes"] if node["op"] == "probability")
    node["model"] = {**node["model"], "kind": array}
    with pytest.raises(StrategyError, match="kind is array"):
        Strategy.from_json(document)
