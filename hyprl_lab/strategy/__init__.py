"""Strategies as typed graphs of expressions over bars: built, stored, hashed, explained.

The meaning of every node is in `docs/strategy-graph.md`; nothing here computes on bars.

Examples
--------
>>> from hyprl_lab import strategy as s
>>> s.Strategy("trend", long_entry=s.close > s.ta.sma(s.close, 200), stop_loss=s.stop.percent(0.1))
Strategy('trend', long_entry=(close > sma(close, 200)), stop_loss=stop percent 0.1)
"""

from hyprl_lab.strategy import builtin, stop, ta, target, trail
from hyprl_lab.strategy.clock import bar_of_session, minute_of_day, weekday
from hyprl_lab.strategy.expression import Expr
from hyprl_lab.strategy.leaves import col, column, constant, param
from hyprl_lab.strategy.levels import Level
from hyprl_lab.strategy.longer import on
from hyprl_lab.strategy.parameter import Parameter
from hyprl_lab.strategy.prices import close, high, low, open, volume  # noqa: A004  # the field's
from hyprl_lab.strategy.probability import LogisticModel, probability
from hyprl_lab.strategy.selection import maximum, minimum, where
from hyprl_lab.strategy.strategy import Strategy

__all__ = [
    "Expr",
    "Level",
    "LogisticModel",
    "Parameter",
    "Strategy",
    "bar_of_session",
    "builtin",
    "close",
    "col",
    "column",
    "constant",
    "high",
    "low",
    "maximum",
    "minimum",
    "minute_of_day",
    "on",
    "open",
    "param",
    "probability",
    "stop",
    "ta",
    "target",
    "trail",
    "volume",
    "weekday",
    "where",
]
