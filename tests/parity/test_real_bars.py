"""The engines agree over real bars: every set in ../shared/data, eight rich strategies each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from engine_cases import assert_agree

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import run
from hyprl_lab.engine.config import (
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
from hyprl_lab.strategy import (
    LogisticModel,
    Strategy,
    bar_of_session,
    close,
    col,
    high,
    low,
    maximum,
    minimum,
    minute_of_day,
    on,
    open,  # noqa: A004 -- the field's name for the column
    param,
    probability,
    stop,
    ta,
    target,
    trail,
    weekday,
    where,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.types import FloatArray

SETS = (
    "btcusd_1d",
    "ethusd_1d",
    "eurusd_1h_ask",
    "eurusd_1h_bid",
    "nifty50_1m_4days",
    "solusd_1d",
    "spy_1d",
    "spy_1h",
    "vix_1d",
)
CUT = 4_000
"""Bars in CI, so that the twin stays quick."""

MOVE = {"1m": 0.03, "1h": 0.2, "1d": 1.0}
"""What levels are scaled by, so that bars of any length reach them."""

LONGER = {"1m": "15m", "1h": "4h", "1d": "1w"}
CALENDARS = {"eurusd_1h_ask": "24/5", "eurusd_1h_bid": "24/5", "nifty50_1m_4days": "24/5"}


def funding(rows: int) -> FloatArray:
    """Rates that change their sign, with gaps."""
    row = np.arange(rows)
    return np.where(row % 11 == 0, np.nan, 1e-4 * np.sin(row / 7.0))


def bars_of(frame: Any, name: str, *, last: int | None = None) -> Bars:
    """Bars of a stored set: rows that no market prints dropped, a funding rate made up."""
    prices = frame[["open", "high", "low", "close"]]
    frame = frame[(prices.max(axis=1) == frame["high"]) & (prices.min(axis=1) == frame["low"])]
    if frame["volume"].isna().any():
        frame = frame.drop(columns="volume")
    frame = frame.select_dtypes(exclude=["object", "str"])
    frame = frame if last is None else frame.tail(last)
    frame = frame.assign(funding_rate=funding(len(frame)))
    timeframe = next(length for length in MOVE if f"_{length}" in name)
    return Bars.from_pandas(
        frame.reset_index(drop=True),
        symbol=name,
        timeframe=timeframe,
        calendar=CALENDARS.get(name),
    )


def battery(bars: Bars) -> dict[str, tuple[Strategy, dict[str, Any]]]:
    """Eight strategies with the settings they are run under."""
    within = bars.timeframe in {"1m", "1h"}
    traded = "volume" in bars.columns and bars.volume.any()
    longer, move = LONGER[bars.timeframe], MOVE[bars.timeframe]
    fast, slow = ta.ema(close, param("fast", 2, 50)), ta.sma(close, param("slow", 10, 200))
    rsi = ta.rsi(close, 6)
    below, above = 1 - 0.002 * move, 1 + 0.002 * move
    tick = 1e-5 * float(bars.close[0])
    breakout = ta.highest(high, 20)
    model = LogisticModel(
        features=(rsi, close / ta.sma(close, 30)),
        coefficients=(-0.05, 20.0),
        intercept=0.1,
        means=(50.0, 1.0),
        scales=(1.0, 0.5),
        trained_until=str(np.datetime64(int(bars.ts[len(bars) // 10]), "us")) + "Z",
    )
    sessions = {
        "intraday": True,
        # India's sessions, which no known calendar has, end before 24/5's do
        "session_cutoff": "09:30" if bars.timeframe == "1m" else None,
        "daily_target": Percent(0.004),
        "daily_loss_limit": Money(40.0),
    }
    shares = {"participation_rate": 1e-5, "unfilled": "carry"} if traded else {}
    calm = ta.stdev(close, 20) / close < ta.sma(ta.stdev(close, 20) / close, 50)
    return {
        "reversing": (
            Strategy(
                "reversing",
                long_entry=fast.crosses_above(slow),
                short_entry=fast.crosses_below(slow),
                long_exit=ta.lowest(low, 10).shift(1) > close,
            ),
            {
                "params": {"fast": 8, "slow": 40},
                "risk": AllIn(),
                "execution": Execution(fee_bps=5, fee_per_trade=1, whole_units=True),
            },
        ),
        "mean reversion": (
            Strategy(
                "mean reversion",
                long_entry=rsi < 30,
                short_entry=rsi > 75,
                long_exit=rsi > 60,
                stop_loss=stop.atr(14, 1.0),
                take_profit=target.percent(0.01 * move),
            ),
            {
                "risk": RiskPct(0.02),
                "execution": Execution(
                    slippage_bps=3, spread_pct=0.0005, leverage=3, intrabar="nearest_first"
                ),
            },
        ),
        "breakout": (
            Strategy(
                "breakout",
                long_entry=breakout > ta.sma(close, 50),
                long_exit=close < ta.lowest(low, 10).shift(1),
                trailing_stop=trail.atr(14, 2.0),
                entry_stop=breakout,
            ),
            {
                "risk": VolatilityTarget(0.15, 30),
                "execution": Execution(fee_bps=2, slippage_bps=2, lot_size=0.01, leverage=2),
            },
        ),
        "limit": (
            Strategy(
                "limit",
                long_entry=close < open,
                short_entry=(close > open) & (rsi > 70),
                entry_limit=where(close < open, close * below, close * above),
                stop_loss=stop.percent(0.02 * move),
                time_stop=5,
            ),
            {
                "risk": FixedUnits(7.5),
                "execution": Execution(tick_size=tick, reenter_same_bar=True, **shares),
            },
        ),
        "longer trend": (
            Strategy(
                "longer trend",
                long_entry=(close > on(longer, ta.sma(close, 5))) & (rsi < 60),
                long_exit=on(longer, close < ta.lowest(low, 3).shift(1)),
                short_entry=close < on(longer, ta.lowest(close, 4)),
                take_profit=target.atr(10, 3.0),
                trailing_stop=trail.price(minimum(low, low.shift(1)) * 0.995),
            ),
            {
                "risk": KellyFraction(0.5, window=10, fallback=0.5),
                "execution": Execution(fee_bps=1, borrow_cost_bps=300, leverage=2),
            },
        ),
        "sessions": (
            Strategy(
                "sessions",
                long_entry=(weekday != 2) & (rsi < 70) & (bar_of_session < 100),
                short_entry=(minute_of_day > 700) & (rsi > 70),
                time_stop=40,
                stop_loss=stop.percent(0.004 * move),
            ),
            {
                "risk": AllIn(),
                "execution": Execution(
                    fee_bps=1, reenter_same_bar=True, **(sessions if within else {})
                ),
            },
        ),
        "probability": (
            Strategy(
                "probability",
                long_entry=(probability(model) > 0.6) & calm,
                long_exit=probability(model).crosses_below(0.5) | (rsi > 80).held_for(2),
                short_entry=(rsi > 85).bars_since() == 3,
                take_profit=target.price(maximum(close, ta.sma(close, 5)) * (1 + 0.01 * move)),
                stop_loss=stop.percent(0.03 * move),
            ),
            {
                "execution": Execution(
                    fill="same_close",
                    intrabar="target_first",
                    at_end="mark",
                    option_delta=0.5,
                    multiplier=10.0,
                    slippage_bps=1,
                ),
            },
        ),
        "ruinous": (
            Strategy(
                "ruinous",
                short_entry=ta.sum(close - open, 3) > 0,
                long_entry=col("funding_rate") < 0,
                trailing_stop=trail.percent(0.15 * move),
                stop_loss=stop.price(low * (1 - 0.1 * move)),
            ),
            {
                "risk": FixedFraction(20),
                "execution": Execution(leverage=20, borrow_cost_bps=100, fee_bps=0.5),
            },
        ),
    }


def assert_battery_agrees(bars: Bars) -> None:
    ended: set[str] = set()
    for name, (strategy, options) in battery(bars).items():
        found = [run(bars, strategy, engine=e, **options) for e in ("native", "python")]
        try:
            assert_agree(found[0].simulation, found[1].simulation)
        except AssertionError as error:
            raise AssertionError(f"{bars.symbol}, {name}: {error}") from error
        ended |= set(found[0].trades["reason"])
    assert ended >= {"signal", "stop_loss", "trailing_stop", "time_stop", "take_profit"}, ended


def test_shipped_bars() -> None:
    bars = load_bars("sp500")
    columns = {**bars.columns, "funding_rate": funding(len(bars))}
    assert_battery_agrees(Bars(bars.symbol, bars.timeframe, bars.calendar, bars.ts, columns))


@pytest.mark.parametrize("name", SETS)
def test_the_end_of_each_set(shared: Path, name: str) -> None:
    import pandas as pd

    assert_battery_agrees(bars_of(pd.read_parquet(shared / f"{name}.parquet"), name, last=CUT))


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", SETS)
def test_each_set_whole(shared: Path, name: str) -> None:
    import pandas as pd

    assert_battery_agrees(bars_of(pd.read_parquet(shared / f"{name}.parquet"), name))


@pytest.mark.parametrize("symbol", ["AAPL", "GE"])
def test_the_end_of_two_of_the_panel(shared: Path, symbol: str) -> None:
    import pandas as pd

    panel = pd.read_parquet(shared / "us_equity_panel_1d.parquet")
    assert_battery_agrees(bars_of(panel[panel["symbol"] == symbol], f"{symbol}_1d", last=CUT))


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_the_panel_whole(shared: Path) -> None:
    import pandas as pd

    panel = pd.read_parquet(shared / "us_equity_panel_1d.parquet")
    symbols = sorted(panel["symbol"].unique())
    assert len(symbols) == 30
    for symbol in symbols:
        assert_battery_agrees(bars_of(panel[panel["symbol"] == symbol], f"{symbol}_1d"))
