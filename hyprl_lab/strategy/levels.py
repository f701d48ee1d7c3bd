"""Where a position leaves by price: a stop, a target or a trailing stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.ta import atr
from hyprl_lab.strategy.wording import shown

__all__ = [
    "LEVEL_KINDS",
    "Level",
    "LevelKind",
    "LevelSide",
    "atr_level",
    "percent_level",
    "price_level",
]

LevelKind: TypeAlias = Literal["percent", "distance", "price"]
LevelSide: TypeAlias = Literal["stop", "target", "trail"]
LEVEL_KINDS: Final[tuple[LevelKind, ...]] = ("percent", "distance", "price")
_SIDES: Final[tuple[LevelSide, ...]] = ("stop", "target", "trail")


@dataclass(frozen=True, eq=False, slots=True)
class Level:
    """A price level, read at the signal bar and, but for a price, anchored to the fill.

    Made by `hl.stop`, `hl.target` and `hl.trail`. An entry whose level is missing or not positive
    at the signal bar is not taken.

    Parameters
    ----------
    side
        `"stop"` (it loses), `"target"` (it gains) or `"trail"` (a stop that follows).
    kind
        `"percent"`: a fraction of the fill price, 0.05 for 5 %; `"distance"`: in price, away
        from it; `"price"`: the level itself.
    node
        A number expression.

    Raises
    ------
    StrategyError
        The node is a condition, or a constant that can't be a level.

    Examples
    --------
    >>> from hyprl_lab.strategy import stop
    >>> stop.atr(14, 2)
    Level(side='stop', kind='distance', node=(atr(14) * 2))
    """

    side: LevelSide
    kind: LevelKind
    node: Expr

    def __post_init__(self) -> None:
        if self.side not in _SIDES or self.kind not in LEVEL_KINDS:
            raise StrategyError(
                f"level {self.side!r} {self.kind!r}: expected a {' or '.join(_SIDES)}, "
                f"of kind {' or '.join(LEVEL_KINDS)}"
            )
        where = f"{self.side}.{self.kind}"
        if not isinstance(self.node, Expr) or self.node.kind != "number":
            raise StrategyError(f"{where}: found {shown(self.node)}; expected a number expression")
        value = self.node.value
        if value is not None and value <= 0:
            raise StrategyError(f"{where}: found {value:g}; expected a number above 0")
        if value is not None and self.kind == "percent" and self.side != "target" and value >= 1:
            raise StrategyError(
                f"{where}: found {value:g}; expected a fraction below 1, as in 0.05 for 5 %"
            )


def percent_level(side: LevelSide, x: Expr | float) -> Level:
    """Return a level at a fraction of the fill price: what stop, target and trail share.

    Parameters
    ----------
    side
        `"stop"`, `"target"` or `"trail"`.
    x
        The fraction, as a number, a parameter or any number expression.

    Raises
    ------
    StrategyError
        `x` is a condition, or a constant that can't be a level.

    Examples
    --------
    >>> percent_level("target", 0.05)
    Level(side='target', kind='percent', node=0.05)
    """
    return Level(side, "percent", expression(x))


def atr_level(side: LevelSide, window: Expr | int, multiple: Expr | float) -> Level:
    """Return a level at a multiple of the average true range from the fill price.

    Parameters
    ----------
    side
        `"stop"`, `"target"` or `"trail"`.
    window
        Bars of the average true range, a whole number >= 1 or a parameter.
    multiple
        How many of them; a number or a parameter.

    Raises
    ------
    StrategyError
        `window` is no window, or `multiple` is a condition or not above 0.

    Examples
    --------
    >>> atr_level("stop", 14, 3)
    Level(side='stop', kind='distance', node=(atr(14) * 3))
    """
    factor = expression(multiple)
    if factor.value is not None and factor.value <= 0:
        raise StrategyError(f"{side}.atr: multiple is {factor.value:g}; expected a number above 0")
    return Level(side, "distance", atr(window) * factor)


def price_level(side: LevelSide, x: Expr | float) -> Level:
    """Return a level that is a price itself.

    Parameters
    ----------
    side
        `"stop"`, `"target"` or `"trail"`.
    x
        The price, as a number, a parameter or any number expression.

    Raises
    ------
    StrategyError
        `x` is a condition, or a constant that is not above 0.

    Examples
    --------
    >>> from hyprl_lab.strategy import low
    >>> price_level("stop", low.shift(1))
    Level(side='stop', kind='price', node=shift(low, 1))
    """
    return Level(side, "price", expression(x))
