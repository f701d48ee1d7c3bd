"""Ways to place a trailing stop (`hl.trail`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.strategy.levels import Level, atr_level, percent_level, price_level

if TYPE_CHECKING:
    from hyprl_lab.strategy.expression import Expr

__all__ = ["atr", "percent", "price"]


def percent(x: Expr | float) -> Level:
    """Return a trailing stop at a fraction from the best price since the entry.

    It ratchets when a bar is complete and is in force from the next one on.

    Parameters
    ----------
    x
        The fraction, below 1: 0.05 is 5 %. A number, a parameter or any number expression, read
        once, at the signal bar; where it is missing or not positive the entry is not taken.

    Raises
    ------
    StrategyError
        `x` is a condition, or a constant that is not between 0 and 1.

    Examples
    --------
    >>> percent(0.05)
    Level(side='trail', kind='percent', node=0.05)
    """
    return percent_level("trail", x)


def atr(window: Expr | int, multiple: Expr | float) -> Level:
    """Return a trailing stop at a multiple of the average true range from the best price.

    Parameters
    ----------
    window
        Bars of the average true range, a whole number >= 1 or a parameter.
    multiple
        How many of them; a number or a parameter. The distance is that of the signal bar;
        where it is missing or not positive the entry is not taken.

    Raises
    ------
    StrategyError
        `window` is no window, or `multiple` is a condition or not above 0.

    Examples
    --------
    >>> atr(14, 3)
    Level(side='trail', kind='distance', node=(atr(14) * 3))
    """
    return atr_level("trail", window, multiple)


def price(x: Expr | float) -> Level:
    """Return a trailing stop at a price that may move in the position's favour alone.

    Parameters
    ----------
    x
        The level: a number, a parameter or any number expression. Read at the signal bar,
        where a missing or not positive one means that the entry is not taken; then at each
        completed bar, where only a better one counts.

    Raises
    ------
    StrategyError
        `x` is a condition, or a constant that is not above 0.

    Examples
    --------
    >>> from hyprl_lab.strategy import low, ta
    >>> price(ta.lowest(low, 20))
    Level(side='trail', kind='price', node=lowest(low, 20))
    """
    return price_level("trail", x)
