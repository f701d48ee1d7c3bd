"""The indicators that are timed, each beside TA-Lib's function of the same meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import hyprl_lab as hl

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.data import Bars

WINDOW = 20


class Timed(NamedTuple):
    """One indicator: ours, and TA-Lib's over the same bars; `None` where TA-Lib has none."""

    expression: hl.Expr
    talib: Callable[[Bars], object] | None


def timed() -> dict[str, Timed]:
    """Return a row an indicator, by name."""
    import talib

    close, n = hl.close, WINDOW
    of_a_series = {
        "sma": talib.SMA, "ema": talib.EMA, "wma": talib.WMA, "dema": talib.DEMA,
        "tema": talib.TEMA, "trima": talib.TRIMA, "kama": talib.KAMA, "rsi": talib.RSI,
        "cmo": talib.CMO, "mom": talib.MOM, "roc": talib.ROC, "highest": talib.MAX,
        "lowest": talib.MIN, "sum": talib.SUM, "stdev": talib.STDDEV, "variance": talib.VAR,
        "linearreg": talib.LINEARREG, "linearreg_slope": talib.LINEARREG_SLOPE,
    }  # fmt: skip
    of_the_bar = {
        "atr": talib.ATR, "natr": talib.NATR, "willr": talib.WILLR, "cci": talib.CCI,
        "plus_di": talib.PLUS_DI, "minus_di": talib.MINUS_DI, "dx": talib.DX, "adx": talib.ADX,
    }  # fmt: skip
    rows = {
        name: Timed(
            getattr(hl.ta, name)(close, n),
            lambda bars, function=function: function(bars.close, timeperiod=n),
        )
        for name, function in of_a_series.items()
    }
    rows |= {
        name: Timed(
            getattr(hl.ta, name)(n),
            lambda bars, function=function: function(bars.high, bars.low, bars.close, timeperiod=n),
        )
        for name, function in of_the_bar.items()
    }
    return rows | {
        "macd": Timed(hl.ta.macd(close).line, lambda bars: talib.MACD(bars.close)),
        "sar": Timed(hl.ta.sar(), lambda bars: talib.SAR(bars.high, bars.low)),
        "aroon": Timed(
            hl.ta.aroon(n).oscillator,
            lambda bars: talib.AROONOSC(bars.high, bars.low, timeperiod=n),
        ),
        "correl": Timed(
            hl.ta.correl(close, hl.open, n),
            lambda bars: talib.CORREL(bars.close, bars.open, timeperiod=n),
        ),
        "beta": Timed(
            hl.ta.beta(close, hl.open, n),
            lambda bars: talib.BETA(bars.close, bars.open, timeperiod=n),
        ),
        "quantile": Timed(hl.ta.quantile(close, n, 0.5), None),
        "rank": Timed(hl.ta.rank(close, n), None),
        "supertrend": Timed(hl.ta.supertrend(n, 3.0).line, None),
    }
