import numpy as np
import pandas as pd
import pytest

import hyprl_lab as hl

BARS = hl.load_bars("TEST")


@pytest.mark.parametrize("engine", ["native", "python"])
def test_of_a_graph(engine):
    close = BARS.to_pandas()["close"]
    fast, slow = close.rolling(5).mean(), close.rolling(20).mean()
    crosses = ((fast > slow) & (fast.shift(1) <= slow.shift(1))).to_numpy()
    found = hl.strategies.signals(BARS, "dual_sma", {"fast": 5, "slow": 20}, engine=engine)
    assert list(found) == ["long_entry", "long_exit"]
    assert found.index.equals(BARS.to_pandas().index)
    np.testing.assert_array_equal(found["long_entry"].fillna(False).to_numpy(bool), crosses)
    assert found["long_entry"].isna().sum() == 20  # warm-up is missing, not false
    by_graph = hl.strategies.signals(BARS, hl.strategies.get("dual_sma"), {"fast": 5, "slow": 20})
    pd.testing.assert_frame_equal(found, by_graph)


def test_of_a_class(cross):
    found = hl.strategies.signals(BARS, cross)
    again = cross().generate_signals(BARS, 5, 20)
    np.testing.assert_array_equal(found["long_exit"].to_numpy(bool), again["long_exit"].to_numpy())


def test_parameters_of_levels_are_asked_for_as_in_a_backtest():
    params = {"window": 20, "atr_window": 14, "multiple": 3}
    assert list(hl.strategies.signals(BARS, "donchian_breakout", params)) == ["long_entry"]
