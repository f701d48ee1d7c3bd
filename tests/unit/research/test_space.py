"""Spaces: the grid they span, in order, in batches, and what is refused before anything runs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from hyprl_lab.errors import SpaceError, StrategyError
from hyprl_lab.research.space import Grid, grid
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
    monkeypatch.setattr("hyprl_lab.research.space._CHUNK", 7)
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
        ({"fsat": [1]}, None, r"\['fsat'\].*\['fast', 'slow'\]"),
        ({"fast": []}, None, "one or more numbers"),
        ({"fast": [5, 5]}, None, "repeats"),
        ({"fast": [5.5]}, None, "whole numbers"),
        ({"fast": [0]}, None, "whole numbers from 1"),
        ({"fast": [float("nan")]}, None, "NaN"),
        ({"fast": "5"}, None, "expected a range"),
        ({"fast": 5}, None, "expected a range"),
        ({"fast": [True]}, None, "numbers in one dimension"),
        ({"fast": ["5"]}, None, "numbers in one dimension"),
        ({"fast": np.ones((2, 2))}, None, "one dimension"),
        ({"fast": [5], "slow": [20]}, "fast > slow", "of 1 points none meets"),
        ({"fast": [5]}, "fast < slwo", "'slwo'"),
        ({"fast": range(2, 10**12)}, None, "values, at most"),
        ({"fast": [101]}, None, "expected 2 to 100"),
    ],
)
def test_refused(space: object, where: str | None, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        grid(dual_sma(), space, where)


def test_a_space_of_a_trillion_points_is_counted_and_refused() -> None:
    strategy = Strategy(
        "wide",
        long_entry=close * param("a", 0, 10**6) > param("b", 0, 10**6) + ta.sma(close, 2),
    )
    with pytest.raises(SpaceError, match="1,000,000,000,000 points"):
        grid(strategy, {"a": range(10**6), "b": range(10**6)})


def test_a_strategy_without_parameters_has_no_space() -> None:
    with pytest.raises(SpaceError, match="no parameters"):
        grid(Strategy("x", long_entry=close > 1), {})


def test_json_is_short_for_ranges_and_exact_for_lists() -> None:
    found = Grid({"a": np.arange(2.0, 101.0), "b": np.array([0.1, 0.2])})
    assert found.to_json() == {
        "axes": [["a", {"start": 2, "stop": 101, "step": 1}], ["b", [0.1, 0.2]]],
        "where": None,
    }


def test_a_strategy_class_is_told_where_it_runs():
    class Coded:
        def generate_signals(self, bars):
            return {}

    with pytest.raises(StrategyError, match=r"a strategy class is code, and runs in hl\.backtest"):
        grid(Coded, {"fast": [2, 3]})
