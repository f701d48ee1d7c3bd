from __future__ import annotations

import pyarrow as pa
import pytest

from hyprl_lab.data.importing.marks import Marks
from hyprl_lab.errors import BarsError


@pytest.mark.parametrize(
    ("marks", "text", "plain"),
    [
        (Marks(","), "1,5", "1.5"),
        (Marks(","), "-,5", "-.5"),
        (Marks(",", "."), "1.234.567,5", "1234567.5"),
        (Marks(",", "."), "1234,5", "1234.5"),
        (Marks(".", ","), "1,234.5e3", "1234.5e3"),
        (Marks(".", "'"), "1'234", "1234"),
        (Marks(",", " "), "1 234\u00a0567,5", "1234567.5"),
        (Marks(","), "n/a", "n/a"),
    ],
)
def test_numbers_get_a_decimal_point_alone(marks, text, plain):
    cells, wrong = marks.plain(pa.array([text]))
    assert (cells.to_pylist(), wrong.tolist()) == ([plain], [False])


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        (Marks(","), "1.5"),
        (Marks(",", "."), "1.5"),
        (Marks(",", "."), "12.34,5"),
        (Marks(".", ","), "1,23"),
        (Marks(".", ","), "1,234,5"),
        (Marks(","), "x"),
    ],
)
def test_other_marks_are_wrong(marks, text):
    cells, wrong = marks.plain(pa.array([text]))
    assert (cells.to_pylist(), wrong.tolist()) == ([""], [True])


def test_typed_numbers_stay():
    cells, wrong = Marks(",").plain(pa.array([1.5]))
    assert (cells.to_pylist(), wrong.tolist()) == ([1.5], [False])


@pytest.mark.parametrize(
    ("decimal", "thousands", "message"),
    [
        (";", None, "decimal: found ';'"),
        (None, "x", "thousands: found 'x'"),
        (",", ",", "which decimal= is too"),
        (None, ".", "which decimal= is too"),
    ],
)
def test_marks_that_are_none(decimal, thousands, message):
    with pytest.raises(BarsError, match=message):
        Marks.checked(decimal, thousands)
