"""The searches that are timed: strategy, space and settings, and what the peer is handed ready.

A case with a `peer` is one that vectorbt can express with the same meaning to the last digit that
matters: signals fill at the close of their own bar, a stop is in force from the next bar on, fills
at the worse of open and level, and the bar that it ends takes no entry. Our RSI and ATR are
Wilder's, vectorbt's are others, so it is handed ours ready: it has less to do, which is in its
favour. Averages and channels it computes itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

import hyprl_lab as hl
from hyprl_lab import kernels
from hyprl_lab.engine import Period, native
from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.config import DEFAULTS
from hyprl_lab.research.space import grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hyprl_lab.data import Bars
    from hyprl_lab.engine import Risk
    from hyprl_lab.types import FloatArray

CLOSES = hl.Execution(fee_bps=10, fill="same_close", at_end="mark")
SLIPPING = hl.Execution(fee_bps=10, slippage_bps=5, fill="same_close", at_end="mark")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One search.

    Parameters
    ----------
    strategy, space, where, execution, risk
        As `hl.supersearch` takes them.
    ready
        Series that the peer is handed, by name; each is a function of the bars.
    peer
        Whether vectorbt can do the same.
    budget
        Nanoseconds per bar, trial and core: without blocks and with them.
    """

    strategy: hl.Strategy
    space: Mapping[str, Iterable[float]]
    where: str | None = None
    execution: hl.Execution = CLOSES
    risk: Risk = DEFAULTS.risk
    ready: Mapping[str, Callable[[Bars], FloatArray]] = field(default_factory=dict)
    peer: bool = True
    budget: tuple[float | None, float] = (None, 3.0)


def cases() -> dict[str, Case]:
    """Return every case by name; each has between four and five thousand trials."""
    return {
        "dual_sma": dual_sma(),
        "rsi_atr_stop": rsi_atr_stop(),
        "donchian": donchian(),
        "three_conditions": three_conditions(),
        "donchian_trailing": donchian_trailing(),
        "sized_trailing": sized_trailing(),
    }


def dual_sma() -> Case:
    """Return 4,851 pairs of averages, long while the fast one is above."""
    fast = hl.ta.sma(hl.close, hl.param("fast", 2, 2_000))
    slow = hl.ta.sma(hl.close, hl.param("slow", 2, 2_000))
    return Case(
        strategy=hl.Strategy(
            "sma_grid", long_entry=fast.crosses_above(slow), long_exit=fast.crosses_below(slow)
        ),
        space={"fast": range(2, 101), "slow": range(2, 101)},
        where="fast < slow",
        budget=(1.0, 2.0),
    )


def rsi_atr_stop() -> Case:
    """Return 4,200 reversions by RSI with a stop of some average true ranges."""
    strength = hl.ta.rsi(hl.close, hl.param("window", 2, 50))
    return Case(
        strategy=hl.Strategy(
            "rsi_atr_stop",
            long_entry=strength < hl.param("buy_below", 1, 50),
            long_exit=strength > hl.param("sell_above", 50, 99),
            stop_loss=hl.stop.atr(14, hl.param("multiple", 0.1, 10.0)),
        ),
        space={
            "window": range(2, 22),
            "buy_below": range(20, 50, 5),
            "sell_above": range(55, 80, 5),
            "multiple": np.arange(1.0, 4.5, 0.5),
        },
        ready={
            "atr": lambda bars: series(bars, hl.ta.atr(14)),
            **{f"rsi_{window}": rsi_of(window) for window in range(2, 22)},
        },
    )


def donchian() -> Case:
    """Return 4,200 breakouts, left through a shorter channel."""
    return Case(
        strategy=hl.Strategy(
            "donchian",
            long_entry=hl.close > hl.ta.highest(hl.high, hl.param("enter", 2, 500)).shift(1),
            long_exit=hl.close < hl.ta.lowest(hl.low, hl.param("leave", 2, 500)).shift(1),
        ),
        space={"enter": range(10, 80), "leave": range(2, 62)},
    )


def three_conditions() -> Case:
    """Return 4,200 entries that need a trend, a longer trend, and an RSI that is not high yet."""
    fast = hl.ta.sma(hl.close, hl.param("fast", 2, 200))
    slow = hl.ta.sma(hl.close, hl.param("slow", 2, 500))
    trend = hl.close > hl.ta.sma(hl.close, hl.param("trend", 2, 500))
    calm = hl.ta.rsi(hl.close, 14) < hl.param("ceiling", 1, 99)
    return Case(
        strategy=hl.Strategy(
            "three_conditions", long_entry=(fast > slow) & trend & calm, long_exit=fast < slow
        ),
        space={
            "fast": range(5, 25),
            "slow": range(30, 100, 10),
            "trend": range(100, 250, 50),
            "ceiling": range(50, 80, 3),
        },
        ready={"rsi_14": rsi_of(14)},
    )


def donchian_trailing() -> Case:
    """Return 4,200 breakouts with slippage, left by a stop that follows the high."""
    return Case(
        strategy=hl.Strategy(
            "donchian_trailing",
            long_entry=hl.close > hl.ta.highest(hl.high, hl.param("enter", 2, 500)).shift(1),
            trailing_stop=hl.trail.percent(hl.param("distance", 0.001, 0.9)),
        ),
        space={"enter": range(10, 80), "distance": np.arange(0.02, 0.14, 0.002)},
        execution=SLIPPING,
        budget=(None, 6.0),
    )


def sized_trailing() -> Case:
    """Return 4,200 reversions by RSI, sized by the risk to a trailing stop of the range.

    vectorbt can't size by the distance to a stop, so there is no peer.
    """
    strength = hl.ta.rsi(hl.close, hl.param("window", 2, 50))
    return Case(
        strategy=hl.Strategy(
            "sized_trailing",
            long_entry=strength < hl.param("buy_below", 1, 50),
            long_exit=strength > hl.param("sell_above", 50, 99),
            trailing_stop=hl.trail.atr(14, hl.param("multiple", 0.1, 10.0)),
        ),
        space={
            "window": range(2, 22),
            "buy_below": range(20, 50, 5),
            "sell_above": range(55, 80, 5),
            "multiple": np.arange(1.0, 4.5, 0.5),
        },
        execution=SLIPPING,
        risk=hl.RiskPct(0.01),
        peer=False,
        budget=(None, 6.0),
    )


def prepared(case: Case, bars: Bars, thinned: int = 1) -> tuple[FloatArray, kernels.Setup]:
    """Return every `thinned`-th point of a case, and what the kernel needs beside bars."""
    points = grid(
        case.strategy, {name: list(axis) for name, axis in case.space.items()}, case.where
    )
    values = np.concatenate([batch.values for batch in points.batches(65_536)])
    values = np.ascontiguousarray(values[::thinned])
    names = sorted(case.strategy.parameters)
    given = inputs(
        bars,
        case.strategy,
        dict(zip(names, values[0].tolist(), strict=True)),
        risk=case.risk,
        execution=case.execution,
        cash=DEFAULTS.cash,
        window=Period().window(bars),
    )
    return values, native.setup(given)


def series(bars: Bars, expression: hl.Expr) -> FloatArray:
    """Return an expression's values over all bars, NaN where missing."""
    return hl.features.matrix(bars, {"one": expression})["one"].to_numpy()


def rsi_of(window: int) -> Callable[[Bars], FloatArray]:
    """Return a function from bars to their RSI."""
    return lambda bars: series(bars, hl.ta.rsi(hl.close, window))
