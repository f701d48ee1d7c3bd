import numpy as np
import pandas as pd

from hyprl_lab.report.figures.price import price_figure


def test_every_fill_is_drawn_once_at_its_price(long_run):
    close, longs, shorts, profits, losses = price_figure(long_run).data
    trades = long_run.trades
    assert len(close.x) == len(long_run.equity)
    assert len(longs.x) == (trades["side"] == "long").sum()
    assert len(shorts.x) == (trades["side"] == "short").sum()
    assert len(profits.x) == (trades["pnl"] > 0).sum()
    assert len(profits.x) + len(losses.x) == len(trades)
    np.testing.assert_array_equal(
        np.sort(np.concatenate([longs.y, shorts.y])), np.sort(trades["entry_price"])
    )
    assert profits.text[0].startswith("signal, P&L ")


def test_a_run_without_trades_keeps_its_five_traces(long_run):
    none = long_run.trades.iloc[:0]
    quiet = type(long_run)(long_run.bars, long_run.equity, none, long_run.cash)
    figure = price_figure(quiet)
    assert [len(trace.x) for trace in figure.data[1:]] == [0, 0, 0, 0]


def test_a_name_is_text_and_never_markup(long_run):
    assert price_figure(long_run).layout.title.text.startswith("&lt;DEMO&gt; &amp; co, 1d")


def test_the_period_of_the_run_is_what_is_drawn(long_run):
    later = long_run.equity.iloc[500:]
    part = type(long_run)(long_run.bars, later, long_run.trades.iloc[:0], long_run.cash)
    figure = price_figure(part)
    first = pd.Timestamp(figure.data[0].x[0], tz="UTC")
    assert first == later.index[0]
    assert figure.layout.xaxis.range[0] == figure.data[0].x[0]
