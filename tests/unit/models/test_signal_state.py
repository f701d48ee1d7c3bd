from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import AllIn, Execution
from hyprl_lab.models import SignalStates, signal_states
from hyprl_lab.strategy import Strategy, builtin, close, col, stop

DAY = 86_400_000_000
FLAT = {"open": 100.0, "high": 101.0, "low": 99.0, "close": 100.0}


def bars_with(signals: dict[str, list[int]], **prices: list[float]) -> Bars:
    count = len(next(iter(signals.values())))
    columns = {name: np.full(count, value) for name, value in FLAT.items()}
    columns |= {name: np.array(values) for name, values in prices.items()}
    columns |= {name: np.array(values, np.float64) for name, values in signals.items()}
    return Bars("X", "1d", "24/7", np.arange(count) * DAY, columns)


def states_of(bars: Bars, strategy: Strategy, **options: Any) -> SignalStates:
    defaults: dict[str, Any] = {
        "params": {},
        "risk": AllIn(),
        "execution": Execution(),
        "cash": 10_000.0,
        "engine": "python",
    }
    return signal_states(bars, strategy, **(defaults | options))


def everything(**more: Any) -> Strategy:
    return Strategy(
        "everything",
        long_entry=col("le") > 0,
        long_exit=col("lx") > 0,
        short_entry=col("se") > 0,
        short_exit=col("sx") > 0,
        **more,
    )


@pytest.mark.parametrize(
    ("le", "lx", "se", "sx", "state"),
    [
        # from flat: entries, both at once, an entry beaten by its exit
        ([1, 0], [0, 0], [0, 0], [0, 0], [1, 1]),
        ([0, 0], [0, 0], [1, 0], [0, 0], [-1, -1]),
        ([1, 0], [0, 0], [1, 0], [0, 0], [0, 0]),
        ([1, 0], [1, 0], [0, 0], [0, 0], [0, 0]),
        # from long: exit, reversal, both entries leave it alone, a reversal beaten by its exit
        ([1, 0], [0, 1], [0, 0], [0, 0], [1, 0]),
        ([1, 0], [0, 0], [0, 1], [0, 0], [1, -1]),
        ([1, 1], [0, 0], [0, 1], [0, 0], [1, 1]),
        ([1, 0], [0, 0], [0, 1], [0, 1], [1, 1]),
        ([1, 1], [0, 1], [0, 1], [0, 0], [1, 0]),
        # from short
        ([0, 0], [0, 0], [1, 0], [0, 1], [-1, 0]),
        ([0, 1], [0, 0], [1, 0], [0, 0], [-1, 1]),
    ],
)
def test_the_orders_of_one_close(
    le: list[int], lx: list[int], se: list[int], sx: list[int], state: list[int]
) -> None:
    bars = bars_with({"le": le, "lx": lx, "se": se, "sx": sx})
    assert states_of(bars, everything()).state.tolist() == state


def test_position_is_what_is_held_at_the_close() -> None:
    idle = [0] * 5
    bars = bars_with({"le": [1, 0, 0, 0, 0], "lx": [0, 0, 1, 0, 0], "se": idle, "sx": idle})
    states = states_of(bars, everything())
    assert states.position.tolist() == [0, 1, 1, 0, 0]
    assert states.state.tolist() == [1, 1, 0, 0, 0]


def test_a_stop_empties_the_state_on_its_bar() -> None:
    idle = [0] * 4
    bars = bars_with(
        {"le": [1, 0, 0, 0], "lx": idle, "se": idle, "sx": idle}, low=[99.0, 99.0, 90.0, 99.0]
    )
    states = states_of(bars, everything(stop_loss=stop.percent(0.05)))
    assert states.position.tolist() == [0, 1, 0, 0]
    assert states.state.tolist() == [1, 1, 0, 0]


def test_an_entry_without_a_known_stop_is_not_wanted() -> None:
    idle = [0] * 3
    bars = bars_with({"le": [1, 0, 0], "lx": idle, "se": idle, "sx": idle, "d": [-1.0, 1, 1]})
    states = states_of(bars, everything(stop_loss=stop.percent(col("d"))))
    assert states.state.tolist() == [0, 0, 0]


def test_same_close_orders_are_already_filled() -> None:
    idle = [0] * 3
    bars = bars_with({"le": [0, 1, 0], "lx": idle, "se": idle, "sx": idle})
    states = states_of(bars, everything(), execution=Execution(fill="same_close"))
    assert states.position.tolist() == states.state.tolist() == [0, 1, 1]


def test_after_ruin_nothing_is_wanted() -> None:
    idle = [0] * 4
    bars = bars_with(
        {"le": [0, 0, 0, 1], "lx": idle, "se": [1, 0, 0, 0], "sx": idle},
        high=[101.0, 101.0, 260.0, 260.0],
        close=[100.0, 100.0, 250.0, 250.0],
    )
    assert states_of(bars, everything()).state.tolist() == [-1, -1, 0, 0]


@pytest.mark.parametrize("name", ["dual_sma", "sma_cross_long_short"])
def test_a_state_never_changes_when_more_bars_come(name: str) -> None:
    bars = load_bars("TEST")
    options: dict[str, Any] = {"params": {"fast": 5, "slow": 20}}
    whole = states_of(bars, builtin.get(name), **options)
    for count in (40, 133, 257, 499):
        part = states_of(bars.take(0, count), builtin.get(name), **options)
        assert part.state.tolist() == whole.state[:count].tolist()
        assert part.position.tolist() == whole.position[:count].tolist()
    # without stops what is wanted at one close is what is held at the next
    assert whole.position[1:].tolist() == whole.state[:-1].tolist()
    assert set(whole.state.tolist()) == ({0, 1} if name == "dual_sma" else {-1, 0, 1})


def test_at_end_close_does_not_hide_an_open_position() -> None:
    bars = bars_with({"x": [1, 1, 1]})
    strategy = Strategy("held", long_entry=close > 0)
    states = states_of(bars, strategy, execution=Execution(at_end="close"))
    assert states.state.tolist() == [1, 1, 1]


def test_both_engines_agree() -> None:
    bars, options = load_bars("TEST"), {"params": {"fast": 3, "slow": 9}}
    one = states_of(bars, builtin.sma_cross_long_short(), engine="native", **options)
    two = states_of(bars, builtin.sma_cross_long_short(), engine="python", **options)
    assert one.state.tolist() == two.state.tolist()
