"""Checks of single settings: each refuses with the owner and the name of what it checks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import ConfigError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.types import JsonValue

__all__ = [
    "MOST_BARS",
    "MOST_MONEY",
    "above_zero",
    "choice",
    "flag",
    "mapping",
    "number",
    "share",
    "whole",
    "within",
]

MOST_BARS: Final = 2**31 - 1
"""The longest window, in bars."""

MOST_MONEY: Final = 1e15
"""The most money, and the most units, that a setting may name: cents of it are still exact."""


def number(
    owner: str, name: str, value: object, *, least: float = -math.inf, most: float = math.inf
) -> float:
    """Return a finite number from `least` to `most` as a float, minus zero as 0.

    Raises
    ------
    ConfigError
        It is no number, not finite, or out of range; booleans are no numbers here.

    Examples
    --------
    >>> number("Execution", "fee_bps", 10)
    10.0
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ConfigError(f"{owner} {name}={shown(value)}; expected a finite number")
    try:
        found = float(value) + 0.0  # minus zero becomes 0, so that equal settings hash alike
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise ConfigError(f"{owner} {name}={shown(value)}; expected a finite number")
    if found < least:
        raise ConfigError(f"{owner} {name}={found:g}; expected {name} >= {least:g}")
    if found > most:
        raise ConfigError(f"{owner} {name}={found:g}; expected {name} <= {most:g}")
    return found


def within(owner: str, name: str, value: object, least: float, most: float) -> float:
    """Return a number with `least` ≤ number ≤ `most`, both of them above 0.

    Raises
    ------
    ConfigError
        It is no such number; the message has both ends.

    Examples
    --------
    >>> within("Execution", "multiplier", 50, 1e-9, 1e12)
    50.0
    """
    found = number(owner, name, value)
    if not least <= found <= most:
        raise ConfigError(f"{owner} {name}={found:g}; expected {least:g} <= {name} <= {most:g}")
    return found


def above_zero(owner: str, name: str, value: object, *, most: float = math.inf) -> float:
    """Return a number with 0 < number ≤ `most`.

    Raises
    ------
    ConfigError
        It is no such number.

    Examples
    --------
    >>> above_zero("Execution", "leverage", 2, most=100)
    2.0
    """
    found = number(owner, name, value)
    if not 0.0 < found <= most:
        asked = f"{name} > 0" if math.isinf(most) else f"0 < {name} <= {most:g}"
        raise ConfigError(f"{owner} {name}={found:g}; expected {asked}")
    return found


def share(owner: str, name: str, value: object) -> float:
    """Return a share with 0 < share ≤ 1.

    Raises
    ------
    ConfigError
        It is no such number.

    Examples
    --------
    >>> share("RiskPct", "risk_pct", 0.02)
    0.02
    """
    found = number(owner, name, value)
    if not 0.0 < found <= 1.0:
        raise ConfigError(f"{owner} {name}={found:g}; expected 0 < {name} <= 1 (0.02 is 2 %)")
    return found


def whole(owner: str, name: str, value: object, *, least: int, most: int = MOST_BARS) -> int:
    """Return a whole number from `least` to `most`; `20.0` counts as whole.

    Raises
    ------
    ConfigError
        It is no such number.

    Examples
    --------
    >>> whole("VolatilityTarget", "window", 20.0, least=2)
    20
    """
    fits = not isinstance(value, bool) and (
        isinstance(value, Integral) or (isinstance(value, float) and value.is_integer())
    )
    if not fits or not least <= int(value) <= most:  # type: ignore[call-overload]  # whole
        raise ConfigError(
            f"{owner} {name}={shown(value)}; expected a whole number >= {least} and <= {most:,}"
        )
    return int(value)  # type: ignore[call-overload, no-any-return]  # a whole number, as `fits` says


def choice(owner: str, name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Refuse a word that is not among the allowed ones.

    Raises
    ------
    ConfigError
        Listing them.

    Examples
    --------
    >>> choice("Execution", "fill", "next_open", ("next_open", "same_close"))
    """
    if not isinstance(value, str) or value not in allowed:
        raise ConfigError(f"{owner} {name}={shown(value)}; choose one of {list(allowed)}")


def flag(owner: str, name: str, value: object) -> None:
    """Refuse what is neither true nor false.

    Raises
    ------
    ConfigError
        It is something else, such as 1.

    Examples
    --------
    >>> flag("Execution", "intraday", True)
    """
    if not isinstance(value, bool):
        raise ConfigError(f"{owner} {name}={shown(value)}; expected True or False")


def mapping(owner: str, data: object) -> dict[str, JsonValue]:
    """Return a copy of a mapping of settings.

    Raises
    ------
    ConfigError
        It is no mapping.

    Examples
    --------
    >>> mapping("risk", {"model": "all_in"})
    {'model': 'all_in'}
    """
    if not isinstance(data, Mapping):
        raise ConfigError(f"{owner} is {shown(data)}; expected a mapping of settings")
    return dict(data)
