from hyprl_lab.data import load_bars
from hyprl_lab.engine.backtest import run
from hyprl_lab.strategy import builtin


def test_each_cross_reverses():
    row = builtin.row("macd_trend")
    result = run(load_bars("sp500").take(0, 800), row.build(), params=row.params)
    trades = result.trades
    assert len(trades) > 20
    assert (trades["side"].to_numpy()[1:] != trades["side"].to_numpy()[:-1]).all()
    assert (trades["entry_ts"].to_numpy()[1:] == trades["exit_ts"].to_numpy()[:-1]).all()
