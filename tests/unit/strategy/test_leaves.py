import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.leaves import col, column, constant, param


def test_col_is_column():
    assert col("sentiment").name == "sentiment"
    assert col is column


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 201, None, 5])
def test_a_column_has_a_printable_name(name):
    with pytest.raises(StrategyError):
        column(name)


def test_a_parameter_carries_its_declaration():
    made = param("n", 1, 5)
    assert (made.op, made.name, made.parameter.low, made.parameter.integer) == (
        "parameter",
        "n",
        1,
        True,
    )


def test_a_constant_is_a_float():
    assert (constant(3).op, constant(3).value) == ("constant", 3.0)
