"""How far from a condition: worked out by hand, and zero exactly where the condition holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.research.conditions import Condition
from hyprl_lab.research.study.shortfall import shortfall

INF = np.inf
COLUMNS = {"a": np.array([1.0, 2.0, np.nan, 4.0]), "b": np.array([2.0, 2.0, 2.0, -8.0])}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a >= 4", [0.75, 0.5, INF, 0.0]),  # shares of the bound, 4
        ("4 <= a", [0.75, 0.5, INF, 0.0]),
        ("a <= 2", [0.0, 0.0, INF, 1.0]),
        ("a < 2", [0.0, 1e-12, INF, 1.0]),  # equal: missed by as little as can be
        ("b > 0", [0.0, 0.0, 0.0, 8.0]),  # a bound of zero: the plain difference
        ("b >= a", [0.0, 0.0, INF, 12.0 / 8.0]),  # the larger side
        ("a == 2", [0.5, 0.0, INF, 1.0]),
        ("a != 4", [0.0, 0.0, INF, 1.0]),
        ("a >= 4 and b <= 1", [0.75 + 1.0, 0.5 + 1.0, INF, 0.0]),
        ("a >= 4 or b >= 4", [0.5, 0.5, 0.5, 0.0]),
        ("not (a >= 4 or b >= 2)", [1e-12, 1e-12, INF, 1e-12]),
        ("not a < 4", [0.75, 0.5, INF, 0.0]),
        ("2 <= a <= 3", [0.5, 0.0, INF, 1.0 / 3.0]),
        ("not 2 <= a <= 3", [0.0, 1e-12, INF, 0.0]),
        ("a * 2 - 1 >= (\n 3)", [2.0 / 3.0, 0.0, INF, 0.0]),
        ("abs(b) <= 4", [0.0, 0.0, 0.0, 1.0]),
        ("abs(-2) <= a", [0.5, 0.0, INF, 0.0]),
    ],
)
def test_what_is_lacking(text: str, expected: list[float]) -> None:
    found = shortfall(Condition(text, ["a", "b"]), COLUMNS, 4)
    assert found.tolist() == pytest.approx(expected, rel=1e-15)


@given(
    st.sampled_from(
        [
            "a < b",
            "a <= 1 or not b > 2",
            "a == b",
            "not (a < 1 and b != 2)",
            "0 < a < b",
            "a / b > 1",
        ]
    ),
    st.lists(
        st.tuples(*[st.one_of(st.integers(-3, 3).map(float), st.floats())] * 2),
        min_size=1,
        max_size=5,
    ),
)
def test_nothing_is_lacking_exactly_where_it_holds(
    text: str, rows: list[tuple[float, float]]
) -> None:
    a, b = np.array(rows).T
    columns = {"a": np.where(np.isfinite(a), a, np.nan), "b": np.where(np.isfinite(b), b, np.nan)}
    condition = Condition(text, ["a", "b"])
    found = shortfall(condition, columns, len(rows))
    assert not np.isnan(found).any()
    assert ((found == 0.0) == condition.holds(columns, len(rows))).all()
    assert (found >= 0.0).all()
