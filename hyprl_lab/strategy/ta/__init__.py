"""Technical indicators, by TA-Lib's definitions and seeding; one file a family.

Examples
--------
>>> from hyprl_lab.strategy import close, ta
>>> ta.ema(close, 12) - ta.ema(close, 26)
(ema(close, 12) - ema(close, 26))
"""

from hyprl_lab.strategy.ta.channel import highest, lowest
from hyprl_lab.strategy.ta.momentum import rsi
from hyprl_lab.strategy.ta.rolling import stdev, sum  # noqa: A004  # the field's name
from hyprl_lab.strategy.ta.trend import ema, sma
from hyprl_lab.strategy.ta.volatility import atr

__all__ = ["atr", "ema", "highest", "lowest", "rsi", "sma", "stdev", "sum"]
