import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import builtin


def test_names_are_sorted_and_each_is_its_strategy():
    assert builtin.names() == sorted(builtin.names())
    for name in builtin.names():
        assert builtin.get(name).name == name


def test_dual_sma_is_long_or_flat():
    made = builtin.dual_sma()
    assert made.long_entry.op == "crosses_above"
    assert made.long_exit.op == "crosses_below"
    assert made.short_entry is None
    assert made.short_exit is None


def test_sma_cross_long_short_reverses():
    made = builtin.sma_cross_long_short()
    assert made.long_entry.op == "crosses_above"
    assert made.short_entry.op == "crosses_below"
    assert made.long_exit is None
    assert made.short_exit is None


@pytest.mark.parametrize("name", ["nope", "__init__", ""])
def test_an_unknown_name_lists_the_known(name):
    with pytest.raises(StrategyError, match=r"there are \['dual_sma'"):
        builtin.get(name)
