"""Averages, and differences between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import talib

from hyprl_lab.strategy import close, ta
from indicators.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from indicators.row import Numbers

FAST_SLOW: Final[tuple[Numbers, ...]] = ((12, 26), (3, 10), (26, 12), (5, 5), (20, 200))
SIGNALS: Final[tuple[Numbers, ...]] = (
    (12, 26, 9),
    (3, 10, 2),
    (26, 12, 5),
    (5, 5, 3),
    (20, 150, 30),
)
KINDS: Final = {"sma": 0, "ema": 1}
"""TA-Lib's numbers of kinds of averages."""


def average(name: str, warm_up: Callable[[int], int]) -> Row:
    made, called = getattr(ta, name), getattr(talib, name.upper())
    return Row(
        name=name,
        make=lambda n: made(close, n),
        wanted=lambda bars, n: called(bars.close, n),
        warm_up=warm_up,
    )


def macd(place: int, name: str) -> Row:
    def ready(fast: int, slow: int, signal: int) -> int:
        return max(fast, slow) - 1 + signal - 1

    return Row(
        name=f"macd.{name}",
        make=lambda *given: getattr(ta.macd(close, *given), name),
        wanted=lambda bars, *given: talib.MACD(bars.close, *given)[place],
        warm_up=(lambda fast, slow, _: max(fast, slow) - 1) if name == "line" else ready,
        compared=ready,
        numbers=SIGNALS,
        names=("fast", "slow", "signal"),
    )


def price_oscillator(name: str, kind: str) -> Row:
    made, called = getattr(ta, name), getattr(talib, name.upper())
    return Row(
        name=f"{name}[{kind}]",
        make=lambda fast, slow: made(close, fast, slow, kind),
        wanted=lambda bars, fast, slow: called(bars.close, fast, slow, KINDS[kind]),
        warm_up=lambda fast, slow: max(fast, slow) - 1,
        numbers=FAST_SLOW,
        names=("fast", "slow"),
    )


TREND: Final = (
    average("sma", lambda n: n - 1),
    average("ema", lambda n: n - 1),
    average("wma", lambda n: n - 1),
    average("dema", lambda n: 2 * (n - 1)),
    average("tema", lambda n: 3 * (n - 1)),
    average("trima", lambda n: n - 1),
    average("kama", lambda n: n),
    Row(
        name="t3",
        make=lambda n, v: ta.t3(close, n, v),
        wanted=lambda bars, n, v: talib.T3(bars.close, n, v),
        warm_up=lambda n, _: 6 * (n - 1),
        numbers=((5, 0.7), (2, 0.0), (14, 1.0), (50, 0.3), (150, 0.7)),
        names=("window", "vfactor"),
        scalars=frozenset({"vfactor"}),
    ),
)

OSCILLATORS: Final = (
    macd(0, "line"),
    macd(1, "signal"),
    macd(2, "histogram"),
    price_oscillator("apo", "sma"),
    price_oscillator("apo", "ema"),
    price_oscillator("ppo", "sma"),
    price_oscillator("ppo", "ema"),
    Row(
        name="trix",
        make=lambda n: ta.trix(close, n),
        wanted=lambda bars, n: talib.TRIX(bars.close, n),
        warm_up=lambda n: 3 * n - 2,
    ),
)
