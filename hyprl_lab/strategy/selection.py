"""Choosing between two numbers on each bar."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression

__all__ = ["maximum", "minimum", "where"]


def where(condition: Expr, a: Expr | float, b: Expr | float) -> Expr:
    """Return `a` on the bars where a condition is true and `b` where it is false.

    Missing where the condition is missing, or what was chosen is.

    Parameters
    ----------
    condition
        A condition.
    a, b
        Number expressions or numbers. (Two conditions are chosen between by
        `(condition & a) | (~condition & b)`.)

    Raises
    ------
    StrategyError
        `condition` is a number, or `a` or `b` is a condition.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, high, low, open
    >>> where(close > open, high, low)
    where((close > open), high, low)
    """
    return Expr("where", (expression(condition), expression(a), expression(b)))


def minimum(a: Expr | float, b: Expr | float) -> Expr:
    """Return the smaller of two numbers on each bar; missing if either is missing.

    Parameters
    ----------
    a, b
        Number expressions or numbers.

    Raises
    ------
    StrategyError
        One of them is a condition.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, open
    >>> minimum(open, close)
    minimum(open, close)
    """
    return Expr("minimum", (expression(a), expression(b)))


def maximum(a: Expr | float, b: Expr | float) -> Expr:
    """Return the larger of two numbers on each bar; missing if either is missing.

    Parameters
    ----------
    a, b
        Number expressions or numbers.

    Raises
    ------
    StrategyError
        One of them is a condition.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, open
    >>> maximum(open, close)
    maximum(open, close)
    """
    return Expr("maximum", (expression(a), expression(b)))
