"""Risk and execution settings, and every default, written in this one place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from html import escape
from numbers import Real
from typing import ClassVar, Final, Literal, TypeAlias, get_args

from hyprl_lab.errors import ConfigError
from hyprl_lab.types import AtEnd, EngineName, Fill, JsonValue

__all__ = [
    "DEFAULTS",
    "SEMANTICS",
    "AllIn",
    "Defaults",
    "DefaultsTable",
    "Execution",
    "FixedFraction",
    "Risk",
    "RiskPct",
    "checked_cash",
    "checked_seed",
    "defaults",
    "risk_from_json",
]

SEMANTICS: Final = 1
"""The version of `docs/execution.md` that the engines follow; part of every run hash."""


@dataclass(frozen=True, slots=True)
class AllIn:
    """Put all equity into each position.

    Examples
    --------
    >>> AllIn().to_json()
    {'model': 'all_in'}
    """

    model: ClassVar[str] = "all_in"

    def to_json(self) -> dict[str, JsonValue]:
        """Return the model's name and its parameters."""
        return {"model": self.model}


@dataclass(frozen=True, slots=True)
class FixedFraction:
    """Put a fixed fraction of equity into each position.

    Parameters
    ----------
    fraction
        Share of equity at the fill, 0 < fraction ≤ 1.

    Raises
    ------
    ConfigError
        The fraction is not a number in that range.

    Examples
    --------
    >>> FixedFraction(0.5).to_json()
    {'model': 'fixed_fraction', 'fraction': 0.5}
    """

    fraction: float
    model: ClassVar[str] = "fixed_fraction"

    def __post_init__(self) -> None:
        _set(self, "fraction", _share("FixedFraction", "fraction", self.fraction))

    def to_json(self) -> dict[str, JsonValue]:
        """Return the model's name and its parameters."""
        return {"model": self.model, "fraction": self.fraction}


@dataclass(frozen=True, slots=True)
class RiskPct:
    """Size each position so that its stop loses a fixed share of equity.

    The strategy must have a stop-loss; leverage 1 still binds.

    Parameters
    ----------
    risk_pct
        Share of equity lost at the stop, before costs, 0 < risk_pct ≤ 1 (0.02 = 2 %).

    Raises
    ------
    ConfigError
        The share is not a number in that range.

    Examples
    --------
    >>> RiskPct(0.02).to_json()
    {'model': 'risk_pct', 'risk_pct': 0.02}
    """

    risk_pct: float
    model: ClassVar[str] = "risk_pct"

    def __post_init__(self) -> None:
        _set(self, "risk_pct", _share("RiskPct", "risk_pct", self.risk_pct))

    def to_json(self) -> dict[str, JsonValue]:
        """Return the model's name and its parameters."""
        return {"model": self.model, "risk_pct": self.risk_pct}


Risk: TypeAlias = AllIn | FixedFraction | RiskPct
_RISK_MODELS: Final[dict[str, type[AllIn] | type[FixedFraction] | type[RiskPct]]] = {
    kind.model: kind for kind in (AllIn, FixedFraction, RiskPct)
}


def risk_from_json(data: Mapping[str, JsonValue]) -> Risk:
    """Read a risk model back from its JSON form.

    Raises
    ------
    ConfigError
        Unknown model, a missing or an unknown parameter, or a value out of range.

    Examples
    --------
    >>> risk_from_json({"model": "risk_pct", "risk_pct": 0.02})
    RiskPct(risk_pct=0.02)
    """
    settings = _mapping("risk", data)
    model = settings.pop("model", None)
    kind = _RISK_MODELS.get(model) if isinstance(model, str) else None
    if kind is None:
        raise ConfigError(f"risk model is {model!r}; choose one of {sorted(_RISK_MODELS)}")
    wanted = [item.name for item in fields(kind)]
    if sorted(settings) != sorted(wanted):
        raise ConfigError(f"risk model {model!r} has {sorted(settings)}; it takes exactly {wanted}")
    return kind(**settings)  # type: ignore[arg-type]  # __post_init__ checks each value


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How orders are filled and what they cost.

    Parameters
    ----------
    fee_bps
        Fee of a fill, in basis points of its notional, 0 ≤ fee_bps < 10,000.
    fee_per_trade
        Fee of a fill in money, ≥ 0.
    slippage_bps
        Market and stop fills are worse by this share of the price, 0 ≤ slippage_bps < 10,000.
    fill
        `"next_open"`, or `"same_close"`: at the close that gave the signal (not promotable).
    whole_units
        Round quantities down to whole units.
    at_end
        `"close"` sells what is open at the last close; `"mark"` leaves it open and uncharged.

    Raises
    ------
    ConfigError
        A setting is of the wrong type or out of range; the message names it.

    Examples
    --------
    >>> Execution(fee_bps=10).fee_bps
    10.0
    >>> Execution.from_json(Execution(fee_bps=10).to_json()) == Execution(fee_bps=10)
    True
    """

    fee_bps: float = 0.0
    fee_per_trade: float = 0.0
    slippage_bps: float = 0.0
    fill: Fill = "next_open"
    whole_units: bool = False
    at_end: AtEnd = "close"

    def __post_init__(self) -> None:
        for name in ("fee_bps", "slippage_bps"):
            value = _number("Execution", name, getattr(self, name))
            if not 0.0 <= value < 10_000.0:
                raise ConfigError(f"Execution {name}={value}; expected 0 <= {name} < 10,000")
            _set(self, name, value)
        money = _number("Execution", "fee_per_trade", self.fee_per_trade)
        if money < 0.0:
            raise ConfigError(f"Execution fee_per_trade={money}; expected money >= 0")
        _set(self, "fee_per_trade", money)
        _choice("fill", self.fill, get_args(Fill))
        _choice("at_end", self.at_end, get_args(AtEnd))
        if not isinstance(self.whole_units, bool):
            raise ConfigError(f"Execution whole_units={self.whole_units!r}; expected True or False")

    def to_json(self) -> dict[str, JsonValue]:
        """Return every setting, the defaults too."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, JsonValue]) -> Execution:
        """Read settings back; what is missing takes its default, an unknown key is refused."""
        settings = _mapping("execution", data)
        known = [item.name for item in fields(cls)]
        unknown = sorted(set(settings) - set(known))
        if unknown:
            raise ConfigError(f"execution has unknown settings {unknown}; there are {known}")
        return cls(**settings)  # type: ignore[arg-type]  # __post_init__ checks each value


def _number(owner: str, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ConfigError(f"{owner} {name}={value!r}; expected a finite number")
    return float(value) + 0.0  # minus zero becomes 0, so that equal settings hash alike


def _share(owner: str, name: str, value: object) -> float:
    number = _number(owner, name, value)
    if not 0.0 < number <= 1.0:
        raise ConfigError(f"{owner} {name}={number}; expected 0 < {name} <= 1 (0.02 is 2 %)")
    return number


def _choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in allowed:
        raise ConfigError(f"Execution {name}={value!r}; choose one of {list(allowed)}")


def _mapping(owner: str, data: object) -> dict[str, JsonValue]:
    if not isinstance(data, Mapping):
        raise ConfigError(f"{owner} is {data!r}; expected a mapping of settings")
    return dict(data)


def _set(instance: object, name: str, value: float) -> None:
    object.__setattr__(instance, name, value)  # the way a frozen dataclass normalises a field


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a run gets where nothing is said.

    Parameters
    ----------
    cash
        Money at the first bar.
    risk, execution
        Sizing, fills and costs.
    seed
        Seed of whatever is random.
    ledger
        `"full"` records blocks with each trial, `"summary"` metrics only.
    risk_free
        Annual rate taken off returns in ratios.
    engine
        `"native"` or `"python"`.
    semantics
        Version of the execution rules.
    """

    cash: float = 10_000.0
    risk: Risk = field(default_factory=AllIn)
    execution: Execution = field(default_factory=Execution)
    seed: int = 0
    ledger: Literal["full", "summary"] = "full"
    risk_free: float = 0.0
    engine: EngineName = "native"
    semantics: int = SEMANTICS


DEFAULTS: Final = Defaults()


class DefaultsTable(dict[str, JsonValue]):
    """The defaults as plain JSON values, printed as a table."""

    def __repr__(self) -> str:
        """One setting a line."""
        rows = list(self._rows())
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
            for name, value in self._rows()
        )
        return f"<table><caption>Defaults</caption><tbody>{cells}</tbody></table>"

    def _rows(self) -> list[tuple[str, JsonValue]]:
        rows: list[tuple[str, JsonValue]] = []
        for name, value in self.items():
            if isinstance(value, dict):
                rows += [(f"{name}.{inner}", item) for inner, item in value.items()]
            else:
                rows.append((name, value))
        return rows


def defaults() -> DefaultsTable:
    """Return every default; it prints as a table.

    Examples
    --------
    >>> print(defaults())
    cash                     10000.0
    risk.model               all_in
    execution.fee_bps        0.0
    execution.fee_per_trade  0.0
    execution.slippage_bps   0.0
    execution.fill           next_open
    execution.whole_units    False
    execution.at_end         close
    seed                     0
    ledger                   full
    risk_free                0.0
    engine                   native
    semantics                1
    """
    table = DefaultsTable()
    for item in fields(DEFAULTS):
        value = getattr(DEFAULTS, item.name)
        table[item.name] = value.to_json() if hasattr(value, "to_json") else value
    return table


def checked_seed(seed: int) -> int:
    """Return a seed that every JSON reader keeps whole.

    Raises
    ------
    ConfigError
        It is not a whole number from 0 to 2^53 - 1.

    Examples
    --------
    >>> checked_seed(7)
    7
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**53:
        raise ConfigError(f"seed is {seed!r}; expected a whole number from 0 to 2^53 - 1")
    return seed


def checked_cash(cash: float) -> float:
    """Return starting cash as a float.

    Raises
    ------
    ConfigError
        It is not a finite number above 0.

    Examples
    --------
    >>> checked_cash(5_000)
    5000.0
    """
    value = _number("backtest", "cash", cash)
    if value <= 0.0:
        raise ConfigError(f"backtest cash={value}; expected money > 0")
    return value
