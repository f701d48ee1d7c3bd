"""How far a row is from meeting a condition."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.research.conditions import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.research.conditions import Condition
    from hyprl_lab.types import FloatArray

__all__ = ["shortfall"]

_LEAST: Final = 1e-12
"""The shortfall of a strict comparison between equal numbers: missed, by as little as can be."""

_OPPOSITE: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}


def shortfall(condition: Condition, columns: Mapping[str, FloatArray], length: int) -> FloatArray:
    """Return how much each row lacks to meet a condition: 0 where it is met, else above 0.

    A comparison lacks the difference of its sides as a share of the bound, which is the side
    without names, or the larger side where both have names; where the bound is 0 it lacks the
    plain difference. `and` lacks the sum of its parts, `or` the least of them, and `!=` lacks 1.

    Parameters
    ----------
    condition
        The condition.
    columns, length
        As for `Condition.holds`.

    Returns
    -------
    float64, never NaN; infinite where a metric that the condition reads is undefined and it is
    not met.

    Examples
    --------
    >>> from hyprl_lab.research.conditions import Condition
    >>> shortfall(Condition("trades >= 30", ["trades"]), {"trades": np.array([40.0, 24.0])}, 2)
    array([0. , 0.2])
    """
    tree = ast.parse(condition.text.strip(), mode="eval").body
    gap = _gap(tree, _Rows(columns, length), met=True)
    return np.where(condition.holds(columns, length), 0.0, np.maximum(gap, _LEAST))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows an expression is read over."""

    columns: Mapping[str, FloatArray]
    length: int

    def number(self, node: ast.expr) -> FloatArray:
        return numbers(node, self.columns, self.length)


def _gap(node: ast.expr, rows: _Rows, *, met: bool) -> FloatArray:
    """Return what each row lacks for `node` to be `met`, or not to be."""
    match node:
        case ast.UnaryOp(operand=operand):
            return _gap(operand, rows, met=not met)
        case ast.BoolOp(op=op, values=values):
            parts = [_gap(part, rows, met=met) for part in values]
            every = isinstance(op, ast.And) is met
            return np.asarray(np.sum(parts, axis=0) if every else np.min(parts, axis=0))
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [left, *others]
            links = [
                _link(type(op) if met else _OPPOSITE[type(op)], before, after, rows)
                for op, before, after in zip(ops, sides[:-1], sides[1:], strict=True)
            ]
            return np.asarray(np.sum(links, axis=0) if met else np.min(links, axis=0))
    raise AssertionError(ast.dump(node))  # a Condition lets nothing else pass


def _link(op: type[ast.cmpop], left: ast.expr, right: ast.expr, rows: _Rows) -> FloatArray:
    a, b = rows.number(left), rows.number(right)
    difference = a - b
    if op in (ast.Lt, ast.LtE):
        over, strict = difference, op is ast.Lt
    elif op in (ast.Gt, ast.GtE):
        over, strict = -difference, op is ast.Gt
    elif op is ast.Eq:
        over, strict = np.abs(difference), False
    else:
        return np.where(np.isnan(difference), np.inf, np.where(difference == 0.0, 1.0, 0.0))
    bound = _bound(left, right, a, b)
    lacking = np.maximum(over, 0.0) / np.where(bound == 0.0, 1.0, bound)
    if strict:
        lacking = np.where(over == 0.0, _LEAST, lacking)
    return np.where(np.isnan(difference), np.inf, lacking)


def _bound(left: ast.expr, right: ast.expr, a: FloatArray, b: FloatArray) -> FloatArray:
    if not _has_names(right):
        return np.abs(b)
    if not _has_names(left):
        return np.abs(a)
    return np.maximum(np.abs(a), np.abs(b))


def _has_names(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id != "abs" for part in ast.walk(node))
