"""Indicators of several lines: each line is an expression, the whole of them is none."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, NoReturn

from hyprl_lab.errors import StrategyError, UnknownAttributeError

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Lines"]


class Lines:
    """What the frozen dataclasses of several lines share: used as a whole, they say what to take.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, ta
    >>> ta.macd(close).line > 0
    (macd(close, 12, 26) > 0)
    >>> ta.macd(close) > 0
    Traceback (most recent call last):
      ...
    hyprl_lab.errors.StrategyError: Macd has several lines; take one: .line, .signal, .histogram
    """

    __slots__ = ()
    __array_ufunc__ = None  # a NumPy number on the left asks the operators below
    __hash__ = object.__hash__

    def refusal(self) -> StrategyError:
        """Return the error for the whole in the place of one line."""
        return StrategyError(f"{self._have()}; take one: {self._names()}")

    def _have(self) -> str:
        return f"{type(self).__name__} has several lines"

    def _names(self) -> str:
        found: Any = self  # every subclass is a dataclass
        return ", ".join(f".{field.name}" for field in fields(found))

    def _alone(self) -> NoReturn:
        raise self.refusal()

    def _with(self, _: object) -> NoReturn:
        raise self.refusal()

    def _called(self, *_: object, **__: object) -> NoReturn:
        raise self.refusal()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _with
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _with
    __pow__ = __rpow__ = __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _with
    __lt__ = __le__ = __gt__ = __ge__ = _with
    __getitem__ = __contains__ = _with
    __neg__ = __pos__ = __abs__ = __invert__ = _alone
    __bool__ = __len__ = __iter__ = __float__ = __int__ = _alone
    __call__ = _called

    def __eq__(self, other: object) -> NoReturn:
        raise self.refusal()

    def __ne__(self, other: object) -> NoReturn:
        raise self.refusal()

    if not TYPE_CHECKING:  # a type checker is to find what is misspelt, not to take it for given

        def __getattr__(self, name):
            if name.startswith("_"):  # Python's own questions
                raise AttributeError(name)
            raise UnknownAttributeError(
                f"{self._have()} and no attribute {name[:40]!r}; take one: {self._names()}"
            )
