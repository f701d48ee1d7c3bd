import pytest

import hyprl_lab as hl
from hyprl_lab.errors import BarsError, StrategyError
from hyprl_lab.strategy import builtin


@pytest.mark.parametrize("name", builtin.names())
def test_every_built_in_strategy_holds(name):
    report = hl.strategies.validate(name)
    assert report.name == name
    assert report.errors == ()
    assert report.warnings == ()


def test_classes_objects_and_graphs(cross):
    assert hl.strategies.validate(cross).ok
    assert hl.strategies.validate(cross(), params={"fast": 3}).ok
    assert hl.strategies.validate(builtin.dual_sma()).ok
    bars = hl.load_bars("sp500").take(0, 600)
    assert hl.strategies.validate(cross, bars=bars).ok


@pytest.mark.parametrize("found", [None, 3, hl.close > 5, dict])
def test_anything_else_is_refused(found):
    with pytest.raises(StrategyError, match=r"a strategy class, or an hl\.Strategy"):
        hl.strategies.validate(found)


def test_bars_have_to_be_bars():
    with pytest.raises(BarsError):
        hl.strategies.validate("dual_sma", bars=[1, 2])
