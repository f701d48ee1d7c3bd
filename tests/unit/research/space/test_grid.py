"""Spaces: the grid they span, in order, in batches, and what is refused before anything runs."""

from __future__ import annotations

import sys
import time
import tracemalloc
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.engine.config import FixedFraction
from hyprl_lab.errors import SpaceError, StrategyError
from hyprl_lab.research.space import Grid, choice, floats, grid, ints
from hyprl_lab.strategy import Strategy, close, param, ta
from hyprl_lab.strategy.builtin import dual_sma

LEVEL = Strategy("level", long_entry=close > param("b", 0.0, 9.0) * param("a", 0.0, 9.0))


def test_the_first_parameter_moves_slowest_and_columns_are_sorted() -> None:
    found = grid(LEVEL, {"b": [3, 1, 2], "a": range(2)})
    assert found.names == ["a", "b"]
    (batch,) = found.batches(100)
    assert batch.values.tolist() == [[a, b] for b, a in product([3, 1, 2], range(2))]


@pytest.mark.parametrize("size", [1, 4, 7, 4851, 10_000])
def test_batches_cut_the_same_grid(size: int) -> None:
    found = grid(dual_sma(), {"fast": range(2, 101), "slow": range(3, 101)}, "fast < slow")
    batches = list(found.batches(size)) if size > 1 else list(found.batches(size))[:50]
    values = np.concatenate([batch.values for batch in batches])
    expected = [[f, s] for f in range(2, 101) for s in range(3, 101) if f < s]
    assert found.size == len(expected) == 4851
    assert values.tolist() == expected[: len(values)]
    assert [batch.first for batch in batches] == list(range(0, len(values), size))


def test_a_grid_longer_than_a_chunk_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules[Grid.__module__]  # the package's `grid` is the function
    monkeypatch.setattr(module, "_CHUNK", 7)
    found = grid(LEVEL, {"a": range(5), "b": range(9)}, "a + b != 4")
    values = np.concatenate([batch.values for batch in found.batches(4)])
    assert values.tolist() == [[a, b] for a in range(5) for b in range(9) if a + b != 4]


def test_a_parameter_that_is_left_out_takes_its_own_range() -> None:
    assert grid(dual_sma(), {"slow": [50]}).points == 99


def test_points_outside_a_range_are_fine_where_the_condition_drops_them() -> None:
    assert grid(dual_sma(), {"fast": [5], "slow": range(1, 10)}, "slow > fast").size == 4
    with pytest.raises(SpaceError, match=r"'slow'.*expected 3 to 300"):
        grid(dual_sma(), {"fast": [5], "slow": range(1, 10)})


@pytest.mark.parametrize(
    ("space", "where", "said"),
    [
        ({"fast": range(1, 9_001), "slow": range(1, 9_001)}, "slow - fast * 2 > 5", "'fast' is 1;"),
        (
            {"fast": ints(1, 9_000, when="slow > 100"), "slow": range(1, 9_001)},
            None,
            "'fast' is 1;",
        ),
        ({"fast": range(2, 9_001), "slow": range(4, 9_001)}, "fast < slow", "'slow' is 9000;"),
        (
            {"risk.fraction": floats(0.1, 2, count=3_000)},
            "fast < slow",
            r"at risk\.fraction=2: FixedFraction fraction=2 is above Execution leverage=1",
        ),
    ],
)
def test_what_the_ends_say_is_said_before_the_grid_is_walked(
    space: Any, where: str | None, said: str
) -> None:
    began = time.perf_counter()
    with pytest.raises(SpaceError, match=said):
        grid(dual_sma(), space, where, risk=FixedFraction(0.5))
    assert time.perf_counter() - began < 1  # to walk some eighty million points takes 3 s and more


def test_a_grid_knows_which_values_some_point_has() -> None:
    found = grid(
        THREE,
        {
            "a": range(4),
            "b": range(1, 3),
            "c": ints(1, 3, when="a > 1", otherwise=0),
        },
        "a + b != 4",
    )
    points = {tuple(point) for batch in found.batches(9) for point in batch.values.tolist()}
    for a, b, c in product((0, 3), (1, 2), (0, 1, 3)):
        assert found.takes({"a": a, "b": b, "c": c}) == ((a, b, c) in points)
        assert found.takes({"c": c})


@pytest.mark.parametrize(
    ("space", "where", "said"),
    [
        ({"fsat": [1]}, None, r"\['fsat'\].*\['fast', 'slow'\]"),
        ({"fast": []}, None, "one or more numbers"),
        ({"fast": [5, 5]}, None, "repeats"),
        ({"fast": [5.5]}, None, "whole numbers"),
        ({"fast": [0]}, None, "whole numbers from 1"),
        ({"fast": [float("nan")]}, None, "NaN"),
        ({"fast": "5"}, None, "expected a range"),
        ({"fast": 5}, None, "expected a range"),
        ({"fast": [True]}, None, "write 1 for True"),
        ({"fast": ["5"]}, None, "write it without quotes"),
        ({"fast": np.ones((2, 2))}, None, "one dimension"),
        ({"fast": [5], "slow": [20]}, "fast > slow", "of 1 points none meets"),
        ({"fast": [5]}, "fast < slwo", "'slwo'"),
        ({"fast": range(2, 10**12)}, None, r"297,999,999,999,404 points.*sampler='random'"),
        ({"fast": range(10**12, 2, -1)}, None, "999,999,999,998 values, at most 100,000,000"),
        ({"fast": [101]}, None, "expected 2 to 100"),
        ({"fast": [5], "slow": floats(20, 50)}, None, "is a window, and .*as of hl.ints.20, 50."),
    ],
)
def test_refused(space: object, where: str | None, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        grid(dual_sma(), space, where)


@pytest.mark.parametrize("where", [None, "a < b", "a > 5 and b < 3"])
def test_a_space_of_a_trillion_points_is_counted_and_refused(where: str | None) -> None:
    strategy = Strategy(
        "wide",
        long_entry=close * param("a", 0, 10**6) > param("b", 0, 10**6) + ta.sma(close, 2),
    )
    tracemalloc.start()
    with pytest.raises(SpaceError) as caught:
        grid(strategy, {"a": range(10**6), "b": range(10**6)}, where)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000  # bytes: nothing was enumerated
    tracemalloc.stop()
    for part in ("1,000,000,000,000 points", "at most 100,000,000", "sampler='random' or 'sobol'"):
        assert part in str(caught.value)


def test_an_axis_without_an_end_is_refused() -> None:
    with pytest.raises(SpaceError) as caught:
        grid(LEVEL, {"a": floats(0, 9), "b": [1]})
    for part in ("space of 'a' is hl.floats(0, 9)", "step= or count=", "sampler='random'"):
        assert part in str(caught.value)


def test_a_conditional_parameter_stands_once_where_it_does_not_count() -> None:
    found = grid(LEVEL, {"a": choice([0, 1]), "b": ints(2, 4, when="a > 0", otherwise=9)})
    values = np.concatenate([batch.values for batch in found.batches(2)])
    assert values.tolist() == [[0, 9], [1, 2], [1, 3], [1, 4]]
    assert (found.points, found.size) == (6, 4)
    assert found.bounds == {"a": (0.0, 1.0), "b": (2.0, 9.0)}


THREE = Strategy(
    "three",
    long_entry=close * param("a", 0.0, 9.0) > param("b", 0.0, 9.0) + param("c", 0.0, 9.0),
)


@given(
    sizes=st.tuples(*[st.integers(1, 4)] * 3),
    limits=st.tuples(st.integers(-1, 4), st.integers(-1, 8)),
    otherwise=st.integers(0, 4),
    where=st.sampled_from([None, "a + b + c < 6", "c != 1"]),
)
def test_a_conditional_grid_is_the_set_of_its_points(
    sizes: tuple[int, int, int], limits: tuple[int, int], otherwise: int, where: str | None
) -> None:
    """Against plain loops: settle each point of the product, and keep the first of equal ones."""
    space = {
        "c": ints(0, sizes[2] - 1, when=f"a + b > {limits[1]}"),
        "a": ints(0, sizes[0] - 1),
        "b": ints(0, sizes[1] - 1, when=f"a > {limits[0]}", otherwise=otherwise),
    }
    expected: dict[tuple[float, float, float], None] = {}
    for c, a, b in product(range(sizes[2]), range(sizes[0]), range(sizes[1])):
        held_b = b if a > limits[0] else otherwise
        held_c = c if a + held_b > limits[1] else 0
        kept = {
            None: True,
            "a + b + c < 6": a + held_b + held_c < 6,
            "c != 1": held_c != 1,
        }[where]
        if kept:
            expected[float(a), float(held_b), float(held_c)] = None
    if not expected:
        with pytest.raises(SpaceError, match="none meets where"):
            grid(THREE, space, where)
        return
    found = grid(THREE, space, where)
    values = np.concatenate([batch.values for batch in found.batches(5)])
    assert values.tolist() == [list(point) for point in expected]
    assert found.size == len(expected)
    for at, name in enumerate("abc"):
        assert found.bounds[name] == (values[:, at].min(), values[:, at].max())


def test_settings_are_columns_too() -> None:
    found = grid(
        dual_sma(),
        {"fast": [5], "slow": [20], "execution.fee_bps": [0, 5], "risk.fraction": [0.5, 1]},
        "execution.fee_bps < 5 or risk.fraction == 1",
        risk=FixedFraction(1),
    )
    assert found.names == ["execution.fee_bps", "fast", "risk.fraction", "slow"]
    (batch,) = found.batches(10)
    assert batch.values.tolist() == [[0, 5, 0.5, 20], [0, 5, 1, 20], [5, 5, 1, 20]]


def test_memory_does_not_grow_with_the_grid() -> None:
    peaks = []
    for count in (1_000, 4_000):
        found = grid(LEVEL, {"a": floats(0, 9, count=count), "b": floats(0, 9, count=1_000)})
        tracemalloc.start()
        assert sum(len(batch.values) for batch in found.batches(1 << 15)) == count * 1_000
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_a_strategy_without_parameters_has_no_space() -> None:
    with pytest.raises(SpaceError, match="no parameters"):
        grid(Strategy("x", long_entry=close > 1), {})


def test_json_is_short_for_ranges_and_exact_for_lists() -> None:
    found = grid(LEVEL, {"b": range(2, 8, 2), "a": [0.1, 0.2]}, "a < b")
    assert found.to_json() == {
        "axes": [["b", {"start": 2, "stop": 8, "step": 2}], ["a", [0.1, 0.2]]],
        "where": "a < b",
    }


def test_a_strategy_class_is_told_where_it_runs():
    class Coded:
        def generate_signals(self, bars):
            return {}

    with pytest.raises(StrategyError, match=r"a strategy class is code, and runs in hl\.backtest"):
        grid(Coded, {"fast": [2, 3]})
