"""A named number that a search may vary."""

from __future__ import annotations

import keyword
import math
import operator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["EXACT", "MAX_BARS", "Parameter", "by_name", "finite_number", "json_number"]

EXACT: Final = 2**53
"""Integers below it, and above its negative, are floats as well, and JSON may hold them."""

MAX_BARS: Final = 2**31 - 1
"""The most bars that a window, a shift or a time stop counts."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named number with the range it may take.

    Parameters
    ----------
    name
        An ASCII identifier that is no Python keyword, so that conditions such as
        `fast < slow` can speak of it.
    low, high
        The range, both ends included; both or neither. A value outside is refused, so
        the range is the parameter's domain as well as the default search range.
        Without a range any finite number is accepted.
    integer
        Whether only whole numbers are accepted. By default it is so where both ends of
        the range are `int`s.

    Raises
    ------
    StrategyError
        The name is no identifier, one end of the range is missing, or the range is
        empty or not finite.

    Examples
    --------
    >>> Parameter("fast", 5, 50)
    Parameter(name='fast', low=5, high=50, integer=True)
    >>> Parameter("multiple", 1.0, 5).integer
    False
    """

    name: str
    low: float | None = None
    high: float | None = None
    integer: bool | None = None

    def __post_init__(self) -> None:
        name = self.name
        if not (isinstance(name, str) and name.isascii() and name.isidentifier()):
            raise StrategyError(
                f"parameter name {shown(name)} is not an identifier; use letters, digits and _, "
                "as in 'fast_window'"
            )
        if keyword.iskeyword(name):
            raise StrategyError(f"parameter name {shown(name)} is a Python keyword; choose another")
        if self.integer is not None and not isinstance(self.integer, bool):
            raise StrategyError(
                f"parameter {name!r}: integer is {shown(self.integer)}; expected True or False"
            )
        if (self.low is None) != (self.high is None):
            raise StrategyError(
                f"parameter {name!r}: found low={shown(self.low)}, high={shown(self.high)}; "
                "give both ends of the range or neither"
            )
        if self.low is None or self.high is None:
            object.__setattr__(self, "integer", bool(self.integer))
            return
        low, high = _bound(name, "low", self.low), _bound(name, "high", self.high)
        whole = isinstance(low, int) and isinstance(high, int)
        integer = whole if self.integer is None else self.integer
        if integer and not (float(low).is_integer() and float(high).is_integer()):
            raise StrategyError(
                f"parameter {name!r} is an integer, but its range is {low!r} to {high!r}; "
                "give whole bounds"
            )
        if low > high:
            raise StrategyError(
                f"parameter {name!r}: low {low!r} is above high {high!r}; swap them"
            )
        object.__setattr__(self, "low", int(low) if integer else float(low))
        object.__setattr__(self, "high", int(high) if integer else float(high))
        object.__setattr__(self, "integer", integer)

    @property
    def range_text(self) -> str:
        """The range in words, for messages and tables.

        Examples
        --------
        >>> Parameter("fast", 5, 50).range_text
        '5 to 50, whole'
        >>> Parameter("x").range_text
        'any number'
        """
        if self.low is None:
            return "any whole number" if self.integer else "any number"
        return f"{self.low:g} to {self.high:g}{', whole' if self.integer else ''}"

    def merged(self, other: Parameter) -> Parameter:
        """Return the one declaration that two uses of a name agree on.

        Raises
        ------
        StrategyError
            The two give the name different ranges.
        """
        if (self.low, self.high) != (other.low, other.high) or (
            self.low is not None and self.integer != other.integer
        ):
            raise StrategyError(
                f"parameter {self.name!r} is declared twice with different ranges "
                f"({self.range_text}; {other.range_text}); make it once and use it twice"
            )
        return replace(self, integer=bool(self.integer or other.integer))

    def as_window(self, use: str = "window") -> Parameter:
        """Return the declaration as a count of bars needs it: whole and at least 1.

        Parameters
        ----------
        use
            What counts bars by it, for the message.

        Raises
        ------
        StrategyError
            The range holds numbers that are no count of bars.
        """
        if self.low is None:
            return replace(self, integer=True)
        if not self.integer or self.low < 1:
            raise StrategyError(
                f"parameter {self.name!r} is used as a {use}, but its range is "
                f"{self.low!r} to {self.high!r}; a {use} is a whole number of bars >= 1, "
                f'as in hl.param("{self.name}", 5, 50)'
            )
        return self

    def checked(self, value: object, *, window: bool = False) -> float:
        """Return a value as a float, if this parameter may take it.

        Raises
        ------
        StrategyError
            The value is no finite number, not whole where it must be, or out of range.
        """
        number = finite_number(value, f"parameter {self.name!r}")
        if (self.integer or window) and not number.is_integer():
            raise StrategyError(
                f"parameter {self.name!r} is {number!r}; expected a whole number"
                f"{' of bars' if window else ''}"
            )
        if window and not 1 <= number <= MAX_BARS:
            raise StrategyError(
                f"parameter {self.name!r} is {number:.15g}; it counts bars, expected >= 1 and "
                f"<= {MAX_BARS:,}"
            )
        if self.low is not None and self.high is not None and not self.low <= number <= self.high:
            raise StrategyError(
                f"parameter {self.name!r} is {number:g}; expected {self.range_text}. "
                "Widen the range where the parameter is made, if that value is meant"
            )
        return number


def by_name(params: Any, known: Collection[str]) -> dict[str, object]:
    """Return values by parameter name, from a mapping or what can be read as one.

    Parameters
    ----------
    params
        Whatever a caller hands in; a pandas row will do.
    known
        The names there are, for the message.

    Raises
    ------
    StrategyError
        It has no names.

    Examples
    --------
    >>> by_name({"fast": 10}, ["fast"])
    {'fast': 10}
    """
    if not hasattr(params, "keys"):  # what `dict` asks for
        example = ", ".join(f"{name!r}: 10" for name in list(known)[:2]) or "'fast': 10"
        raise StrategyError(
            f"params is {shown(params)}; expected a value by each parameter's name, as in "
            f"{{{example}}}"
        )
    return dict(params)


def finite_number(value: object, what: str) -> float:
    """Return `value` as a float; refuse booleans, NaN, infinities and anything inexact.

    Raises
    ------
    StrategyError
        `value` is not a finite number that a float64 holds exactly.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise StrategyError(
            f"{what}: found {shown(value)} ({type(value).__name__}); expected a finite number"
        )
    try:
        number = float(value)
    except OverflowError as error:
        raise StrategyError(f"{what}: {shown(value)} is too large for a float64") from error
    if not math.isfinite(number):
        raise StrategyError(f"{what}: found {number!r}; expected a finite number")
    if isinstance(value, int | np.integer) and int(number) != operator.index(value):
        raise StrategyError(f"{what}: a float64 can't hold {shown(value)} exactly; round it")
    return number + 0.0  # -0.0 becomes 0.0: no operation tells them apart, hashes must not


def _bound(name: str, which: str, value: object) -> int | float:
    number = finite_number(value, f"parameter {name!r}, {which}")
    return int(number) if isinstance(value, int | np.integer) else number


def json_number(value: float) -> int | float:
    """Return a float as RFC 8785 writes it: whole numbers below 2^53 as integers.

    Examples
    --------
    >>> json_number(10.0), json_number(0.5), json_number(1e300)
    (10, 0.5, 1e+300)
    """
    return int(value) if value.is_integer() and abs(value) < EXACT else value
