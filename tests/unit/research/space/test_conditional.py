"""Conditional parameters: in which order they are settled, and what they hold."""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space import choice, floats, ints, resolved
from hyprl_lab.research.space.conditional import conditionals, default_of


def test_each_comes_after_those_it_depends_on() -> None:
    axes = {
        "c": ints(1, 3, when="b > 1"),
        "a": choice([0, 1]),
        "b": ints(1, 3, when="a > 0"),
        "d": ints(1, 3, when="c + b > 2"),
    }
    assert [found.name for found in conditionals(axes)] == ["b", "c", "d"]


def test_a_parameter_that_does_not_count_settles_what_depends_on_it() -> None:
    axes = {
        "on": choice([0, 1]),
        "stop": ints(5, 9, when="on > 0", otherwise=0),
        "trail": ints(2, 4, when="stop > 6"),
    }
    columns = {
        "on": np.array([1.0, 1.0, 0.0, 0.0]),
        "stop": np.array([7.0, 5.0, 9.0, 5.0]),
        "trail": np.array([4.0, 4.0, 4.0, 2.0]),
    }
    given = {name: column.copy() for name, column in columns.items()}
    held, counts = resolved(conditionals(axes), columns, 4)
    assert held["stop"].tolist() == [7, 5, 0, 0]
    assert held["trail"].tolist() == [4, 2, 2, 2]  # 9 > 6 does not count where on is 0
    assert counts["stop"].tolist() == [True, True, False, False]
    assert counts["trail"].tolist() == [True, False, False, False]
    for name, column in columns.items():
        np.testing.assert_array_equal(column, given[name])


def test_what_holds_otherwise() -> None:
    assert default_of(floats(0.5, 2)) == 0.5
    assert default_of(choice([7, 3])) == 7
    assert default_of(ints(1, 2, when="a > 0", otherwise=9)) == 9


@pytest.mark.parametrize(
    ("whens", "said"),
    [
        ({"a": "a > 1"}, r"'a', when.*uses 'a', which is not known; .*there are \['b', 'c'\]"),
        ({"a": "z > 1"}, "uses 'z', which is not known"),
        ({"a": "b >"}, "'a', when: expression 'b >' does not parse"),
        ({"a": "b + 1"}, "is a number; expected a comparison"),
        ({"a": "9"}, "is a number; expected a comparison"),
        ({"a": "b > 1", "b": "a > 1"}, r"in a circle: 'a' depends on \['b'\], 'b' depends on"),
        ({"a": "b > 1", "b": "c > 1", "c": "a > 1"}, "leave out the when of one of them"),
    ],
)
def test_refused(whens: dict[str, str], said: str) -> None:
    axes = {name: ints(1, 3, when=whens.get(name)) for name in "abc"}
    with pytest.raises(SpaceError, match=said):
        conditionals(axes)
