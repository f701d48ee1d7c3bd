"""`hl.strategies.validate`: whether a strategy can be trusted to do what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.data.given import checked_bars
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.class_checks import class_report
from hyprl_lab.research.strategies.classes import is_strategy_class
from hyprl_lab.research.strategies.graph_checks import graph_report
from hyprl_lab.research.strategies.guarded import called
from hyprl_lab.research.strategies.registry import get
from hyprl_lab.research.strategies.report import Report
from hyprl_lab.strategy import builtin
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data.bars import Bars

__all__ = ["validate"]


def validate(
    name_or_strategy: object,
    *,
    params: Mapping[str, float] | None = None,
    bars: Bars | None = None,
) -> Report:
    """Try a strategy on a small sample, and say what is wrong with it and what is odd.

    Errors of a class: it can't be made, its config is malformed, it fails or returns no signals
    with its defaults or at the ends of its ranges, two calls differ, it changes the bars, or its
    signals look ahead, with its defaults or at the ends of its ranges: they differ when later bars
    are cut off, or are others. It is an error too where too few cuts can be evaluated to tell.
    Errors of a graph: it can't be evaluated, the two engines differ, or its conditions and levels
    look ahead.

    Warnings: no entry on the sample (of a graph: no trade), an entry that nothing leaves,
    parameters without a range; of a class a call that takes more than a second, a signal on the
    first bar, a cut at which it fails.

    Parameters
    ----------
    name_or_strategy
        A name of the registry, a strategy class or an object of one, or a graph.
    params
        Values in place of the defaults; of a graph, in place of the usual ones of a built-in
        strategy, or of a tenth into each range.
    bars
        To try it on, in place of `TEST`; see `hyprl_lab.research.strategies.sample`.

    Raises
    ------
    StrategyError
        No strategy has that name, or what is given is no strategy.

    Examples
    --------
    >>> validate("dual_sma")
    dual_sma: ok
    """
    if bars is not None:
        checked_bars(bars)
    found = get(name_or_strategy) if isinstance(name_or_strategy, str) else name_or_strategy
    if isinstance(found, Strategy):
        row = builtin.row(name_or_strategy) if isinstance(name_or_strategy, str) else None
        return graph_report(found, row=row, params=params, bars=bars)
    try:
        a_class = is_strategy_class(found)
    except StrategyError as error:  # its own code fails where its methods are looked up
        return Report(called(found), (str(error),))
    if a_class:
        return class_report(found, params=params, bars=bars)
    raise StrategyError(
        f"found {shown(found)}; expected a name of hl.strategies.list(), a strategy class, or an "
        "hl.Strategy"
    )
