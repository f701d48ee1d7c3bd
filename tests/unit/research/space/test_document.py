"""Spaces read back: what a search gets again, and what is no document."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hyprl_lab.engine.config import FixedFraction
from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space import choice, floats, ints, points_of, space_from_json
from hyprl_lab.strategy import Strategy, close, param

FIVE = Strategy(
    "five",
    long_entry=close * param("a", 0, 10**6) + param("b", 0.0, 9.0)
    > param("c", 0, 9) + param("d", 0.0, 9.0) + param("e", 0.0, 9.0),
)
SPACE = {
    "c": ints(1, 9, count=3, log=True),
    "a": range(3, 900, 7),
    "b": floats(0.5, 2, step=0.5, when="c > 1", otherwise=0),
    "d": [3, 1.5, 2],
    "e": choice([5, 6, 7]),
    "execution.fee_bps": range(9, 0, -3),
    "risk.fraction": np.array([0.25, 0.5]),
}


@pytest.mark.parametrize("sampler", ["grid", "random", "sobol", "latin_hypercube"])
def test_the_same_points_come_from_what_was_written(sampler: str) -> None:
    where = "a < 400 or b >= 1"
    count = None if sampler == "grid" else 3_000
    how = {"sampler": sampler, "max_trials": count, "seed": 4, "risk": FixedFraction(1)}
    one = points_of(FIVE, SPACE, where, **how)  # type: ignore[arg-type]
    written = json.loads(json.dumps(one.to_json()))
    space, again = space_from_json(written)
    two = points_of(FIVE, space, again, **how)  # type: ignore[arg-type]
    assert two.to_json() == one.to_json()
    assert two.size == one.size
    for first, second in zip(one.batches(9_999), two.batches(9_999), strict=True):
        np.testing.assert_array_equal(first.values, second.values)


def test_ranges_and_lists_are_given_back_as_such() -> None:
    points = points_of(FIVE, SPACE, risk=FixedFraction(1))
    space, where = space_from_json(points.to_json())
    assert where is None
    assert list(space) == list(SPACE)
    assert space["a"] == range(3, 900, 7)
    assert space["d"] == [3, 1.5, 2]
    assert space["e"] == SPACE["e"]
    assert space["b"] == SPACE["b"]
    assert space["execution.fee_bps"] == choice([9, 6, 3])


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "space document is None; expected"),
        ({}, 'expected ."axes"'),
        ({"axes": {}}, 'expected ."axes"'),
        ({"axes": [["a"]]}, r"expected \[name, values\]"),
        ({"axes": [[1, [2]]]}, r"expected \[name, values\]"),
        ({"axes": [], "where": 5}, "where is 5; expected text or null"),
        ({"axes": [["a", "x"]]}, "'a' is 'x'; expected a list, a range"),
        ({"axes": [["a", {"kind": "lists"}]]}, "'a' is a dict of 1; expected a list"),
        ({"axes": [["a", {"kind": "floats", "low": 1}]]}, r"'a' is floats with fields \['low'\]"),
        ({"axes": [["a", {"kind": "ints", "low": 1, "high": 2, "x": 1}]]}, "fields .*'x'"),
        ({"axes": [["a", {"kind": "ints", "low": 3, "high": 2}]]}, "low 3 is above high 2"),
        ({"axes": [["a", {"kind": "choice"}]]}, "one or more numbers"),
        ({"axes": [["a", {"start": 1, "stop": 2, "step": 0}]]}, "step, which is not 0"),
        ({"axes": [["a", {"start": 1.5, "stop": 2, "step": 1}]]}, "expected whole numbers"),
    ],
)
def test_what_is_no_document(document: object, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        space_from_json(document)  # type: ignore[arg-type]
