"""Equality to the last bit."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.research.runs.bits import differing_tables, differing_values, exact


def found(stored: list[object], computed: list[object], kind: pa.DataType | None = None) -> list:
    tables = [pa.table({"x": pa.array(values, kind)}) for values in (stored, computed)]
    return list(differing_tables("t", *tables, every_column=True))


@given(st.floats(), st.floats())
def test_two_numbers_are_equal_if_and_only_if_their_bits_are(one: float, two: float) -> None:
    same = np.float64(one).view(np.int64) == np.float64(two).view(np.int64)
    assert bool(found([one], [two], pa.float64())) == (not same)


@given(st.floats(allow_nan=False, allow_infinity=False, max_value=1e300))
def test_the_next_number_is_another_one(value: float) -> None:
    (difference,) = found([value], [math.nextafter(value, math.inf)])
    assert (difference.row, difference.column) == (0, "x")
    assert difference.stored != difference.computed


@pytest.mark.parametrize(
    ("stored", "computed", "kind"),
    [
        ([0.0], [-0.0], pa.float64()),
        ([None], [math.nan], pa.float64()),
        ([None], [0.0], pa.float64()),
        ([None], [0], pa.int64()),
        ([5], [6], pa.int64()),
        ([2**62], [2**62 + 1], pa.int64()),
        (["a"], ["b"], pa.string()),
        ([None], [""], pa.string()),
        ([True], [None], pa.bool_()),
        ([1], [2], pa.timestamp("us", tz="UTC")),
    ],
)
def test_what_looks_alike_is_told_apart(
    stored: list[object], computed: list[object], kind: pa.DataType
) -> None:
    (difference,) = found(stored, computed, kind)
    assert difference.row == 0
    assert found(stored, stored, kind) == found(computed, computed, kind) == []


def test_rows_columns_and_types() -> None:
    (rows,) = found([1.0, 2.0], [1.0])
    assert (rows.column, rows.stored, rows.computed) == ("rows", "2", "1")
    (kind,) = found([1], [1.0])
    assert (kind.column, kind.stored, kind.computed) == ("x type", "int64", "double")
    more, less = pa.table({"x": [1], "y": [2]}), pa.table({"x": [1]})
    (lacks,) = differing_tables("t", less, more, every_column=True)
    assert (lacks.column, lacks.stored, lacks.computed) == ("y", "absent", "a column")
    assert list(differing_tables("t", less, more, every_column=False)) == []
    assert len(list(differing_tables("t", more, less, every_column=False))) == 1


def test_many_rows_are_named_up_to_a_number_and_counted() -> None:
    differences = found([0.0] * 250, [1.0] * 250)
    assert [item.row for item in differences[:100]] == list(range(100))
    assert differences[100].stored == "150 further rows"


def test_json_numbers_are_what_they_are_worth() -> None:
    assert list(differing_values("m", {"a": 5, "b": None}, {"a": 5.0, "b": None})) == []
    (other,) = differing_values("m", {"a": True}, {"a": 1})
    assert (other.stored, other.computed) == ("True", "1.0 (0x1.0000000000000p+0)")
    (lacks,) = differing_values("m", {}, {"a": None})
    assert (lacks.stored, lacks.computed) == ("absent", "missing")
    assert exact(0.1 + 0.2) != exact(0.3)
