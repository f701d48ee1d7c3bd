"""A strategy that hears everything one bar later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.strategy.causality import lags
from hyprl_lab.strategy.document import LEVELS, OUTPUTS
from hyprl_lab.strategy.graph import flatten

if TYPE_CHECKING:
    from hyprl_lab.strategy.expression import Expr
    from hyprl_lab.strategy.strategy import Strategy

__all__ = ["one_bar_later"]

_PRICES: Final = ("entry_limit", "entry_stop")


def one_bar_later(strategy: Strategy) -> Strategy:
    """Return the strategy whose every decision reaches the market one bar after it was made.

    Conditions, and the prices and distances of stops, targets, trails and entry orders, are those
    of the bar before: the same orders, a bar late. What reads no bar (a stop of 5 %, a time stop)
    stays. The engine's own readings (the volatility of a `VolatilityTarget`, the true fill price
    that a stop is measured from) are of the bar on which the order is made.

    Parameters
    ----------
    strategy
        Any.

    Raises
    ------
    StrategyError
        The graph has too many nodes for the shifts that are added.

    Examples
    --------
    >>> from hyprl_lab.strategy import Strategy, close, stop
    >>> one_bar_later(Strategy("x", long_entry=close > 5, stop_loss=stop.percent(0.05)))
    Strategy('x', long_entry=shift((close > 5), 1), stop_loss=stop percent 0.05)
    """
    changed: dict[str, Any] = {}
    for key in OUTPUTS:
        condition = getattr(strategy, key)
        if condition is not None:
            changed[key] = condition.shift(1)
    for key in LEVELS:
        level = getattr(strategy, key)
        if level is not None:
            changed[key] = replace(level, node=_late(level.node))
    for key in _PRICES:
        price = getattr(strategy, key)
        if price is not None:
            changed[key] = _late(price)
    return replace(strategy, **changed)


def _late(number: Expr) -> Expr:
    """Return a number of the bar before; a constant or a parameter is the same on all."""
    graph = flatten({"number": number})
    reads_bars = lags(graph.nodes)[graph.roots["number"]] is not None
    return number.shift(1) if reads_bars else number
