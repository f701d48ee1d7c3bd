import numpy as np
import pytest

from hyprl_lab.report.figures.outcomes import bin_width, outcomes_figure


def test_every_trade_is_counted_on_its_side_of_zero(long_run):
    losses, profits = outcomes_figure(long_run).data
    pnl = long_run.trades["pnl"]
    assert sum(losses.y) == (pnl <= 0).sum()
    assert sum(profits.y) == (pnl > 0).sum()
    assert max(losses.x) < 0 < min(profits.x)


def test_each_trade_lies_inside_its_bin(long_run):
    pnl = long_run.trades["pnl"].to_numpy()
    width = bin_width(pnl)
    for trace in outcomes_figure(long_run).data:
        for middle, count in zip(trace.x, trace.y, strict=True):
            low, high = middle - width / 2, middle + width / 2
            assert ((pnl >= low) & (pnl <= high)).sum() >= count


def test_zero_is_no_profit_and_an_empty_run_is_an_empty_chart(long_run):
    trades = long_run.trades.iloc[:2].assign(pnl=[0.0, 0.0])
    even = type(long_run)(long_run.bars, long_run.equity, trades, long_run.cash)
    losses, profits = outcomes_figure(even).data
    assert (list(losses.y), list(profits.y)) == ([2], [])
    none = type(long_run)(long_run.bars, long_run.equity, trades.iloc[:0], long_run.cash)
    assert [len(trace.y) for trace in outcomes_figure(none).data] == [0, 0]


@pytest.mark.parametrize("reach", [0.003, 1.0, 17.0, 480.0, 1e7])
def test_widths_are_round_and_bins_few(reach):
    pnl = np.array([-reach, reach / 2])
    width = bin_width(pnl)
    assert 12 <= 1.5 * reach / width <= 40
    leading = float(f"{width:.12e}".split("e")[0])
    assert leading in {1.0, 2.0, 5.0}
