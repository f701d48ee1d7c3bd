import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, param, ta
from hyprl_lab.strategy.ta.by_length import constant_or_expression, shorter_first


def test_constants_are_put_in_order_and_parameters_choose():
    one, two = shorter_first(lambda window: ta.sma(close, window), 9, 3)
    assert [repr(one), repr(two)] == ["sma(close, 3)", "sma(close, 9)"]
    one, two = shorter_first(lambda window: ta.sma(close, window), param("n", 2, 9), 3)
    assert repr(one) == "where((n <= 3), sma(close, n), sma(close, 3))"
    assert repr(two) == "where((n <= 3), sma(close, 3), sma(close, n))"


def test_a_constant_is_its_number():
    assert constant_or_expression(3) == 3.0
    assert constant_or_expression(close) is close
    with pytest.raises(StrategyError):
        constant_or_expression(True)
