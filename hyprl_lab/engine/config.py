"""Every default, written in this one place, with the settings they are made of."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from html import escape
from typing import Final, Literal

from hyprl_lab.engine.checks import above_zero
from hyprl_lab.engine.daily_limit import DailyLimit, Money, Percent
from hyprl_lab.engine.execution import Execution
from hyprl_lab.engine.risk import (
    AllIn,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    Risk,
    RiskPct,
    VolatilityTarget,
    risk_from_json,
)
from hyprl_lab.errors import ConfigError
from hyprl_lab.strategy.wording import shown
from hyprl_lab.types import EngineName, JsonValue

__all__ = [
    "DEFAULTS",
    "SEMANTICS",
    "AllIn",
    "DailyLimit",
    "Defaults",
    "DefaultsTable",
    "Execution",
    "FixedFraction",
    "FixedUnits",
    "KellyFraction",
    "Money",
    "Percent",
    "Risk",
    "RiskPct",
    "VolatilityTarget",
    "checked_cash",
    "checked_seed",
    "defaults",
    "risk_from_json",
]

SEMANTICS: Final = 1
"""The version of `docs/execution.md` that the engines follow; part of every run hash."""


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
    cash                          10000.0
    risk.model                    all_in
    execution.fee_bps             0.0
    execution.fee_per_trade       0.0
    execution.slippage_bps        0.0
    execution.spread_pct          0.0
    execution.participation_rate  None
    execution.unfilled            carry
    execution.borrow_cost_bps     0.0
    execution.fill                next_open
    execution.intrabar            stop_first
    execution.tick_size           0.0
    execution.reenter_same_bar    False
    execution.whole_units         False
    execution.lot_size            None
    execution.lots                None
    execution.multiplier          1.0
    execution.option_delta        1.0
    execution.leverage            1.0
    execution.intraday            False
    execution.session_cutoff      None
    execution.daily_target        None
    execution.daily_loss_limit    None
    execution.at_end              close
    seed                          0
    ledger                        full
    risk_free                     0.0
    engine                        native
    semantics                     1
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
        raise ConfigError(f"seed is {shown(seed)}; expected a whole number from 0 to 2^53 - 1")
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
    return above_zero("backtest", "cash", cash)
