import pytest

from hyprl_lab.report.figures.equity import equity_figure


def test_both_lines_start_with_the_cash_and_end_where_they_ended(long_run):
    strategy, hold = equity_figure(long_run).data
    close = long_run.bars.to_pandas()["close"]
    assert strategy.y[-1] == long_run.equity.iloc[-1]
    assert hold.y[0] == pytest.approx(10_000)
    assert hold.y[-1] == pytest.approx(10_000 * close.iloc[-1] / close.iloc[0])
    assert strategy.x[0] == "2015-01-02"
    assert len(strategy.x) == len(long_run.equity)


def test_axes_carry_units(long_run):
    layout = equity_figure(long_run).layout
    assert layout.xaxis.title.text == "Date (UTC)"
    assert layout.yaxis.title.text == "Equity (account currency)"
