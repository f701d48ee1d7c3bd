# ruff: noqa: SIM300  # which side a number stands on is what is tested here
import hashlib
import json

import pytest

from hyprl_lab.strategy import Strategy, close, col, constant, high, low, param, stop, ta, target
from hyprl_lab.strategy.canonical import canonical_nodes
from hyprl_lab.strategy.graph import flatten


def form(made):
    return canonical_nodes(flatten({"x": made}))


A, B, C = close, high, low
P, Q = A > 1, B > 2


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
    }
    assert len(hashes) == 6


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
