"""Strategies as typed graphs of expressions over bars: built, stored, hashed, explained.

The meaning of every node is in `docs/strategy-graph.md`; nothing here computes on bars.

Examples
--------
>>> from hyprl_lab import strategy as s
>>> s.Strategy("trend", long_entry=s.close > s.ta.sma(s.close, 200), stop_loss=s.stop.percent(0.1))
Strategy('trend', long_entry=(close > sma(close, 200)), stop_loss=stop percent 0.1)
"""

from hyprl_lab.strategy import builtin, stop, ta, target
from hyprl_lab.strategy.expression import Expr, col, column, constant, param
from hyprl_lab.strategy.levels import Level
from hyprl_lab.strategy.parameter import Parameter
from hyprl_lab.strategy.prices import close, high, low, open, volume  # noqa: A004  # the field's
from hyprl_lab.strategy.strategy import Strategy

__all__ = [
    "Expr",
    "Level",
    "Parameter",
    "Strategy",
    "builtin",
    "close",
    "col",
    "column",
    "constant",
    "high",
    "low",
    "open",
    "param",
    "stop",
    "ta",
    "target",
    "volume",
]
