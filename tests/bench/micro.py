"""Micro-timings of the native engine: what a risk model, a cost or an indicator adds to a run.

Each is the median of rounds in turn with its base, so a ratio holds when the machine's speed
drifts; the answers of base and variant are checked to differ where they should.
"""

from __future__ import annotations

import statistics
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
from indicators import timed  # the script's own folder comes first on the path

import hyprl_lab as hl
from hyprl_lab import kernels
from hyprl_lab.engine import Period, native
from hyprl_lab.engine.backtest import inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.data import Bars
    from hyprl_lab.engine import Risk

BARS = 200_000
ROUNDS = 31
RISKS: dict[str, Risk] = {
    "all_in": hl.AllIn(),
    "fixed_fraction": hl.FixedFraction(0.5),
    "fixed_units": hl.FixedUnits(10.0),
    "risk_pct": hl.RiskPct(0.02),
    "volatility_target": hl.VolatilityTarget(0.2, 20),
    "kelly_fraction": hl.KellyFraction(0.5, 20, fallback=0.1),
}
SLIPPAGES = {
    "none": hl.Execution(),
    "bps": hl.Execution(slippage_bps=5),
    "spread": hl.Execution(spread_pct=0.001),
    "participation": hl.Execution(participation_rate=0.1),
}


def timings() -> dict[str, dict[str, float | str]]:
    """Return a row for each risk model, slippage model and indicator."""
    bars = walk(BARS)
    fast, slow = hl.ta.sma(hl.close, 10), hl.ta.sma(hl.close, 30)
    stopped = hl.Strategy(
        "stopped",
        long_entry=fast.crosses_above(slow),
        long_exit=fast.crosses_below(slow),
        stop_loss=hl.stop.percent(0.02),
    )
    rows: dict[str, dict[str, float | str]] = {}
    base = prepared(bars, stopped)
    for name, risk in RISKS.items():
        rows[f"risk:{name}"] = compared(
            prepared(bars, stopped, risk=risk), base, "risk:all_in", len(bars)
        )
    for name, execution in SLIPPAGES.items():
        rows[f"slippage:{name}"] = compared(
            prepared(bars, stopped, execution=execution), base, "slippage:none", len(bars)
        )
    never = hl.close < 0.0  # no trades: what differs is the indicator's evaluation
    plain = prepared(bars, hl.Strategy("plain", long_entry=(hl.close > hl.open) & never))
    for name, one in timed().items():
        variant = prepared(bars, hl.Strategy(name, long_entry=(hl.close > one.expression) & never))
        rows[f"indicator:{name}"] = indicator_row(variant, plain, one.talib, bars)
    return rows


def indicator_row(
    variant: Callable[[], object],
    base: Callable[[], object],
    talib: Callable[[Bars], object] | None,
    bars: Bars,
) -> dict[str, float | str]:
    """Return what an indicator adds to a run, beside TA-Lib's time for the same series."""
    work = {"base": base, "variant": variant}
    if talib is not None:
        work["talib"] = lambda: talib(bars)
    times = rounds(work, ROUNDS)
    added = [one - other for one, other in zip(times["variant"], times["base"], strict=True)]
    ours = statistics.median(added)
    row: dict[str, float | str] = {"ns_per_bar_added": 1e9 * ours / len(bars)}
    if talib is None:
        return row | {"compared_with": "nothing: TA-Lib has no such function"}
    theirs = statistics.median(times["talib"])
    return row | {
        "ns_per_bar_talib": 1e9 * theirs / len(bars),
        "ratio_median": ours / theirs,
        "compared_with": "TA-Lib through its Python wrapper, all its outputs; "
        "ours adds a comparison",
    }


def single_backtests() -> dict[str, dict[str, float | str]]:
    """Return the budgets of one backtest: 5,000 bars from Python, 10 million bars, a cancel."""
    rows: dict[str, dict[str, float | str]] = {}
    strategy = hl.strategy.builtin.dual_sma()
    params = {"fast": 10, "slow": 30}
    short = hl.load_bars("sp500").take(0, 5_000)
    times = rounds({"one": lambda: hl.backtest(short, strategy, params=params)}, 200)["one"]
    rows["backtest:5_000_bars"] = {
        "milliseconds_median": 1e3 * statistics.median(times),
        "compared_with": "a budget of 1 ms",
    }
    long = walk(10_000_000)
    long.fingerprint  # noqa: B018  # known beforehand: it is the bars', not the run's
    hl.backtest(long, strategy, params=params)
    times = rounds({"one": lambda: hl.backtest(long, strategy, params=params)}, 7)["one"]
    rows["backtest:10_000_000_bars"] = {
        "milliseconds_median": 1e3 * statistics.median(times),
        "compared_with": "a budget of 200 ms",
    }
    hours = hl.on("1h", hl.ta.sma(hl.close, 10) > hl.ta.sma(hl.close, 30))
    hourly = hl.Strategy("hourly", long_entry=hours, long_exit=~hours)
    for name, one, given in (("", strategy, params), ("_with_on", hourly, {})):
        rows[f"backtest:cancel_10_000_000_bars{name}"] = {
            "milliseconds_largest": 1e3 * max(cancelled(long, one, given, at) for at in STOPS),
            "compared_with": "a budget of 100 ms",
        }
    return rows


STOPS = (0.005, 0.02, 0.05, 0.08, 0.11, 0.15, 0.2, 0.3)
"""Seconds after the start at which a run is cancelled."""


def cancelled(bars: Bars, strategy: hl.Strategy, params: dict[str, int], after: float) -> float:
    """Return how long a run went on after its token was set; 0 where it had ended before."""
    token = threading.Event()
    moment: list[float] = []

    def stop() -> None:
        moment.append(time.perf_counter())
        token.set()

    timer = threading.Timer(after, stop)
    timer.start()
    try:
        hl.backtest(bars, strategy, params=params, cancel=token)
    except hl.errors.CancelledError:
        return time.perf_counter() - moment[0]
    timer.cancel()
    return 0.0


def walk(rows: int) -> Bars:
    """Return a random walk in one-minute bars."""
    from hyprl_lab.data import Bars

    random = np.random.Generator(np.random.PCG64(7))
    close = 100.0 * np.exp(np.cumsum(random.normal(0.0, 1e-3, rows)))
    opened = np.concatenate([[100.0], close[:-1]])
    spread = np.abs(random.normal(0.0, 5e-4, rows))
    return Bars.from_arrays(
        np.arange(rows, dtype=np.int64) * 60_000_000,
        {
            "open": opened,
            "high": np.maximum(opened, close) * (1.0 + spread),
            "low": np.minimum(opened, close) * (1.0 - spread),
            "close": close,
            "volume": random.integers(1, 1_000, rows).astype(np.float64),
        },
        symbol="WALK",
        timeframe="1m",
        calendar="24/7",
    )


def prepared(
    bars: Bars,
    strategy: hl.Strategy,
    risk: Risk | None = None,
    execution: hl.Execution | None = None,
) -> Callable[[], kernels.BacktestArrays]:
    """Return a native run with everything but the engine done beforehand."""
    ready = inputs(
        bars,
        strategy,
        {},
        risk=risk or hl.AllIn(),
        execution=execution or hl.Execution(),
        cash=10_000.0,
        window=Period().window(bars),
    )
    setup = native.setup(ready)
    return lambda: kernels.backtest(ready.columns, setup, [])


def compared(
    variant: Callable[[], object], base: Callable[[], object], what: str, bars: int
) -> dict[str, float | str]:
    """Return the variant's time, and its ratio to the base's, round by round in turn."""
    times = rounds({"base": base, "variant": variant}, ROUNDS)
    pairs = zip(times["variant"], times["base"], strict=True)
    return {
        "ns_per_bar": 1e9 * statistics.median(times["variant"]) / bars,
        "ratio_median": statistics.median(one / other for one, other in pairs),
        "compared_with": what,
    }


def rounds(work: dict[str, Callable[[], object]], count: int) -> dict[str, list[float]]:
    """Return seconds of each piece of work, all in turn, after one that isn't counted."""
    for one in work.values():
        one()
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(count):
        for name, one in work.items():
            started = time.perf_counter()
            kept = one()
            seconds[name].append(time.perf_counter() - started)
            del kept  # giving its memory back is no part of the work
    return seconds
