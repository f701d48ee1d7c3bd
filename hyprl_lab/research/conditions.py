"""Conditions and objectives as text: a closed arithmetic over columns, no `eval`."""

from __future__ import annotations

import ast
import difflib
import operator
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from numpy.typing import NDArray

    from hyprl_lab.types import BoolArray, FloatArray

__all__ = ["LONGEST", "Condition", "Objective", "names_in", "numbers", "quoted"]

LONGEST: Final = 500
"""The most characters of an expression."""

_SHOWN: Final = 80
_DEEPEST: Final = 20
_GREATEST: Final = 1e300


def _quotient(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return a / b, NaN where b is 0: what is divided by nothing is undefined, and not large."""
    return np.where(b == 0.0, np.nan, a / b)


_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _quotient,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A true-or-false expression over named columns, such as `fast < slow and slow <= 200`.

    Allowed are names, dotted ones as `execution.fee_bps` too, numbers, `+ - * /`, `abs()`,
    comparisons (chained ones too), `and or not` and parentheses. A comparison with a missing
    value (NaN, as of a division by 0) is false, and so is its `not`.

    Parameters
    ----------
    text
        The expression, at most 500 characters.
    names
        The names it may use.

    Raises
    ------
    SpaceError
        The text does not parse, uses anything else, is a number, or reads no name at all. An
        unknown name is told with those that there are.

    Examples
    --------
    >>> Condition("fast < slow", ["fast", "slow"]).holds(
    ...     {"fast": np.array([5.0, 50.0]), "slow": np.array([20.0, 20.0])}, 2).tolist()
    [True, False]
    """

    text: str
    names: Collection[str]

    def __post_init__(self) -> None:
        if not _is_boolean(_parsed(self.text, self.names)):
            raise SpaceError(
                f"condition {quoted(self.text)} is a number; expected a comparison, such as "
                f"{quoted(self.text.strip() + ' > 0')}"
            )
        _check_reads("condition", self.text, self.names)

    def holds(self, columns: Mapping[str, NDArray[Any]], length: int) -> BoolArray:
        """Return whether it holds, row by row.

        Parameters
        ----------
        columns
            Arrays of one length by name.
        length
            That length.
        """
        value = _value(_parsed(self.text, self.names), columns)
        return np.broadcast_to(np.asarray(value, dtype=np.bool_), (length,))

    def uses(self) -> set[str]:
        """Return the names that occur in it."""
        return _names(self.text)


@dataclass(frozen=True, slots=True)
class Objective:
    """A number to make as large as possible, such as `sharpe` or `cagr - 2 * max_drawdown`.

    Parameters
    ----------
    text, names
        As for `Condition`.

    Raises
    ------
    SpaceError
        The text does not parse, uses anything else, is a condition, or reads no name at all.

    Examples
    --------
    >>> Objective("-max_drawdown", ["max_drawdown"]).values(
    ...     {"max_drawdown": np.array([0.25])}, 1).tolist()
    [-0.25]
    """

    text: str
    names: Collection[str]

    def __post_init__(self) -> None:
        if _is_boolean(_parsed(self.text, self.names)):
            raise SpaceError(
                f"objective {quoted(self.text)} is a condition; expected a number such as 'sharpe'"
            )
        _check_reads("objective", self.text, self.names)

    def values(self, columns: Mapping[str, NDArray[Any]], length: int) -> FloatArray:
        """Return its value row by row; NaN where it is not defined, and never infinite."""
        return numbers(_parsed(self.text, self.names), columns, length)

    def uses(self) -> set[str]:
        """Return the names that occur in it."""
        return _names(self.text)


def numbers(node: ast.expr, columns: Mapping[str, NDArray[Any]], length: int) -> FloatArray:
    """Return the value of a number, or a part of one, that a `Condition` or `Objective` has read.

    Row by row; NaN where it is not defined, and never infinite.
    """
    with np.errstate(all="ignore"):
        value = _value(node, columns)
    found = np.broadcast_to(np.asarray(value, dtype=np.float64), (length,))
    return np.where(np.isfinite(found), found, np.nan)


def quoted(text: object) -> str:
    """Return an expression as a message quotes it: the first 80 characters, and how many it has.

    Examples
    --------
    >>> quoted("fast < slow"), quoted("x" * 500)[-20:], quoted(5)
    ("'fast < slow'", "x…' (500 characters)", '5')
    """
    if not isinstance(text, str):
        return shown(text)
    if len(text) <= _SHOWN:
        return repr(text)
    return f"{text[:_SHOWN] + '…'!r} ({len(text):,} characters)"


def names_in(text: str) -> set[str]:
    """Return the names that occur in an expression, of which nothing else is known yet.

    Raises
    ------
    SpaceError
        The text does not parse.

    Examples
    --------
    >>> sorted(names_in("abs(fast) < 2 * execution.fee_bps"))
    ['execution.fee_bps', 'fast']
    """
    return set(_occurring(_tree(text)))


def _names(text: str) -> set[str]:
    return set(_occurring(ast.parse(text.strip(), mode="eval").body))


def _occurring(node: ast.AST) -> Iterator[str]:
    """Yield the names under a node; `execution.fee_bps` is one."""
    if isinstance(node, ast.Name | ast.Attribute):
        yield ast.unparse(node)
        return
    for part in node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node):
        yield from _occurring(part)


def _parsed(text: str, names: Collection[str]) -> ast.expr:
    tree = _tree(text)
    _check(tree, text, names, _DEEPEST)
    return tree


def _tree(text: str) -> ast.expr:
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        raise SpaceError(f"expression {quoted(text)}; expected text of 1 to {LONGEST} characters")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SpaceError(f"expression {quoted(text)} does not parse: {error}") from error


def _check(node: ast.expr, text: str, names: Collection[str], depth: int) -> None:
    if depth == 0:
        raise SpaceError(f"expression {quoted(text)} is nested more than {_DEEPEST} deep")
    match node:
        case ast.Name() | ast.Attribute(value=ast.Name()):
            _check_name(ast.unparse(node), text, names)
            parts: list[ast.expr] = []
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            _check_number(value, text)
            parts = []
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            parts = [_number(operand, text)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            parts = [_boolean(operand, text)]
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _ARITHMETIC:
            parts = [_number(left, text), _number(right, text)]
        case ast.Compare(left=left, ops=ops, comparators=others) if all(
            type(op) in _COMPARISONS for op in ops
        ):
            parts = [_number(side, text) for side in (left, *others)]
        case ast.BoolOp(values=values):
            parts = [_boolean(part, text) for part in values]
        case ast.Call(func=ast.Name(id="abs"), args=[operand], keywords=[]):
            parts = [_number(operand, text)]
        case _:
            raise SpaceError(
                f"expression {quoted(text)}: {quoted(ast.unparse(node))} is not allowed; use "
                "names, numbers, + - * /, abs(), comparisons, and/or/not"
            )
    for part in parts:
        _check(part, text, names, depth - 1)


def _check_reads(what: str, text: str, names: Collection[str]) -> None:
    if not _names(text):
        raise SpaceError(
            f"{what} {quoted(text)} is the same everywhere; expected "
            f"{f'one or more of {sorted(names)}' if names else 'names'} in it"
        )


def _check_name(name: str, text: str, names: Collection[str]) -> None:
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        meant = f"did you mean {close[0]!r}? " if close else ""
        raise SpaceError(
            f"expression {quoted(text)} uses {quoted(name)}, which is not known; {meant}"
            f"there are {sorted(names)}"
        )


def _check_number(value: float, text: str) -> None:
    if not -_GREATEST <= value <= _GREATEST:
        raise SpaceError(f"expression {quoted(text)} holds a number beyond {_GREATEST:g}")


def _number(node: ast.expr, text: str) -> ast.expr:
    if _is_boolean(node):
        raise SpaceError(
            f"expression {quoted(text)}: {quoted(ast.unparse(node))} is a condition, not a number"
        )
    return node


def _boolean(node: ast.expr, text: str) -> ast.expr:
    if not _is_boolean(node):
        raise SpaceError(
            f"expression {quoted(text)}: {quoted(ast.unparse(node))} is a number, not a condition"
        )
    return node


def _is_boolean(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare | ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


def _value(node: ast.expr, columns: Mapping[str, NDArray[Any]]) -> Any:
    match node:
        case ast.Name() | ast.Attribute():
            return columns[ast.unparse(node)]
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, columns)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, columns)
        case ast.UnaryOp(operand=operand):
            return np.logical_not(_value(operand, columns)) & _defined(operand, columns)
        case ast.BinOp(op=op, left=left, right=right):
            a, b = (np.asarray(_value(part, columns), dtype=np.float64) for part in (left, right))
            with np.errstate(all="ignore"):
                return _ARITHMETIC[type(op)](a, b)
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [_value(side, columns) for side in (left, *others)]
            truths = (
                _COMPARISONS[type(op)](a, b) & ~np.isnan(a) & ~np.isnan(b)
                for op, a, b in zip(ops, sides[:-1], sides[1:], strict=True)
            )
            return reduce(np.logical_and, truths)
        case ast.BoolOp(op=op, values=values):
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return reduce(join, (_value(part, columns) for part in values))
        case ast.Call(args=[operand]):
            return np.abs(_value(operand, columns))
    raise AssertionError(ast.dump(node))  # _check let nothing else pass


def _defined(node: ast.expr, columns: Mapping[str, NDArray[Any]]) -> Any:
    """Whether each comparison under `node` has a value on all sides; a division by 0 has none."""
    sides = (
        side
        for part in ast.walk(node)
        if isinstance(part, ast.Compare)
        for side in (part.left, *part.comparators)
    )
    return reduce(np.logical_and, (~np.isnan(_value(side, columns)) for side in sides))
