"""Ways to place a take-profit (`hl.target`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.strategy.levels import Level, atr_level, percent_level, price_level

if TYPE_CHECKING:
    from hyprl_lab.strategy.expression import Expr

__all__ = ["atr", "percent", "price"]


def percent(x: Expr | float) -> Level:
    """Return a take-profit at a fraction of the fill price.

    Parameters
    ----------
    x
        The fraction: 0.05 is 5 %. A number, a parameter or any number expression, read
        at the signal bar; where it is missing or not positive the entry is not taken.

    Raises
    ------
    StrategyError
        `x` is a condition, or a constant that is not above 0.

    Examples
    --------
    >>> percent(0.05)
    Level(side='target', kind='percent', node=0.05)
    """
    return percent_level("target", x)


def atr(window: Expr | int, multiple: Expr | float) -> Level:
    """Return a take-profit at a multiple of the average true range.

    Parameters
    ----------
    window
        Bars of the average true range, a whole number >= 1 or a parameter.
    multiple
        How many of them away from the fill price; a number or a parameter. Where the
        product is missing or not positive at the signal bar the entry is not taken.

    Raises
    ------
    StrategyError
        `window` is no window, or `multiple` is a condition or not above 0.

    Examples
    --------
    >>> atr(14, 3)
    Level(side='target', kind='distance', node=(atr(14) * 3))
    """
    return atr_level("target", window, multiple)


def price(x: Expr | float) -> Level:
    """Return a take-profit at a price.

    Parameters
    ----------
    x
        The level: a number, a parameter or any number expression, read at the signal bar.
        Where it is missing or not positive the entry is not taken, nor where the fill is
        already at or beyond it. Shorts read the same price: choose by `hl.where`.

    Raises
    ------
    StrategyError
        `x` is a condition, or a constant that is not above 0.

    Examples
    --------
    >>> from hyprl_lab.strategy import high, ta
    >>> price(ta.highest(high, 20))
    Level(side='target', kind='price', node=highest(high, 20))
    """
    return price_level("target", x)
