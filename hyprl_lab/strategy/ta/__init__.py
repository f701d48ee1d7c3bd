"""Technical indicators, by TA-Lib's definitions and seeding; one file a family.

`docs/indicators.md` has them all, with formulas, defaults and warm-ups.

Examples
--------
>>> from hyprl_lab.strategy import close, ta
>>> ta.ema(close, 12) - ta.ema(close, 26)
(ema(close, 12) - ema(close, 26))
>>> ta.macd(close).histogram > 0
((macd(close, 12, 26) - ema(macd(close, 12, 26), 9)) > 0)
"""

from hyprl_lab.strategy.ta.channel import (
    Channel,
    donchian,
    highest,
    keltner,
    lowest,
    max,  # noqa: A004  # TA-Lib's name
    midpoint,
    midprice,
    min,  # noqa: A004  # TA-Lib's name
)
from hyprl_lab.strategy.ta.directional import (
    Aroon,
    Supertrend,
    adx,
    aroon,
    dx,
    minus_di,
    plus_di,
    sar,
    supertrend,
)
from hyprl_lab.strategy.ta.momentum import (
    Stochastic,
    bop,
    cci,
    cmo,
    mom,
    roc,
    rocp,
    rsi,
    stoch,
    stochf,
    stochrsi,
    willr,
)
from hyprl_lab.strategy.ta.oscillators import Macd, apo, macd, ppo, trix
from hyprl_lab.strategy.ta.prices import (
    average_price,
    median_price,
    typical_price,
    weighted_close,
)
from hyprl_lab.strategy.ta.regression import (
    beta,
    correl,
    linearreg,
    linearreg_intercept,
    linearreg_slope,
    tsf,
)
from hyprl_lab.strategy.ta.rolling import (
    cumulative_sum,
    lag,
    median,
    quantile,
    rank,
    stddev,
    stdev,
    sum,  # noqa: A004  # the field's name
    sum_since,
    var,
    variance,
    zscore,
)
from hyprl_lab.strategy.ta.trend import dema, ema, kama, sma, t3, tema, trima, wma
from hyprl_lab.strategy.ta.ultosc import ultosc
from hyprl_lab.strategy.ta.volatility import Bands, atr, bbands, natr, trange
from hyprl_lab.strategy.ta.volume import ad, adosc, anchored_vwap, mfi, obv, session_vwap

__all__ = [
    "Aroon",
    "Bands",
    "Channel",
    "Macd",
    "Stochastic",
    "Supertrend",
    "ad",
    "adosc",
    "adx",
    "anchored_vwap",
    "apo",
    "aroon",
    "atr",
    "average_price",
    "bbands",
    "beta",
    "bop",
    "cci",
    "cmo",
    "correl",
    "cumulative_sum",
    "dema",
    "donchian",
    "dx",
    "ema",
    "highest",
    "kama",
    "keltner",
    "lag",
    "linearreg",
    "linearreg_intercept",
    "linearreg_slope",
    "lowest",
    "macd",
    "max",
    "median",
    "median_price",
    "mfi",
    "midpoint",
    "midprice",
    "min",
    "minus_di",
    "mom",
    "natr",
    "obv",
    "plus_di",
    "ppo",
    "quantile",
    "rank",
    "roc",
    "rocp",
    "rsi",
    "sar",
    "session_vwap",
    "sma",
    "stddev",
    "stdev",
    "stoch",
    "stochf",
    "stochrsi",
    "sum",
    "sum_since",
    "supertrend",
    "t3",
    "tema",
    "trange",
    "trima",
    "trix",
    "tsf",
    "typical_price",
    "ultosc",
    "var",
    "variance",
    "weighted_close",
    "willr",
    "wma",
    "zscore",
]
