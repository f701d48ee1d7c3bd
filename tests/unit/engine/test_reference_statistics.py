"""What the twin measures, on accounts worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from hyprl_lab import metrics
from hyprl_lab.engine.reference_statistics import (
    Activity,
    Fill,
    Trade,
    _mix,
    behaviour_hash,
    headline_blocks,
    headline_returns,
    measure,
)
from hyprl_lab.engine.simulation import SimulationInputs

Dictated = Callable[..., SimulationInputs]
FLAT = (1.0, 1.0, 1.0, 1.0)


def trade(entry: int, exit_: int, pnl: float, reason: str = "signal", side: int = 1) -> Trade:
    return Trade(
        entry_bar=entry,
        exit_bar=exit_,
        side=side,
        entry_price=100.0,
        exit_price=100.0 + pnl,
        quantity=1.0,
        pnl=pnl,
        trade_return=pnl / 100.0,
        stop_price=math.nan,
        reason=reason,  # type: ignore[arg-type]
        fees=0.0,
        financing=0.0,
        mae=0.0,
        mfe=0.0,
    )


def test_headline_returns_lie_between_the_points_from_start_on(dictated: Dictated) -> None:
    inputs = dictated([FLAT] * 6, start=1, headline=[0, 1, 3, 5], cash=100.0)
    # equity of bars 1 to 5; the points are bars 1, 3, 5
    found = headline_returns([100.0, 999.0, 110.0, 999.0, 99.0], inputs)
    np.testing.assert_allclose(found.values, [0.1, -0.1], rtol=1e-15)


@pytest.mark.parametrize("headline", [[], [0], [5]])
def test_one_point_makes_no_return(dictated: Dictated, headline: list[int]) -> None:
    inputs = dictated([FLAT] * 6, headline=headline)
    assert len(headline_returns([1.0] * 6, inputs)) == 0


def test_the_oldest_lead_and_16_blocks_share_the_rest(dictated: Dictated) -> None:
    """35 returns are 16 blocks of 2 and the 3 oldest in the leading block."""
    returns = metrics.Returns(np.arange(1.0, 36.0))
    blocks = headline_blocks(returns, Activity(), dictated([FLAT] * 36))
    assert blocks.shape == (17, 6)
    assert blocks[0, :4].tolist() == [6.0, 14.0, 36.0, 98.0]  # 1 2 3 and their powers
    assert blocks[1, :2].tolist() == [9.0, 41.0]  # 4 + 5, 16 + 25
    assert blocks[16, :2].tolist() == [69.0, 34.0**2 + 35.0**2]
    assert blocks[:, 0].sum() == 35 * 36 / 2


def test_fewer_returns_than_blocks_all_lead(dictated: Dictated) -> None:
    blocks = headline_blocks(metrics.Returns([1.0] * 15), Activity(), dictated([FLAT] * 16))
    assert blocks[0, 0] == 15.0
    assert not blocks[1:].any()


def test_trades_and_fills_fall_into_the_block_of_their_return(dictated: Dictated) -> None:
    """16 returns of one bar each: bar b is the end of return b - 1, in block b."""
    done = Activity(
        trades=[trade(1, 3, 5.0), trade(4, 16, 1.0), trade(0, 16, 1.0, "open")],
        fills=[Fill(0, 7.0), Fill(1, 10.0), Fill(3, 20.0), Fill(16, 40.0)],
    )
    blocks = headline_blocks(metrics.Returns([0.0] * 16), done, dictated([FLAT] * 17))
    assert np.flatnonzero(blocks[:, 4]).tolist() == [3, 16]  # an open trade has not ended
    assert blocks[:, 4].sum() == 2.0
    # a fill before the first point belongs to the first return
    assert {int(row): blocks[row, 5] for row in np.flatnonzero(blocks[:, 5])} == {
        1: 17.0,
        3: 20.0,
        16: 40.0,
    }


def test_a_whole_account(dictated: Dictated) -> None:
    inputs = dictated([FLAT] * 5, cash=100.0, years=2.0, periods_per_year=4.0)
    done = Activity(
        equity=[100.0, 120.0, 90.0, 99.0, 110.0],
        worst=[100.0, 115.0, 84.0, 90.0, 99.0],
        trades=[trade(0, 1, 20.0), trade(1, 2, -10.0, "stop_loss"), trade(3, 4, 4.0, "open")],
        fills=[Fill(0, 100.0), Fill(1, 220.0), Fill(2, 90.0)],
        fees_paid=1.5,
        bars_held=3,
    )
    returns = headline_returns(done.equity, inputs)
    np.testing.assert_allclose(returns.values, [0.2, -0.25, 0.1, 1 / 9], rtol=1e-14)
    found = measure(returns, headline_blocks(returns, done, inputs), done, inputs)
    mean, deviation = np.mean(returns.values), np.std(returns.values, ddof=1)
    expected = {
        "total_return": 0.1,
        "cagr": math.sqrt(1.1) - 1.0,
        "annualised_volatility": deviation * 2.0,
        "sharpe_per_period": mean / deviation,
        "sharpe": mean / deviation * 2.0,
        "sortino": mean / math.sqrt(0.25**2 / 4) * 2.0,  # the downside over all four
        "max_drawdown": 0.25,
        "calmar": (math.sqrt(1.1) - 1.0) / 0.25,
        "max_drawdown_bars": 3,
        "max_drawdown_intrabar": 1.0 - 84.0 / 120.0,
        "trades": 2,
        "open_trades": 1,
        "win_rate": 0.5,
        "profit_factor": 2.0,
        "average_trade_return": 0.05,
        "exposure": 0.6,
        "turnover": 410.0 / (519.0 / 5) / 2.0,
        "edge_bps": 10_000 * 14.0 / 410.0,  # the open trade's P&L too
        "pnl_per_10k": 1_000.0,
        "sqn": math.sqrt(2) * 5.0 / np.std([20.0, -10.0], ddof=1),
        "final_equity": 110.0,
        "fees_paid": 1.5,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-12)
    assert set(found) == set(metrics.TRIAL_METRICS)


def test_what_is_undefined_is_nan(dictated: Dictated) -> None:
    inputs = dictated([FLAT] * 3, cash=100.0)
    idle = Activity(equity=[100.0] * 3, worst=[100.0] * 3)
    returns = headline_returns(idle.equity, inputs)
    found = measure(returns, headline_blocks(returns, idle, inputs), idle, inputs)
    undefined = {name for name, value in found.items() if math.isnan(value)}
    assert {"sharpe", "sortino", "calmar", "win_rate", "profit_factor", "edge_bps"} <= undefined
    assert not undefined & {"total_return", "trades", "exposure", "turnover", "final_equity"}


def test_the_mix_is_splitmix64s() -> None:
    """The first numbers of the reference `splitmix64.c` (Vigna, 2015) seeded with 1234567."""
    golden, mask = 0x9E3779B97F4A7C15, 2**64 - 1
    states = [(1234567 + golden * step) & mask for step in (1, 2, 3)]
    assert [_mix(state) for state in states] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_behaviour_is_when_and_how_and_never_at_what_price() -> None:
    one = [trade(1, 3, 5.0), trade(4, 6, -2.0)]
    assert behaviour_hash(one) == behaviour_hash([trade(1, 3, 50.0), trade(4, 6, 7.0)])
    others = [
        one[::-1],
        one[:1],
        [trade(1, 2, 5.0), one[1]],
        [trade(0, 3, 5.0), one[1]],
        [trade(1, 3, 5.0, "stop_loss"), one[1]],
        [trade(1, 3, 5.0, side=-1), one[1]],
    ]
    hashes = {behaviour_hash(trades) for trades in [one, *others]}
    assert len(hashes) == 1 + len(others)
    assert all(0 <= value < 2**64 for value in hashes)


def test_a_code_is_a_place_among_the_reasons() -> None:
    assert [trade(0, 1, 0.0, reason).code for reason in ("signal", "take_profit", "open")] == [
        0,
        2,
        5,
    ]
