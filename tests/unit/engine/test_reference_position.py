"""What a position comes to: prices, money and excursion, from "Trades" of docs/execution.md."""

from __future__ import annotations

from typing import Any

import pytest

from hyprl_lab.engine.reference_levels import Levels
from hyprl_lab.engine.reference_position import Position

FLAT_100 = (100.0, 100.0, 100.0, 100.0)


def position(side: int, scale: float = 1.0) -> Position:
    return Position(
        side=side,
        entry_bar=3,
        moment="open",
        scale=scale,
        levels=Levels(side, None, None, None),
        guarded_from=3,
    )


def test_a_trade_of_several_fills() -> None:
    held = position(-1, scale=10.0)
    held.add(30.0, 100.0, 1.0)
    held.add(70.0, 90.0, 2.0)  # 100 units at 93
    assert held.exposure == -1_000.0
    held.see(100.0, 90.0, 120.0)
    held.reduce(60.0, 95.0, 4.0)
    held.financing = 8.0
    assert held.exposure == -400.0
    held.reduce(40.0, 97.0, 0.0)  # at 95.8
    trade = held.trade(9, "signal")
    assert (trade.entry_bar, trade.exit_bar, trade.side, trade.quantity) == (3, 9, -1, 100.0)
    assert trade.entry_price == pytest.approx(93.0, rel=1e-15)
    assert trade.exit_price == pytest.approx(95.8, rel=1e-15)
    assert (trade.fees, trade.financing) == (7.0, 8.0)
    assert trade.pnl == pytest.approx(-2.8 * 1_000.0 - 7.0 - 8.0, rel=1e-13)
    assert trade.trade_return == pytest.approx(-2_815.0 / 93_000.0, rel=1e-13)
    assert trade.mae == pytest.approx((93.0 - 120.0) / 93.0)
    assert trade.mfe == pytest.approx((93.0 - 90.0) / 93.0)


def excursion(result: Any) -> tuple[float, float]:
    return float(result.trades.mae[0]), float(result.trades.mfe[0])


def test_bars_that_were_passed_show_their_extremes(play: Any) -> None:
    bars = [FLAT_100, (100.0, 105.0, 97.0, 103.0), (104.0, 120.0, 50.0, 100.0)]
    result = play(bars, {"long_entry": [0], "long_exit": [1]})
    assert excursion(result) == pytest.approx((-0.03, 0.05))  # of the last bar only its open
    gapped = [*bars[:2], (106.0, 120.0, 50.0, 100.0)]
    assert excursion(play(gapped, {"long_entry": [0], "long_exit": [1]})) == pytest.approx(
        (-0.03, 0.06)
    )


def test_a_short_sees_the_other_way(play: Any) -> None:
    bars = [FLAT_100, (100.0, 105.0, 97.0, 103.0)]
    assert excursion(play(bars, {"short_entry": [0]})) == pytest.approx((-0.05, 0.03))


@pytest.mark.parametrize(
    ("bar", "mode", "expected"),
    [
        ((100.0, 112.0, 94.0, 96.0), "stop_first", (-0.05, 0.0)),  # the high is not counted
        ((100.0, 112.0, 96.0, 105.0), "stop_first", (-0.04, 0.10)),  # the low before the target is
        ((100.0, 112.0, 92.0, 105.0), "target_first", (0.0, 0.10)),  # here it came after
    ],
)
def test_the_bar_of_an_exit_inside_it(play: Any, bar: Any, mode: str, expected: Any) -> None:
    result = play(
        [FLAT_100, bar],
        {"long_entry": [0]},
        stop=("price", 95.0),
        target=("price", 110.0),
        intrabar=mode,
    )
    assert excursion(result) == pytest.approx(expected, abs=1e-15)


def test_the_bar_of_an_entry_inside_it(play: Any) -> None:
    bars = [FLAT_100, (100.0, 120.0, 95.0, 101.0)]
    kept = play(bars, {"long_entry": [0]}, entry_limit=98.0)
    assert excursion(kept) == pytest.approx((-3.0 / 98.0, 3.0 / 98.0))
    stopped = play(bars, {"long_entry": [0]}, entry_limit=98.0, stop=("price", 96.0))
    assert excursion(stopped) == pytest.approx((-2.0 / 98.0, 0.0))
    short = play([FLAT_100, (100.0, 105.0, 80.0, 99.0)], {"short_entry": [0]}, entry_limit=102.0)
    assert excursion(short) == pytest.approx((-3.0 / 102.0, 3.0 / 102.0))


def test_prices_seen_are_those_of_the_market(play: Any) -> None:
    """Bought at 101 where the market stood still at 100: never at a gain."""
    result = play([FLAT_100, FLAT_100], {"long_entry": [0]}, slippage_bps=100.0)
    assert excursion(result) == pytest.approx((-1.0 / 101.0, -1.0 / 101.0))


def test_an_entry_at_the_close_sees_nothing_of_its_bar(play: Any) -> None:
    bars = [(90.0, 130.0, 80.0, 100.0), (100.0, 104.0, 98.0, 101.0)]
    result = play(bars, {"long_entry": [0]}, fill="same_close")
    assert excursion(result) == pytest.approx((-0.02, 0.04))


def test_ruin_and_the_end_are_seen(play: Any) -> None:
    ruined = play([FLAT_100, FLAT_100, (210.0, 300.0, 50.0, 100.0)], {"short_entry": [0]})
    assert excursion(ruined) == pytest.approx((-1.1, 0.0))
    marked = play([FLAT_100, (100.0, 103.0, 99.0, 102.0)], {"long_entry": [0]}, at_end="mark")
    assert excursion(marked) == pytest.approx((-0.01, 0.03))
