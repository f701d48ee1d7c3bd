"""Volatility, channels, prices and volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import talib

from hyprl_lab.strategy import close, col, ta
from indicators import loops
from indicators.movements import of_bars
from indicators.row import AGREES, CANCELLED, Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.types import FloatArray
    from indicators.sets import RealBars

BANDS: Final = ((20, 2.0), (2, 1.0), (5, 2.5), (50, 0.5), (200, 3.0))
KELTNER: Final = ((20, 10, 2.0), (2, 5, 1.0), (14, 14, 0.5), (200, 50, 3.0))
CHAIKIN: Final = ((3, 10), (10, 3), (2, 200), (5, 5))
NONE: Final = ((),)


def plain(
    name: str, wanted: Callable[[RealBars], FloatArray], *, first: int = 0, **more: Any
) -> Row:
    """An indicator without a number."""
    return Row(
        name=name,
        make=getattr(ta, name),
        wanted=wanted,
        warm_up=lambda: first,
        numbers=NONE,
        names=(),
        **more,
    )


def extreme(name: str, called: Callable[..., FloatArray]) -> Row:
    made = getattr(ta, name)
    return Row(
        name=name,
        make=lambda n: made(close, n),
        wanted=lambda bars, n: called(bars.close, n),
        warm_up=lambda n: n - 1,
    )


def band(line: str, wanted: Callable[..., FloatArray], **more: Any) -> Row:
    return Row(
        name=f"bbands.{line}",
        make=lambda n, deviations: getattr(ta.bbands(close, n, deviations), line),
        wanted=lambda bars, n, deviations: wanted(
            bars.close, *talib.BBANDS(bars.close, n, deviations, deviations, 0)
        ),
        warm_up=lambda n, _: n - 1,
        numbers=BANDS,
        names=("window", "deviations"),
        scalars=frozenset({"deviations"}),
        **more,
    )


def donchian(place: int, line: str) -> Row:
    return Row(
        name=f"donchian.{line}",
        make=lambda n: getattr(ta.donchian(n), line),
        wanted=lambda bars, n: loops.donchian(bars, n)[place],
        warm_up=lambda n: n - 1,
        by="loop",
    )


def keltner(place: int, line: str) -> Row:
    def both(n: int, atr_window: int, _: float) -> int:
        return max(n - 1, atr_window)

    return Row(
        name=f"keltner.{line}",
        make=lambda *given: getattr(ta.keltner(*given), line),
        wanted=lambda bars, *given: loops.keltner(bars, *given)[place],
        warm_up=(lambda n, *_: n - 1) if line == "middle" else both,
        numbers=KELTNER,
        names=("window", "atr_window", "multiple"),
        scalars=frozenset({"multiple"}),
        by="loop",
    )


def _percent(x: FloatArray, upper: FloatArray, _: FloatArray, lower: FloatArray) -> FloatArray:
    wide = upper - lower
    return np.divide(x - lower, wide, out=np.full(len(x), np.nan), where=wide != 0.0)


VOLATILITY: Final = (
    of_bars("atr", lambda n: n),
    of_bars("natr", lambda n: n),
    plain("trange", lambda bars: talib.TRANGE(bars.high, bars.low, bars.close), first=1),
    band("upper", lambda _, upper, middle, lower: upper),
    band("middle", lambda _, upper, middle, lower: middle),
    band("lower", lambda _, upper, middle, lower: lower),
    band("width", lambda _, upper, middle, lower: (upper - lower) / middle),
    band(
        "percent",
        _percent,
        may_be_missing=True,
        tolerance=lambda n, _: CANCELLED if n == 2 else AGREES,
    ),
)

CHANNELS: Final = (
    extreme("highest", talib.MAX),
    extreme("lowest", talib.MIN),
    donchian(0, "upper"),
    donchian(1, "middle"),
    donchian(2, "lower"),
    keltner(0, "upper"),
    keltner(1, "middle"),
    keltner(2, "lower"),
    extreme("midpoint", talib.MIDPOINT),
    Row(
        name="midprice",
        make=ta.midprice,
        wanted=lambda bars, n: talib.MIDPRICE(bars.high, bars.low, n),
        warm_up=lambda n: n - 1,
    ),
)

VOLUME: Final = (
    plain("obv", lambda bars: talib.OBV(bars.close, bars.volume), needs_volume=True),
    plain(
        "ad",
        lambda bars: talib.AD(bars.high, bars.low, bars.close, bars.volume),
        needs_volume=True,
    ),
    Row(
        name="adosc",
        make=ta.adosc,
        wanted=lambda bars, fast, slow: talib.ADOSC(
            bars.high, bars.low, bars.close, bars.volume, fast, slow
        ),
        warm_up=lambda fast, slow: max(fast, slow) - 1,
        numbers=CHAIKIN,
        names=("fast", "slow"),
        needs_volume=True,
        tolerance=lambda *_: CANCELLED,
    ),
    Row(
        name="mfi",
        make=ta.mfi,
        wanted=lambda bars, n: talib.MFI(bars.high, bars.low, bars.close, bars.volume, n),
        warm_up=lambda n: n,
        needs_volume=True,
    ),
    plain(
        "session_vwap",
        lambda bars: loops.vwap_since(bars.bar_of_session == 0, bars),
        by="loop",
        needs_volume=True,
        may_be_missing=True,
    ),
    Row(
        name="anchored_vwap",
        make=lambda: ta.anchored_vwap(col("anchor") == 1),
        wanted=lambda bars: loops.vwap_since(bars.anchor == 1, bars),
        warm_up=lambda: 0,
        compared=lambda: 5,
        numbers=NONE,
        names=(),
        by="loop",
        needs_volume=True,
        may_be_missing=True,
    ),
)

PRICES: Final = (
    plain("typical_price", lambda bars: talib.TYPPRICE(bars.high, bars.low, bars.close)),
    plain("median_price", lambda bars: talib.MEDPRICE(bars.high, bars.low)),
    plain("weighted_close", lambda bars: talib.WCLPRICE(bars.high, bars.low, bars.close)),
    plain("average_price", lambda bars: talib.AVGPRICE(bars.open, bars.high, bars.low, bars.close)),
)
