"""Strategies that ship with the lab, a file each: the graph, its idea, and when it loses.

`docs/strategies.md` has them all. None is a recommendation: each is a place to start a search
from, and its validation.
"""

from hyprl_lab.strategy.builtin.adx_trend import adx_trend
from hyprl_lab.strategy.builtin.bollinger_reversion import bollinger_reversion
from hyprl_lab.strategy.builtin.described import BuiltIn
from hyprl_lab.strategy.builtin.donchian_breakout import donchian_breakout
from hyprl_lab.strategy.builtin.dual_sma import dual_sma
from hyprl_lab.strategy.builtin.ema10_scalper import ema10_scalper
from hyprl_lab.strategy.builtin.kama_trend import kama_trend
from hyprl_lab.strategy.builtin.keltner_breakout import keltner_breakout
from hyprl_lab.strategy.builtin.macd_trend import macd_trend
from hyprl_lab.strategy.builtin.roc_momentum import roc_momentum
from hyprl_lab.strategy.builtin.rows import get, names, row
from hyprl_lab.strategy.builtin.rsi_reversion import rsi_reversion
from hyprl_lab.strategy.builtin.session_vwap import session_vwap
from hyprl_lab.strategy.builtin.sma_cross_long_short import sma_cross_long_short
from hyprl_lab.strategy.builtin.supertrend_trend import supertrend_trend

__all__ = [
    "BuiltIn",
    "adx_trend",
    "bollinger_reversion",
    "donchian_breakout",
    "dual_sma",
    "ema10_scalper",
    "get",
    "kama_trend",
    "keltner_breakout",
    "macd_trend",
    "names",
    "roc_momentum",
    "row",
    "rsi_reversion",
    "session_vwap",
    "sma_cross_long_short",
    "supertrend_trend",
]
