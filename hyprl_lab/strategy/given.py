"""What callers hand in where a strategy is wanted."""

from __future__ import annotations

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.expression import Expr
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.wording import shown

__all__ = ["checked_strategy"]


def checked_strategy(strategy: object) -> Strategy:
    """Return a strategy, or say how what was given becomes one.

    Raises
    ------
    StrategyError
        It is something else.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> checked_strategy(dual_sma()).name
    'dual_sma'
    """
    if isinstance(strategy, Strategy):
        return strategy
    if isinstance(strategy, Expr):
        mend = 'a condition becomes one by hl.Strategy("name", long_entry=condition)'
    elif isinstance(strategy, dict):
        mend = "its JSON form becomes one by hl.Strategy.from_json"
    elif isinstance(strategy, str):
        mend = f"a shipped one is what hl.strategies.get({shown(strategy)}) returns"
    elif callable(getattr(strategy, "generate_signals", None)):
        mend = (
            "a strategy class is code, and runs in hl.backtest and hl.runs.submit alone: what "
            "searches, validates, promotes or serves takes data; write it as a graph, such as "
            'hl.Strategy("name", long_entry=hl.close > hl.ta.sma(hl.close, 200))'
        )
    else:
        mend = 'such as hl.Strategy("name", long_entry=hl.close > hl.ta.sma(hl.close, 200))'
    raise StrategyError(f"strategy is {shown(strategy)}; expected an hl.Strategy: {mend}")
