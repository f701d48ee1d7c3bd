"""The parameters of a strategy class: what `get_params_config` may say, and what a value may be."""

from __future__ import annotations

import keyword
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.parameter import by_name
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from hyprl_lab.types import JsonValue

__all__ = ["Option", "OptionValue", "bound", "options_of"]

OptionValue: TypeAlias = bool | int | float

_EXACT: Final = 2**53
_KEYS: Final = ("type", "default", "min", "max", "description")
_TYPES: Final = {"int": "integer", "float": "number", "bool": "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One parameter of a strategy class.

    Parameters
    ----------
    name
        The keyword that `generate_signals` takes.
    type
        `"int"`, `"float"` or `"bool"`.
    default
        Taken where nothing is said; within the range.
    low, high
        The range, both ends included; `None` is no end. Booleans have none.
    description
        For people; may be empty.

    Raises
    ------
    StrategyError
        The name is no identifier, the type is none of the three, or default and range disagree.

    Examples
    --------
    >>> Option(name="fast", type="int", default=10, low=2, high=50).checked(12.0)
    12
    """

    name: str
    type: str
    default: OptionValue
    low: float | None = None
    high: float | None = None
    description: str = ""

    def __post_init__(self) -> None:
        name = self.name
        plain = isinstance(name, str) and name.isascii() and name.isidentifier()
        if not plain or keyword.iskeyword(name) or name == "bars":
            raise StrategyError(
                f"parameter {shown(name)}: expected an identifier that is no keyword and not "
                "'bars', such as 'fast'"
            )
        if not isinstance(self.type, str) or self.type not in _TYPES:
            raise StrategyError(
                f"parameter {name!r}: type is {shown(self.type)}; expected one of {list(_TYPES)}"
            )
        if not isinstance(self.description, str):
            raise StrategyError(
                f"parameter {name!r}: description is {shown(self.description)}; expected text"
            )
        for end, value in (("min", self.low), ("max", self.high)):
            if value is not None and (self.type == "bool" or _number(value) is None):
                raise StrategyError(
                    f"parameter {name!r}: {end} is {shown(value)}; expected a finite number, and "
                    "none of a bool"
                )
            if self.type == "int" and value is not None and not float(value).is_integer():
                raise StrategyError(
                    f"parameter {name!r}: {end} is {value!r}; expected a whole number, as its "
                    "type is int"
                )
        if self.low is not None and self.high is not None and self.low > self.high:
            raise StrategyError(
                f"parameter {name!r}: min {self.low!r} is above max {self.high!r}; swap them"
            )
        object.__setattr__(self, "default", self.checked(self.default, "default"))

    @property
    def range_text(self) -> str:
        """The range in words."""
        if self.type == "bool":
            return "true or false"
        whole = ", whole" if self.type == "int" else ""
        if self.low is None and self.high is None:
            return f"any number{whole}"
        if self.low is None or self.high is None:
            end = f"from {self.low:g}" if self.low is not None else f"up to {self.high:g}"
            return f"{end}{whole}"
        return f"{self.low:g} to {self.high:g}{whole}"

    @property
    def ends(self) -> tuple[OptionValue, ...]:
        """The values at the ends of the range, where it has both; of a bool both."""
        if self.type == "bool":
            return (False, True)
        if self.low is None or self.high is None:
            return ()
        return (self.checked(self.low), self.checked(self.high))

    def checked(self, value: object, what: str = "value") -> OptionValue:
        """Return a value of the option's type, in its range.

        Whole floats up to 2^53 pass for an int, 0 and 1 for a bool.

        Raises
        ------
        StrategyError
            It is of another type, not finite, or out of range.
        """
        found = _number(value)
        if self.type == "bool":
            if isinstance(value, bool | np.bool_):
                return bool(value)
            if found in (0.0, 1.0):
                return bool(found)
            raise self._refused(value, what)
        if found is None:
            raise self._refused(value, what)
        if self.type == "int" and not float(found).is_integer():
            raise self._refused(value, what)
        rounded = isinstance(found, float) and abs(found) > _EXACT
        if (self.type == "int" and rounded) or (self.type == "float" and found != float(found)):
            raise StrategyError(
                f"parameter {self.name!r}: {what} is {shown(value)}; beyond 2^53 a float holds "
                f"not every whole number: give {'an int' if rounded else 'a smaller one'}"
            )
        below = self.low is not None and found < self.low
        if below or (self.high is not None and found > self.high):
            raise self._refused(value, what)
        return int(found) if self.type == "int" else float(found)

    def schema(self) -> dict[str, JsonValue]:
        """Return the JSON Schema of a value."""
        out: dict[str, JsonValue] = {"type": _TYPES[self.type], "default": self.default}
        if self.low is not None:
            out["minimum"] = self.low
        if self.high is not None:
            out["maximum"] = self.high
        if self.description:
            out["description"] = self.description
        return out

    def _refused(self, value: object, what: str) -> StrategyError:
        return StrategyError(
            f"parameter {self.name!r}: {what} is {shown(value)}; expected {self.type}, "
            f"{self.range_text}"
        )


def options_of(found: object) -> dict[str, Option]:
    """Return the options that a config describes, in its order.

    Parameters
    ----------
    found
        What `get_params_config` returned: `{name: {"type", "default", "min", "max",
        "description"}}`, the last three as wanted.

    Raises
    ------
    StrategyError
        It is of another form; the message names the parameter.

    Examples
    --------
    >>> list(options_of({"fast": {"type": "int", "default": 5, "min": 2, "max": 50}}))
    ['fast']
    """
    if not isinstance(found, Mapping):
        raise StrategyError(
            f"get_params_config returned {shown(found)}; expected a mapping such as "
            '{"fast": {"type": "int", "default": 10, "min": 2, "max": 50}}, or {}'
        )
    options: dict[str, Option] = {}
    for name, said in found.items():
        if not isinstance(said, Mapping):
            raise StrategyError(
                f"parameter {shown(name)} is {shown(said)}; expected a mapping with {list(_KEYS)}"
            )
        unknown = [key for key in said if key not in _KEYS]
        missing = [key for key in ("type", "default") if key not in said]
        if unknown or missing:
            raise StrategyError(
                f"parameter {shown(name)}: missing keys {missing}, unknown keys {listed(unknown)}; "
                f"expected some of {list(_KEYS)}, the first two always"
            )
        options[name] = Option(
            name=name,
            type=said["type"],
            default=said["default"],
            low=said.get("min"),
            high=said.get("max"),
            description=said.get("description", ""),
        )
    return options


def bound(
    options: Mapping[str, Option], params: Mapping[str, object] | None, who: str
) -> dict[str, OptionValue]:
    """Return a value for each option: the one that is given, or its default.

    Raises
    ------
    StrategyError
        A name is unknown, or a value is not one of the option's.

    Examples
    --------
    >>> options = options_of({"fast": {"type": "int", "default": 5}})
    >>> bound(options, {}, "Cross")
    {'fast': 5}
    """
    given = {} if params is None else by_name(params, options)
    unknown = [name for name in given if name not in options]
    if unknown:
        raise StrategyError(
            f"{who} has no parameters {listed(unknown)}; there are {listed(list(options))}"
        )
    return {
        name: option.checked(given[name]) if name in given else option.default
        for name, option in options.items()
    }


def _number(value: object) -> int | float | None:
    """Return a finite number, an integer exactly, `None` for anything else."""
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        return None
    try:
        finite = math.isfinite(value)
    except OverflowError:  # an integer beyond float64
        return None
    if not finite:
        return None
    if isinstance(value, int | np.integer):
        return int(value)
    return float(value)
