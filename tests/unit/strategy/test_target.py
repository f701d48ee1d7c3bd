import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, param, target


def test_percent_is_a_fraction_of_the_fill():
    level = target.percent(0.05)
    assert (level.side, level.kind, level.node.value) == ("target", "percent", 0.05)


def test_atr_is_a_distance_of_range_times_multiple():
    level = target.atr(14, param("k", 1.0, 5.0))
    assert (level.side, level.kind) == ("target", "distance")
    assert repr(level.node) == "(atr(14) * k)"


@pytest.mark.parametrize("multiple", [0, -1, True, "2", close > 1])
def test_a_multiple_is_a_positive_number(multiple):
    with pytest.raises(StrategyError):
        target.atr(14, multiple)


@pytest.mark.parametrize("x", [0, -0.1, None, close > 1, float("nan")])
def test_a_fraction_is_a_positive_number(x):
    with pytest.raises(StrategyError):
        target.percent(x)


def test_price_is_the_level_itself():
    level = target.price(close.shift(1))
    assert (level.side, level.kind, repr(level.node)) == ("target", "price", "shift(close, 1)")
    assert target.price(105).node.value == 105.0


@pytest.mark.parametrize("x", [0, -1, None, close > 1, float("nan")])
def test_a_price_is_positive(x):
    with pytest.raises(StrategyError):
        target.price(x)
