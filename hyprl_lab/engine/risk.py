"""Risk models: how much is bought at a fill. Formulas: `docs/execution.md`, rule 9."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from hyprl_lab.engine.checks import MOST_MONEY, above_zero, mapping, share, whole
from hyprl_lab.errors import ConfigError
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = [
    "RISK_MODELS",
    "AllIn",
    "FixedFraction",
    "FixedUnits",
    "KellyFraction",
    "Risk",
    "RiskPct",
    "VolatilityTarget",
    "risk_from_json",
]

_MOST_RETURNS: Final = 1_000_000
_MOST_TRADES: Final = 10_000
"""Each entry finds the fraction on its whole window anew: a longer one would take hours."""


class _Model:
    """What the models share: their JSON form."""

    __slots__ = ()
    model: ClassVar[str]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the model's name and its parameters."""
        return {"model": self.model, **asdict(self)}  # type: ignore[call-overload]  # a dataclass


@dataclass(frozen=True, slots=True)
class AllIn(_Model):
    """Put all equity into each position: `FixedFraction(1)`.

    Examples
    --------
    >>> AllIn().to_json()
    {'model': 'all_in'}
    """

    model: ClassVar[str] = "all_in"


@dataclass(frozen=True, slots=True)
class FixedFraction(_Model):
    """Put a fixed fraction of equity into each position.

    Parameters
    ----------
    fraction
        Share of equity at the fill, 0 < fraction ≤ 100; at most the leverage of the execution,
        which is 1 by default.

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
        found = above_zero("FixedFraction", "fraction", self.fraction, most=100.0)
        object.__setattr__(self, "fraction", found)


@dataclass(frozen=True, slots=True)
class FixedUnits(_Model):
    """Buy the same number of units each time, or what leverage allows.

    Parameters
    ----------
    units
        Units of each position, 0 < units ≤ 1e15.

    Raises
    ------
    ConfigError
        Units are not a number in that range.

    Examples
    --------
    >>> FixedUnits(100).to_json()
    {'model': 'fixed_units', 'units': 100.0}
    """

    units: float
    model: ClassVar[str] = "fixed_units"

    def __post_init__(self) -> None:
        units = above_zero("FixedUnits", "units", self.units, most=MOST_MONEY)
        object.__setattr__(self, "units", units)


@dataclass(frozen=True, slots=True)
class RiskPct(_Model):
    """Size each position so that its stop loses a fixed share of equity.

    The strategy must have a stop-loss or a trailing stop; leverage still binds.

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
        object.__setattr__(self, "risk_pct", share("RiskPct", "risk_pct", self.risk_pct))


@dataclass(frozen=True, slots=True)
class VolatilityTarget(_Model):
    """Size each position so that it has a wanted volatility, by that of the last bars.

    Parameters
    ----------
    annual
        Volatility wanted, a year: 0 < annual ≤ 10 (0.15 = 15 %).
    window
        Close-to-close returns up to the signal bar it is measured on, 2 to 1,000,000. While there
        are fewer no position is taken; leverage binds.

    Raises
    ------
    ConfigError
        A setting is of the wrong type or out of range.

    Examples
    --------
    >>> VolatilityTarget(0.15, 20).to_json()
    {'model': 'volatility_target', 'annual': 0.15, 'window': 20}
    """

    annual: float
    window: int
    model: ClassVar[str] = "volatility_target"

    def __post_init__(self) -> None:
        annual = above_zero("VolatilityTarget", "annual", self.annual, most=10.0)
        object.__setattr__(self, "annual", annual)
        window = whole("VolatilityTarget", "window", self.window, least=2, most=_MOST_RETURNS)
        object.__setattr__(self, "window", window)


@dataclass(frozen=True, slots=True)
class KellyFraction(_Model):
    """Put a share of the log-optimal fraction of the last trades into each position.

    Where the last trades show no edge the fraction is 0, no trade is made, and as none is closed
    any more it stays 0.

    Parameters
    ----------
    fraction
        Share of the Kelly fraction, 0 < fraction ≤ 1 (0.5 is half Kelly).
    window
        Closed trades it is found on, 1 to 10,000.
    fallback
        Fraction of equity while fewer are closed, 0 < fallback ≤ 1: with 0 no trade would ever
        be closed.

    Raises
    ------
    ConfigError
        A setting is of the wrong type or out of range.

    Examples
    --------
    >>> KellyFraction(0.5, window=50, fallback=0.1).to_json()
    {'model': 'kelly_fraction', 'fraction': 0.5, 'window': 50, 'fallback': 0.1}
    """

    fraction: float
    window: int
    fallback: float
    model: ClassVar[str] = "kelly_fraction"

    def __post_init__(self) -> None:
        object.__setattr__(self, "fraction", share("KellyFraction", "fraction", self.fraction))
        window = whole("KellyFraction", "window", self.window, least=1, most=_MOST_TRADES)
        object.__setattr__(self, "window", window)
        object.__setattr__(self, "fallback", share("KellyFraction", "fallback", self.fallback))


Risk: TypeAlias = AllIn | FixedFraction | FixedUnits | RiskPct | VolatilityTarget | KellyFraction

RISK_MODELS: Final[dict[str, type[Risk]]] = {
    kind.model: kind
    for kind in (AllIn, FixedFraction, FixedUnits, RiskPct, VolatilityTarget, KellyFraction)
}
"""Each model by its name in JSON."""


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
    settings = mapping("risk", data)
    model = settings.pop("model", None)
    kind = RISK_MODELS.get(model) if isinstance(model, str) else None
    if kind is None:
        raise ConfigError(f"risk model is {shown(model)}; choose one of {sorted(RISK_MODELS)}")
    wanted = [item.name for item in fields(kind)]
    if set(settings) != set(wanted):
        raise ConfigError(f"risk model {model!r} has {listed(settings)}; it takes exactly {wanted}")
    return kind(**settings)  # type: ignore[arg-type]  # __post_init__ checks each value
