"""One price for a whole bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.strategy.prices import close, high, low, open  # noqa: A004  # the field's name

if TYPE_CHECKING:
    from hyprl_lab.strategy.expression import Expr

__all__ = ["average_price", "median_price", "typical_price", "weighted_close"]


def typical_price() -> Expr:
    """Return (high + low + close)/3, TA-Lib's `TA_TYPPRICE`.

    Examples
    --------
    >>> typical_price()
    (((high + low) + close) / 3)
    """
    return (high + low + close) / 3


def median_price() -> Expr:
    """Return (high + low)/2, TA-Lib's `TA_MEDPRICE`.

    Examples
    --------
    >>> median_price()
    ((high + low) / 2)
    """
    return (high + low) / 2


def weighted_close() -> Expr:
    """Return (high + low + 2·close)/4, TA-Lib's `TA_WCLPRICE`.

    Examples
    --------
    >>> weighted_close()
    (((high + low) + (close * 2)) / 4)
    """
    return (high + low + close * 2) / 4


def average_price() -> Expr:
    """Return (high + low + close + open)/4, TA-Lib's `TA_AVGPRICE`.

    Examples
    --------
    >>> average_price()
    ((((high + low) + close) + open) / 4)
    """
    return (high + low + close + open) / 4
