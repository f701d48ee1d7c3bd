"""Momentum and direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import talib

from hyprl_lab.strategy import close, ta
from indicators import loops
from indicators.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable

STOCH: Final = ((5, 3, 3), (14, 3, 5), (2, 2, 2), (50, 10, 20), (200, 1, 1))
STOCHF: Final = ((5, 3), (14, 5), (2, 2), (50, 20), (200, 1))
STOCHRSI: Final = ((14, 5, 3), (2, 3, 2), (50, 14, 5), (200, 50, 10))
ULTOSC: Final = ((7, 14, 28), (3, 2, 9), (50, 20, 200), (5, 5, 5))
SAR: Final = ((0.02, 0.2), (0.01, 0.5), (0.3, 0.1), (1.0, 2.0))
SUPERTREND: Final = ((10, 3.0), (2, 1.0), (7, 0.5), (50, 2.0), (200, 3.0))


def of_close(name: str, warm_up: Callable[[int], int]) -> Row:
    made, called = getattr(ta, name), getattr(talib, name.upper())
    return Row(
        name=name,
        make=lambda n: made(close, n),
        wanted=lambda bars, n: called(bars.close, n),
        warm_up=warm_up,
    )


def of_bars(name: str, warm_up: Callable[[int], int]) -> Row:
    called = getattr(talib, name.upper())
    return Row(
        name=name,
        make=getattr(ta, name),
        wanted=lambda bars, n: called(bars.high, bars.low, bars.close, n),
        warm_up=warm_up,
    )


def of_extremes(name: str, wanted: Callable[..., Any]) -> Row:
    return Row(
        name=f"aroon.{name}",
        make=lambda n: getattr(ta.aroon(n), name),
        wanted=lambda bars, n: wanted(bars.high, bars.low, n),
        warm_up=lambda n: n,
    )


def stochastic(
    function: str,
    place: int,
    wanted: Callable[..., Any],
    firsts: tuple[Callable[..., int], Callable[..., int]],
    numbers: tuple[tuple[int, ...], ...],
    names: tuple[str, ...],
) -> Row:
    """TA-Lib shows k only from where d begins."""
    line = "kd"[place]
    x = (close,) if function == "stochrsi" else ()
    return Row(
        name=f"{function}.{line}",
        make=lambda *given: getattr(getattr(ta, function)(*x, *given), line),
        wanted=lambda bars, *given: wanted(bars, *given)[place],
        warm_up=firsts[place],
        compared=firsts[1],
        numbers=numbers,
        names=names,
    )


def supertrend(place: int, line: str) -> Row:
    return Row(
        name=f"supertrend.{line}",
        make=lambda n, multiple: getattr(ta.supertrend(n, multiple), line),
        wanted=lambda bars, n, multiple: loops.supertrend(bars, n, multiple)[place],
        warm_up=lambda n, _: n,
        numbers=SUPERTREND,
        names=("window", "multiple"),
        scalars=frozenset({"multiple"}),
        by="loop",
    )


DIRECTION: Final = (
    of_bars("plus_di", lambda n: n),
    of_bars("minus_di", lambda n: n),
    of_bars("dx", lambda n: n),
    of_bars("adx", lambda n: 2 * n - 1),
    of_extremes("up", lambda high, low, n: talib.AROON(high, low, n)[1]),
    of_extremes("down", lambda high, low, n: talib.AROON(high, low, n)[0]),
    of_extremes("oscillator", talib.AROONOSC),
    Row(
        name="sar",
        make=ta.sar,
        wanted=lambda bars, acceleration, maximum: talib.SAR(
            bars.high, bars.low, acceleration, maximum
        ),
        warm_up=lambda *_: 1,
        numbers=SAR,
        names=("acceleration", "maximum"),
        scalars=frozenset({"acceleration", "maximum"}),
    ),
    supertrend(0, "line"),
    supertrend(1, "direction"),
)

_STOCH = (
    lambda fastk, slowk, slowd: fastk + slowk - 2,
    lambda fastk, slowk, slowd: fastk + slowk + slowd - 3,
)
_STOCHF = (lambda fastk, fastd: fastk - 1, lambda fastk, fastd: fastk + fastd - 2)
_STOCHRSI = (lambda n, fastk, fastd: n + fastk - 1, lambda n, fastk, fastd: n + fastk + fastd - 2)

MOMENTUM: Final = (
    of_close("rsi", lambda n: n),
    *(
        stochastic(
            "stoch",
            place,
            lambda bars, fastk, slowk, slowd: talib.STOCH(
                bars.high, bars.low, bars.close, fastk, slowk, 0, slowd, 0
            ),
            _STOCH,
            STOCH,
            ("fastk", "slowk", "slowd"),
        )
        for place in (0, 1)
    ),
    *(
        stochastic(
            "stochf",
            place,
            lambda bars, fastk, fastd: talib.STOCHF(
                bars.high, bars.low, bars.close, fastk, fastd, 0
            ),
            _STOCHF,
            STOCHF,
            ("fastk", "fastd"),
        )
        for place in (0, 1)
    ),
    *(
        stochastic(
            "stochrsi",
            place,
            lambda bars, n, fastk, fastd: talib.STOCHRSI(bars.close, n, fastk, fastd, 0),
            _STOCHRSI,
            STOCHRSI,
            ("window", "fastk", "fastd"),
        )
        for place in (0, 1)
    ),
    of_bars("willr", lambda n: n - 1),
    of_bars("cci", lambda n: n - 1),
    of_close("cmo", lambda n: n),
    Row(
        name="ultosc",
        make=ta.ultosc,
        wanted=lambda bars, *given: talib.ULTOSC(bars.high, bars.low, bars.close, *given),
        warm_up=max,
        numbers=ULTOSC,
        names=("short", "middle", "long"),
    ),
    of_close("roc", lambda n: n),
    of_close("rocp", lambda n: n),
    of_close("mom", lambda n: n),
    Row(
        name="bop",
        make=ta.bop,
        wanted=lambda bars: talib.BOP(bars.open, bars.high, bars.low, bars.close),
        warm_up=lambda: 0,
        numbers=((),),
        names=(),
    ),
)
