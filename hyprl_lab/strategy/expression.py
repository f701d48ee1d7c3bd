"""Expressions over bars: immutable, typed, built by Python's operators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

import numpy as np

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.lines import Lines
from hyprl_lab.strategy.node_checks import check_node, own_bars_only
from hyprl_lab.strategy.not_an_array import NotAnArray
from hyprl_lab.strategy.operations import OPERATIONS, Kind
from hyprl_lab.strategy.parameter import Parameter, finite_number
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.strategy.weights import LogisticWeights

__all__ = ["Expr", "expression"]

_SHOWN_DEPTH: Final = 4
_SHOWN_ARGUMENTS: Final = 8
_SHOWN_CHARACTERS: Final = 160


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Expr(NotAnArray):
    """One node of a strategy graph and all it is made of.

    Made by `hl.close`, `hl.col`, `hl.param`, `hl.ta` and operators, hardly ever by hand:
    `+ - * /`, unary `-` and `abs()` give numbers; `< <= > >= == !=` compare; `& | ~` join
    booleans; plain numbers become constants.

    An expression is compared and hashed by identity: `==` builds a node, and asking one
    for its truth is an error, because it is a question about every bar.

    Parameters
    ----------
    op
        A name of `docs/strategy-graph.md`'s table.
    args
        The arguments.
    name, value, bars, timeframe, model
        What a column or parameter, a constant, a shift, `on`, `probability` carries.
    parameter
        The declaration behind a `parameter` node.

    Attributes
    ----------
    kind
        `"number"` (float64, NaN for missing) or `"boolean"` (true, false, missing).
    own_bars
        What in it needs the bars at hand and so can't stand under `on`; `None` for nothing.

    Raises
    ------
    StrategyError
        An argument is missing, of the wrong kind, or looks ahead.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, ta
    >>> (close > ta.sma(close, 20)) & (close.shift(1) < 100)
    ((close > sma(close, 20)) & (shift(close, 1) < 100))
    """

    op: str
    args: tuple[Expr, ...] = ()
    name: str | None = None
    value: float | None = None
    bars: int | None = None
    parameter: Parameter | None = None
    timeframe: str | None = None
    model: LogisticWeights | None = None
    kind: Kind = field(init=False)
    own_bars: str | None = field(init=False)

    def __post_init__(self) -> None:
        row = check_node(self)
        object.__setattr__(self, "kind", row.result or self.args[0].kind)
        object.__setattr__(self, "own_bars", own_bars_only(self))

    # -- numbers

    def __add__(self, other: object) -> Expr:
        return Expr("add", (self, expression(other)))

    def __radd__(self, other: object) -> Expr:
        return Expr("add", (expression(other), self))

    def __sub__(self, other: object) -> Expr:
        return Expr("subtract", (self, expression(other)))

    def __rsub__(self, other: object) -> Expr:
        return Expr("subtract", (expression(other), self))

    def __mul__(self, other: object) -> Expr:
        return Expr("multiply", (self, expression(other)))

    def __rmul__(self, other: object) -> Expr:
        return Expr("multiply", (expression(other), self))

    def __truediv__(self, other: object) -> Expr:
        return Expr("divide", (self, expression(other)))

    def __rtruediv__(self, other: object) -> Expr:
        return Expr("divide", (expression(other), self))

    def __neg__(self) -> Expr:
        return Expr("negate", (self,))

    def __abs__(self) -> Expr:
        return Expr("absolute", (self,))

    # -- comparisons

    def __lt__(self, other: object) -> Expr:
        return Expr("less", (self, expression(other)))

    def __le__(self, other: object) -> Expr:
        return Expr("less_equal", (self, expression(other)))

    def __gt__(self, other: object) -> Expr:
        return Expr("greater", (self, expression(other)))

    def __ge__(self, other: object) -> Expr:
        return Expr("greater_equal", (self, expression(other)))

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]  # a node, not a bool
        return Expr("equal", (self, expression(other)))

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]  # a node, not a bool
        return Expr("not_equal", (self, expression(other)))

    def __hash__(self) -> int:
        return object.__hash__(self)

    # -- booleans

    def __and__(self, other: object) -> Expr:
        return Expr("and", (self, expression(other)))

    def __rand__(self, other: object) -> Expr:
        return Expr("and", (expression(other), self))

    def __or__(self, other: object) -> Expr:
        return Expr("or", (self, expression(other)))

    def __ror__(self, other: object) -> Expr:
        return Expr("or", (expression(other), self))

    def __invert__(self) -> Expr:
        return Expr("not", (self,))

    def __bool__(self) -> NoReturn:
        raise StrategyError(
            f"{self!r} has no single truth value, it has one for each bar; join conditions "
            "with & | ~ in place of and, or, not, write 1 < x < 5 as (x > 1) & (x < 5), and "
            "hl.where, hl.minimum, hl.maximum in place of if, min and max"
        )

    # -- time

    def shift(self, bars: int) -> Expr:
        """Return the value this expression had `bars` bars before.

        Parameters
        ----------
        bars
            A whole number >= 0. Missing on the first `bars` bars.

        Raises
        ------
        StrategyError
            `bars` is negative (it would read the future) or no whole number.

        Examples
        --------
        >>> from hyprl_lab.strategy import close
        >>> close.shift(1)
        shift(close, 1)
        """
        return Expr("shift", (self,), bars=bars)

    def crosses_above(self, other: object) -> Expr:
        """Return whether this was at or below `other` a bar ago and is above it now.

        Missing unless both are valid on both bars. `other` is an expression or a number.

        Examples
        --------
        >>> from hyprl_lab.strategy import close, ta
        >>> ta.rsi(close, 14).crosses_above(30)
        crosses_above(rsi(close, 14), 30)
        """
        return Expr("crosses_above", (self, expression(other)))

    def crosses_below(self, other: object) -> Expr:
        """Return whether this was at or above `other` a bar ago and is below it now.

        Missing unless both are valid on both bars. `other` is an expression or a number.

        Examples
        --------
        >>> from hyprl_lab.strategy import close, ta
        >>> close.crosses_below(ta.lowest(close, 20).shift(1))
        crosses_below(close, shift(lowest(close, 20), 1))
        """
        return Expr("crosses_below", (self, expression(other)))

    def bars_since(self) -> Expr:
        """Return how many bars ago this condition was last true: 0 where it is true now.

        Missing before it was true for the first time; a missing condition is not true.

        Raises
        ------
        StrategyError
            This is a number and no condition.

        Examples
        --------
        >>> from hyprl_lab.strategy import close, ta
        >>> (ta.rsi(close, 2) < 5).bars_since() <= 3
        (bars_since((rsi(close, 2) < 5)) <= 3)
        """
        return Expr("bars_since", (self,))

    def held_for(self, window: Expr | int) -> Expr:
        """Return whether this condition was true on each of the last `window` bars.

        False if it was false on any of them; else missing if it was missing on any, as the
        bars before the first one are.

        Parameters
        ----------
        window
            Bars, this one included: a whole number >= 1 or a parameter.

        Raises
        ------
        StrategyError
            This is a number and no condition, or `window` is no window.

        Examples
        --------
        >>> from hyprl_lab.strategy import close, ta
        >>> (close > ta.sma(close, 50)).held_for(3)
        held_for((close > sma(close, 50)), 3)
        """
        return Expr("held_for", (self, expression(window)))

    def __repr__(self) -> str:
        text = _formula(self, _SHOWN_DEPTH)
        return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def expression(value: object) -> Expr:
    """Return `value` if it is an expression, else the constant it stands for.

    Raises
    ------
    StrategyError
        `value` is neither an expression nor a finite number; it may be an indicator of
        several lines.

    Examples
    --------
    >>> expression(2.5)
    2.5
    """
    if isinstance(value, Expr):
        return value
    if isinstance(value, Lines):
        raise value.refusal()
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise StrategyError(
            f"found {shown(value)} ({type(value).__name__}) in an expression; expected an "
            "expression or a finite number (a signal made elsewhere comes in as a column: "
            'hl.col("name"))'
        )
    return Expr("constant", value=finite_number(value, "constant"))


def _formula(node: Expr, depth: int) -> str:
    if node.name is not None:
        return node.name
    if node.value is not None:
        return f"{node.value:.15g}"
    if not OPERATIONS[node.op].slots:
        return node.op
    if depth == 0:
        return "…"
    parts = [_formula(argument, depth - 1) for argument in node.args[:_SHOWN_ARGUMENTS]]
    if len(node.args) > _SHOWN_ARGUMENTS:
        parts.append("…")
    if node.timeframe is not None:
        parts.insert(0, repr(node.timeframe))
    if node.bars is not None:
        parts.append(str(node.bars))
    symbol = OPERATIONS[node.op].symbol
    if symbol is None:
        return f"{node.op}({', '.join(parts)})"
    return f"{symbol}{parts[0]}" if len(parts) == 1 else f"({parts[0]} {symbol} {parts[1]})"
