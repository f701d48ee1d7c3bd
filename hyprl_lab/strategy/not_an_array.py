"""What an expression is often taken for, and what to write instead.

An expression stands for a whole column of numbers that is not there yet. Python and NumPy ask
such an object for items, a length or a float; each of these says how the strategy is written.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final, NoReturn

import numpy as np

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.unknown_attribute import unknown_attribute

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NotAnArray"]

_OPERATORS: Final[dict[np.ufunc, Callable[..., object]]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.true_divide: operator.truediv,
    np.negative: operator.neg,
    np.absolute: abs,
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.equal: operator.eq,
    np.not_equal: operator.ne,
    np.bitwise_and: operator.and_,
    np.bitwise_or: operator.or_,
    np.invert: operator.invert,
}
_NUMPY_HINT: Final = (
    "NumPy works on numbers that are there, an expression is worked out on the bars later; write "
    "it with operators, abs(), hl.minimum, hl.maximum, hl.where and hl.ta, or work it out first "
    'and hand it in as a column, hl.col("name")'
)
_POWER_HINT: Final = "write x * x in place of x ** 2; other powers come in as a column"
_EXCLUSIVE_HINT: Final = "write (a & ~b) | (~a & b) where exactly one of two conditions holds"
_METHODS: Final = ("shift", "crosses_above", "crosses_below", "bars_since", "held_for")
_DIVISION_HINT: Final = "the operators are + - * /; there is no // and no %"


class NotAnArray:
    """The operations an expression refuses, each with advice."""

    __slots__ = ()

    def __getitem__(self, key: object) -> NoReturn:
        raise _refused(
            self,
            f"has no items (asked for [{key!r:.40}])",
            "write x.shift(1) for the value a bar before; there is none for a bar to come",
        )

    def __iter__(self) -> NoReturn:
        raise _refused(
            self, "can't be iterated over", "it says what holds on each bar, once for all"
        )

    def __len__(self) -> NoReturn:
        raise _refused(self, "has no length", "it has a value for each bar of whatever it meets")

    def __contains__(self, item: object) -> NoReturn:
        raise _refused(self, "holds no items", "compare with ==, and join by |")

    def __float__(self) -> NoReturn:
        raise _refused(self, "is no number (float() or math was asked of it)", _NUMPY_HINT)

    def __int__(self) -> NoReturn:
        raise _refused(self, "is no number (int() was asked of it)", _NUMPY_HINT)

    def __pow__(self, other: object) -> NoReturn:
        raise _refused(self, "has no powers", _POWER_HINT)

    def __rpow__(self, other: object) -> NoReturn:
        raise _refused(self, "can't be an exponent", _POWER_HINT)

    def __floordiv__(self, other: object) -> NoReturn:
        raise _refused(self, "has no //", _DIVISION_HINT)

    def __rfloordiv__(self, other: object) -> NoReturn:
        raise _refused(self, "has no //", _DIVISION_HINT)

    def __mod__(self, other: object) -> NoReturn:
        raise _refused(self, "has no %", _DIVISION_HINT)

    def __rmod__(self, other: object) -> NoReturn:
        raise _refused(self, "has no %", _DIVISION_HINT)

    def __divmod__(self, other: object) -> NoReturn:
        raise _refused(self, "has no divmod()", _DIVISION_HINT)

    def __rdivmod__(self, other: object) -> NoReturn:
        raise _refused(self, "has no divmod()", _DIVISION_HINT)

    def __xor__(self, other: object) -> NoReturn:
        raise _refused(self, "has no ^", _EXCLUSIVE_HINT)

    def __rxor__(self, other: object) -> NoReturn:
        raise _refused(self, "has no ^", _EXCLUSIVE_HINT)

    def __round__(self, digits: object = None) -> NoReturn:
        raise _refused(self, "can't be rounded", _NUMPY_HINT)

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Refuse: what is meant is the expression itself."""
        raise _refused(self, "is not called", "leave the parentheses out, as in hl.weekday == 0")

    if not TYPE_CHECKING:  # a type checker is to find what is misspelt, not to take it for given

        def __getattr__(self, name):
            if name.startswith("_") or name in type(self).__slots__:  # Python's own questions
                raise AttributeError(name)
            raise unknown_attribute(name, list(_METHODS))

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **options: object
    ) -> object:
        known = _OPERATORS.get(ufunc)
        if known is None or method != "__call__" or options:
            raise _refused(self, f"can't be handed to np.{ufunc.__name__}", _NUMPY_HINT)
        return known(*(_plain(x) for x in inputs))

    def __array_function__(
        self, function: Callable[..., object], types: object, args: object, options: object
    ) -> NoReturn:
        raise _refused(self, f"can't be handed to np.{function.__name__}", _NUMPY_HINT)


def _plain(value: object) -> object:
    if isinstance(value, np.generic | np.ndarray):
        if value.ndim == 0:
            return (
                value.item()
            )  # a NumPy scalar would ask NumPy again, Python's asks the expression
        raise StrategyError(
            f"found an array of shape {value.shape} in an expression; expected an expression or a "
            'finite number (a signal made elsewhere comes in as a column: hl.col("name"))'
        )
    return value


def _refused(found: object, what: str, advice: str) -> StrategyError:
    return StrategyError(f"the expression {found!r} {what}; {advice}")
