"""Expressions over bars: immutable, typed, built by Python's operators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NoReturn

import numpy as np

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.operations import OPERATIONS, Kind, Operation, Slot
from hyprl_lab.strategy.parameter import Parameter, finite_number
from hyprl_lab.strategy.wording import shown

__all__ = ["Expr", "col", "column", "constant", "expression", "param"]

MAX_BARS: Final = 2**31 - 1
_SHOWN_DEPTH: Final = 4
_SHOWN_CHARACTERS: Final = 160


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Expr:
    """One node of a strategy graph and all it is made of.

    Made by `hl.close`, `hl.col`, `hl.param`, `hl.ta` and operators, hardly ever by hand:
    `+ - * /` and unary `-` give numbers; `< <= > >= == !=` compare; `& | ~` join
    booleans; plain numbers become constants.

    An expression is compared and hashed by identity: `==` builds a node, and asking one
    for its truth is an error, because it is a question about every bar.

    Parameters
    ----------
    op
        A name of `docs/strategy-graph.md`'s table.
    args
        The arguments.
    name, value, bars
        What a column or parameter, a constant, a shift carries.
    parameter
        The declaration behind a `parameter` node.

    Attributes
    ----------
    kind
        `"number"` (float64, NaN for missing) or `"boolean"` (true, false, missing).

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
    kind: Kind = field(init=False)

    __array_ufunc__ = None  # NumPy scalars leave their operators to ours

    def __post_init__(self) -> None:
        row = OPERATIONS.get(self.op)
        if row is None:
            raise StrategyError(f"unknown operation {self.op!r}; there are {list(OPERATIONS)}")
        _check_attributes(self, row)
        if len(self.args) != len(row.slots):
            raise StrategyError(
                f"{self.op}: found {len(self.args)} arguments, expected {len(row.slots)}"
            )
        for position, (argument, slot) in enumerate(zip(self.args, row.slots, strict=True), 1):
            _check_argument(self.op, position, argument, slot)
        object.__setattr__(self, "kind", row.result or self.args[0].kind)

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
            "with & | ~ in place of and, or, not, and write 1 < x < 5 as (x > 1) & (x < 5)"
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

    def __repr__(self) -> str:
        text = _formula(self, _SHOWN_DEPTH)
        return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def column(name: str) -> Expr:
    """Return a column of the bars: open, high, low, close, volume or any feature.

    Parameters
    ----------
    name
        The column's name. NaN in a feature column is a missing value.

    Raises
    ------
    StrategyError
        The name is empty or no printable text.

    Examples
    --------
    >>> column("sentiment") > 0.5
    (sentiment > 0.5)
    """
    return Expr("column", name=name)


col = column


def constant(value: object) -> Expr:
    """Return a constant.

    Parameters
    ----------
    value
        A finite number; not a boolean, NaN or an infinity.

    Raises
    ------
    StrategyError
        `value` is anything else.

    Examples
    --------
    >>> constant(30)
    30
    """
    return Expr("constant", value=finite_number(value, "constant"))


def param(
    name: str,
    low: float | None = None,
    high: float | None = None,
    *,
    integer: bool | None = None,
) -> Expr:
    """Return a parameter: a named number that is given when the strategy is run.

    Parameters
    ----------
    name
        An ASCII identifier.
    low, high
        The range, both ends included: the default search range, and a bound on what
        may be given. Both or neither; without them any finite number is accepted.
    integer
        Whether only whole numbers are accepted; by default where both ends are `int`s,
        and wherever a parameter without a range is used as a window.

    Raises
    ------
    StrategyError
        The name is no identifier, or the range is half given, empty or not finite.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, ta
    >>> ta.sma(close, param("fast", 5, 50))
    sma(close, fast)
    """
    declared = Parameter(name, low, high, integer)
    return Expr("parameter", name=declared.name, parameter=declared)


def expression(value: object) -> Expr:
    """Return `value` if it is an expression, else the constant it stands for.

    Raises
    ------
    StrategyError
        `value` is neither an expression nor a finite number.

    Examples
    --------
    >>> expression(2.5)
    2.5
    """
    if isinstance(value, Expr):
        return value
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise StrategyError(
            f"found {shown(value)} ({type(value).__name__}) in an expression; expected an "
            "expression or a finite number (a signal made elsewhere comes in as a column: "
            'hl.col("name"))'
        )
    return constant(value)


def _check_attributes(node: Expr, row: Operation) -> None:
    for key in ("name", "value", "bars"):
        present = getattr(node, key) is not None
        if present != (row.attribute == key):
            raise StrategyError(f"{row.name}: {key} is {'out of place' if present else 'missing'}")
    if (node.parameter is not None) != (row.name == "parameter"):
        raise StrategyError(f"{row.name}: a declaration belongs to a parameter and only there")
    if row.name == "column" and not (
        isinstance(node.name, str) and 0 < len(node.name) <= 200 and node.name.isprintable()
    ):
        raise StrategyError(
            f"column name {shown(node.name)}; expected 1 to 200 printable characters"
        )
    if node.parameter is not None and node.name != node.parameter.name:
        raise StrategyError(f"parameter node {node.name!r} declares {node.parameter.name!r}")
    if node.value is not None:
        object.__setattr__(node, "value", finite_number(node.value, "constant"))
    if node.bars is not None:
        object.__setattr__(node, "bars", _bars(node.bars))


def _bars(bars: object) -> int:
    if isinstance(bars, bool | np.bool_) or not isinstance(bars, int | np.integer):
        raise StrategyError(f"shift: bars is {shown(bars)}; expected a whole number >= 0")
    if bars < 0:
        raise StrategyError(f"shift: bars is {shown(bars)}; a negative shift looks ahead")
    if bars > MAX_BARS:
        raise StrategyError(f"shift: bars is {shown(bars)}; expected at most {MAX_BARS}")
    return int(bars)


def _check_argument(op: str, position: int, argument: object, slot: Slot) -> None:
    where = f"{op}, argument {position}"
    if not isinstance(argument, Expr):
        raise StrategyError(f"{where}: found {shown(argument)}; expected an expression")
    if slot == "window":
        _check_window(where, argument)
    elif slot not in {"any", argument.kind}:
        hint = (
            "compare it with something, as in x > 0"
            if slot == "boolean"
            else "a condition has no numeric value"
        )
        raise StrategyError(
            f"{where}: found the {argument.kind} {argument!r}; expected a {slot} ({hint})"
        )


def _check_window(where: str, window: Expr) -> None:
    if window.parameter is not None:
        window.parameter.as_window()
        return
    if window.value is None:
        raise StrategyError(
            f"{where}: the window is {window!r}; expected a whole number >= 1 or a parameter"
        )
    if not (window.value.is_integer() and 1 <= window.value <= MAX_BARS):
        raise StrategyError(
            f"{where}: the window is {window.value:g}; expected a whole number of bars >= 1"
        )


def _formula(node: Expr, depth: int) -> str:
    if node.name is not None:
        return node.name
    if node.value is not None:
        return f"{node.value:.15g}"
    if depth == 0:
        return "…"
    parts = [_formula(argument, depth - 1) for argument in node.args]
    if node.bars is not None:
        parts.append(str(node.bars))
    symbol = OPERATIONS[node.op].symbol
    if symbol is None:
        return f"{node.op}({', '.join(parts)})"
    return f"{symbol}{parts[0]}" if len(parts) == 1 else f"({parts[0]} {symbol} {parts[1]})"
