"""Random bars: gaps, ties, empty volume, sessions with holes, features with missing values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from engine_cases.chooser import Chooser
    from hyprl_lab.types import FloatArray, IntArray

MINUTE: Final = 60_000_000
DAY: Final = 1_440 * MINUTE
NEW_YORK: Final = ZoneInfo("America/New_York")

LONGER: Final = {
    "5m": ("15m", "1h", "1d"),
    "15m": ("30m", "1h", "4h", "1d"),
    "30m": ("1h", "2h", "1d"),
    "1h": ("2h", "4h", "1d", "1w"),
    "1d": ("1w", "2d", "1mo"),
}
"""Timeframes that `on` may name, by that of the bars."""

FLAGS: Final = {"buy": 0.3, "sell": 0.3, "buy_rarely": 0.1, "sell_rarely": 0.1, "leave": 0.08}
"""Columns of zeros and ones by the share of ones: signals made elsewhere."""

_MINUTES: Final = {"5m": 5, "15m": 15, "30m": 30, "1h": 60}
_XNYS_WEEKS: Final = (
    (date(2024, 3, 6), frozenset(), frozenset()),  # the clocks go forward on the 10th
    (date(2023, 11, 1), frozenset(), frozenset()),  # back on the 5th
    (date(2023, 11, 20), frozenset({date(2023, 11, 23)}), frozenset({date(2023, 11, 24)})),
    (date(2024, 7, 1), frozenset({date(2024, 7, 4)}), frozenset({date(2024, 7, 3)})),
)
"""First day, holidays, half days of stretches in which New York's sessions are not all alike."""


@dataclass(frozen=True, kw_only=True)
class Market:
    """Arrays of bars, and the clock they are on."""

    ts: IntArray
    columns: dict[str, FloatArray]
    timeframe: str
    calendar: str

    def __len__(self) -> int:
        return len(self.ts)

    @property
    def intraday(self) -> bool:
        return self.timeframe in _MINUTES

    def head(self, rows: int) -> Market:
        """The first rows, the rest unseen."""
        return Market(
            ts=self.ts[:rows],
            columns={name: values[:rows] for name, values in self.columns.items()},
            timeframe=self.timeframe,
            calendar=self.calendar,
        )


@cache
def _new_york(week: int, minutes: int, *, extended: bool) -> IntArray:
    """Stamps of nine days of New York's sessions."""
    first, holidays, halves = _XNYS_WEEKS[week]
    stamps = []
    for offset in range(9):
        day = first + timedelta(days=offset)
        if day.weekday() >= 5 or day in holidays:
            continue
        opening = time(8, 0) if extended else time(9, 30)
        closing = time(18, 0) if extended else time(13, 0) if day in halves else time(16, 0)
        moment = datetime.combine(day, opening, NEW_YORK).astimezone(UTC)
        end = datetime.combine(day, closing, NEW_YORK).astimezone(UTC)
        while moment < end:
            stamps.append(round(moment.timestamp() * 1e6))
            moment += timedelta(minutes=minutes)
    return np.array(stamps, dtype=np.int64)


@cache
def _weekdays(minutes: int) -> IntArray:
    """Thursday 22:00 to Tuesday, without the hours in which foreign exchange rests."""
    start = 1_704_405_600_000_000  # Thursday 4 January 2024, 22:00
    stamps = start + np.arange(0, 5 * DAY, minutes * MINUTE, dtype=np.int64)
    hours = (stamps - start) // (60 * MINUTE)
    return stamps[(hours < 24) | (hours >= 72)]  # Friday 22:00 to Sunday 22:00 is shut


@cache
def _round_the_clock(minutes: int) -> IntArray:
    return 1_709_236_800_000_000 + np.arange(600, dtype=np.int64) * (minutes * MINUTE)


def _intraday(choose: Chooser, rows: int) -> tuple[IntArray, str, str]:
    calendar = choose.of(("24/7", "24/5", "XNYS"))
    if calendar == "XNYS":
        timeframe = choose.of(("1h", "30m", "15m"))
        extended = choose.chance(25)
        stamps = _new_york(choose.whole(0, 3), _MINUTES[timeframe], extended=extended)
    else:
        timeframe = choose.of(("1h", "30m", "15m", "5m"))
        make = _weekdays if calendar == "24/5" else _round_the_clock
        stamps = make(_MINUTES[timeframe])
    holes = choose.of((0.0, 0.05, 0.25))
    wanted = min(round(rows / (1.0 - holes)), len(stamps))
    start = choose.whole(0, len(stamps) - wanted)
    return _without(choose, stamps[start : start + wanted], holes), timeframe, calendar


def _daily(choose: Chooser, rows: int) -> tuple[IntArray, str, str]:
    calendar = choose.of(("24/7", "24/5", "XNYS"))
    days = np.arange(2 * rows, dtype=np.int64) + choose.of((0, 17_000, 19_700))
    if calendar != "24/7":
        days = days[(days + 3) % 7 < 5]
    stamps = days[:rows] * DAY
    return _without(choose, stamps, choose.of((0.0, 0.0, 0.1))), "1d", calendar


def _without(choose: Chooser, stamps: IntArray, share: float) -> IntArray:
    if share == 0.0:
        return stamps
    kept = np.random.Generator(np.random.PCG64(choose.seed())).random(len(stamps)) >= share
    # Bars whose median gap is not one bar are refused, and so are a few bars that are far apart.
    kept[:4] = True
    kept[-2:] = True
    return stamps[kept]


def market(choose: Chooser, *, intraday: bool, wild: bool = False) -> Market:
    """Bars of one random instrument; prices of a `wild` one may double in a bar."""
    rows = choose.whole(20, 64)
    stamps, timeframe, calendar = (_intraday if intraday else _daily)(choose, rows)
    return Market(
        ts=stamps,
        columns=_columns(choose, len(stamps), wild=wild),
        timeframe=timeframe,
        calendar=calendar,
    )


def _columns(choose: Chooser, rows: int, *, wild: bool) -> dict[str, FloatArray]:
    random = np.random.Generator(np.random.PCG64(choose.seed()))
    step = 0.4 if wild else choose.of((0.02, 0.005, 0.08, 0.4))
    gap = choose.of((0.01, 0.0, 0.05, 0.2))
    wick = choose.of((0.01, 0.0, 0.05))
    tick = choose.of((0.0, 0.5, 1.0, 5.0))
    drift = choose.of((0.0, 0.03, -0.03))
    inside, between = random.normal(drift, step, rows), random.normal(0.0, gap, rows)
    closed = 100.0 * np.exp(np.clip(np.cumsum(inside + between), -6.0, 6.0))
    opened = closed * np.exp(-inside)
    top = np.maximum(opened, closed) * (1.0 + np.abs(random.normal(0.0, wick, rows)))
    bottom = np.minimum(opened, closed) * np.exp(-np.abs(random.normal(0.0, wick, rows)))
    prices = np.stack([opened, top, bottom, closed])
    if tick:  # coarse prices make ties, where rules differ most easily
        prices = np.maximum(np.round(prices / tick) * tick, tick)
    columns = dict(zip(("open", "high", "low", "close"), prices, strict=True))
    if choose.chance(75):
        busy = choose.of((2_000, 200, 20))
        columns["volume"] = np.where(
            random.random(rows) < 0.15, 0.0, np.floor(random.random(rows) * busy)
        )
    if choose.chance(45):
        rates = random.normal(0.0, choose.of((0.001, 0.02)), rows)
        columns["funding_rate"] = np.where(random.random(rows) < 0.3, np.nan, rates)
    columns["feature"] = np.where(
        random.random(rows) < choose.of((0.0, 0.1)), np.nan, random.normal(0.0, 1.0, rows)
    )
    if choose.chance(4):  # sums of it overflow
        columns["feature"] *= 3e307
    for name, share in FLAGS.items():
        columns[name] = (random.random(rows) < share).astype(np.float64)
    return columns
