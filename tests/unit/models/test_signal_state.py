from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import AllIn, Execution
from hyprl_lab.models import SignalStates, signal_states
from hyprl_lab.strategy import Strategy, builtin, close, col, stop, ta, target

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


def test_only_the_named_engine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from hyprl_lab.engine import native, reference
    from hyprl_lab.errors import ConfigError

    def silent(_: object) -> None:
        raise AssertionError("the other engine was asked")

    bars = bars_with({"le": [1, 0], "lx": [0, 0], "se": [0, 1], "sx": [0, 0]})
    whole = Execution(whole_units=True)
    with monkeypatch.context() as patch:
        patch.setattr(reference, "simulate", silent)
        native_states = states_of(bars, everything(), engine="native", execution=whole)
        assert native_states.state.tolist() == [1, -1]
    monkeypatch.setattr(native, "simulate", silent)
    assert states_of(bars, everything(), execution=whole).state.tolist() == [1, -1]
    with pytest.raises(ConfigError, match="engine is 'rust'"):
        states_of(bars, everything(), engine="rust")


def test_an_entry_too_small_to_be_made_is_not_wanted() -> None:
    idle = [0, 0, 0]
    bars = bars_with({"le": [1, 1, 1], "lx": idle, "se": idle, "sx": idle})
    whole = Execution(whole_units=True)
    assert states_of(bars, everything(), execution=whole, cash=1.0).state.tolist() == idle
    assert states_of(bars, everything(), execution=whole, cash=99.99).state.tolist() == idle
    assert states_of(bars, everything(), execution=whole, cash=100.0).state.tolist() == [1] * 3
    fee = Execution(fee_per_trade=30.0)
    assert states_of(bars, everything(), execution=fee, cash=30.0).state.tolist() == idle
    assert states_of(bars, everything(), execution=fee, cash=31.0).state.tolist() == [1] * 3


def test_the_size_is_that_at_the_close_whatever_the_next_open_is() -> None:
    idle = [0] * 3
    signals = {"le": [1, 0, 0], "lx": idle, "se": idle, "sx": idle}
    wide = {"high": [130.0] * 3, "low": [70.0] * 3}
    whole = Execution(whole_units=True)
    dearer = bars_with(signals, open=[100.0, 120.0, 100.0], **wide)
    states = states_of(dearer, everything(), execution=whole, cash=110.0)
    assert states.position.tolist() == idle  # no unit at 120
    assert states.state.tolist() == [1, 0, 0]  # one at 100, which is all that was known
    cheaper = bars_with(signals, open=[100.0, 80.0, 100.0], **wide)
    states = states_of(cheaper, everything(), execution=whole, cash=90.0)
    assert states.position.tolist() == [0, 1, 1]
    assert states.state.tolist() == [0, 1, 1]


def test_a_target_touched_by_the_close_is_still_held_and_wanted() -> None:
    idle = [0] * 3
    bars = bars_with(
        {"le": [1, 0, 0], "lx": idle, "se": idle, "sx": idle},
        high=[101.0, 101.0, 110.0],
        close=[100.0, 100.0, 110.0],
    )
    states = states_of(bars, everything(take_profit=target.percent(0.1)))
    assert states.position.tolist() == [0, 1, 1]
    assert states.state.tolist() == [1, 1, 1]


@pytest.mark.parametrize("stopped", [stop.percent(0.03), stop.atr(14, 0.1)])
@pytest.mark.parametrize(
    ("execution", "cash"),
    [
        (Execution(slippage_bps=12.0, fee_bps=1.0), 10_000.0),
        (Execution(whole_units=True), 450.0),
        (Execution(whole_units=True, fee_per_trade=5.0), 300.0),
        (Execution(fee_per_trade=30.0), 200.0),
    ],
)
def test_every_state_is_what_the_bars_up_to_it_alone_give(
    stopped: Any, execution: Execution, cash: float
) -> None:
    bars = load_bars("TEST").take(0, 160)
    fast, slow = ta.sma(close, 3), ta.sma(close, 9)
    strategy = Strategy(
        "s",
        long_entry=fast.crosses_above(slow),
        short_entry=fast.crosses_below(slow),
        stop_loss=stopped,
    )
    options: dict[str, Any] = {"execution": execution, "cash": cash, "engine": "native"}
    whole = states_of(bars, strategy, **options)
    alone = [
        int(states_of(bars.take(0, count), strategy, first=count - 1, **options).state[0])
        for count in range(20, 161)
    ]
    assert alone == whole.state[19:].tolist()
    assert len(set(alone)) > 1
    late = states_of(bars, strategy, first=100, **options)
    assert late.state.tolist() == whole.state[100:].tolist()
    assert late.position.tolist() == whole.position[100:].tolist()
