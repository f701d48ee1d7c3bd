from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import (
    AllIn,
    Execution,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    Money,
    Percent,
    RiskPct,
    VolatilityTarget,
)
from hyprl_lab.models import SignalStates, signal_states
from hyprl_lab.strategy import Strategy, builtin, close, col, stop, ta, target, trail

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


def gappy(count: int = 130) -> Bars:
    """Hourly bars around the clock that lack every seventh one, and the last of some days."""
    random = np.random.default_rng(7)
    hours = np.arange(count)
    hours = hours[(hours % 7 != 3) & ~np.isin(hours, (47, 95, 96))]
    value = 100.0 * np.exp(np.cumsum(random.normal(0.0, 0.01, hours.size)))
    first = np.concatenate([[100.0], value[:-1]]) * np.exp(random.normal(0.0, 0.003, hours.size))
    columns = {
        "open": first,
        "high": np.maximum(first, value) * 1.004,
        "low": np.minimum(first, value) * 0.996,
        "close": value,
        "volume": random.integers(0, 50, hours.size).astype(np.float64),
        "funding_rate": random.normal(0.0, 0.001, hours.size),
    }
    return Bars("GAPS", "1h", "24/7", hours * (DAY // 24), columns)


def swing(**more: Any) -> Strategy:
    fast, slow = ta.sma(close, 2), ta.sma(close, 5)
    return Strategy("swing", long_entry=fast > slow, short_entry=fast < slow, **more)


CASES: dict[str, tuple[Strategy, Execution, Any]] = {
    "intraday": (swing(), Execution(intraday=True), AllIn()),
    "cutoff": (
        swing(take_profit=target.percent(0.01)),
        Execution(intraday=True, session_cutoff="20:30", slippage_bps=3),
        AllIn(),
    ),
    "daily limits": (
        swing(),
        Execution(daily_target=Percent(0.01), daily_loss_limit=Money(150), fee_bps=1),
        AllIn(),
    ),
    "time stop": (swing(time_stop=3), Execution(), FixedUnits(10)),
    "entry limit": (swing(entry_limit=close * 0.999), Execution(), AllIn()),
    "entry stop": (
        swing(entry_stop=close * 1.001, stop_loss=stop.percent(0.01)),
        Execution(spread_pct=0.001),
        RiskPct(0.01),
    ),
    "levels by price": (
        swing(stop_loss=stop.price(ta.sma(close, 3)), take_profit=target.percent(0.02)),
        Execution(),
        AllIn(),
    ),
    "lots": (
        swing(trailing_stop=trail.atr(3, 1.0)),
        Execution(lot_size=50, multiplier=2, borrow_cost_bps=500),
        AllIn(),
    ),
    "lots and volatility": (
        swing(),
        Execution(lot_size=110, leverage=2),
        VolatilityTarget(1.0, 5),
    ),
    "kelly": (swing(), Execution(fee_per_trade=2), KellyFraction(0.5, 5, 0.3)),
    "kelly without a fee": (swing(), Execution(), KellyFraction(0.5, 8, 0.3)),
    "kelly and a time stop": (swing(time_stop=4), Execution(), KellyFraction(0.5, 6, 0.3)),
    "one lot": (swing(), Execution(lots=1, multiplier=100, leverage=0.95), AllIn()),
    "slippage and near stops": (
        swing(stop_loss=stop.atr(3, 0.04), trailing_stop=trail.atr(3, 0.025)),
        Execution(slippage_bps=4),
        AllIn(),
    ),
    "participation": (swing(), Execution(participation_rate=0.1), AllIn()),
    "same close by session": (
        swing(time_stop=4),
        Execution(fill="same_close", intraday=True, daily_loss_limit=Percent(0.01)),
        AllIn(),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_by_every_rule_a_state_is_what_the_bars_up_to_it_alone_give(name: str) -> None:
    strategy, execution, risk = CASES[name]
    bars = gappy()
    options: dict[str, Any] = {"execution": execution, "risk": risk, "engine": "python"}
    whole = states_of(bars, strategy, **options)
    alone = [
        int(states_of(bars.take(0, count), strategy, first=count - 1, **options).state[0])
        for count in range(12, len(bars) + 1)
    ]
    assert alone == whole.state[11:].tolist()
    # swing always wants a side; what leaves it flat is the rule of the case
    assert {-1, 1} <= set(alone)
    assert (0 in alone) == (name not in {"time stop", "participation"})


def test_a_position_is_not_wanted_past_the_end_of_its_session() -> None:
    """Held from 01:00 on; at 22:00 the next open is that of the day's last bar."""
    hours = np.arange(26)
    flat = {name: np.full(26, value) for name, value in FLAT.items()}
    bars = Bars("X", "1h", "24/7", hours * (DAY // 24), flat)
    strategy = Strategy("held", long_entry=close > 0)
    for engine in ("python", "native"):
        states = states_of(bars, strategy, execution=Execution(intraday=True), engine=engine)
        assert states.position.tolist() == [0, *[1] * 22, 0, 1, 1]
        assert states.state.tolist() == [*[1] * 22, 0, 1, 1, 1]
    late = states_of(bars, strategy, execution=Execution(intraday=True, fill="same_close"))
    assert late.position.tolist() == [*[1] * 23, 0, 1, 1]
    assert late.state.tolist() == [*[1] * 22, 0, 0, 1, 1]


def test_a_time_stop_closes_at_the_next_open() -> None:
    idle = [0] * 5
    bars = bars_with({"le": [1, 0, 0, 0, 0], "lx": idle, "se": idle, "sx": idle})
    states = states_of(bars, everything(time_stop=2))
    assert states.position.tolist() == [0, 1, 1, 0, 0]
    assert states.state.tolist() == [1, 1, 0, 0, 0]


def test_a_limit_below_the_close_is_not_a_position_yet() -> None:
    """The real bar trades down to it; at the close nobody knew."""
    idle = [0] * 3
    bars = bars_with({"le": [1, 0, 0], "lx": idle, "se": idle, "sx": idle}, low=[99.0, 95.0, 99.0])
    states = states_of(bars, everything(entry_limit=close * 0.97))
    assert states.position.tolist() == [0, 1, 1]
    assert states.state.tolist() == [0, 1, 1]
    marketable = states_of(bars, everything(entry_limit=close * 1.01))
    assert marketable.state.tolist() == [1, 1, 1]


def test_a_side_is_wanted_though_its_volume_is_not_there() -> None:
    idle = [0] * 3
    bars = bars_with({"le": [1, 0, 0], "lx": idle, "se": idle, "sx": idle, "volume": idle})
    states = states_of(bars, everything(), execution=Execution(participation_rate=0.5))
    assert states.state.tolist() == [1, 1, 1]


def reversal(**prices: list[float]) -> Bars:
    """Long from the open of bar 1; the close of bar 1 asks for the short side."""
    idle = [0] * 4
    signals = {"le": [1, 0, 0, 0], "lx": idle, "se": [0, 1, 0, 0], "sx": idle}
    return bars_with(signals, high=[130.0] * 4, low=[70.0] * 4, **prices)


def test_what_a_trade_makes_at_the_next_open_says_nothing_to_kelly_before() -> None:
    """One trade is read: after a gain all is put in, after a loss nothing."""
    risk = KellyFraction(0.5, 1, 0.5)
    lost = reversal(open=[100.0, 100, 90, 90], close=[100.0, 110, 90, 90])
    states = states_of(lost, everything(), risk=risk)
    assert states.position.tolist() == [0, 1, 0, 0]
    assert states.state.tolist() == [1, -1, 0, 0]  # at 110 the long had gained
    gained = reversal(open=[100.0, 100, 110, 110], close=[100.0, 90, 110, 110])
    states = states_of(gained, everything(), risk=risk)
    assert states.position.tolist() == [0, 1, -1, -1]
    assert states.state.tolist() == [1, 0, -1, -1]  # at 90 it had lost


def test_kelly_after_a_time_stop_is_that_at_the_close() -> None:
    idle = [0] * 4
    bars = bars_with(
        {"le": [1, 1, 1, 1], "lx": idle, "se": idle, "sx": idle},
        open=[100.0, 100, 90, 90],
        close=[100.0, 110, 90, 90],
        high=[130.0] * 4,
        low=[70.0] * 4,
    )
    states = states_of(bars, everything(time_stop=1), risk=KellyFraction(0.5, 1, 0.5))
    assert states.position.tolist() == [0, 1, 0, 0]
    assert states.state.tolist() == [1, 1, 0, 0]


def test_what_the_costs_of_a_reversal_leave_is_that_at_the_close() -> None:
    """990.1 units on credit: at 91.2 worth 297 more than the debt, and selling costs 903."""
    options: dict[str, Any] = {
        "risk": FixedFraction(10),
        "execution": Execution(leverage=10, fee_bps=100),
    }
    fallen = reversal(open=[100.0, 100, 91.2, 91.2], close=[100.0, 100, 91.2, 91.2])
    states = states_of(fallen, everything(), **options)
    assert states.position.tolist() == [0, 1, 0, 0]
    assert states.state.tolist() == [1, -1, 0, 0]
    risen = reversal(open=[100.0, 100, 100, 100], close=[100.0, 91.2, 100, 100])
    states = states_of(risen, everything(), **options)
    assert states.position.tolist() == [0, 1, -1, -1]
    assert states.state.tolist() == [1, 0, -1, -1]


def test_ruin_at_the_next_open_is_not_known_at_the_close() -> None:
    """Sold short at the close of bar 0, due out at the open of bar 2, which ruins it."""
    idle = [0] * 4
    bars = bars_with(
        {"le": idle, "lx": idle, "se": [1, 0, 0, 0], "sx": idle},
        open=[100.0, 100, 250, 100],
        high=[101.0, 101, 250, 101],
    )
    states = states_of(bars, everything(time_stop=1), execution=Execution(fill="same_close"))
    assert states.position.tolist() == [-1, -1, 0, 0]
    assert states.state.tolist() == [-1, 0, 0, 0]


def test_entries_are_seen_whatever_funding_costs() -> None:
    """The stop is missing up to bar 3; that of bar 4 is beyond the open of bar 5."""
    idle = [0] * 6
    bars = bars_with(
        {"le": [1] * 6, "lx": idle, "se": idle, "sx": idle, "s": [0, 0, 0, 0, 95, 0]},
        open=[100.0, 100, 100, 100, 100, 94],
        low=[90.0] * 6,
        funding_rate=[0.6] * 6,
    )
    states = states_of(bars, everything(stop_loss=stop.price(col("s"))))
    assert states.position.tolist() == idle
    assert states.state.tolist() == [0, 0, 0, 0, 1, 0]


def test_fixed_lots_need_a_whole_unit() -> None:
    """Without `lot_size` a lot is one unit: 99 buy one at 90, none at 100."""
    idle = [0] * 3
    signals = {"le": [1, 0, 0], "lx": idle, "se": idle, "sx": idle}
    bars = bars_with(signals, open=[100.0, 90, 100], low=[90.0] * 3)
    states = states_of(bars, everything(), execution=Execution(lots=1), cash=99.0)
    assert states.position.tolist() == [0, 1, 1]
    assert states.state.tolist() == [0, 1, 1]


def test_volatility_is_annualised_by_the_periods_given() -> None:
    """Returns of 1 % up and down are 19 % a year of 365, 191 % of 36,500: 1.5 units, or 0.15."""
    idle = [0] * 6
    bars = bars_with(
        {"le": [0, 0, 0, 0, 1, 0], "lx": idle, "se": idle, "sx": idle},
        close=[100.0, 101, 100, 101, 100, 101],
        high=[102.0] * 6,
    )
    options: dict[str, Any] = {
        "risk": VolatilityTarget(0.22, 4),
        "execution": Execution(whole_units=True),
        "cash": 150.0,
    }
    assert states_of(bars, everything(), **options).state.tolist() == [0, 0, 0, 0, 1, 1]
    rarely = states_of(bars, everything(), periods_per_year=365.0, **options)
    assert rarely.state.tolist() == [0, 0, 0, 0, 1, 1]
    often = states_of(bars, everything(), periods_per_year=36_500.0, **options)
    assert often.state.tolist() == idle
