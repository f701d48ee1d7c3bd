import pytest

import hyprl_lab as hl
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.sample import sample_bars
from hyprl_lab.strategy import builtin


@pytest.mark.parametrize("name", builtin.names())
def test_it_is_what_a_backtest_takes(name):
    row = builtin.row(name)
    bars = sample_bars(intraday=row.intraday)
    result = hl.backtest(bars, row.build(), params=row.params, **hl.strategies.settings(name))
    assert result.metrics.trades > 0
    assert result.approximate == (name == "ema10_scalper")


def test_the_scalper_s():
    execution = hl.strategies.settings("ema10_scalper")["execution"]
    assert (execution.lots, execution.lot_size, execution.option_delta) == (1, 50, 0.5)
    assert execution.daily_target == execution.daily_loss_limit == hl.Money(1_000)
    assert execution.intraday


def test_defaults_for_the_others():
    assert hl.strategies.settings("dual_sma") == {
        "risk": hl.AllIn(),
        "execution": hl.Execution(),
        "cash": 10_000.0,
    }
    with pytest.raises(StrategyError, match="no built-in strategy 'nope'"):
        hl.strategies.settings("nope")
