from hyprl_lab.data import load_bars
from hyprl_lab.engine.backtest import run
from hyprl_lab.engine.features import feature_values
from hyprl_lab.strategy import builtin, close, ta
from hyprl_lab.strategy.features import Features


def test_it_is_long_after_a_rise_of_the_average_beyond_its_noise():
    bars, row = load_bars("sp500").take(0, 1500), builtin.row("kama_trend")
    trades = run(bars, row.build(), params=row.params).simulation.trades
    average = feature_values(bars, Features({"kama": ta.kama(close, 10)}), {}, "python")["kama"]
    assert len(trades) > 10
    for entry in trades.entry_bar:
        signal = entry - 1
        window = average[signal - 19 : signal + 1]
        changes = window - average[signal - 20 : signal]
        assert average[signal] - window.min() > changes.std()
        assert window.max() - average[signal] <= changes.std()
