"""Calm bars, and the sets beside the checkout where they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.calendars import session_hours, sessions_between
from hyprl_lab.data.quality.subject import Subject

SHARED = Path(__file__).parents[5] / "shared" / "data"
MINUTE = 60_000_000


@pytest.fixture
def minutes_of() -> Callable[..., np.ndarray]:
    """The stamps of every bar of a calendar's sessions, from one date to another."""

    def make(first: str, last: str, calendar: str = "XNYS", length: int = 30) -> np.ndarray:
        ends = np.array([first, last], dtype="datetime64[D]").astype(np.int64)
        opens, closes = session_hours(sessions_between(*ends.tolist(), calendar), calendar)
        pairs = zip(opens, closes, strict=True)
        return np.concatenate([np.arange(a, b, length * MINUTE) for a, b in pairs])

    return make


@pytest.fixture
def make_bars() -> Callable[..., Bars]:
    """Bars whose closes wander by 1 % a bar or less, each opening where the last one closed."""

    def make(
        ts: np.ndarray, timeframe: str = "30m", calendar: str = "XNYS", **given: object
    ) -> Bars:
        moves = np.random.default_rng(5).uniform(-0.01, 0.01, len(ts))
        close = 100.0 * np.exp(np.cumsum(moves) - np.linspace(0.0, moves.sum(), len(ts)))
        open_ = np.concatenate([[100.0], close[:-1]])
        columns = {
            "open": open_,
            "high": np.maximum(open_, close) * 1.001,
            "low": np.minimum(open_, close) * 0.999,
            "close": close,
            "volume": np.full(len(ts), 1000.0),
        }
        columns.update(given)  # type: ignore[arg-type]
        return Bars("CALM", timeframe, calendar, ts, columns)

    return make


@pytest.fixture
def flat_days(make_bars: Callable[..., Bars]) -> Callable[..., Bars]:
    """Daily bars around the clock with one price each, given as its logarithm over 100."""

    def make(logs: np.ndarray, **given: np.ndarray) -> Bars:
        close = 100.0 * np.exp(logs)
        columns = {**dict.fromkeys(("open", "high", "low", "close"), close), **given}
        return make_bars(np.arange(len(logs)) * 1_440 * MINUTE, "1d", "24/7", **columns)

    return make


@pytest.fixture
def weekdays() -> np.ndarray:
    """Stamps of 300 weekdays from Monday 7 January 2019."""
    days = np.arange(np.datetime64("2019-01-07"), np.datetime64("2021-01-01"))
    return days[np.is_busday(days)][:300].astype("datetime64[us]").astype(np.int64)


@pytest.fixture
def subject_of() -> Callable[..., Subject]:
    """What checks look at."""

    def make(bars: Bars, calendar: str | None = None) -> Subject:
        return Subject(bars, calendar or bars.calendar, bars.calendar_inferred)

    return make


@pytest.fixture
def shared_file() -> Callable[[str], Path]:
    """Where a real set is, where the folder beside the checkout has it."""

    def find(name: str) -> Path:
        file = SHARED / f"{name}.parquet"
        if not file.exists():
            pytest.skip(f"{name} is not beside the checkout")
        return file

    return find


@pytest.fixture
def shared(shared_file: Callable[[str], Path]) -> Callable[..., Bars]:
    """A real set of bars, where the folder beside the checkout has it."""

    def load(name: str, timeframe: str, *, symbol: str | None = None) -> Bars:
        frame = pd.read_parquet(shared_file(name))
        if symbol is not None:
            frame = frame[frame["symbol"] == symbol].drop(columns="symbol")
        return Bars.from_pandas(
            frame.reset_index(drop=True), symbol=symbol or name, timeframe=timeframe
        )

    return load
