"""Any graph: its form is one for all spellings, means the same, and never looks ahead.

Graphs are drawn as *recipes* (nested tuples), so that one recipe can be spelled in many
ways. A scalar interpreter of the documented table, written here on its own, says what a
list of nodes means.
"""

import json
import math
import operator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.strategy import Strategy, close, col, constant, high, low, param, ta
from hyprl_lab.strategy.causality import lags, warm_ups
from hyprl_lab.strategy.graph import flatten

COLUMNS = {"open": col("open"), "high": high, "low": low, "close": close, "mood": col("mood")}
NUMERIC = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}
COMPARED = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}
FLIPPED = {
    "less": "greater",
    "less_equal": "greater_equal",
    "greater": "less",
    "greater_equal": "less_equal",
    "equal": "equal",
    "not_equal": "not_equal",
    "crosses_above": "crosses_below",
    "crosses_below": "crosses_above",
}
WINDOWED = {"sma": ta.sma, "ema": ta.ema, "rsi": ta.rsi, "highest": ta.highest, "lowest": ta.lowest}
WINDOWS = st.one_of(st.integers(1, 5), st.just("n"))
BARS = 40


def numbers(*, divide: bool) -> st.SearchStrategy:
    leaves = st.one_of(
        st.tuples(st.just("column"), st.sampled_from(sorted(COLUMNS))),
        st.tuples(st.just("constant"), st.sampled_from([-2.5, 0.0, 0.1, 1.0, 3.0, 1e308])),
        st.tuples(st.just("parameter"), st.sampled_from(["n", "k"])),
        st.tuples(st.just("atr"), WINDOWS),
    )
    binary = [op for op in sorted(NUMERIC) if divide or op != "divide"]
    return st.recursive(
        leaves if divide else leaves.filter(lambda leaf: leaf[1] != 1e308),
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(binary), inner, inner),
            st.tuples(st.just("negate"), inner),
            st.tuples(st.just("shift"), inner, st.integers(0, 3)),
            st.tuples(st.sampled_from(sorted(WINDOWED)), inner, WINDOWS),
        ),
        max_leaves=6,
    )


def conditions(*, divide: bool = True) -> st.SearchStrategy:
    inner = numbers(divide=divide)
    return st.recursive(
        st.tuples(st.sampled_from(sorted(FLIPPED)), inner, inner),
        lambda deeper: st.one_of(
            st.tuples(st.sampled_from(["and", "or"]), deeper, deeper),
            st.tuples(st.just("not"), deeper),
            st.tuples(st.just("shift"), deeper, st.integers(0, 3)),
        ),
        max_leaves=4,
    )


def plain(recipe):
    return spelled(recipe, lambda: False)


def spelled(recipe, twist):
    """Build a recipe; each time `twist()` says so, by another spelling."""
    op, *rest = recipe
    if op == "column":
        return COLUMNS[rest[0]].shift(0) if twist() else COLUMNS[rest[0]]
    if op == "constant":
        return -constant(-rest[0]) if twist() else constant(rest[0])
    if op == "parameter":
        return window(rest[0])
    if op == "atr":
        return ta.atr(window(rest[0]))
    if op in WINDOWED:
        return WINDOWED[op](spelled(rest[0], twist), window(rest[1]))
    if op == "shift":
        inner, bars = spelled(rest[0], twist), rest[1]
        return inner.shift(1).shift(bars - 1) if bars and twist() else inner.shift(bars)
    if op == "negate":
        return -spelled(rest[0], twist)
    if op == "not":
        return ~spelled(rest[0], twist)
    a, b = (spelled(part, twist) for part in rest)
    if op in {"add", "multiply", "and", "or"} and twist():
        a, b = b, a
    if op in FLIPPED and twist():
        op, a, b = FLIPPED[op], b, a
    if op in {"and", "or"}:
        return a & b if op == "and" else a | b
    if op.startswith("crosses"):
        return getattr(a, op)(b)
    return {**NUMERIC, **COMPARED}[op](a, b)


def window(name):
    return param(name, 1, 5) if name == "n" else param(name) if name == "k" else name


# -- what a list of nodes means: docs/strategy-graph.md, one bar at a time


def finite(value):
    return value if math.isfinite(value) else math.nan


def evaluate(nodes, columns, params):
    out = []
    for node in nodes:
        args = [out[at] for at in node.get("args", [])]
        out.append(series(node, args, columns, params))
    return out


def series(node, args, columns, params):
    op, bars = node["op"], len(columns["close"])
    if op == "column":
        return columns[node["name"]]
    if op in {"constant", "parameter"}:
        return [float(node["value"] if op == "constant" else params[node["name"]])] * bars
    if op == "shift":
        missing = math.nan if isinstance(args[0][0], float) else None
        return ([missing] * node["bars"] + args[0])[:bars]
    if op == "atr":
        return wilder(true_ranges(columns), int(args[0][0]))
    if op in WINDOWED:
        return rolling(op, args[0], int(args[1][0]))
    if op.startswith("crosses"):
        return crossing(op, *args)
    return [pointwise(op, *values) for values in zip(*args, strict=True)]


def pointwise(op, a, b=None):
    if op == "negate":
        return -a
    if op == "not":
        return None if a is None else not a
    if op in {"and", "or"}:
        decisive = op == "or"
        if decisive in (a, b):
            return decisive
        return None if a is None or b is None else not decisive
    if op == "divide" and b == 0:
        return math.nan
    if op in NUMERIC:
        return finite(NUMERIC[op](a, b))
    return None if math.isnan(a) or math.isnan(b) else COMPARED[op](a, b)


def crossing(op, a, b):
    before, after = (
        (operator.le, operator.gt) if op.endswith("above") else (operator.ge, operator.lt)
    )
    out = [None]
    for t in range(1, len(a)):
        if any(math.isnan(x) for x in (a[t - 1], b[t - 1], a[t], b[t])):
            out.append(None)
        else:
            out.append(before(a[t - 1], b[t - 1]) and after(a[t], b[t]))
    return out


def true_ranges(columns):
    out = [math.nan]
    for t in range(1, len(columns["close"])):
        h, lo, c = columns["high"][t], columns["low"][t], columns["close"][t - 1]
        out.append(max(h - lo, abs(h - c), abs(lo - c)))
    return out


def wilder(values, n):
    out, run, mean = [], [], math.nan
    for value in values:
        run = [] if math.isnan(value) else [*run, value]
        if len(run) < n:
            mean = math.nan
        else:
            mean = sum(run) / n if len(run) == n else (mean * (n - 1) + value) / n
        out.append(finite(mean))
    return out


def rolling(op, values, n):
    if op == "rsi":
        moves = [math.nan, *(b - a for a, b in pairwise(values))]
        up = wilder([max(m, 0.0) if m == m else m for m in moves], n)
        down = wilder([max(-m, 0.0) if m == m else m for m in moves], n)
        return [
            u + d if math.isnan(u + d) else 0.0 if u + d < 1e-14 else finite(100 * (u / (u + d)))
            for u, d in zip(up, down, strict=True)
        ]
    out, run, mean = [], [], math.nan
    for value in values:
        run = [] if math.isnan(value) else [*run, value]
        last = run[-n:]
        if len(run) < n:
            out.append(math.nan)
        elif op == "ema":
            mean = sum(run) / n if len(run) == n else mean + (value - mean) * 2 / (n + 1)
            out.append(finite(mean))
        else:
            picked = {"sma": sum(last) / n, "highest": max(last), "lowest": min(last)}
            out.append(finite(picked[op]))
    return out


def same(left, right):
    return all(a == b or (a != a and b != b) for a, b in zip(left, right, strict=True))


def bars_of(seed, count=BARS):
    """Return columns of positive prices from a small linear congruential generator."""
    state = seed * 2 + 1

    def uniform():
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 11) / 2**53

    columns = {name: [] for name in COLUMNS}
    for _ in range(count):
        base = 50 + 10 * uniform()
        opened, closed = base + uniform(), base + uniform()
        columns["open"].append(opened)
        columns["close"].append(closed)
        columns["high"].append(max(opened, closed) + uniform())
        columns["low"].append(min(opened, closed) - uniform())
        columns["mood"].append(round(4 * uniform()) / 2 + 0.5)
    return columns


PARAMS = {"n": 3.0, "k": 1.5}
SEEDS = st.integers(0, 2**32)


@given(recipe=conditions(), data=st.data())
def test_every_spelling_has_one_hash(recipe, data):
    other = spelled(recipe, lambda: data.draw(st.booleans()))
    one, two = Strategy("a", long_entry=plain(recipe)), Strategy("b", long_entry=other)
    assert one.canonical() == two.canonical()
    assert one.hash == two.hash


@given(recipe=conditions(), seed=SEEDS)
def test_the_canonical_form_means_the_same_on_every_bar(recipe, seed):
    strategy, columns = Strategy("a", long_entry=plain(recipe)), bars_of(seed)
    values = []
    for document in (strategy.to_json(), strategy.canonical()):
        computed = evaluate(document["nodes"], columns, PARAMS)
        values.append(computed[document["outputs"]["long_entry"]])
    assert same(*values)


@given(entry=conditions(), leave=conditions())
def test_json_there_and_back_changes_nothing(entry, leave):
    made = Strategy("a", long_entry=plain(entry), long_exit=plain(leave))
    again = Strategy.from_json(json.loads(json.dumps(made.to_json())))
    assert again.to_json() == made.to_json()
    assert again.hash == made.hash


@given(recipe=conditions())
def test_the_canonical_form_is_its_own_canonical_form(recipe):
    made = Strategy("a", long_entry=plain(recipe))
    named = {node["name"] for node in made.canonical()["nodes"] if node["op"] == "parameter"}
    parameters = {name: made.to_json()["parameters"][name] for name in named}
    again = Strategy.from_json({**made.canonical(), "name": "b", "parameters": parameters})
    assert again.canonical() == made.canonical()


@given(recipe=conditions(divide=False), seed=SEEDS)
def test_warm_up_is_the_first_valid_bar(recipe, seed):
    strategy = Strategy("a", long_entry=plain(recipe))
    nodes = strategy.to_json()["nodes"]
    values = evaluate(nodes, bars_of(seed, 120), PARAMS)
    for node, got, bars in zip(nodes, values, warm_ups(strategy.graph.nodes, PARAMS), strict=True):
        valid = [not (value is None or value != value) for value in got]
        assert all(valid[bars:]), node
        if isinstance(got[-1], float) or node["op"] in FLIPPED:  # Kleene logic may know sooner
            assert not any(valid[:bars]), node
    given_params = {name: PARAMS[name] for name in strategy.parameters}
    assert strategy.warm_up(given_params) == max(warm_ups(strategy.graph.nodes, PARAMS))


@given(recipe=conditions(), seed=SEEDS, other=SEEDS, cut=st.integers(1, BARS - 1))
def test_no_node_reads_a_bar_newer_than_its_lag(recipe, seed, other, cut):
    graph = flatten({"x": plain(recipe)})
    nodes = Strategy("a", long_entry=plain(recipe)).to_json()["nodes"]
    past, future = bars_of(seed), bars_of(other)
    mixed = {name: past[name][:cut] + future[name][cut:] for name in past}
    before, after = evaluate(nodes, past, PARAMS), evaluate(nodes, mixed, PARAMS)
    for one, two, lag in zip(before, after, lags(graph.nodes), strict=True):
        known = BARS if lag is None else min(BARS, cut + lag)
        assert same(one[:known], two[:known])
