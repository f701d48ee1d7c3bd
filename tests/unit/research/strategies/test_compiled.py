import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.errors import InputError, StrategyError
from hyprl_lab.research.strategies.compiled import compiled, of_a_class

BARS = hl.load_bars("TEST")


def test_signals_are_columns_named_after_their_content(cross):
    before = BARS.fingerprint
    made = compiled(BARS, cross, {"fast": 3})
    names = [name for name in made.bars.columns if name not in BARS.columns]
    assert [name[41:] for name in names] == ["long_entry", "long_exit"]
    assert made.strategy.columns == tuple(sorted(names))
    assert made.strategy.name == "cross(fast=3, slow=20)"
    assert of_a_class(made.strategy)
    assert made.bars.ohlcv_fingerprint == BARS.ohlcv_fingerprint
    assert made.bars.fingerprint != before == BARS.fingerprint
    step = made.bars.lineage.steps[-1]
    assert step.operation == "signals"
    assert step.detail["params"] == {"fast": 3, "slow": 20}
    assert len(step.detail["source"]) == 64


def test_other_signals_have_other_names_and_the_same_ones_the_same(cross):
    one, two = compiled(BARS, cross, {"fast": 3}), compiled(BARS, cross(), {"fast": 3})
    other = compiled(BARS, cross, {"fast": 4})
    assert one.strategy.hash == two.strategy.hash != other.strategy.hash
    assert one.bars.fingerprint == two.bars.fingerprint != other.bars.fingerprint
    again = compiled(one.bars, cross, {"fast": 3})  # bars that carry them already
    assert again.bars.fingerprint == one.bars.fingerprint


def test_bars_after_the_stop_change_nothing(cross):
    class Mean(cross):
        def generate_signals(self, bars, fast, slow):
            mean = bars.close.mean()
            return {"entry": bars.close < mean, "exit": bars.close > mean}

    whole, part = compiled(BARS, Mean, stop=300), compiled(BARS.take(0, 300), Mean)
    assert whole.strategy.hash == part.strategy.hash != compiled(BARS, Mean).strategy.hash
    for name in part.strategy.columns:
        np.testing.assert_array_equal(whole.bars.columns[name][:300], part.bars.columns[name])
        assert np.isnan(whole.bars.columns[name][300:]).all()
    assert whole.bars.lineage[-1].detail["stop"] == 300
    assert "stop" not in compiled(BARS, Mean, stop=500).bars.lineage[-1].detail


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_backtest_trades_by_them(cross, engine):
    result = hl.backtest(BARS, cross, params={"fast": 3, "slow": 12}, engine=engine)
    close = BARS.to_pandas()["close"]
    above = (close.rolling(3).mean() > close.rolling(12).mean()).to_numpy()
    trades = result.simulation.trades
    assert len(trades) > 10
    assert result.recorded
    for entry, leave in zip(trades.entry_bar, trades.exit_bar, strict=True):
        assert above[entry - 1]
        assert not above[entry - 2]
        assert not above[leave - 1] or leave == len(BARS) - 1


def test_each_set_of_signals_is_a_trial_and_a_run_of_its_own(cross):
    one = hl.backtest(BARS, cross, params={"fast": 3})
    two = hl.backtest(BARS, cross, params={"fast": 4})
    assert one.run_hash != two.run_hash
    assert one.save() == hl.backtest(BARS, cross, params={"fast": 3}).save()
    store = hl.warehouse.default()
    root = store.lineage_root(BARS)
    store.flush()
    assert store.trial_count(root) == 2


def test_what_its_code_raises_names_class_parameters_and_line(cross):
    class Failing(cross):
        def generate_signals(self, bars, fast, slow):
            return {"entry": bars.volumes}

    with pytest.raises(
        StrategyError, match=r"cross\(fast=5, slow=20\) raised AttributeError: .*test_compiled\.py"
    ) as caught:
        hl.backtest(BARS, Failing)
    assert isinstance(caught.value.__cause__, AttributeError)
    with pytest.raises(StrategyError, match="'fast': value is 99; expected int, 2 to 20, whole"):
        hl.backtest(BARS, cross, params={"fast": 99})


def test_it_works_on_a_copy(cross):
    class Writing(cross):
        def generate_signals(self, bars, fast, slow):
            signals = super().generate_signals(bars, fast, slow)
            bars.close.setflags(write=True)
            bars.close[:] = 1.0
            return signals

    close = BARS.close.copy()
    hl.backtest(BARS, Writing)
    np.testing.assert_array_equal(BARS.close, close)


def test_what_takes_data_refuses_a_class(cross):
    with pytest.raises(StrategyError, match=r"a strategy class is code.*write it as a graph"):
        hl.supersearch(BARS, cross, {"fast": [2, 3]})
    result = hl.backtest(BARS, cross)
    with pytest.raises(InputError, match=r"cross\(fast=5, slow=20\) is a strategy class"):
        hl.promote(result, name="cross", profile="demo")
