import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import param
from hyprl_lab.strategy.ta.volatility import atr


def test_atr_reads_the_bars_and_takes_a_window_alone():
    node = atr(14)
    assert (node.op, node.kind, len(node.args)) == ("atr", "number", 1)
    assert atr(param("n", 2, 9)).args[0].name == "n"
    with pytest.raises(StrategyError, match="atr, argument 1"):
        atr(1.5)
