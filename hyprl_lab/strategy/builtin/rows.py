"""The strategies that ship, by name."""

from __future__ import annotations

import difflib
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.builtin.adx_trend import ROW as ADX_TREND
from hyprl_lab.strategy.builtin.bollinger_reversion import ROW as BOLLINGER_REVERSION
from hyprl_lab.strategy.builtin.donchian_breakout import ROW as DONCHIAN_BREAKOUT
from hyprl_lab.strategy.builtin.dual_sma import ROW as DUAL_SMA
from hyprl_lab.strategy.builtin.ema10_scalper import ROW as EMA10_SCALPER
from hyprl_lab.strategy.builtin.kama_trend import ROW as KAMA_TREND
from hyprl_lab.strategy.builtin.keltner_breakout import ROW as KELTNER_BREAKOUT
from hyprl_lab.strategy.builtin.macd_trend import ROW as MACD_TREND
from hyprl_lab.strategy.builtin.roc_momentum import ROW as ROC_MOMENTUM
from hyprl_lab.strategy.builtin.rsi_reversion import ROW as RSI_REVERSION
from hyprl_lab.strategy.builtin.session_vwap import ROW as SESSION_VWAP
from hyprl_lab.strategy.builtin.sma_cross_long_short import ROW as SMA_CROSS_LONG_SHORT
from hyprl_lab.strategy.builtin.supertrend_trend import ROW as SUPERTREND_TREND
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.strategy.builtin.described import BuiltIn
    from hyprl_lab.strategy.strategy import Strategy

__all__ = ["get", "names", "row"]


def get(name: str) -> Strategy:
    """Return a built-in strategy by name.

    Raises
    ------
    StrategyError
        No strategy of that name ships with the lab.

    Examples
    --------
    >>> get("dual_sma").name
    'dual_sma'
    """
    return row(name).build()


def row(name: str) -> BuiltIn:
    """Return what is known of a built-in strategy.

    Raises
    ------
    StrategyError
        No strategy of that name ships with the lab.

    Examples
    --------
    >>> dict(row("dual_sma").params)
    {'fast': 20, 'slow': 100}
    """
    if name not in _ROWS:
        close = difflib.get_close_matches(str(name), _ROWS, n=1)
        meant = f"did you mean {close[0]!r}? " if close else ""
        raise StrategyError(f"no built-in strategy {shown(name)}; {meant}there are {names()}")
    return _ROWS[name]


def names() -> list[str]:
    """Return the names of the built-in strategies, sorted.

    Examples
    --------
    >>> names()[:3]
    ['adx_trend', 'bollinger_reversion', 'donchian_breakout']
    """
    return sorted(_ROWS)


_ROWS: Final[Mapping[str, BuiltIn]] = MappingProxyType(
    {
        found.name: found
        for found in (
            ADX_TREND,
            BOLLINGER_REVERSION,
            DONCHIAN_BREAKOUT,
            DUAL_SMA,
            EMA10_SCALPER,
            KAMA_TREND,
            KELTNER_BREAKOUT,
            MACD_TREND,
            ROC_MOMENTUM,
            RSI_REVERSION,
            SESSION_VWAP,
            SMA_CROSS_LONG_SHORT,
            SUPERTREND_TREND,
        )
    }
)
