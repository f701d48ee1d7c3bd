import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, low, param, ta, trail


def test_percent_atr_and_price_are_levels_that_trail():
    for made, kind, node in (
        (trail.percent(param("x", 0.01, 0.2)), "percent", "x"),
        (trail.atr(14, 3), "distance", "(atr(14) * 3)"),
        (trail.price(ta.lowest(low, 5)), "price", "lowest(low, 5)"),
    ):
        assert (made.side, made.kind, repr(made.node)) == ("trail", kind, node)


@pytest.mark.parametrize("x", [0, -0.1, 1, 5, None, close > 1])
def test_a_fraction_lies_between_zero_and_one(x):
    with pytest.raises(StrategyError):
        trail.percent(x)
