"""What is drawn knows no more than it must; a result has all of it."""

from __future__ import annotations

import pandas as pd

import hyprl_lab as hl
from hyprl_lab.report.view import DrawnBars, RunView
from hyprl_lab.strategy import builtin


def test_drawn_bars_hand_back_their_frame():
    frame = pd.DataFrame({"close": [1.0]}, index=pd.date_range("2020-01-01", periods=1, tz="UTC"))
    bars = DrawnBars("X", "1d", frame)
    assert (bars.symbol, bars.timeframe) == ("X", "1d")
    assert bars.to_pandas() is frame


def test_a_result_has_what_is_drawn():
    result = hl.backtest(
        hl.load_bars("TEST"),
        builtin.get("dual_sma"),
        params={"fast": 5, "slow": 20},
        record=False,
    )
    for name in (name for name in vars(RunView) if not name.startswith("_")):
        assert getattr(result, name) is not None, name
    assert result.equity.index.equals(result.bars.to_pandas().index)
