"""Strategies that ship with the lab."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.leaves import param
from hyprl_lab.strategy.prices import close
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.ta import sma
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.strategy.expression import Expr

__all__ = ["dual_sma", "get", "names", "sma_cross_long_short"]


def dual_sma() -> Strategy:
    """Return: long while the fast average of closes is above the slow one, else flat.

    Entered and left on the cross. Parameters `fast` (2 to 100 bars) and `slow` (3 to 300).

    Examples
    --------
    >>> dual_sma().warm_up({"fast": 10, "slow": 20})
    20
    """
    fast, slow = _averages()
    return Strategy(
        "dual_sma",
        long_entry=fast.crosses_above(slow),
        long_exit=fast.crosses_below(slow),
    )


def sma_cross_long_short() -> Strategy:
    """Return: long from each cross of the fast average above the slow, short from below.

    Always in the market after the first cross. Parameters `fast` (2 to 100 bars) and
    `slow` (3 to 300).

    Examples
    --------
    >>> list(sma_cross_long_short().parameters)
    ['fast', 'slow']
    """
    fast, slow = _averages()
    return Strategy(
        "sma_cross_long_short",
        long_entry=fast.crosses_above(slow),
        short_entry=fast.crosses_below(slow),
    )


def get(name: str) -> Strategy:
    """Return a built-in strategy by name.

    Raises
    ------
    StrategyError
        No strategy of that name ships with the lab.

    Examples
    --------
    >>> get("dual_sma").name
    'dual_sma'
    """
    if name not in _BUILTIN:
        raise StrategyError(f"no built-in strategy {shown(name)}; there are {names()}")
    return _BUILTIN[name]()


def names() -> list[str]:
    """Return the names of the built-in strategies, sorted.

    Examples
    --------
    >>> names()
    ['dual_sma', 'sma_cross_long_short']
    """
    return sorted(_BUILTIN)


def _averages() -> tuple[Expr, Expr]:
    return sma(close, param("fast", 2, 100)), sma(close, param("slow", 3, 300))


_BUILTIN: Final[Mapping[str, Callable[[], Strategy]]] = MappingProxyType(
    {"dual_sma": dual_sma, "sma_cross_long_short": sma_cross_long_short}
)
