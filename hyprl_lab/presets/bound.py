"""What a search preset demands of sizing and execution."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.engine.execution import Execution
from hyprl_lab.errors import ConfigError
from hyprl_lab.presets.document import exact_keys
from hyprl_lab.presets.measures import share_at_risk

if TYPE_CHECKING:
    from hyprl_lab.engine.risk import Risk
    from hyprl_lab.types import JsonValue

__all__ = ["Bound"]

_OWNER: Final = "execution."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A limit that the settings of a search keep.

    Parameters
    ----------
    setting
        `risk_pct`, the largest share of equity that a trade is sized to be able to lose
        (`docs/presets.md`), or `execution.` and a field of `hl.Execution`.
    least, most
        The range, `None` where it is open.
    exactly
        The one value allowed, in place of a range.

    Examples
    --------
    >>> from hyprl_lab.engine.config import AllIn, Execution, RiskPct
    >>> Bound(setting="risk_pct", most=0.02).broken(RiskPct(0.01), Execution()) is None
    True
    >>> Bound(setting="risk_pct", most=0.02).broken(AllIn(), Execution())
    'risk_pct is 1, and has to be at most 0.02'
    """

    setting: str
    least: float | None = None
    most: float | None = None
    exactly: float | str | bool | None = None

    def broken(self, risk: Risk, execution: Execution) -> str | None:
        """Return how settings break it, `None` where they keep it."""
        if self.setting == "risk_pct":
            found: Any = share_at_risk(risk, execution)
        else:
            found = getattr(execution, self.setting.removeprefix(_OWNER))
        if self.exactly is not None:
            kept = found == self.exactly and isinstance(found, bool) == isinstance(
                self.exactly, bool
            )
        else:
            number = isinstance(found, int | float) and not isinstance(found, bool)
            kept = (
                number
                and (self.least is None or found >= self.least)
                and (self.most is None or found <= self.most)
            )
        if kept:
            return None
        shown = f"{found:g}" if isinstance(found, float) else repr(found)
        return f"{self.setting} is {shown}, and has to be {self.asked}"

    @property
    def asked(self) -> str:
        """What it asks, in words."""
        if self.exactly is not None:
            exact = self.exactly
            return f"{exact:g}" if isinstance(exact, float) else repr(exact)
        parts = [f"at least {self.least:g}"] if self.least is not None else []
        return " and ".join(
            [*parts, *([f"at most {self.most:g}"] if self.most is not None else [])]
        )

    @classmethod
    def from_json(cls, data: JsonValue, source: str) -> Bound:
        """Read one line of a preset's `bounds`.

        Raises
        ------
        ConfigError
            A key or a setting is unknown, or there is neither a range nor a value.
        """
        if not isinstance(data, dict):
            raise ConfigError(f"{source}: a bound is {data!r}; expected a mapping with a setting")
        exact_keys(data, ("setting",), source=f"{source} bound", optional=("least", "most", "is"))
        setting = data["setting"]
        known = ["risk_pct", *(f"{_OWNER}{item.name}" for item in fields(Execution))]
        if setting not in known:
            raise ConfigError(f"{source}: bound of {setting!r}; expected one of {known}")
        ends = {}
        for name in ("least", "most"):
            end = data.get(name)
            if end is not None and (isinstance(end, bool) or not isinstance(end, int | float)):
                raise ConfigError(f"{source}: {setting} {name} is {end!r}; expected a number")
            ends[name] = None if end is None else float(end)
        exactly = data.get("is")
        ranged = any(end is not None for end in ends.values())
        if ranged == (exactly is not None) or isinstance(exactly, list | dict):
            raise ConfigError(
                f"{source}: bound of {setting}: expected least and most, one of them, or is"
            )
        value = float(exactly) if type(exactly) is int else exactly
        return cls(setting=str(setting), **ends, exactly=value)
