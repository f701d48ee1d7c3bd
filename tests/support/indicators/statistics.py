"""Sums and statistics of a window, regression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import talib

from hyprl_lab.strategy import close, col, high, low, ta, volume
from indicators import loops
from indicators.movements import of_close
from indicators.row import AGREES, CANCELLED, Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.types import FloatArray

QUANTILES: Final = ((2, 0.5), (5, 0.1), (14, 1.0), (50, 0.0), (200, 0.93))


def over_close(name: str, wanted: Callable[..., FloatArray], first: int = 1, **more: Any) -> Row:
    made = getattr(ta, name)
    return Row(
        name=name,
        make=lambda n: made(close, n),
        wanted=lambda bars, n: wanted(bars.close, n),
        warm_up=lambda n: n - first,
        **more,
    )


def pair(name: str, warm_up: Callable[[int], int]) -> Row:
    made, called = getattr(ta, name), getattr(talib, name.upper())
    return Row(
        name=name,
        make=lambda n: made(high, low, n),
        wanted=lambda bars, n: called(bars.high, bars.low, n),
        warm_up=warm_up,
    )


def with_volume(name: str, warm_up: Callable[[int], int]) -> Row:
    made, called = getattr(ta, name), getattr(talib, name.upper())
    return Row(
        name=f"{name}[close, volume]",
        make=lambda n: made(close, volume, n),
        wanted=lambda bars, n: called(bars.close, bars.volume, n),
        warm_up=warm_up,
        needs_volume=True,
    )


REGRESSION: Final = (
    *(
        of_close(name, lambda n: n - 1)
        for name in ("linearreg", "linearreg_slope", "linearreg_intercept", "tsf")
    ),
    pair("correl", lambda n: n - 1),
    with_volume("correl", lambda n: n - 1),
    pair("beta", lambda n: n),
    with_volume("beta", lambda n: n),
)

STATISTICS: Final = (
    over_close("sum", talib.SUM),
    over_close("stdev", talib.STDDEV),
    over_close("variance", talib.VAR),
    over_close("median", loops.median, by="loop"),
    Row(
        name="quantile",
        make=lambda n, q: ta.quantile(close, n, q),
        wanted=lambda bars, n, q: loops.quantile(bars.close, n, q),
        warm_up=lambda n, _: n - 1,
        numbers=QUANTILES,
        names=("window", "q"),
        scalars=frozenset({"q"}),
        by="loop",
    ),
    over_close("rank", loops.rank, by="loop"),
    over_close(
        "zscore",
        loops.zscore,
        by="loop",
        may_be_missing=True,
        tolerance=lambda n: CANCELLED if n == 2 else AGREES,
    ),
    over_close("lag", loops.lag, first=0, by="loop"),
    Row(
        name="cumulative_sum",
        make=lambda: ta.cumulative_sum(close),
        wanted=lambda bars: loops.cumulative_sum(bars.close),
        warm_up=lambda: 0,
        numbers=((),),
        names=(),
        by="loop",
    ),
    Row(
        name="sum_since",
        make=lambda: ta.sum_since(col("anchor") == 1, close),
        wanted=lambda bars: loops.sum_since(bars.anchor == 1, bars.close),
        warm_up=lambda: 0,
        compared=lambda: 5,
        numbers=((),),
        names=(),
        by="loop",
        may_be_missing=True,
    ),
)
