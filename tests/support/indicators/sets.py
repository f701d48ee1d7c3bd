"""Real bars: the two sets that ship with `arch`, and those of ../shared/data where they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.types import FloatArray, IntArray

SHIPPED: Final = ("sp500", "nasdaq")
STORED: Final = (
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
PANEL: Final = "us_equity_panel_1d"

SESSION: Final = 7
"""Bars of a made-up session: on daily bars a real one has one bar."""

ANCHOR: Final = 37
"""Every so many bars the column `anchor` is 1: where anchored sums begin anew."""

PRICES: Final = ("open", "high", "low", "close")


@dataclass(frozen=True, kw_only=True)
class RealBars:
    """Columns of a set, and where its sessions begin."""

    name: str
    ts: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray | None
    bar_of_session: FloatArray

    def __len__(self) -> int:
        return len(self.ts)

    @property
    def anchor(self) -> FloatArray:
        return (np.arange(len(self)) % ANCHOR == 5).astype(np.float64)

    @property
    def columns(self) -> dict[str, FloatArray]:
        found = {name: getattr(self, name) for name in (*PRICES, "anchor")}
        return found if self.volume is None else found | {"volume": self.volume}

    def take(self, first: int, last: int) -> RealBars:
        rows = slice(first, last)
        columns = {name: getattr(self, name)[rows] for name in ("ts", *PRICES, "bar_of_session")}
        volume = None if self.volume is None else self.volume[rows]
        return RealBars(name=self.name, volume=volume, **columns)


@lru_cache(maxsize=4)
def shipped(name: str) -> RealBars:
    """One of the two sets that are always there."""
    from hyprl_lab.data import load_bars

    bars = load_bars(name)
    return _bars(name, bars.ts, dict(bars.columns))


@lru_cache(maxsize=2)
def stored(folder: Path, name: str) -> RealBars:
    """A set of ../shared/data; volume that is missing, or 0 throughout, is left out."""
    import pandas as pd

    return _of_frame(name, pd.read_parquet(folder / f"{name}.parquet"))


def panel(folder: Path) -> list[RealBars]:
    """Every symbol of the panel of shares."""
    import pandas as pd

    frame = pd.read_parquet(folder / f"{PANEL}.parquet")
    return [_of_frame(str(symbol), part) for symbol, part in frame.groupby("symbol")]


def _of_frame(name: str, frame: object) -> RealBars:
    columns = {key: frame[key].to_numpy(np.float64) for key in (*PRICES, "volume")}
    stamps = frame["ts"].to_numpy("datetime64[us]").astype(np.int64)
    if np.isnan(columns["volume"]).any() or not columns["volume"].any():
        del columns["volume"]
    return _bars(name, stamps, columns)


def _bars(name: str, ts: IntArray, columns: dict[str, FloatArray]) -> RealBars:
    """With sessions by the date of the stamp, or of seven bars where that is one bar."""
    row = np.arange(len(ts))
    day = ts // 86_400_000_000
    begins = np.r_[True, day[1:] != day[:-1]]
    if begins.all():
        begins = row % SESSION == 0
    since = row - np.maximum.accumulate(np.where(begins, row, 0))
    prices = {key: np.ascontiguousarray(columns[key]) for key in PRICES}
    volume = columns.get("volume")
    return RealBars(
        name=name, ts=ts, volume=volume, bar_of_session=since.astype(np.float64), **prices
    )
