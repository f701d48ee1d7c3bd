import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import Level, close, constant, param


@pytest.mark.parametrize(
    ("side", "kind", "node"),
    [
        ("stop", "percent", close > 1),
        ("stop", "percent", 0.05),
        ("stop", "percent", constant(0)),
        ("stop", "percent", constant(5)),
        ("stop", "distance", constant(-1)),
        ("stop", "price", close),
        ("trail", "percent", close),
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
