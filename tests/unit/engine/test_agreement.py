"""Settings that need something of strategy or bars: refused with both names, or let through."""

from __future__ import annotations

from typing import Any

import pytest

from hyprl_lab.engine.agreement import check_agreement, check_graph
from hyprl_lab.engine.config import (
    AllIn,
    Execution,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    RiskPct,
    VolatilityTarget,
)
from hyprl_lab.errors import BarsError, ConfigError, StrategyError
from hyprl_lab.strategy import Strategy, close, col, on, stop, trail

PRICES = ("open", "high", "low", "close")


def check(
    risk: Any = None,
    execution: Any = None,
    *,
    columns: tuple[str, ...] = PRICES,
    bars: int = 100,
    **strategy: Any,
) -> None:
    check_agreement(
        Strategy("mine", long_entry=close > 1, **strategy),
        AllIn() if risk is None else risk,
        Execution() if execution is None else execution,
        columns=columns,
        bars=bars,
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"risk": "all_in"}, r"risk is 'all_in'.*hl\.AllIn.*hl\.KellyFraction"),
        ({"execution": {}}, r"hl\.Execution"),
        ({"risk": RiskPct(0.01)}, "'mine' has none.*stop_loss or a trailing_stop"),
        ({"risk": FixedFraction(1.5)}, "fraction=1.5 is above Execution leverage=1"),
        (
            {"risk": FixedFraction(1), "execution": Execution(leverage=0.5)},
            "fraction=1 is above Execution leverage=0.5",
        ),
        ({"risk": VolatilityTarget(0.1, 100)}, "window=100 needs 101 bars, and there are 100"),
        (
            {"execution": Execution(fill="same_close"), "entry_limit": close * 0.99},
            "same_close.*entry_limit of 'mine'",
        ),
        (
            {"execution": Execution(fill="same_close"), "entry_stop": close * 1.01},
            "same_close.*entry_stop of 'mine'",
        ),
        (
            {"execution": Execution(participation_rate=0.1)},
            r"participation_rate=0\.1 needs a 'volume' column.*\['close', 'high'",
        ),
    ],
)
def test_what_can_not_work_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        check(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"risk": RiskPct(0.01), "stop_loss": stop.percent(0.05)},
        {"risk": RiskPct(0.01), "trailing_stop": trail.percent(0.05)},
        {"risk": FixedFraction(1.5), "execution": Execution(leverage=1.5)},
        {"risk": VolatilityTarget(0.1, 99)},
        {"risk": FixedUnits(1e9)},
        {"risk": KellyFraction(1, 1, 1)},
        {"entry_limit": close * 0.99},
        {"execution": Execution(participation_rate=1), "columns": (*PRICES, "volume")},
    ],
)
def test_what_can_work_is_let_through(settings: dict[str, Any]) -> None:
    check(**settings)


def graph(condition: Any, *, bars: int = 100, timeframe: str = "1d") -> None:
    columns = (*PRICES, "adj_close")
    check_graph(
        Strategy("mine", long_entry=condition), columns=columns, bars=bars, timeframe=timeframe
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Close", r"node 0 \(column\) reads 'Close'; .*mean hl\.col\(\"close\"\).*snake case"),
        ("Adj Close", r"mean hl\.col\(\"adj_close\"\)"),
        ("clsoe", r"mean hl\.col\(\"close\"\)\?$"),
        ("sentiment", r"'open'\]$"),
        ("☃", "snake case"),
    ],
)
def test_a_missing_column_is_named_and_the_likely_one_too(name: str, said: str) -> None:
    with pytest.raises(BarsError, match=said):
        graph(col(name) > 1)


def test_a_longer_timeframe_that_is_none_names_its_node() -> None:
    with pytest.raises(BarsError, match=r"node 1 \(on '1h'\): timeframe '1h' is not longer.*'1d'"):
        graph(on("1h", close) > 1)
    graph(on("1h", close) > 1, timeframe="5m")


def test_a_shift_over_all_bars_names_its_node() -> None:
    graph(close.shift(99) > 1)
    with pytest.raises(StrategyError, match=r"node 1 \(shift\): .* 100 bars.* are 100"):
        graph(close.shift(100) > 1)
