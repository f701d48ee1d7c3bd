import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import Strategy, close
from hyprl_lab.strategy.given import checked_strategy


class Coded:
    def generate_signals(self, bars):
        return {}


def test_a_strategy_passes():
    strategy = Strategy("x", long_entry=close > 5)
    assert checked_strategy(strategy) is strategy


@pytest.mark.parametrize(
    ("found", "mend"),
    [
        (None, r'strategy is None; .*hl\.Strategy\("name", long_entry='),
        (close > 5, r"strategy is \(close > 5\); .*a condition becomes one"),
        ({"version": 1}, r"hl\.Strategy\.from_json"),
        ("dual_sma", r"hl\.strategies\.get\('dual_sma'\) returns"),
        ([close], "a list of 1"),
        (Coded, r"a strategy class is code, .*write it as a graph"),
        (Coded(), r"a strategy class is code"),
    ],
)
def test_anything_else_is_told_how_it_becomes_one(found, mend):
    with pytest.raises(StrategyError, match=mend):
        checked_strategy(found)
