from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.errors import InputError
from hyprl_lab.research.null.markets import Markets, session_slots
from hyprl_lab.research.stats import permute_bars

Making: TypeAlias = Callable[..., Bars]


def test_a_market_is_what_permute_bars_gives() -> None:
    bars = load_bars("TEST")
    made = Markets.of(bars, kind="permutation", seed=4, start=100)
    for path in (0, 1, 17):
        expected = permute_bars(bars.columns, seed=4, path=path, start=100)
        found = made.columns(path)
        assert set(found) == set(bars.columns)
        for name, values in found.items():
            assert np.array_equal(values, expected[name], equal_nan=True)
    assert made.block_length is None


def test_intraday_markets_keep_their_sessions(walk_bars: Making) -> None:
    bars = walk_bars(24 * 30, 3, timeframe="1h")
    slots = session_slots(bars)
    assert slots is not None
    assert slots.tolist() == list(range(24)) * 30
    made = Markets.of(bars, kind="permutation", seed=0).columns(5)
    expected = permute_bars(bars.columns, path=5, slots=slots)
    assert np.array_equal(made["close"], expected["close"])
    other = permute_bars(bars.columns, path=5)
    assert not np.array_equal(made["close"], other["close"])


def test_daily_bars_have_no_slots(walk_bars: Making) -> None:
    assert session_slots(walk_bars(20, 1)) is None


@pytest.mark.parametrize("timeframe", ["1d", "1h"])
def test_a_bootstrapped_market_has_moves_of_the_real_one(timeframe: str, walk_bars: Making) -> None:
    bars = walk_bars(480, 6, timeframe=timeframe)
    made = Markets.of(bars, kind="bootstrap", seed=1)
    assert made.block_length is not None
    assert made.block_length >= 1.0
    real = {
        tuple(np.round(move, 9))
        for move in zip(
            bars.open[1:] / bars.close[:-1],
            *(bars.columns[name][1:] / bars.open[1:] for name in ("high", "low", "close")),
            strict=True,
        )
    }
    found = made.columns(0)
    for row in range(1, 480):
        move = (
            found["open"][row] / found["close"][row - 1],
            *(found[name][row] / found["open"][row] for name in ("high", "low", "close")),
        )
        assert tuple(np.round(move, 9)) in real
    assert not np.array_equal(found["close"], made.columns(1)["close"])


def test_a_start_stays_in_both_kinds(walk_bars: Making) -> None:
    bars = walk_bars(240, 2, timeframe="1h")
    for kind in ("permutation", "bootstrap"):
        made = Markets.of(bars, kind=kind, seed=1, start=100).columns(3)  # type: ignore[arg-type]
        for name, values in made.items():
            assert np.array_equal(values[:100], bars.columns[name][:100])
        assert not np.array_equal(made["close"][100:], bars.close[100:])


def test_another_kind_is_refused() -> None:
    with pytest.raises(InputError, match="kind is 'shuffle'; choose 'permutation' or 'bootstrap'"):
        Markets.of(load_bars("TEST"), kind="shuffle", seed=0)  # type: ignore[arg-type]
