"""Shares of a difference: fair, whole, and exact in whatever order they are added."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.research.runs.shapley import adding_up, shares

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)


def worths(groups: str, values: list[float]) -> dict[frozenset[str], float]:
    """Return a worth for each coalition of groups."""
    every = [
        frozenset(name for place, name in enumerate(groups) if bits >> place & 1)
        for bits in range(2 ** len(groups))
    ]
    return dict(zip(every, values, strict=True))


def test_two_groups_by_hand() -> None:
    # a first: 1, then b: 6; b first: 2, then a: 5
    table = worths("ab", [0.0, 1.0, 2.0, 7.0])
    assert shares("ab", table.get) == {"a": (1 + 5) / 2, "b": (6 + 2) / 2}


def test_three_groups_by_the_formula() -> None:
    numbers = np.random.default_rng(3).normal(size=8).tolist()
    table = worths("abc", numbers)
    found = shares("abc", table.get)
    assert found is not None
    for name in "abc":
        others = [group for group in "abc" if group != name]
        expected = 0.0
        for bits in range(4):
            held = frozenset(other for place, other in enumerate(others) if bits >> place & 1)
            weight = math.factorial(len(held)) * math.factorial(2 - len(held)) / math.factorial(3)
            expected += weight * (table[held | {name}] - table[held])
        assert found[name] == pytest.approx(expected, abs=1e-12)


@given(st.lists(NUMBERS, min_size=16, max_size=16))
def test_exchanging_a_and_b_turns_every_sign(values: list[float]) -> None:
    groups = "abcd"
    table = worths(groups, values)
    whole = frozenset(groups)
    there = shares(groups, table.get)
    back = shares(groups, lambda coalition: table[whole - coalition])
    assert there is not None
    assert back is not None
    assert there == {name: -value for name, value in back.items()}
    assert math.fsum(there.values()) == pytest.approx(
        table[whole] - table[frozenset()], rel=1e-9, abs=1e-3
    )


def test_orders_through_the_impossible_do_not_count() -> None:
    table: dict[frozenset[str], float | None] = {**worths("ab", [0.0, 1.0, 2.0, 7.0])}
    table[frozenset("b")] = None
    assert shares("ab", table.get) == {"a": 1.0, "b": 6.0}
    table[frozenset("a")] = None
    assert shares("ab", table.get) is None


def test_nothing_differs() -> None:
    assert shares("", {frozenset(): 5.0}.get) == {}


def test_each_coalition_is_evaluated_once() -> None:
    asked: list[frozenset[str]] = []

    def worth(coalition: frozenset[str]) -> float:
        asked.append(coalition)
        return float(len(coalition))

    shares("abcde", worth)
    assert len(asked) == len(set(asked)) == 32


@given(st.lists(NUMBERS, min_size=5, max_size=5), st.floats(0, 1e12))
def test_the_parts_add_up_in_every_order(values: list[float], scale: float) -> None:
    parts = dict(zip("abcde", values, strict=True))
    total, rounded = adding_up(math.fsum(values), parts, scale=scale)
    for order in list(permutations("abcde"))[::7]:
        added = 0.0
        for name in order:
            added += rounded[name]
        assert added == total
    largest = max([scale, abs(total), *map(abs, values), 1e-9])
    assert all(abs(rounded[name] - parts[name]) <= 2**-45 * largest for name in parts)
    back, negated = adding_up(-math.fsum(values), {k: -v for k, v in parts.items()}, scale=scale)
    assert back == -total
    assert negated == {name: -value for name, value in rounded.items()}
