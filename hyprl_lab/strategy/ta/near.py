"""When two numbers are equal but for rounding, as TA-Lib 0.8 sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hyprl_lab.strategy.expression import Expr

__all__ = ["nearly_equal"]

_SHARE: Final = 1e-14


def nearly_equal(a: Expr, b: Expr) -> Expr:
    """Return whether |a - b| <= 1e-14·(|a| + |b|).

    Examples
    --------
    >>> from hyprl_lab.strategy import high, low
    >>> nearly_equal(high, low)
    (absolute((high - low)) <= (1e-14 * (absolute(high) + absolute(low))))
    """
    return abs(a - b) <= _SHARE * (abs(a) + abs(b))
