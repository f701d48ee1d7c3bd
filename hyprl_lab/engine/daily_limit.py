"""What a session may gain or lose before trading stops for the day; the type says in what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from hyprl_lab.engine.checks import MOST_MONEY, above_zero, share
from hyprl_lab.errors import ConfigError
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from hyprl_lab.types import JsonValue

__all__ = ["DailyLimit", "Money", "Percent", "limit_from_json"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money, for `daily_target` and `daily_loss_limit`.

    Parameters
    ----------
    amount
        In the account's currency, 0 < amount ≤ 1e15.

    Raises
    ------
    ConfigError
        The amount is not a number in that range.

    Examples
    --------
    >>> Money(500).to_json()
    {'money': 500.0}
    """

    amount: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", _amount(self.amount))

    def to_json(self) -> dict[str, JsonValue]:
        """Return the amount under its unit."""
        return {"money": self.amount}


@dataclass(frozen=True, slots=True)
class Percent:
    """A fraction of the session's first equity, for `daily_target` and `daily_loss_limit`.

    Parameters
    ----------
    fraction
        0 < fraction ≤ 1 (0.02 = 2 %).

    Raises
    ------
    ConfigError
        The fraction is not a number in that range.

    Examples
    --------
    >>> Percent(0.02).to_json()
    {'percent': 0.02}
    """

    fraction: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "fraction", share("Percent", "fraction", self.fraction))

    def to_json(self) -> dict[str, JsonValue]:
        """Return the fraction under its unit."""
        return {"percent": self.fraction}


DailyLimit: TypeAlias = Money | Percent


def _amount(value: object) -> float:
    return above_zero("Money", "amount", value, most=MOST_MONEY)


def limit_from_json(name: str, data: JsonValue) -> DailyLimit | None:
    """Read a limit back from its JSON form, `None` from null.

    Parameters
    ----------
    name
        Of the setting, for the message.
    data
        `{"money": amount}`, `{"percent": fraction}` or null.

    Raises
    ------
    ConfigError
        It is neither, or the value is out of range.

    Examples
    --------
    >>> limit_from_json("daily_target", {"money": 500})
    Money(amount=500.0)
    """
    if data is None:
        return None
    match data:
        case {"money": amount, **rest} if not rest:
            return Money(amount)  # type: ignore[arg-type]  # __post_init__ checks the value
        case {"percent": fraction, **rest} if not rest:
            return Percent(fraction)  # type: ignore[arg-type]  # __post_init__ checks the value
        case found:
            said = f"an object with {listed(found)}" if isinstance(found, Mapping) else shown(found)
            raise ConfigError(
                f'Execution {name} is {said}; expected {{"money": 500}}, {{"percent": 0.02}} '
                "or null"
            )
