# ruff: noqa: SIM300  # which side a number stands on is what is tested here
import hashlib
import json

import pytest

from hyprl_lab.strategy import (
    LogisticModel,
    Strategy,
    builtin,
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
    stop,
    ta,
    target,
    trail,
    weekday,
    where,
)
from hyprl_lab.strategy.canonical import canonical_nodes
from hyprl_lab.strategy.graph import flatten


def form(made):
    return canonical_nodes(flatten({"x": made}))


A, B, C = close, high, low
P, Q = A > 1, B > 2


def model(feature, **changed):
    return LogisticModel((feature,), (0.5,), **{"intercept": 0, "trained_until": 0, **changed})


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (A + B, B + A),
        (A * B, B * A),
        (P & Q, Q & P),
        (P | Q, Q | P),
        (A == B, B == A),
        (A != B, B != A),
        (A > B, B < A),
        (A >= B, B <= A),
        (A.crosses_below(B), B.crosses_above(A)),
        (A.shift(2).shift(3), A.shift(5)),
        (A.shift(1).shift(0).shift(1), A.shift(2)),
        (A.shift(0), A),
        (A > constant(2) + 3, A > 5),
        (A > -constant(-5), A > 5),
        (A > constant(7) - 2, A > 5.0),
        (A > constant(10) / 2, A > 5),
        (A > constant(1) - 1, A > -0.0),
        (A * (constant(2) * 3 + 4), 10 * A),
        ((A + B) * C > 5, 5 < C * (B + A)),
        ((A + B).shift(1).shift(1), (B + A).shift(2)),
        (minimum(A, B), minimum(B, A)),
        (maximum(A, B), maximum(B, A)),
        (minimum(A, 5), minimum(constant(2) + 3, A)),
        (A > abs(constant(-5)), A > 5),
        (A > minimum(constant(7), 5), A > 5),
        (A > maximum(constant(-7), 5), A > 5),
        (on("60m", A + B), on("1h", B + A)),
        (on("1h", A.shift(1).shift(1)), on("1h", A.shift(2))),
        (probability(model(A + B)), probability(model(B + A))),
        (ta.lag(A, 5), A.shift(5)),
        (ta.lag(A.shift(2), 3), A.shift(5)),
        (ta.macd(A, 12, 26).line, ta.macd(A, 26, 12).line),
        (ta.correl(A, B, 30), ta.correl(B, A, 30)),
    ],
)
def test_two_spellings_have_one_form(one, two):
    assert form(one) == form(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (A - B, B - A),
        (A / B, B / A),
        (A < B, A <= B),
        (A < B, B < A),
        (A.crosses_above(B), A.crosses_below(B)),
        ((A + B) + C, A + (B + C)),  # re-association rounds differently
        (A.shift(1), A),
        (constant(5).shift(1), constant(5)),  # missing on the first bar
        (~(A < B), A >= B),  # the same, but not on the closed list
        (ta.sma(A, 5), ta.ema(A, 5)),
        (ta.sma(A, param("n", 1, 9)), ta.sma(A, param("m", 1, 9))),
        (col("close") + 0, close),
        (on("1h", A), on("2h", A)),
        (on("1h", A), A),
        (on("1h", A.shift(1)), on("1h", A).shift(1)),
        (on("1h", constant(5)), constant(5)),  # missing before the first closed hour
        (where(P, A, B), where(P, B, A)),
        (where(P, A, B), where(~P, B, A)),  # the same, but not on the closed list
        (minimum(A, B), maximum(A, B)),
        (P.held_for(2), P.held_for(3)),
        (P.held_for(1), P),
        (minute_of_day, weekday),
        (ta.sum(A, 5), ta.stdev(A, 5)),
        (probability(model(A)), probability(model(A, intercept=1))),
        (probability(model(A)), probability(model(A, trained_until=1))),
        (probability(model(A)), probability(model(B))),
        (ta.lag(A, param("n", 1, 9)), ta.lag(A, 5)),
        (ta.macd(A, 12, param("n", 1, 40)).line, ta.macd(A, param("n", 1, 40), 12).line),
        (ta.beta(A, B, 30), ta.beta(B, A, 30)),
        (ta.correl(A, B, 30), ta.correl(A, B, 31)),
    ],
)
def test_different_statements_have_different_forms(one, two):
    assert form(one) != form(two)


@pytest.mark.parametrize(
    "made",
    [
        constant(1) / 0,
        constant(1e308) * 10,
        constant(1e308) + 1e308,
        constant(-1e308) - 1e308,
        constant(1e-308) / 1e-308 / 0.0,
    ],
)
def test_a_result_that_is_not_finite_is_left_unfolded(made):
    nodes, places = form(A > made)
    operation = nodes[nodes[places["x"]]["args"][0]]
    assert operation["op"] == made.op


def test_folding_is_ieee_arithmetic():
    nodes, _ = form(A + (constant(0.1) + 0.2))
    assert {"op": "constant", "value": 0.30000000000000004} in nodes


def test_comparisons_of_constants_are_kept():
    nodes, places = form(constant(1) < constant(2))
    assert nodes[places["x"]]["op"] == "less"


def test_the_form_of_the_dual_average_by_hand():
    strategy = Strategy(
        "anything",
        long_entry=ta.sma(close, param("fast", 5, 50)).crosses_above(30),
        long_exit=close > 30,
        stop_loss=stop.percent(0.05),
        take_profit=target.atr(14, 2),
    )
    assert strategy.canonical() == {
        "version": 1,
        "nodes": [
            {"op": "column", "name": "close"},
            {"op": "parameter", "name": "fast"},
            {"op": "sma", "args": [0, 1]},
            {"op": "constant", "value": 30},
            {"op": "crosses_above", "args": [2, 3]},
            {"op": "less", "args": [3, 0]},
            {"op": "constant", "value": 0.05},
            *strategy.canonical()["nodes"][7:],
        ],
        "outputs": {"long_entry": 4, "long_exit": 5, "short_entry": None, "short_exit": None},
        "stop_loss": {"kind": "percent", "node": 6},
        "take_profit": {"kind": "distance", "node": 10},
    }


def test_the_hash_is_sha256_of_sorted_compact_json():
    strategy = Strategy("x", long_entry=close > 5)
    # RFC 8785 for integers and ASCII keys is compact JSON with sorted keys
    text = json.dumps(strategy.canonical(), sort_keys=True, separators=(",", ":"))
    assert strategy.hash == hashlib.sha256(text.encode()).hexdigest()


def test_hashes_are_stable_between_releases():
    """Pinned: a change here orphans every stored run, and needs a new `version`."""
    strategy = Strategy("x", long_entry=(close + high) * 2 > ta.sma(low, 5))
    assert strategy.hash == "9c5e466246e7f9ca0cc79eb6a511908be95d34ac9eade6d78d6c537248dab7e1"
    # as they were before trailing stops, time stops and entry orders existed
    assert builtin.dual_sma().hash == (
        "0305ecd8c232da3f623b3acb841032571b80b2bcc25e9bda9826c10d99c15c1d"
    )
    assert builtin.sma_cross_long_short().hash == (
        "3f0cbc7b73bc9178a56ddaf5d260517a81bbcdb2da8519283a0dd28c6d5094f8"
    )


def test_the_newer_keys_stand_only_where_they_are_set():
    plain = Strategy("x", long_entry=close > 5)
    assert set(plain.canonical()) == {"version", "nodes", "outputs", "stop_loss", "take_profit"}
    held = Strategy("x", long_entry=close > 5, time_stop=5).canonical()
    assert held["time_stop"] == held["nodes"].index({"op": "constant", "value": 5})
    trailed = Strategy("x", long_entry=close > 5, trailing_stop=trail.price(low)).canonical()
    assert trailed["trailing_stop"]["kind"] == "price"
    assert "time_stop" not in trailed


def test_a_sort_key_is_the_documented_list():
    from hyprl_lab.strategy.canonical import _Table

    def key(content):
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    table = _Table()
    for node in flatten({"x": on("1h", close) + 0.5, "y": probability(model(close))}).nodes:
        table.add(node)
    price = key(["column", "close", None, None])
    weights = {
        "coefficients": [0.5],
        "intercept": 0,
        "kind": "logistic",
        "means": [0],
        "scales": [1],
        "trained_until_us": 0,
    }
    hourly, half = (
        key(["on", None, None, None, price, "1h"]),
        key(["constant", None, (0.5).hex(), None]),
    )
    assert table._digests == [
        price,
        hourly,
        half,
        key(["add", None, None, None, *sorted([hourly, half])]),
        key(["probability", None, None, None, price, weights]),
    ]


def test_name_and_ranges_do_not_change_the_hash():
    one = Strategy("a", long_entry=close > param("x", 1.0, 2.0))
    two = Strategy("b", long_entry=close > param("x"))
    assert one.hash == two.hash
    assert one != two


def test_which_output_a_condition_feeds_changes_the_hash():
    up, down = close > 5, close < 3
    hashes = {
        Strategy("x", long_entry=up).hash,
        Strategy("x", short_entry=up).hash,
        Strategy("x", long_entry=up, long_exit=down).hash,
        Strategy("x", long_entry=up, stop_loss=stop.percent(0.1)).hash,
        Strategy("x", long_entry=up, take_profit=target.percent(0.1)).hash,
        Strategy("x", long_entry=up, stop_loss=stop.atr(14, 0.1)).hash,
        Strategy("x", long_entry=up, stop_loss=stop.price(0.1)).hash,
        Strategy("x", long_entry=up, trailing_stop=trail.percent(0.1)).hash,
        Strategy("x", long_entry=up, entry_limit=5).hash,
        Strategy("x", long_entry=up, entry_stop=5).hash,
        Strategy("x", long_entry=up, time_stop=5).hash,
        Strategy("x", long_entry=up, time_stop=6).hash,
    }
    assert len(hashes) == 12


def test_a_deep_chain_and_a_shared_tower_are_hashed():
    deep, shared = close, close
    for _ in range(5_000):
        deep = 1 - deep
        shared = shared * shared
    assert len(Strategy("deep", long_entry=deep > 0).hash) == 64
    assert len(Strategy("shared", long_entry=shared > 0).hash) == 64


def test_constants_fold_away_with_the_nodes_they_used():
    nodes, places = form((constant(2) + 3) * A)
    assert len(nodes) == 3
    assert nodes[places["x"]]["op"] == "multiply"


def test_shifts_are_joined_only_while_a_shift_may_be_that_long():
    longest = 2**31 - 1
    one = Strategy("one", long_entry=close.shift(longest - 1).shift(1) > 1)
    assert one.hash == Strategy("two", long_entry=close.shift(longest) > 1).hash
    over = Strategy("over", long_entry=close.shift(longest).shift(1) > 1)
    shifts = [node["bars"] for node in over.canonical()["nodes"] if node["op"] == "shift"]
    assert shifts == [longest, 1]
    assert over.hash != Strategy("swapped", long_entry=close.shift(1).shift(longest) > 1).hash


@pytest.mark.parametrize("engine", ["native", "python"])
def test_what_is_one_form_is_one_value_to_the_bit(engine):
    from hyprl_lab.data import load_bars
    from hyprl_lab.research.features import matrix

    pairs = {
        "lag": (ta.lag(A, 5), A.shift(5)),
        "macd": (ta.macd(A, 12, 26).line, ta.macd(A, 26, 12).line),
        "correl": (ta.correl(A, B, 7), ta.correl(B, A, 7)),
    }
    made = {f"{name}_{n}": one for name, pair in pairs.items() for n, one in enumerate(pair)}
    table = matrix(load_bars("sp500").take(0, 600), made, engine=engine)
    for name in pairs:
        assert table[f"{name}_0"].equals(table[f"{name}_1"]), name
