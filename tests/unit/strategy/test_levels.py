import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import Level, close, constant, param, stop, target, trail
from hyprl_lab.strategy.levels import atr_level, percent_level, price_level


@pytest.mark.parametrize(
    ("side", "kind", "node"),
    [
        ("stop", "percent", close > 1),
        ("stop", "percent", 0.05),
        ("stop", "percent", constant(0)),
        ("stop", "percent", constant(5)),
        ("stop", "distance", constant(-1)),
        ("stop", "price", constant(0)),
        ("trail", "price", close > 1),
        ("trail", "percent", constant(1)),
        ("trail", "points", close),
        ("limit", "price", close),
    ],
)
def test_what_can_be_no_level_is_refused(side, kind, node):
    with pytest.raises(StrategyError):
        Level(side, kind, node)


def test_five_percent_is_not_five():
    with pytest.raises(StrategyError, match=r"as in 0\.05 for 5 %"):
        Level("stop", "percent", constant(5))


def test_a_target_may_double_the_money():
    assert Level("target", "percent", constant(1.5)).node.value == 1.5


def test_a_level_may_be_searched():
    assert Level("stop", "percent", param("x", 0.01, 0.2)).node.name == "x"


@pytest.mark.parametrize("side", ["stop", "target", "trail"])
def test_all_sides_come_from_one_factory(side):
    place = {"stop": stop, "target": target, "trail": trail}[side]
    for made, factory in (
        (place.percent(0.05), percent_level(side, 0.05)),
        (place.atr(14, 3), atr_level(side, 14, 3)),
        (place.price(close), price_level(side, close)),
    ):
        assert made.side == side
        assert repr(made) == repr(factory)
    with pytest.raises(StrategyError, match=rf"{side}\.atr: multiple is 0"):
        atr_level(side, 14, 0)


def test_only_a_target_may_be_further_than_the_price():
    assert percent_level("target", 1.5).node.value == 1.5
    with pytest.raises(StrategyError, match=r"stop\.percent: found 1.5"):
        percent_level("stop", 1.5)


@pytest.mark.parametrize("side", ["stop", "target", "trail"])
def test_a_price_is_the_level_itself(side):
    made = price_level(side, 105)
    assert (made.side, made.kind, made.node.value) == (side, "price", 105.0)
    for wrong in (0, -5, close > 1, None, float("nan")):
        with pytest.raises(StrategyError):
            price_level(side, wrong)
