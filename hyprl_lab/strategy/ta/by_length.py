"""Averages over two windows, the shorter one first, as TA-Lib takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.selection import where

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["constant_or_expression", "shorter_first"]


def shorter_first(
    average: Callable[[Expr], Expr], fast: Expr | int, slow: Expr | int
) -> tuple[Expr, Expr]:
    """Return an average over the shorter and one over the longer of two windows.

    Two constants are put in order here; where one is a parameter, its value decides.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> from hyprl_lab.strategy.ta.trend import sma
    >>> shorter_first(lambda window: sma(close, window), 26, 12)
    (sma(close, 12), sma(close, 26))
    """
    first, second = expression(fast), expression(slow)
    one, two = average(first), average(second)
    if first.value is None or second.value is None:
        in_order = first <= second
        return where(in_order, one, two), where(in_order, two, one)
    return (one, two) if first.value <= second.value else (two, one)


def constant_or_expression(value: Expr | float) -> Expr | float:
    """Return the number of a constant and any other expression as it is.

    What is computed from it alone is then a constant, in place of nodes.

    Examples
    --------
    >>> from hyprl_lab.strategy import param
    >>> 100 / constant_or_expression(8), 100 / constant_or_expression(param("n", 2, 9))
    (12.5, (100 / n))
    """
    found = expression(value)
    return found if found.value is None else found.value
