import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, param
from hyprl_lab.strategy.ta.rolling import stdev, sum  # noqa: A004  # its name


@pytest.mark.parametrize("indicator", [sum, stdev])
def test_it_is_a_number_over_a_series_and_a_window(indicator):
    node = indicator(close, 14)
    assert (node.op, node.kind) == (indicator.__name__, "number")
    assert node.args[0] is close
    assert node.args[1].value == 14.0


@pytest.mark.parametrize("indicator", [sum, stdev])
def test_its_window_may_be_searched_and_is_checked(indicator):
    assert indicator(close, param("n", 2, 9)).args[1].name == "n"
    with pytest.raises(StrategyError, match=f"{indicator.__name__}, argument 2"):
        indicator(close, 0)
    with pytest.raises(StrategyError, match=f"{indicator.__name__}, argument 1"):
        indicator(close > 1, 5)
