"""Conditions beside a brute reading of what they mean."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.engine.reference_conditions import (
    COMPARISONS,
    bars_since,
    both,
    compare,
    crosses,
    either,
    held_for,
    opposite,
)

STATES = [True, False, None]
SERIES = st.lists(st.sampled_from(STATES), max_size=30)


def possible(value: bool | None) -> list[bool]:
    """What a missing value may turn out to be."""
    return [True, False] if value is None else [value]


@pytest.mark.parametrize("a", STATES)
@pytest.mark.parametrize("b", STATES)
def test_logic_is_certain_only_where_every_way_agrees(a: bool | None, b: bool | None) -> None:
    for found, ways in (
        (both([a], [b]), {x and y for x in possible(a) for y in possible(b)}),
        (either([a], [b]), {x or y for x in possible(a) for y in possible(b)}),
        (opposite([a]), {not x for x in possible(a)}),
    ):
        assert found == [ways.pop() if len(ways) == 1 else None]


@given(values=SERIES)
def test_bars_since_is_how_far_back_the_last_true_is(values: list[bool | None]) -> None:
    for t, found in enumerate(bars_since(values)):
        back = [k for k in range(t + 1) if values[t - k] is True]
        assert found == back[0] if back else math.isnan(found)


@given(values=SERIES, window=st.integers(1, 35))
def test_held_for_is_the_and_of_its_window(values: list[bool | None], window: int) -> None:
    before: list[bool | None] = [None] * window + values
    for t, found in enumerate(held_for(values, window)):
        seen = before[t + 1 : t + 1 + window]
        assert len(seen) == window
        assert found is (False if False in seen else None if None in seen else True)


def test_a_comparison_with_nothing_is_missing() -> None:
    for holds in COMPARISONS.values():
        assert compare([math.nan, 1.0], [1.0, math.nan], holds) == [None, None]


def test_a_cross_starts_on_the_line_and_not_beyond_it() -> None:
    left, right = [2.0, 3.0, 4.0, 2.0, 1.0], [2.0] * 5
    assert crosses(left, right, above=True) == [None, True, False, False, False]
    assert crosses(left, right, above=False) == [None, False, False, False, True]
    assert crosses([], [], above=True) == []
