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

from hyprl_lab.strategy import (
    LogisticModel,
    Strategy,
    bar_of_session,
    close,
    col,
    constant,
    high,
    low,
    maximum,
    minimum,
    minute_of_day,
    on,
    param,
    probability,
    ta,
    weekday,
    where,
)
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
CHOSEN = {"minimum": (minimum, min), "maximum": (maximum, max)}
SESSION = {"minute_of_day": minute_of_day, "weekday": weekday, "bar_of_session": bar_of_session}
WINDOWED = {
    "sma": ta.sma,
    "ema": ta.ema,
    "rsi": ta.rsi,
    "highest": ta.highest,
    "lowest": ta.lowest,
    "sum": ta.sum,
    "stdev": ta.stdev,
}
WINDOWS = st.one_of(st.integers(1, 5), st.just("n"))
BARS = 40
MINUTES = 5
INSIDE = {"15m": 3, "1h": 12}
"""Bars of five minutes, round the clock, in those of a longer timeframe."""


def numbers(*, divide: bool, on_longer: bool = False) -> st.SearchStrategy:
    """Numbers that are valid from one bar on; with `divide` any, `on_longer` those under `on`."""
    leaves = st.one_of(
        st.tuples(st.just("column"), st.sampled_from(sorted(COLUMNS))),
        st.tuples(st.just("constant"), st.sampled_from([-2.5, 0.0, 0.1, 1.0, 3.0, 1e308])),
        st.tuples(st.just("parameter"), st.sampled_from(["n", "k"])),
        st.tuples(st.just("atr"), WINDOWS),
    )
    if divide and not on_longer:
        inner = numbers(divide=True, on_longer=True)
        leaves = st.one_of(
            leaves,
            st.tuples(st.sampled_from(sorted(SESSION))),
            st.tuples(st.just("on"), st.sampled_from(sorted(INSIDE)), inner),
        )
    binary = [op for op in sorted(NUMERIC) if divide or op != "divide"] + sorted(CHOSEN)

    def grown(inner: st.SearchStrategy) -> st.SearchStrategy:
        steps = [
            st.tuples(st.sampled_from(binary), inner, inner),
            st.tuples(st.sampled_from(["negate", "absolute"]), inner),
            st.tuples(st.just("shift"), inner, st.integers(0, 3)),
            st.tuples(st.sampled_from(sorted(WINDOWED)), inner, WINDOWS),
        ]
        if divide:
            condition = st.tuples(st.sampled_from(sorted(FLIPPED)), inner, inner)
            steps += [
                st.tuples(st.just("where"), condition, inner, inner),
                st.tuples(st.just("bars_since"), condition),
            ]
        if divide and not on_longer:
            steps.append(st.tuples(st.just("probability"), st.lists(inner, min_size=1, max_size=3)))
        return st.one_of(steps)

    return st.recursive(
        leaves if divide else leaves.filter(lambda leaf: leaf[1] != 1e308), grown, max_leaves=6
    )


def conditions(*, divide: bool = True, on_longer: bool = False) -> st.SearchStrategy:
    inner = numbers(divide=divide, on_longer=on_longer)
    leaves = st.tuples(st.sampled_from(sorted(FLIPPED)), inner, inner)
    if divide and not on_longer:
        under = conditions(on_longer=True)
        leaves = leaves | st.tuples(st.just("on"), st.sampled_from(sorted(INSIDE)), under)
    return st.recursive(
        leaves,
        lambda deeper: st.one_of(
            st.tuples(st.sampled_from(["and", "or"]), deeper, deeper),
            st.tuples(st.just("not"), deeper),
            st.tuples(st.just("shift"), deeper, st.integers(0, 3)),
            *([st.tuples(st.just("held_for"), deeper, WINDOWS)] if divide else []),
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
    if op in SESSION:
        return SESSION[op]
    if op == "on":
        named = {"15m": "15m", "1h": "60m"} if twist() else {"15m": "15m", "1h": "1h"}
        return on(named[rest[0]], spelled(rest[1], twist))
    if op == "probability":
        return probability(model([spelled(part, twist) for part in rest[0]]))
    if op == "where":
        return where(*(spelled(part, twist) for part in rest))
    if op == "bars_since":
        return spelled(rest[0], twist).bars_since()
    if op == "held_for":
        return spelled(rest[0], twist).held_for(window(rest[1]))
    if op in WINDOWED:
        return WINDOWED[op](spelled(rest[0], twist), window(rest[1]))
    if op == "shift":
        inner, bars = spelled(rest[0], twist), rest[1]
        return inner.shift(1).shift(bars - 1) if bars and twist() else inner.shift(bars)
    if op == "negate":
        return -spelled(rest[0], twist)
    if op == "absolute":
        return abs(spelled(rest[0], twist))
    if op == "not":
        return ~spelled(rest[0], twist)
    a, b = (spelled(part, twist) for part in rest)
    if op in {"add", "multiply", "and", "or", *CHOSEN} and twist():
        a, b = b, a
    if op in FLIPPED and twist():
        op, a, b = FLIPPED[op], b, a
    if op in {"and", "or"}:
        return a & b if op == "and" else a | b
    if op in CHOSEN:
        return CHOSEN[op][0](a, b)
    if op.startswith("crosses"):
        return getattr(a, op)(b)
    return {**NUMERIC, **COMPARED}[op](a, b)


def model(features):
    """Trained on the first four bars, by weights that differ from feature to feature."""
    count = len(features)
    return LogisticModel(
        features,
        [0.5, -1.5, 2][:count],
        0.25,
        [1, 0, 50][:count],
        [2, 0.5, 10][:count],
        trained_until=3 * MINUTES * 60_000_000,
    )


def window(name):
    return param(name, 1, 5) if name == "n" else param(name) if name == "k" else name


# -- what a list of nodes means: docs/strategy-graph.md, one bar at a time


def finite(value):
    return value if math.isfinite(value) else math.nan


def evaluate(nodes, columns, params):
    out = []
    for node in nodes:
        args = [out[at] for at in node.get("args", [])]
        if node["op"] == "on":
            out.append(on_longer_bars(node, nodes, columns, params))
        else:
            out.append(series(node, args, columns, params))
    return out


def on_longer_bars(node, nodes, columns, params):
    (at,), size, bars = node["args"], INSIDE[node["timeframe"]], len(columns["close"])
    below = needed(nodes, at)
    longer = aggregated(columns, size)
    found = evaluate(
        [part if place in below else nodes[0] for place, part in enumerate(nodes[: at + 1])],
        longer,
        params,
    )[at]
    missing = math.nan if isinstance(found[0], float) else None
    closed = [(t + 1) // size for t in range(bars)]  # how many longer bars are over at t's close
    return [found[count - 1] if count else missing for count in closed]


def needed(nodes, at):
    below = {at}
    for place in range(at, -1, -1):
        if place in below:
            below.update(nodes[place].get("args", []))
    return below


def aggregated(columns, size):
    made = {"open": lambda x: x[0], "high": max, "low": min}
    return {
        name: [
            made.get(name, lambda x: x[-1])(values[start : start + size])
            for start in range(0, len(values), size)
        ]
        for name, values in columns.items()
    }


def series(node, args, columns, params):
    op, bars = node["op"], len(columns["close"])
    if op in SESSION:
        day = 1440 // MINUTES
        read = {
            "minute_of_day": lambda t: MINUTES * (t % day),
            "weekday": lambda t: (3 + t // day) % 7,  # the epoch was a Thursday
            "bar_of_session": lambda t: t % day,
        }
        return [float(read[op](t)) for t in range(bars)]
    if op == "probability":
        return probabilities(node["model"], args)
    if op == "where":
        return [
            math.nan if chosen is None else a if chosen else b
            for chosen, a, b in zip(*args, strict=True)
        ]
    if op == "bars_since":
        return since(args[0])
    if op == "held_for":
        return held(args[0], int(args[1][0]))
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


def probabilities(weights, features):
    out = []
    for t, values in enumerate(zip(*features, strict=True)):
        z = weights["intercept"]
        for x, k, mean, scale in zip(
            values, weights["coefficients"], weights["means"], weights["scales"], strict=True
        ):
            z = z + k * ((x - mean) / scale)
        if t * MINUTES * 60_000_000 <= weights["trained_until_us"] or math.isnan(z):
            out.append(math.nan)
        else:
            out.append(1 / (1 + math.exp(-z)) if z > -700 else 0.0)
    return out


def since(condition):
    out, last = [], None
    for t, value in enumerate(condition):
        last = t if value else last
        out.append(math.nan if last is None else float(t - last))
    return out


def held(condition, n):
    out = []
    for t in range(len(condition)):
        last = [None] * max(0, n - t - 1) + condition[max(0, t - n + 1) : t + 1]
        out.append(False if False in last else None if None in last else True)
    return out


def pointwise(op, a, b=None):
    if op == "negate":
        return -a
    if op == "absolute":
        return abs(a)
    if op in CHOSEN:
        return math.nan if math.isnan(a) or math.isnan(b) else CHOSEN[op][1](a, b)
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
            mean = sum(last) / n
            variance = sum(x * x for x in last) / n - mean * mean
            picked = {
                "sma": mean,
                "sum": sum(last),
                "stdev": math.sqrt(variance) if variance >= 1e-14 else 0.0 * variance,
                "highest": max(last),
                "lowest": min(last),
            }
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
    assert not strategy.longer
    for node, got, bars in zip(nodes, values, warm_ups(strategy.graph.nodes, PARAMS), strict=True):
        valid = [not (value is None or value != value) for value in got]
        assert all(valid[bars:]), node
        if isinstance(got[-1], float) or node["op"] in FLIPPED:  # Kleene logic may know sooner
            assert not any(valid[:bars]), node
    given_params = {name: PARAMS[name] for name in strategy.parameters}
    assert strategy.warm_up(given_params) == max(warm_ups(strategy.graph.nodes, PARAMS))


@given(recipe=conditions(divide=False), timeframe=st.sampled_from(sorted(INSIDE)), seed=SEEDS)
def test_on_is_valid_when_its_warm_up_is_over(recipe, timeframe, seed):
    strategy = Strategy("a", long_entry=on(timeframe, plain(recipe)))
    given_params = {name: PARAMS[name] for name in strategy.parameters}
    first = strategy.warm_up(given_params, f"{MINUTES}m")
    columns = bars_of(seed, first + 2 * INSIDE[timeframe])
    got = evaluate(strategy.to_json()["nodes"], columns, PARAMS)[-1]
    assert None not in got[first:]
    assert set(got[: INSIDE[timeframe] - 1]) == {None}


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
